"""How long a body may take: who sends byte by byte holds a connection, and with many of them all that there are."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from tikfleet.httpkit.asgi import Message, Receive
from tikfleet.kernel.errors import TikfleetError

# 64 KiB over a modem of 9,600 bit/s.
_PATIENCE_S: Final = 60.0
_LOOK_EVERY_S: Final = 1.0


class BodyTooSlow(TikfleetError):
    """The body did not arrive in time; what came of it was dropped."""

    code = "request.too-slow"
    status = 408
    title = "The request arrives too slowly"
    remedy = "Send the request again, over a faster connection or with a smaller body."


class Patience:
    """Gives up on bodies all at once, every second: a timer for each request would cost more than its check."""

    def __init__(self, patience_s: float = _PATIENCE_S, now_s: Callable[[], float] = time.monotonic) -> None:
        self._patience_s = patience_s
        self._now_s = now_s
        self._reading: dict[asyncio.Task[Any], float] = {}
        self._given_up: set[asyncio.Task[Any]] = set()
        self._looking: asyncio.TimerHandle | None = None

    def over(self, receive: Receive) -> Receive:
        """The same `receive`; it raises BodyTooSlow when the body is not whole in time. What comes after may wait."""
        ends_s = self._now_s() + self._patience_s
        whole = False

        async def patient() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            message = await self._within(ends_s, receive)
            whole = not message.get("more_body")
            return message

        return patient

    async def _within(self, ends_s: float, receive: Receive) -> Message:
        task = asyncio.current_task()
        if task is None:
            return await receive()
        self._reading[task] = ends_s
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(_LOOK_EVERY_S, self._look)
        try:
            return await receive()
        except asyncio.CancelledError:
            if task not in self._given_up:
                raise
            task.uncancel()
            raise BodyTooSlow(f"the body was not here within {self._patience_s:g} s") from None
        finally:
            del self._reading[task]
            self._given_up.discard(task)

    def _look(self) -> None:
        now_s = self._now_s()
        for task in [task for task, ends_s in self._reading.items() if ends_s < now_s]:
            self._given_up.add(task)
            task.cancel()
        again = asyncio.get_running_loop().call_later
        self._looking = again(_LOOK_EVERY_S, self._look) if self._reading else None
