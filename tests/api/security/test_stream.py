"""Server-sent events: one's own news alone, in time, without holding anything up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.conformance.house import House, Tenant
from tests.api.conformance.seeding import report_of
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.app.stream import Pace, events
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.bus import News

ACME, GLOBEX = OrganisationId("org_acme"), OrganisationId("org_globex")
QUICK = Pace(keep_alive_s=0.05, ends_s=5.0)


def news(org_id: OrganisationId, number: int) -> News:
    return News("device.online", org_id, {"number": number}, f"evt_{number}")


async def frames(stream: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await asyncio.wait_for(anext(stream), 5) for _ in range(count)]


async def test_the_news_of_another_organisation_never_arrives() -> None:
    bus = MemoryBus()
    stream = events(OrgScope.only(ACME), bus, Pace())
    await frames(stream, 1)
    for number in range(50):
        bus.publish(news(GLOBEX, number))
    bus.publish(news(ACME, 50))
    assert await frames(stream, 1) == [b'id: evt_50\nevent: device.online\ndata: {"number":50}\n\n']
    await stream.aclose()  # type: ignore[attr-defined]


async def test_the_news_of_an_organisation_below_arrives() -> None:
    bus = MemoryBus()
    stream = events(OrgScope(ACME, (ACME, GLOBEX)), bus, Pace())
    await frames(stream, 1)
    bus.publish(news(GLOBEX, 1))
    assert b'"number":1' in (await frames(stream, 1))[0]
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_quiet_stream_beats_and_news_of_others_does_not_stop_the_beat() -> None:
    bus = MemoryBus()
    stream = events(OrgScope.only(ACME), bus, QUICK)

    async def chatter() -> None:
        for number in range(1000):
            bus.publish(news(GLOBEX, number))
            await asyncio.sleep(0.01)

    others = asyncio.create_task(chatter())
    assert await frames(stream, 4) == [b"retry: 2000\n\n", *[b": keep-alive\n\n"] * 3]
    others.cancel()
    await stream.aclose()  # type: ignore[attr-defined]


async def test_a_stream_ends_by_itself_and_leaves_no_listener() -> None:
    bus = MemoryBus()
    stream = events(OrgScope.only(ACME), bus, Pace(keep_alive_s=0.02, ends_s=0.1))
    seen = [frame async for frame in stream]
    assert seen[0] == b"retry: 2000\n\n"
    assert len(seen) > 2
    assert not bus._listeners


async def test_a_stream_that_is_left_takes_its_listener_along() -> None:
    bus = MemoryBus()
    stream = events(OrgScope.only(ACME), bus, Pace())
    await frames(stream, 1)
    assert len(bus._listeners) == 1
    await stream.aclose()  # type: ignore[attr-defined]
    assert not bus._listeners


async def test_a_slow_reader_holds_nobody_up_and_is_told_what_it_missed() -> None:
    bus = MemoryBus()
    slow, quick = events(OrgScope.only(ACME), bus, Pace()), events(OrgScope.only(ACME), bus, Pace())
    await frames(slow, 1)
    await frames(quick, 1)
    for number in range(3000):
        bus.publish(news(ACME, number))
        if number % 500 == 499:
            read = await frames(quick, 500)
            assert f'"number":{number}}}'.encode() in read[-1]
    missed, following = await frames(slow, 2)
    assert missed.startswith(b"event: bus.overflow\n")
    assert b'"number":2' in following
    for stream in (slow, quick):
        await stream.aclose()  # type: ignore[attr-defined]


async def test_a_line_break_in_what_a_router_says_cannot_forge_an_event() -> None:
    bus = MemoryBus()
    stream = events(OrgScope.only(ACME), bus, Pace())
    await frames(stream, 1)
    bus.publish(News("device.online", ACME, {"text": "x\n\nevent: device.removed\ndata: {}\n\n"}, "evt_1"))
    frame = (await frames(stream, 1))[0]
    assert frame.count(b"\n") == 4
    assert frame.count(b"event:") == 2
    assert frame.endswith(b"\n\n")
    await stream.aclose()  # type: ignore[attr-defined]


class Listener:
    """Somebody who follows the events over the whole platform, until enough has come."""

    def __init__(self, house: House, tenant: Tenant) -> None:
        self.house, self.tenant = house, tenant
        self.status, self.headers, self.body = 0, {}, b""  # type: ignore[var-annotated]
        self._gone = asyncio.Event()

    async def listen(self, query: bytes = b"") -> None:
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self._gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status, self.headers = message["status"], dict(message["headers"])
            else:
                self.body += message.get("body", b"")

        scope = {
            "type": "http", "method": "GET", "path": "/api/v1/events/stream", "raw_path": b"/api/v1/events/stream",
            "query_string": query, "headers": [(b"authorization", f"Bearer {self.tenant.secret}".encode())],
            "client": ("127.0.0.1", 1), "server": ("fleet", 80), "scheme": "http", "http_version": "1.1",
            "root_path": "", "asgi": {"version": "3.0"}, "extensions": {},
        }  # fmt: skip
        await self.house.platform.http(scope, receive, send)

    async def leave(self) -> None:
        self._gone.set()


@pytest.fixture
def listener(acme: Tenant) -> Listener:
    return Listener(acme.house, acme)


def test_the_whole_platform_streams_ones_own_news_alone(acme: Tenant, globex: Tenant, listener: Listener) -> None:
    house = acme.house

    async def follow() -> "asyncio.Task[None]":
        return asyncio.create_task(listener.listen())

    task = house.run(follow())
    house.until(lambda: b"retry" in listener.body)
    theirs, ours = globex.router(1, reports=1), acme.router(2, reports=1)
    ours.report(report_of(2, 2))
    house.until(lambda: b"event: device.online" in listener.body)
    house.run(listener.leave())
    house.until(task.done)
    assert listener.status == 200
    assert listener.headers[b"content-type"].startswith(b"text/event-stream")
    assert listener.headers[b"cache-control"] == b"no-store"
    assert ours.id.encode() in listener.body
    assert theirs.id.encode() not in listener.body
    assert globex.org_id.encode() not in listener.body
    assert b"branch-001" not in listener.body


def test_a_stream_is_refused_like_any_other_address(acme: Tenant) -> None:
    stranger = acme.house.ask("GET", "/events/stream")
    assert (stranger.status_code, stranger.json()["code"]) == (401, "session.required")
    narrow = acme.house.run(acme.house.token(acme.org_id, ["sites:read"]))
    assert acme.house.ask("GET", "/events/stream", secret=narrow).status_code == 403
    assert acme.ask("GET", "/events/stream?last=1").status_code == 400
