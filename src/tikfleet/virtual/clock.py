"""A router's time: the machine's own, or one that a test moves."""

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """`now_s` is seconds since 1970 UTC; `elapsed_s` only ever grows and starts anywhere."""

    def now_s(self) -> float: ...

    def elapsed_s(self) -> float: ...

    async def sleep(self, duration_s: float) -> None: ...


class MachineClock:
    """Time as it passes."""

    def now_s(self) -> float:
        return time.time()

    def elapsed_s(self) -> float:
        return time.monotonic()

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s)


class ManualClock:
    """Time that passes when `advance` is awaited: whoever sleeps wakes in order, each at its own moment."""

    def __init__(self, start_s: float = 1_790_000_000.0) -> None:
        self._now_s = start_s
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now_s(self) -> float:
        return self._now_s

    def elapsed_s(self) -> float:
        return self._now_s

    async def sleep(self, duration_s: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + max(0.0, duration_s), next(self._order), woken))
        await woken

    async def advance(self, duration_s: float) -> None:
        """Let so many seconds pass, and what wakes in them run until it sleeps again or waits for the outside."""
        end_s = self._now_s + duration_s
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end_s:
            moment_s, _, woken = heapq.heappop(self._sleepers)
            self._now_s = max(self._now_s, moment_s)
            if not woken.done():
                woken.set_result(None)
                await _settle()
        self._now_s = end_s


async def _settle() -> None:
    # Each turn of the loop lets a chain of callbacks go one step further; none here is longer than this.
    for _ in range(20):
        await asyncio.sleep(0)
