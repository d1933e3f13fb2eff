"""The cache within one process."""

import time
from collections import OrderedDict
from collections.abc import Callable

_MAX_ITEMS = 200_000


class MemoryCache:
    """A bounded dictionary whose values expire; the oldest written goes first when it is full."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic, max_items: int = _MAX_ITEMS) -> None:
        self._now_s = now_s
        self._max_items = max_items
        self._items: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        item = self._items.get(key)
        if item is None:
            return None
        if item[0] <= self._now_s():
            del self._items[key]
            return None
        return item[1]

    async def put(self, key: str, value: bytes, ttl_s: float) -> None:
        self._items.pop(key, None)
        self._items[key] = (self._now_s() + ttl_s, value)
        while len(self._items) > self._max_items:
            self._items.popitem(last=False)

    async def add(self, key: str, value: bytes, ttl_s: float) -> bool:
        if await self.get(key) is not None:
            return False
        await self.put(key, value, ttl_s)
        return True

    async def delete(self, key: str) -> None:
        self._items.pop(key, None)

    async def count(self, key: str, window_s: float) -> int:
        item = self._items.get(key)
        now_s = self._now_s()
        if item is None or item[0] <= now_s:
            await self.put(key, b"1", window_s)
            return 1
        fresh = int(item[1]) + 1
        self._items[key] = (item[0], str(fresh).encode())
        return fresh
