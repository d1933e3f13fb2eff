import asyncio
import socket
import time
from collections.abc import Callable

import pytest
from either import opened
from scripted_router import Line, ScriptedRouter

from tikfleet.routeros.api.asynchronous import connect
from tikfleet.routeros.api.command import Command, command
from tikfleet.routeros.api.connection import connect as connect_blocking
from tikfleet.routeros.api.errors import (
    ApiError,
    ConnectionLost,
    Fatal,
    LoginRefused,
    Overrun,
    ProtocolError,
    TimedOut,
    Trap,
)  # fmt: skip
from tikfleet.routeros.api.query import equals
from tikfleet.routeros.api.target import Options
from tikfleet.routeros.api.tls import PLAIN
from tikfleet.routeros.api.words import encode_sentence

Router = Callable[..., ScriptedRouter]


def two_rows(line: Line, words: list[str], tag: str) -> None:
    line.send("!re", "=.id=*1", "=name=a", tag)
    line.send("!re", tag, "=.id=*2", "=name=b")
    line.send("!done", tag)


def silent_at(path: str, *, late: bool = False) -> Callable[[Line, list[str], str], None]:
    """Answers everything but one command; with `late`, that one once the next command came."""
    owed: list[str] = []

    def answers(line: Line, words: list[str], tag: str) -> None:
        if words[0] == path:
            owed.append(tag)
            return
        if late and words[0] != "/cancel":
            for old in owed:
                line.send("!re", "=name=late", old)
                line.send("!done", old)
            owed.clear()
        line.send("!re", f"=path={words[0]}", tag)
        line.send("!done", tag)

    return answers


async def test_a_call_gives_rows_and_sends_what_was_asked(kind: str, router: Router) -> None:
    peer = router(two_rows)
    api = await opened(kind, peer.port)
    reply = await api.call("/interface/print", proplist=["name"], query=equals("type", "ether"))
    assert reply == [{".id": "*1", "name": "a"}, {".id": "*2", "name": "b"}]
    assert peer.heard[-1] == ["/interface/print", "=.proplist=name", "?=type=ether"]
    await api.close()


async def test_menus_add_set_get_and_remove(kind: str, router: Router) -> None:
    peer = router(lambda line, words, tag: line.send("!done", *(["=ret=*7"] if words[0].endswith("add") else []), tag))
    api = await opened(kind, peer.port)
    menu = api.menu("/ip/address")
    assert await menu.add({"address": "10.0.0.1/24", "disabled": True}) == "*7"
    await menu.set({"comment": "x"}, ["*7", "*8"])
    await menu.set({"name": "whole menu"})
    await menu.remove("*7", "*8")
    assert await menu.get(["address"]) == []
    assert peer.heard[1:] == [
        ["/ip/address/add", "=address=10.0.0.1/24", "=disabled=yes"],
        ["/ip/address/set", "=.id=*7,*8", "=comment=x"],
        ["/ip/address/set", "=name=whole menu"],
        ["/ip/address/remove", "=.id=*7,*8"],
        ["/ip/address/print", "=.proplist=address"],
    ]
    with pytest.raises(ValueError, match="nothing was named"):
        await menu.remove()
    await api.close()


async def test_a_trap_is_raised_and_the_connection_goes_on(kind: str, router: Router) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        if words[0] == "/bad/print":
            line.send("!trap", "=category=0", "=message=no such command prefix", tag)
        line.send("!done", tag)

    api = await opened(kind, router(answers).port)
    with pytest.raises(Trap, match=r"^/bad/print: no such command prefix$") as trap:
        await api.call("/bad/print")
    assert (trap.value.category, trap.value.text) == (0, "no such command prefix")
    assert await api.call("/good/print") == []
    await api.close()


async def test_a_time_out_cancels_the_command_and_leaves_the_stream_usable(kind: str, router: Router) -> None:
    peer = router(silent_at("/slow/print", late=True))
    api = await opened(kind, peer.port)
    with pytest.raises(TimedOut, match=r"/slow/print: no answer within 0\.2 s"):
        await api.call("/slow/print", patience_s=0.2)
    assert await api.call("/quick/print") == [{"path": "/quick/print"}]
    assert ["/cancel", "=tag=2"] in peer.heard
    assert await api.call("/quick/print") == [{"path": "/quick/print"}]
    assert peer.connections == 1
    await api.close()


async def test_a_reply_cut_by_a_time_out_is_not_mistaken_for_the_next(kind: str, router: Router) -> None:
    owed: list[bytes] = []

    def answers(line: Line, words: list[str], tag: str) -> None:
        if words[0] == "/slow/print":
            whole = encode_sentence([b"!re", b"=name=" + b"x" * 300, tag.encode()])
            line.send_bytes(whole[:100])
            owed.append(whole[100:] + encode_sentence([b"!done", tag.encode()]))
        elif owed:
            line.send_bytes(owed.pop() + encode_sentence([b"!done", tag.encode()]))
        else:
            line.send("!re", "=name=mine", tag)
            line.send("!done", tag)

    api = await opened(kind, router(answers).port)
    with pytest.raises(TimedOut):
        await api.call("/slow/print", patience_s=0.2)
    assert await api.call("/quick/print") == [{"name": "mine"}]
    await api.close()


async def test_a_peer_that_is_silent_through_two_time_outs_is_given_up(kind: str, router: Router) -> None:
    peer = router(lambda line, words, tag: None if line.number == 1 else line.send("!done", tag))
    api = await opened(kind, peer.port)
    for _ in range(2):
        with pytest.raises(TimedOut):
            await api.call("/x/print", patience_s=0.1)
    assert await api.call("/x/print") == []
    assert peer.connections == 2
    await api.close()


async def test_commands_that_wait_for_the_same_thing_time_out_together_and_lose_nothing(router: Router) -> None:
    peer = router(silent_at("/slow/print"))
    async with await connect("127.0.0.1", "admin", tls=PLAIN, port=peer.port) as api:
        slow = [api.call("/slow/print", patience_s=0.2) for _ in range(5)]
        results = await asyncio.gather(*slow, return_exceptions=True)
        assert [type(result) for result in results] == [TimedOut] * 5
        assert await api.call("/quick/print") == [{"path": "/quick/print"}]
    assert peer.connections == 1


async def test_a_lost_connection_is_opened_again_for_a_read(kind: str, router: Router) -> None:
    peer = router(lambda line, words, tag: line.end() if line.number == 1 else line.send("!done", "=ret=2", tag))
    api = await opened(kind, peer.port)
    assert (await api.call("/ip/address/print")).ret == "2"
    assert peer.commands() == ["/login", "/ip/address/print", "/login", "/ip/address/print"]
    await api.close()


async def test_a_write_is_never_sent_twice_and_the_next_command_connects_anew(kind: str, router: Router) -> None:
    peer = router(lambda line, words, tag: line.end() if line.number == 1 else line.send("!done", tag))
    api = await opened(kind, peer.port)
    with pytest.raises(ConnectionLost):
        await api.call("/ip/address/add", {"address": "10.0.0.1/24"})
    assert peer.commands().count("/ip/address/add") == 1
    assert await api.call("/ip/address/set", {"comment": "x"}) == []
    assert peer.connections == 2
    await api.close()


async def test_a_goodbye_while_nobody_called_is_noticed_before_a_write_is_sent(kind: str, router: Router) -> None:
    peer = router()
    api = await opened(kind, peer.port)
    assert await api.call("/ip/address/set", {"comment": "x"}) == []
    peer.hang_up()
    await asyncio.sleep(1.1)
    assert await api.call("/ip/address/set", {"comment": "y"}) == []
    assert peer.connections == 2
    await api.close()


async def test_reconnecting_can_be_switched_off(kind: str, router: Router) -> None:
    peer = router(lambda line, words, tag: line.end())
    api = await opened(kind, peer.port, reconnects=False)
    for _ in range(2):
        with pytest.raises(ConnectionLost):
            await api.call("/ip/address/print")
    assert peer.connections == 1
    await api.close()


async def test_fatal_tells_the_router_s_reason(kind: str, router: Router) -> None:
    peer = router(lambda line, words, tag: line.send("!fatal", "session terminated on request"))
    api = await opened(kind, peer.port)
    with pytest.raises(Fatal, match="session terminated on request"):
        await api.call("/quit")
    await api.close()


async def test_nonsense_from_the_router_is_a_protocol_error(kind: str, router: Router) -> None:
    api = await opened(kind, router(lambda line, words, tag: line.send_bytes(b"\xff\xff")).port)
    with pytest.raises(ProtocolError, match="reserved byte FF"):
        await api.call("/ip/address/print")
    await api.close()


async def test_a_closed_connection_stays_closed(kind: str, router: Router) -> None:
    peer = router()
    api = await opened(kind, peer.port)
    await api.close()
    with pytest.raises(ConnectionLost, match="closed on this side"):
        await api.call("/ip/address/print")
    assert peer.connections == 1


async def test_nobody_listening_is_a_lost_connection(kind: str, free_port: Callable[[], int]) -> None:
    with pytest.raises(ConnectionLost, match=r"no connection to 127\.0\.0\.1"):
        await opened(kind, free_port())


async def test_a_port_that_accepts_and_says_nothing_is_a_time_out(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        began = time.monotonic()
        with pytest.raises(TimedOut):
            await opened(kind, mute.getsockname()[1], connect_within_s=0.2)
        assert time.monotonic() - began < 5


async def test_a_reply_of_many_rows_and_long_words_arrives_whole(kind: str, router: Router) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        for number in range(2_000):
            line.send("!re", f"=n={number}", f"=text={'x' * (number % 700)}", tag)
        line.send("!done", tag)

    api = await opened(kind, router(answers).port)
    reply = await api.call("/log/print")
    assert [(int(row["n"]), len(row["text"])) for row in reply] == [(n, n % 700) for n in range(2_000)]
    await api.close()


async def test_many_tasks_share_one_connection_and_each_gets_its_own_reply(router: Router) -> None:
    held: list[tuple[str, str]] = []

    def answers(line: Line, words: list[str], tag: str) -> None:
        held.append((words[1], tag))
        if len(held) == 50:
            for word, owed in reversed(held):
                line.send("!re", word, owed)
            for _, owed in held:
                line.send("!done", owed)

    async with await connect("127.0.0.1", "admin", tls=PLAIN, port=router(answers).port) as api:
        replies = await asyncio.gather(*(api.call("/x/get", {"n": number}) for number in range(50)))
    assert [reply[0]["n"] for reply in replies] == [str(number) for number in range(50)]


async def test_a_cancelled_task_cancels_its_command(router: Router) -> None:
    peer = router(silent_at("/slow/print"))
    async with await connect("127.0.0.1", "admin", tls=PLAIN, port=peer.port) as api:
        task = asyncio.create_task(api.call("/slow/print"))
        await asyncio.to_thread(peer.wait_for, "/slow/print")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await api.call("/quick/print") == [{"path": "/quick/print"}]
    assert ["/cancel", "=tag=2"] in peer.heard


def test_a_blocking_connection_has_several_commands_under_way(router: Router) -> None:
    held: list[str] = []

    def answers(line: Line, words: list[str], tag: str) -> None:
        held.append(tag)
        if len(held) == 3:
            for owed in reversed(held):
                line.send("!done", f"=ret={owed}", owed)

    with connect_blocking("127.0.0.1", "admin", tls=PLAIN, port=router(answers).port) as api:
        from_now = [api.start(what) for what in [_reading(), _reading(), _reading()]]
        assert [one.reply().ret for one in from_now] == [".tag=2", ".tag=3", ".tag=4"]


def test_full_buffers_on_both_sides_do_not_lock_a_blocking_connection(router: Router) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        line.send("!re", f"=text={'x' * 200_000}", tag)
        line.send("!done", tag)

    options = Options(patience_s=30)
    with connect_blocking("127.0.0.1", "admin", tls=PLAIN, port=router(answers).port, options=options) as api:
        many = [api.start(_reading("y" * 20_000)) for _ in range(300)]
        assert sum(len(one.reply()[0]["text"]) for one in many) == 300 * 200_000


def _reading(text: str = "") -> Command:
    return command("/x/print", {"text": text})


def test_every_error_is_an_api_error() -> None:
    assert all(issubclass(error, ApiError) for error in (Trap, Fatal, LoginRefused, ConnectionLost, TimedOut, Overrun))
