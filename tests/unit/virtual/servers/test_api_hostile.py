"""Whatever bytes come: a clear answer or a closed connection, bounded memory, and a server that stays up."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from api_router import ApiRouter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_api import RawClient

from tikfleet.routeros.api.decoder import Limits
from tikfleet.routeros.api.words import encode_length, encode_sentence
from tikfleet.virtual.servers.api import ApiOptions, ApiServer
from tikfleet.virtual.servers.api_connection import Bounds

BOUNDS = Bounds(
    users=Limits(word_bytes=100_000, sentence_bytes=200_000, words=100),
    login_within_s=0.3, running=4, unsent_bytes=1 << 20,
)  # fmt: skip


@pytest.fixture
def router() -> ApiRouter:
    return ApiRouter()


@pytest.fixture
async def server(router: ApiRouter) -> AsyncIterator[ApiServer]:
    started = ApiServer(router, ApiOptions(bounds=BOUNDS, most_sessions=3))
    await started.start()
    yield started
    await started.close()


async def works(server: ApiServer) -> bool:
    """Whether another client is served as ever."""
    client = await RawClient.logged_in(server.port)
    heard = await client.ask("/interface/print", "=count-only=")
    client.say("/quit")
    await client.until_done()
    client.close()
    return heard == [["!done", "=ret=4"]]


async def gone(client: RawClient) -> str:
    """The reason of a `!fatal` that is followed by the end, or nothing."""
    reason = ""
    while (words := await client.hear()) is not None:
        reason = words[1] if words[0] == "!fatal" else reason
    client.close()
    return reason


async def test_a_command_before_login_ends_the_connection(server: ApiServer, router: ApiRouter) -> None:
    client = await RawClient.open(server.port)
    client.say("/interface/print")
    client.say("/interface/print")
    assert await gone(client) == "not logged in"
    assert router.performed == []
    assert await works(server)


async def test_guessing_passwords_ends_the_connection(server: ApiServer) -> None:
    client = await RawClient.open(server.port)
    for number in range(50):
        client.say("/login", "=name=admin", f"=password={number}")
    assert await gone(client) == "too many commands before login"
    assert await works(server)


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (encode_length(2_000) + b"x", "word of 2000 bytes is over the limit of 1024"),
        ((encode_length(1_000) + b"x" * 1_000) * 5, "over the limit of 4096 bytes"),
        (b"\x01x" * 70, "over the limit of 64 words"),
        (b"\xf0\xff\xff\xff\xff", "word of 4294967295 bytes"),
        (b"\xff", "reserved byte FF"),
        (b"GET / HTTP/1.1\r\nHost: router\r\n\r\n", "over the limit"),
        (bytes.fromhex("16030100c8010000c40303") + bytes(200), "not logged in"),
    ],
)
async def test_a_stranger_gets_little_room(server: ApiServer, stream: bytes, reason: str) -> None:
    client = await RawClient.open(server.port)
    client.writer.write(stream)
    said = await gone(client)
    assert reason in said or (reason == "over the limit" and not said)
    assert await works(server)


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (encode_length(100_001), "word of 100001 bytes is over the limit"),
        (b"\x01x" * 101, "over the limit of 100 words"),
        ((encode_length(90_000) + b"x" * 90_000) * 3, "over the limit of 200000 bytes"),
        (b"\xf8", "reserved byte F8"),
    ],
)
async def test_a_user_gets_more_room_and_not_all(server: ApiServer, stream: bytes, reason: str) -> None:
    client = await RawClient.logged_in(server.port)
    client.say("/interface/print", "=count-only=")
    client.writer.write(stream)
    assert (await client.hear()) == ["!done", "=ret=4"]
    assert reason in await gone(client)
    assert await works(server)


async def test_a_truncated_sentence_is_dropped_with_its_connection(server: ApiServer, router: ApiRouter) -> None:
    client = await RawClient.logged_in(server.port)
    client.writer.write(encode_sentence([b"/interface/remove", b"=.id=*1"])[:-3])
    client.close()
    assert await works(server)
    assert len(router.tables["/interface"]) == 4


async def test_who_does_not_log_in_is_shut_out(server: ApiServer) -> None:
    client = await RawClient.open(server.port)
    assert await gone(client) == ""
    client = await RawClient.logged_in(server.port)
    await asyncio.sleep(0.4)
    assert (await client.ask("/interface/print", "=count-only=")) == [["!done", "=ret=4"]]
    client.close()


async def test_only_so_many_sessions_are_let_in(server: ApiServer) -> None:
    inside = [await RawClient.logged_in(server.port) for _ in range(3)]
    late = await RawClient.open(server.port)
    assert await gone(late) == ""
    inside[0].say("/quit")
    await gone(inside[0])
    assert await works(server)
    for client in inside:
        client.close()


async def test_only_so_many_commands_wait_at_once(server: ApiServer) -> None:
    client = await RawClient.logged_in(server.port)
    for number in range(5):
        client.say("/interface/wait", "=seconds=60", f".tag={number}")
    heard = await client.until_done()
    assert heard[0] == ["!trap", "=category=5", "=message=too many commands are running", ".tag=4"]
    client.close()
    assert await works(server)


async def test_addresses_can_be_kept_out(router: ApiRouter) -> None:
    closed = ApiServer(router, ApiOptions(admits=lambda address: False))
    await closed.start()
    assert await gone(await RawClient.open(closed.port)) == ""
    await closed.close()


async def test_a_client_that_asks_and_does_not_read_is_not_worked_for(server: ApiServer, router: ApiRouter) -> None:
    router.tables["/log"] = [{".id": f"*{number:X}", "message": "x" * 1_000} for number in range(1_000)]
    client = await RawClient.logged_in(server.port)
    for _ in range(200):
        client.say("/log/print")
    for _ in range(20):
        assert await works(server)
    assert sum(request.menu == "/log" for request in router.performed) < 50
    assert len(await client.until_done(200)) == 200 * 1_001
    client.close()


async def test_a_listener_that_does_not_read_is_cut_off(server: ApiServer, router: ApiRouter) -> None:
    client = await RawClient.logged_in(server.port)
    client.say("/log/listen", ".tag=1")
    await client.ask("/interface/print", "=count-only=", ".tag=2")
    for number in range(20_000):
        router.tell("/log", {".id": f"*{number:X}", "message": "x" * 1_000})
        if number % 100 == 0:
            await asyncio.sleep(0)
    assert router.listeners == 0
    assert await works(server)
    client.close()


async def test_nul_and_ff_bytes_are_values_as_any_other(server: ApiServer) -> None:
    client = await RawClient.logged_in(server.port)
    assert (await client.ask(b"/ip/address/add", b"=comment=\x00\xff\x00", b".tag=\x00\xff"))[0][0] == "!done"
    heard = await client.ask("/ip/address/print")
    assert heard[0][-1] == "=comment=\x00\udcff\x00"
    client.close()


async def test_endless_empty_sentences_are_nothing(server: ApiServer) -> None:
    client = await RawClient.open(server.port)
    client.writer.write(b"\0" * 1_000_000)
    assert await client.ask("/login", "=name=admin", "=password=x") == [["!done"]]
    client.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=5), min_size=1, max_size=5))
def test_any_words_are_answered_and_the_session_goes_on(sentences: list[list[bytes]]) -> None:
    async def session() -> None:
        server = ApiServer(ApiRouter())
        await server.start()
        client = await RawClient.logged_in(server.port)
        for words in sentences:
            await client.ask(*(b"/interface/" + word if word == words[0] else word for word in words))
        assert (await client.ask("/interface/print", "=count-only=", ".tag=last"))[-1] == [
            "!done", "=ret=4", ".tag=last",
        ]  # fmt: skip
        client.close()
        await server.close()

    asyncio.run(session())


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_leave_the_server_up(stream: bytes) -> None:
    async def session() -> None:
        server = ApiServer(ApiRouter(), ApiOptions(bounds=BOUNDS))
        await server.start()
        for client in (await RawClient.open(server.port), await RawClient.logged_in(server.port)):
            client.writer.write(stream)
            client.writer.write_eof()
            await gone(client)
        assert await works(server)
        await server.close()

    asyncio.run(session())
