"""Callbacks from the request to the receiver, through the whole platform; the guide's own example verifies them."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.api.conformance.house import House, Tenant
from tests.api.runs.conftest import Field

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "callbacks.md"
_numbers = count(1)


class Receiver:
    """Listens on this machine and answers as it is told to."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.came: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 - as the class above has it

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/tikfleet?key=canary"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = House(tmp_path_factory.mktemp("callbacks"))
    yield found
    found.close()


@pytest.fixture
def acme(platform: House) -> Tenant:
    return platform.tenant(f"Acme {next(_numbers)}")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.close()


def example() -> Callable[..., bool]:
    """The function that the guide gives to its readers."""
    found = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found
    names: dict[str, Any] = {}
    exec(compile(found[1], str(GUIDE), "exec"), names)
    function: Callable[..., bool] = names["is_genuine"]
    return function


def cancelled_job(tenant: Tenant, **more: Any) -> str:
    device = tenant.router(next(_numbers)).id
    job = tenant.made("/jobs", {"kind": "reboot", "device_ids": [device], **more})["items"][0]
    assert tenant.ask("POST", f"/jobs/{job['id']}/cancel").status_code == 200
    return str(job["id"])


def test_the_guides_example_takes_what_was_sent_and_nothing_else(acme: Tenant, receiver: Receiver) -> None:
    secret = acme.made("/callbacks/secret", None)["secret"]
    job_id = cancelled_job(acme, notify_url=receiver.url)
    acme.house.until(lambda: acme.items("/callbacks", subject_id=job_id, state="delivered"))
    headers, body = receiver.came[0]
    is_genuine, signed = example(), headers["tikfleet-signature"]

    assert is_genuine(secret, signed, body)
    assert not is_genuine(secret, signed, body + b" ")
    assert not is_genuine(secret + "x", signed, body)
    assert not is_genuine(secret, signed, body, time.time() + 400)
    assert not is_genuine(secret, signed.replace("t=", "t=1"), body)
    for nonsense in ("t=", "v1=", "t=x,v1=y", "=", "t=²,v1="):
        assert not is_genuine(secret, nonsense, body)
    news = msgspec.json.decode(body)
    assert (news["event"], news["job"]["id"], news["job"]["status"]) == ("job.finished", job_id, "cancelled")
    assert headers["tikfleet-callback"] == news["id"]

    replaced = acme.made("/callbacks/secret", None)["secret"]
    again = acme.ask("POST", f"/callbacks/{news['id']}/retry")
    assert again.status_code == 200, again.text
    acme.house.until(lambda: len(receiver.came) > 1)
    headers, body = receiver.came[1]
    assert all(is_genuine(one, headers["tikfleet-signature"], body) for one in (secret, replaced))


def test_a_failure_is_in_the_log_and_waits_for_its_next_attempt(acme: Tenant, receiver: Receiver) -> None:
    acme.made("/callbacks/secret", None)
    receiver.answers = [500]
    job_id = cancelled_job(acme, notify_url=receiver.url)
    [tried] = acme.house.until(
        lambda: [one for one in acme.items("/callbacks", subject_id=job_id) if one["attempts"] == 1]
    )

    shown = acme.get(f"/callbacks/{tried['id']}")
    assert (shown["state"], shown["host"], shown["error"]) == ("waiting", "127.0.0.1", "the receiver answered 500")
    assert [one["status"] for one in shown["log"]] == [500]
    assert shown["next_at"] > shown["created_at"]
    assert "canary" not in msgspec.json.encode([shown, acme.get(f"/jobs/{job_id}"), acme.get("/audit")]).decode()
    assert acme.get(f"/jobs/{job_id}")["notifies"] == "127.0.0.1"


def test_a_run_tells_when_it_comes_to_rest(acme: Tenant, receiver: Receiver) -> None:
    acme.made("/callbacks/secret", None)
    device = acme.router(next(_numbers)).id
    body = {"name": "Hello", "script": ":put hello", "device_ids": [device], "notify_url": receiver.url}
    run = acme.made("/runs", body)
    assert run["notifies"] == "127.0.0.1"
    assert "canary" not in str(run)
    for decision in ("start", "pause", "cancel"):
        answer = acme.ask("POST", f"/runs/{run['id']}/{decision}", None if decision == "start" else {})
        assert answer.status_code == 200, answer.text
    acme.house.until(lambda: acme.items("/callbacks", subject_id=run["id"], state="delivered"))

    [(headers, sent)] = receiver.came
    news = msgspec.json.decode(sent)
    assert (headers["tikfleet-event"], news["run"]["state"]) == ("run.cancelled", "cancelled")
    assert news["run"]["counts"] == {"cancelled": 1} or news["run"]["counts"] == {"waiting": 1}


def test_a_run_planned_anew_tells_the_address_of_the_one_before_which_nobody_sees(
    acme: Tenant, platform: House, receiver: Receiver
) -> None:
    acme.made("/callbacks/secret", None)
    body = {"name": "Hello", "script": ":put hello", "device_ids": [acme.router(next(_numbers)).id]}
    before = acme.made("/runs", body | {"notify_url": receiver.url})
    again = acme.made("/runs", body | {"notify_like": before["id"]})
    assert again["notifies"] == "127.0.0.1"
    acme.ask("POST", f"/runs/{again['id']}/cancel", {})
    acme.house.until(lambda: acme.items("/callbacks", subject_id=again["id"], state="delivered"))
    assert msgspec.json.decode(receiver.came[0][1])["run"]["id"] == again["id"]

    silent = acme.made("/runs", body)
    stranger = platform.tenant(f"Acme {next(_numbers)}")
    theirs = stranger.made("/runs", body | {"device_ids": [stranger.router(next(_numbers)).id]})
    for more, status, code in (
        ({"notify_like": silent["id"]}, 409, "run.contradictory"),
        ({"notify_like": before["id"], "notify_url": receiver.url}, 409, "run.contradictory"),
        ({"notify_like": theirs["id"]}, 404, "run.not-found"),
        ({"notify_like": "run_x"}, 404, "run.not-found"),
    ):
        answer = acme.ask("POST", "/runs", body | more)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("url", "code"),
    [("https://10.0.0.1/", "callback.address-refused"), ("https://u:p@a.example/", "callback.address-refused")],
)
def test_an_address_that_may_not_be_called_makes_no_job(acme: Tenant, url: str, code: str) -> None:
    acme.made("/callbacks/secret", None)
    device = acme.router(next(_numbers)).id
    for path, body in (("/jobs", {"kind": "reboot"}), ("/runs", {"name": "x", "kind": "reboot"})):
        answer = acme.ask("POST", path, {**body, "device_ids": [device], "notify_url": url})
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert acme.items("/jobs") == []
    assert acme.items("/runs") == []


def test_a_subscription_is_told_of_what_fails_until_it_is_wanted_no_more(acme: Tenant, receiver: Receiver) -> None:
    wanted = {"name": "Desk", "url": receiver.url, "events": ["job.failed", "run.cancelled", "job.failed"]}
    refused = acme.ask("POST", "/callbacks/subscriptions", wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "callback.no-secret")
    acme.made("/callbacks/secret", None)
    made = acme.made("/callbacks/subscriptions", wanted)
    assert made["events"] == ["job.failed", "run.cancelled"]
    assert (acme.items("/callbacks/subscriptions"), made["host"]) == ([made], "127.0.0.1")
    assert "canary" not in msgspec.json.encode([made, acme.get("/audit")]).decode()

    field = Field(acme, 1)
    [device] = field.routers
    job = acme.made("/jobs", {"kind": "script", "script": ":put 1", "device_ids": [device]})["items"][0]
    assert acme.house.until(lambda: field.check_in(device, "failed")) == job["id"]
    run = field.run()
    field.do(run, "cancel")
    for subject in (job["id"], run["id"]):
        acme.house.until(lambda subject=subject: acme.items("/callbacks", subject_id=subject, state="delivered"))
    news = {one["event"]: one for one in (msgspec.json.decode(body) for _, body in receiver.came)}
    assert news["job.failed"]["job"]["error"] == "no such item"
    assert news["run.cancelled"]["run"]["id"] == run["id"]
    assert len(receiver.came) == 2

    path = f"/callbacks/subscriptions/{made['id']}"
    assert acme.ask("DELETE", path).status_code == 204
    assert acme.ask("DELETE", path).json()["code"] == "subscription.not-found"
    assert acme.items("/callbacks/subscriptions") == []


def test_an_organisation_has_twenty_subscriptions_at_most(acme: Tenant, receiver: Receiver) -> None:
    acme.made("/callbacks/secret", None)
    wanted = {"name": "Desk", "url": receiver.url, "events": ["run.halted"]}
    for _ in range(20):
        acme.made("/callbacks/subscriptions", wanted)
    more = acme.ask("POST", "/callbacks/subscriptions", wanted)
    assert (more.status_code, more.json()["code"]) == (409, "subscription.too-many")


def test_without_a_secret_nothing_is_promised(acme: Tenant, receiver: Receiver) -> None:
    device = acme.router(next(_numbers)).id
    answer = acme.ask("POST", "/jobs", {"kind": "reboot", "device_ids": [device], "notify_url": receiver.url})
    assert (answer.status_code, answer.json()["code"]) == (409, "callback.no-secret")
    assert acme.get("/callbacks/secret")["exists"] is False
    assert acme.made("/callbacks/secret", None)["previous_until"] is None
    assert "secret" not in acme.get("/callbacks/secret")
