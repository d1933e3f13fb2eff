"""Requests timed and counted by group, at the outermost turn."""

import asyncio
import time
from typing import Final

from tikfleet.app.observability.measures import Measures
from tikfleet.httpkit.asgi import App, Message, Receive, Scope, Send

CHECKIN: Final = "/agent/v1/checkin"
_STREAM: Final = "/api/v1/events/stream"
_HEALTH: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_LATENESS_EVERY_S: Final = 0.25


class Timed:
    """Wraps everything that is served. A check-in pays for two readings of the clock and nothing else."""

    def __init__(self, app: App, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == CHECKIN:
            began_s = time.perf_counter()
            await self._app(scope, receive, send)
            self._measures.checkins.observe(time.perf_counter() - began_s)
        else:
            await self._other(scope, receive, send)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        group, measures = group_of(scope["path"]), self._measures
        began_s = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = f"{message['status'] // 100}xx"
                measures.requests[group, status].observe(time.perf_counter() - began_s)
            await send(message)

        measures.in_progress[group] += 1
        try:
            await self._app(scope, receive, timed)
        finally:
            measures.in_progress[group] -= 1


def group_of(path: str) -> str:
    """The group of a path: a handful in all, whatever is asked for. In the API it is the collection's name."""
    if path.startswith("/agent/"):
        return "agent"
    if path == _STREAM:
        return "stream"
    if path.startswith("/api/"):
        return "api"
    return "health" if path in _HEALTH else "pages"


async def watch_lateness(measures: Measures) -> None:
    """Note for ever how late the event loop is: what makes it late makes every router and person wait."""
    now_s = asyncio.get_running_loop().time
    while True:
        due_s = now_s() + _LATENESS_EVERY_S
        await asyncio.sleep(_LATENESS_EVERY_S)
        measures.note_lateness(max(0.0, now_s() - due_s))
