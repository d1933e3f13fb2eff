"""A cache that several processes may share: small values that may vanish at any time."""

from typing import Protocol


class Cache(Protocol):
    """Bytes by key. A value may be forgotten early, is never served after its time, and never belongs to another key.

    Keys begin with the organisation's id wherever the value belongs to one.
    """

    async def get(self, key: str) -> bytes | None: ...

    async def put(self, key: str, value: bytes, ttl_s: float) -> None: ...

    async def add(self, key: str, value: bytes, ttl_s: float) -> bool:
        """Put only where nothing is: true for exactly one of several callers at once."""
        ...

    async def delete(self, key: str) -> None: ...

    async def count(self, key: str, window_s: float) -> int:
        """Add one to a counter that starts again `window_s` after its first count, and give its value."""
        ...
