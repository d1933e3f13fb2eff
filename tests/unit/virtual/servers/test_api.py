import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from api_router import PASSWORDS, ApiRouter
from raw_api import RawClient

from tikfleet.virtual.servers.api import ApiOptions, ApiServer

Serve = Callable[..., Awaitable[ApiServer]]
REFUSAL = "=message=invalid user name or password (6)"


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers that end with the test."""
    started: list[ApiServer] = []

    async def start(router: ApiRouter, **options: Any) -> ApiServer:
        server = ApiServer(router, ApiOptions(**options))
        await server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        await server.close()


@pytest.fixture
def router() -> ApiRouter:
    return ApiRouter()


@pytest.fixture
async def client(serve: Serve, router: ApiRouter) -> AsyncIterator[RawClient]:
    raw = await RawClient.logged_in((await serve(router)).port)
    yield raw
    raw.close()


async def test_every_reply_carries_the_tag(client: RawClient) -> None:
    heard = await client.ask("/interface/print", "?type=vlan", ".tag=a=b")
    assert heard == [["!re", "=.id=*4", "=name=vlan7", "=type=vlan", "=mtu=1400", ".tag=a=b"], ["!done", ".tag=a=b"]]
    assert await client.ask("/nonsense", ".tag=9") == [
        ["!trap", "=category=0", "=message=no such command prefix", ".tag=9"], ["!done", ".tag=9"],
    ]  # fmt: skip


async def test_getall_is_print(client: RawClient) -> None:
    assert await client.ask("/interface/getall") == await client.ask("/interface/print")


async def test_proplist_and_count_only_are_honoured(client: RawClient) -> None:
    assert (await client.ask("/interface/print", "=.proplist=name,mtu", "?name=ether1"))[0] == [
        "!re", "=name=ether1", "=mtu=1500",
    ]  # fmt: skip
    assert await client.ask("/interface/print", "=count-only=", "?type=ether") == [["!done", "=ret=3"]]
    assert await client.ask("/interface/print", "=count-only") == [["!done", "=ret=4"]]


@pytest.mark.parametrize(("version", "told"), [("7.17.2", []), ("7.18", [["!empty"]]), ("7.20.8", [["!empty"]])])
async def test_empty_is_said_from_7_18_on(serve: Serve, version: str, told: list[list[str]]) -> None:
    client = await RawClient.logged_in((await serve(ApiRouter(version))).port)
    assert await client.ask("/interface/print", "?name=none") == [*told, ["!done"]]
    assert await client.ask("/interface/set", "=.id=ether1", "=mtu=1400") == [*told, ["!done"]]
    assert await client.ask("/ip/address/add", "=address=10.0.0.1/24") == [["!done", "=ret=*10"]]
    client.close()


async def test_values_keep_their_equals_signs_and_may_be_left_out(client: RawClient, router: ApiRouter) -> None:
    await client.ask("/ip/address/add", "=comment", "=script=a=b=c", "=!netmask=")
    request = router.performed[-1]
    assert request.arguments == {"comment": "", "script": "a=b=c"}
    assert request.absent == {"netmask"}
    assert (request.caller.user, request.caller.via, request.caller.address) == ("admin", "api", "127.0.0.1")


async def test_latin_1_and_every_other_byte_come_back_as_they_were(client: RawClient) -> None:
    value = bytes(range(256)) + "Büro".encode("latin-1") + "Büro ✓".encode()
    await client.ask("/ip/address/add", b"=comment=" + value)
    heard = await client.ask("/ip/address/print")
    assert heard[0][2].encode("utf-8", "surrogateescape") == b"=comment=" + value


async def test_texts_of_64_kb_go_both_ways(client: RawClient) -> None:
    await client.ask("/ip/address/add", "=source=" + "é" * 32_768)
    assert (await client.ask("/ip/address/print"))[0][2] == "=source=" + "é" * 32_768


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("?name=ether1",), ["ether1"]), (("?=name=ether1",), ["ether1"]), (("?-disabled",), ["vlan7"]),
        (("?disabled",), ["ether1", "ether2", "ether3"]), (("?<mtu=1500",), ["vlan7"]),
        (("?disabled=no", "?name=ether2"), ["ether2"]), (("?type=vlan", "?name=ether2", "?#|"), ["ether2", "vlan7"]),
        (("?type=ether", "?#!"), ["vlan7"]), (("?type=ether", "?name=ether3", "?#!&"), ["ether1", "ether2"]),
    ],
)  # fmt: skip
async def test_queries_choose_rows(client: RawClient, words: tuple[str, ...], names: list[str]) -> None:
    heard = await client.ask("/interface/print", "=.proplist=name", *words)
    assert [sentence[1] for sentence in heard[:-1]] == [f"=name={name}" for name in names]


@pytest.mark.parametrize("word", ["?#x", "?#1x", "?#€"])
async def test_a_query_that_makes_no_sense_is_refused(client: RawClient, word: str) -> None:
    heard = await client.ask("/interface/print", word)
    assert [sentence[0] for sentence in heard] == ["!trap", "!done"]


async def test_a_trap_without_a_category_carries_none(serve: Serve, router: ApiRouter) -> None:
    client = await RawClient.open((await serve(router)).port)
    assert await client.ask("/login", "=name=admin", "=password=wrong", ".tag=1") == [
        ["!trap", REFUSAL, ".tag=1"], ["!done", ".tag=1"],
    ]  # fmt: skip
    assert await client.ask("/login", "=name=Zoë", "=password=pä§§") == [["!done"]]
    assert router.open_sessions == 1
    client.close()


@pytest.mark.parametrize(("words", "category"), [(("nonsense",), "0"), (("/interface/print", "stray"), "5")])
async def test_a_sentence_of_strange_words_is_refused(client: RawClient, words: tuple[str, ...], category: str) -> None:
    heard = await client.ask(*words, ".tag=3")
    assert heard[0][:2] == ["!trap", f"=category={category}"]
    assert heard[1] == ["!done", ".tag=3"]


async def test_commands_that_wait_let_others_pass(client: RawClient) -> None:
    client.say("/interface/wait", "=seconds=0.2", ".tag=slow")
    client.say("/interface/print", "=count-only=", ".tag=quick")
    assert await client.until_done(2) == [
        ["!done", "=ret=4", ".tag=quick"], ["!re", "=waited=0.2", ".tag=slow"], ["!done", ".tag=slow"],
    ]  # fmt: skip


async def test_a_command_that_waits_is_cancelled_by_its_tag(client: RawClient, router: ApiRouter) -> None:
    client.say("/interface/wait", "=seconds=60", ".tag=1")
    client.say("/interface/wait", "=seconds=60", ".tag=11")
    heard = [*await client.ask("/cancel", "=tag=1", ".tag=7"), *await client.until_done()]
    assert heard == [
        ["!trap", "=category=2", "=message=interrupted", ".tag=1"], ["!done", ".tag=7"],
        ["!empty", ".tag=1"], ["!done", ".tag=1"],
    ]  # fmt: skip
    assert router.interrupted == 1


async def test_an_interrupted_command_that_dawdles_is_done_once_and_when_it_is(client: RawClient) -> None:
    client.say("/interface/stubborn", ".tag=1")
    client.say("/cancel", "=tag=1", ".tag=2")
    client.say("/cancel", "=tag=1", ".tag=3")
    heard = await client.until_done(3)
    assert [words[-1] for words in heard if words[0] == "!done"] == [".tag=2", ".tag=3", ".tag=1"]
    assert [words[0] for words in heard].count("!trap") == 1


async def test_cancel_without_a_tag_stops_everything(client: RawClient, router: ApiRouter) -> None:
    client.say("/interface/wait", "=seconds=60", ".tag=1")
    client.say("/interface/listen", ".tag=2")
    client.say("/cancel")
    heard = await client.until_done(3)
    assert sorted(words[-1] for words in heard if words[0] == "!done") == ["!done", ".tag=1", ".tag=2"]
    assert router.listeners == 0


async def test_cancelling_what_is_not_there_is_done(client: RawClient) -> None:
    assert await client.ask("/cancel", "=tag=none", ".tag=1") == [["!done", ".tag=1"]]


async def test_listening_tells_changes_and_removals_until_cancelled(client: RawClient, router: ApiRouter) -> None:
    client.say("/interface/listen", "=.proplist=name,mtu", "?type=ether", ".tag=2")
    client.say("/interface/set", "=.id=vlan7", "=mtu=1", ".tag=3")
    client.say("/interface/set", "=.id=ether1", "=mtu=2", ".tag=4")
    client.say("/interface/remove", "=.id=ether2", ".tag=5")
    heard = await client.until_done(3)
    assert [words for words in heard if words[-1] == ".tag=2"] == [
        ["!re", "=name=ether1", "=mtu=2", ".tag=2"], ["!re", "=.id=*2", "=.dead=yes", ".tag=2"],
    ]  # fmt: skip
    client.say("/cancel", "=tag=2", ".tag=6")
    assert await client.until_done(2) == [
        ["!trap", "=category=2", "=message=interrupted", ".tag=2"], ["!done", ".tag=6"], ["!done", ".tag=2"],
    ]  # fmt: skip
    router.tell("/interface", {".id": "*1"})
    assert await client.ask("/interface/print", "=count-only=") == [["!done", "=ret=3"]]


async def test_follow_prints_and_goes_on(client: RawClient, router: ApiRouter) -> None:
    client.say("/interface/print", "=follow=", "?type=vlan", ".tag=1")
    assert (await client.hear() or [])[2] == "=name=vlan7"
    router.tell("/interface", {".id": "*9", "name": "vlan9", "type": "vlan"})
    assert (await client.hear() or [])[2] == "=name=vlan9"


async def test_listening_needs_the_right_to_read(serve: Serve, router: ApiRouter) -> None:
    client = await RawClient.open((await serve(router)).port)
    await client.ask("/login", "=name=reader", "=password=r")
    assert (await client.ask("/interface/listen"))[0] == ["!trap", "=message=not enough permissions (9)"]
    client.close()


async def test_listening_where_nothing_can_be_printed_is_refused(client: RawClient) -> None:
    assert (await client.ask("/nowhere/listen"))[0] == ["!trap", "=category=0", "=message=no such command prefix"]


async def test_a_mistake_of_ours_is_a_trap_and_is_logged(client: RawClient, caplog: pytest.LogCaptureFixture) -> None:
    for words in (["/interface/fail"], ["/interface/fail", "=later="]):
        heard = await client.ask(*words)
        assert heard == [["!trap", "=category=4", "=message=failure: internal error"], ["!done"]]
    assert caplog.text.count("a mistake in the virtual router") >= 2
    assert (await client.ask("/interface/print"))[-1] == ["!done"]


async def test_quit_ends_the_session_as_asked(client: RawClient, router: ApiRouter) -> None:
    client.say("/quit")
    assert await client.hear() == ["!fatal", "session terminated on request"]
    assert await client.hear() is None


async def test_the_challenge_is_answered_where_passwords_are_known(serve: Serve, router: ApiRouter) -> None:
    client = await RawClient.open((await serve(router, passwords=PASSWORDS.get)).port)
    for password, reply in (("wrong", "!trap"), ("x", "!done")):
        ((_, ret),) = await client.ask("/login")
        challenge = bytes.fromhex(ret.removeprefix("=ret="))
        digest = hashlib.md5(b"\0" + password.encode() + challenge, usedforsecurity=False).hexdigest()
        assert (await client.ask("/login", "=name=admin", f"=response=00{digest}"))[0][0] == reply
    assert (await client.ask("/login", "=name=admin", f"=response=00{digest}"))[0] == ["!trap", REFUSAL]
    assert (await client.ask("/login", "=name=admin", "=password=x")) == [["!done"]]
    client.close()


async def test_without_passwords_nobody_is_challenged(serve: Serve, router: ApiRouter) -> None:
    client = await RawClient.open((await serve(router)).port)
    assert (await client.ask("/login"))[0] == ["!trap", REFUSAL]
    client.close()


async def test_what_follows_a_slow_login_waits_for_it(serve: Serve, router: ApiRouter) -> None:
    router.slow_login_s = 0.1
    client = await RawClient.open((await serve(router)).port)
    client.say("/login", "=name=admin", "=password=x", ".tag=1")
    client.say("/interface/print", "=count-only=", ".tag=2")
    assert await client.until_done(2) == [["!done", ".tag=1"], ["!done", "=ret=4", ".tag=2"]]
    client.close()


async def test_a_client_that_leaves_ends_its_commands_and_its_session(serve: Serve, router: ApiRouter) -> None:
    server = await serve(router)
    client = await RawClient.logged_in(server.port)
    client.say("/interface/listen", ".tag=1")
    client.say("/interface/wait", "=seconds=60", ".tag=2")
    await client.ask("/interface/print", "=count-only=")
    assert (router.open_sessions, router.listeners) == (1, 1)
    client.close()
    await server.close()
    await asyncio.sleep(0)
    assert (router.open_sessions, router.listeners, router.interrupted, server.sessions) == (0, 0, 1, 0)
