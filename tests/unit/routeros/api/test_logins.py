import logging
from collections.abc import Callable

import pytest
from either import opened
from scripted_router import Line, ScriptedRouter

from tikfleet.routeros.api.errors import LoginRefused, TimedOut
from tikfleet.routeros.api.login import Credentials, Login, response
from tikfleet.routeros.api.target import Target
from tikfleet.routeros.api.tls import PLAIN

Router = Callable[..., ScriptedRouter]
PASSWORD = "hunter2-in-the-clear"
CHALLENGE = "93b438ec9b80057c06dd9fe67d56aa9a"


@pytest.mark.parametrize("login", list(Login))
async def test_every_login_lets_in_and_only_one_hides_the_password(kind: str, login: Login, router: Router) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        old = login is Login.CHALLENGE or (login is Login.ANY and not any("=response=" in word for word in words))
        if words[0] == "/login" and old and not any("=response=" in word for word in words):
            line.send("!done", f"=ret={CHALLENGE}", tag)
        else:
            line.send("!done", tag)

    answers.takes_logins = True  # type: ignore[attr-defined]
    peer = router(answers)
    api = await opened(kind, peer.port, password=PASSWORD, login=login)
    words = [word for sentence in peer.heard for word in sentence]
    assert (f"=password={PASSWORD}" in words) == (login is not Login.CHALLENGE)
    assert (f"=response={response(PASSWORD.encode(), CHALLENGE)}" in words) == (login is not Login.PLAIN)
    await api.close()


def test_the_answer_to_a_challenge_is_the_manual_s() -> None:
    # The manual's example: user admin without a password.
    assert response(b"", "93b438ec9b80057c06dd9fe67d56aa9a") == "00e134102a9d330dd7b1849fedfea3cb57"


@pytest.mark.parametrize(
    ("login", "ret", "text"),
    [
        (Login.PLAIN, CHALLENGE, "wants its challenge answered"), (Login.CHALLENGE, None, "offers no challenge"),
        (Login.ANY, "not hex", "not hexadecimal"),
    ],
)  # fmt: skip
async def test_a_login_that_the_router_does_not_offer_is_refused(
    kind: str, login: Login, ret: str | None, text: str, router: Router
) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        line.send("!done", *([f"=ret={ret}"] if ret else []), tag)

    answers.takes_logins = True  # type: ignore[attr-defined]
    with pytest.raises(LoginRefused, match=text):
        await opened(kind, router(answers).port, login=login)


async def test_no_secret_is_in_an_error_a_log_or_a_representation(
    kind: str, router: Router, caplog: pytest.LogCaptureFixture
) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        if words[0] != "/user/set":
            line.send("!trap", "=message=invalid user name or password (6)", tag)
            line.send("!done", tag)

    answers.takes_logins = True  # type: ignore[attr-defined]
    caplog.set_level(logging.DEBUG)
    with pytest.raises(LoginRefused, match=r"^invalid user name or password \(6\)$") as refused:
        await opened(kind, router(answers).port, password=PASSWORD)
    api = await opened(kind, router(lambda line, words, tag: None).port, password=PASSWORD)
    with pytest.raises(TimedOut) as late:
        await api.call("/user/set", {"password": PASSWORD}, patience_s=0.1)
    await api.close()
    told = [caplog.text, repr(refused.value), repr(late.value), repr(Credentials("admin", PASSWORD))]
    told.append(repr(Target("h", Credentials("admin", PASSWORD), PLAIN)))
    assert "timed out" in caplog.text
    assert not [text for text in told if PASSWORD in text]
