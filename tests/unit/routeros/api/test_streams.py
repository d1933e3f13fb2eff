from collections.abc import Callable

import pytest
from either import opened
from scripted_router import Line, ScriptedRouter

from tikfleet.routeros.api.connection import connect as connect_blocking
from tikfleet.routeros.api.errors import Overrun, TimedOut, Trap
from tikfleet.routeros.api.target import Options
from tikfleet.routeros.api.tls import PLAIN

Router = Callable[..., ScriptedRouter]


async def test_listening_gives_changes_and_ends_when_cancelled(kind: str, router: Router) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        if words[0] == "/interface/listen":
            line.send("!re", "=.id=*1", "=disabled=true", tag)
            line.send("!re", "=.id=*1", "=.dead=yes", tag)
        elif words[0] == "/cancel":
            line.send("!trap", "=category=2", "=message=interrupted", f".tag={words[1][5:]}")
            line.send("!done", tag)
            line.send("!empty", f".tag={words[1][5:]}")
            line.send("!done", f".tag={words[1][5:]}")
        else:
            line.send("!done", tag)

    peer = router(answers)
    api = await opened(kind, peer.port)
    changes = await api.listen("/interface")
    assert await anext(changes) == {".id": "*1", "disabled": "true"}
    assert await api.call("/interface/set", {"disabled": False}) == []
    assert await anext(changes) == {".id": "*1", ".dead": "yes"}
    await changes.cancel()
    assert [row async for row in changes] == []
    assert peer.heard[-1] == ["/cancel", "=tag=2"]
    assert await api.call("/interface/print") == []
    await api.close()


async def test_a_stream_ends_by_itself_or_raises_what_ended_it(kind: str, router: Router) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        line.send("!re", "=time=3ms", tag)
        if words[0] == "/bad":
            line.send("!trap", "=message=failure: broken", tag)
        line.send("!done", tag)

    api = await opened(kind, router(answers).port)
    assert [row async for row in await api.stream("/ping", {"count": 1})] == [{"time": "3ms"}]
    stream = await api.stream("/bad")
    assert await anext(stream) == {"time": "3ms"}
    with pytest.raises(Trap, match="failure: broken"):
        await anext(stream)
    await api.close()


async def test_a_stream_that_is_not_read_is_ended_and_says_so(kind: str, router: Router) -> None:
    def answers(line: Line, words: list[str], tag: str) -> None:
        for number in range(50 if words[0] == "/log/listen" else 0):
            line.send("!re", f"=n={number}", tag)
        if words[0] != "/log/listen":
            line.send("!done", tag)

    peer = router(answers)
    api = await opened(kind, peer.port, backlog_rows=20)
    stream = await api.listen("/log")
    await api.call("/x/print")
    with pytest.raises(Overrun, match="more than 20 rows"):
        await anext(stream)
    assert await api.call("/x/print") == []
    assert "/cancel" in peer.commands()
    await api.close()


def test_waiting_for_a_row_has_an_end_and_the_stream_goes_on(router: Router) -> None:
    peer = router(lambda line, words, tag: line.send("!re", "=n=1", tag) if words[0] == "/x/listen" else None)
    with connect_blocking("127.0.0.1", "admin", tls=PLAIN, port=peer.port, options=Options(patience_s=0.2)) as api:
        stream = api.listen("/x")
        assert stream.next_row(5) == {"n": "1"}
        with pytest.raises(TimedOut, match="no row yet"):
            stream.next_row(0.05)
        with pytest.raises(TimedOut, match="no row yet"):
            stream.next_row(0.05)
