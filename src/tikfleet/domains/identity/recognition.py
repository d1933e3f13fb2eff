"""Credentials seen a moment ago, so that each request of a page does not ask the database again."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from tikfleet.domains.identity.model import Identified

_KEPT_S: Final = 5.0
_MAX_ITEMS: Final = 20_000


class Recognition:
    """Whom a credential's hash was found to belong to, for a few seconds.

    Every change of identity in this process forgets all of it, so here a revocation holds for the next request;
    another process learns of it when its few seconds are over. What was not found is never kept.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic, kept_s: float = _KEPT_S) -> None:
        self._now_s = now_s
        self._kept_s = kept_s
        self._seen: OrderedDict[bytes, tuple[float, Identified]] = OrderedDict()
        self._era = 0

    async def find(
        self, secret_hash: bytes, look_up: Callable[[bytes], Awaitable[Identified | None]]
    ) -> Identified | None:
        """Whom the credential belongs to, from memory or else by `look_up`."""
        seen = self._seen.get(secret_hash)
        if seen is not None and seen[0] > self._now_s():
            return seen[1]
        era = self._era
        found = await look_up(secret_hash)
        # What was looked up before a change must not be kept after it.
        if found is not None and era == self._era:
            self._seen[secret_hash] = (self._now_s() + self._kept_s, found)
            self._seen.move_to_end(secret_hash)
            while len(self._seen) > _MAX_ITEMS:
                self._seen.popitem(last=False)
        return found

    def forget(self) -> None:
        """Something about people, roles, credentials or organisations has changed."""
        self._era += 1
        self._seen.clear()
