"""What happens now, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Stream

from tikfleet.httpkit.policies import permits
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.bus import Bus, News


class Pace(msgspec.Struct, frozen=True):
    """How long a stream stays silent at most, and how long it lasts, in seconds."""

    keep_alive_s: float = 15.0
    ends_s: float = 600.0


_PACE: Final = Pace()


@get(
    "/events/stream",
    tags=["Events"],
    policy=permits("devices:read"),
    operation_id="followEvents",
    summary="Follow events",
    media_type="text/event-stream",
)
async def follow_events(org: NamedDependency[OrgScope], bus: NamedDependency[SkipValidation[Bus]]) -> Stream:
    """What happens to the organisation's devices and jobs, as it happens (server-sent events).

    The stream ends after ten minutes; connect again, and read what happened meanwhile from `GET /events`.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(events(org, bus, _PACE), media_type="text/event-stream", headers=headers)


async def events(org: OrgScope, bus: Bus, pace: Pace) -> AsyncIterator[bytes]:
    """The frames of one stream. The news of organisations outside the scope neither shows nor puts off a heart-beat."""
    now_s = asyncio.get_running_loop().time
    ends_at, beats_at = now_s() + pace.ends_s, now_s() + pace.keep_alive_s
    async with bus.subscribe() as news:
        yield b"retry: 2000\n\n"
        coming: asyncio.Task[News] | None = None
        try:
            while now_s() < ends_at:
                coming = coming or asyncio.ensure_future(anext(news))
                await asyncio.wait({coming}, timeout=max(0.0, min(beats_at, ends_at) - now_s()))
                item, coming = (coming.result(), None) if coming.done() else (None, coming)
                if item is not None and item.org_id in org:
                    yield _frame(item)
                elif now_s() >= beats_at:
                    yield b": keep-alive\n\n"
                else:
                    continue
                beats_at = now_s() + pace.keep_alive_s
        finally:
            if coming is not None:
                coming.cancel()


def _frame(news: News) -> bytes:
    number = f"id: {news.id}\n".encode() if news.id else b""
    data = msgspec.json.encode(news.data)
    return number + f"event: {news.kind}\n".encode() + b"data: " + data + b"\n\n"
