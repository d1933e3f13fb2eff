"""The bus within one process."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tikfleet.ports.bus import News


class MemoryBus:
    """Fan-out to listeners of the same event loop."""

    def __init__(self) -> None:
        self._listeners: set[_Listener] = set()

    def publish(self, news: News) -> None:
        for listener in self._listeners:
            listener.offer(news)

    @asynccontextmanager
    async def subscribe(self, capacity: int = 1000) -> AsyncIterator[AsyncIterator[News]]:
        listener = _Listener(capacity)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)


class _Listener:
    """One subscriber's backlog, bounded."""

    def __init__(self, capacity: int) -> None:
        self._backlog: deque[News] = deque(maxlen=capacity)
        self._arrived = asyncio.Event()
        self._lost = 0

    def offer(self, news: News) -> None:
        if len(self._backlog) == self._backlog.maxlen:
            self._lost += 1
        self._backlog.append(news)
        self._arrived.set()

    def __aiter__(self) -> "_Listener":
        return self

    async def __anext__(self) -> News:
        while not self._backlog:
            self._arrived.clear()
            await self._arrived.wait()
        news = self._backlog[0]
        if self._lost:
            lost, self._lost = self._lost, 0
            return News("bus.overflow", news.org_id, {"lost": lost})
        return self._backlog.popleft()
