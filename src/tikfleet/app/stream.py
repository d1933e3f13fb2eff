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

_KEEP_ALIVE_S: Final = 15.0
_ENDS_S: Final = 600.0


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
    return Stream(_events(org, bus), media_type="text/event-stream", headers=headers)


async def _events(org: OrgScope, bus: Bus) -> AsyncIterator[bytes]:
    ends_at = asyncio.get_running_loop().time() + _ENDS_S
    async with bus.subscribe() as news:
        yield b"retry: 2000\n\n"
        coming: asyncio.Task[News] | None = None
        try:
            while asyncio.get_running_loop().time() < ends_at:
                coming = coming or asyncio.ensure_future(anext(news))
                done, _ = await asyncio.wait({coming}, timeout=_KEEP_ALIVE_S)
                if not done:
                    yield b": keep-alive\n\n"
                    continue
                item, coming = coming.result(), None
                if item.org_id in org:
                    yield _frame(item)
        finally:
            if coming is not None:
                coming.cancel()


def _frame(news: News) -> bytes:
    number = f"id: {news.id}\n".encode() if news.id else b""
    data = msgspec.json.encode(news.data)
    return number + f"event: {news.kind}\n".encode() + b"data: " + data + b"\n\n"
