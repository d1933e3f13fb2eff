"""How many routers answer at one time: of one query, and of all queries of an organisation."""

import asyncio
import weakref
from collections.abc import Sequence
from typing import Final

from tikfleet.domains.queries.errors import QueriesCrowded
from tikfleet.domains.queries.model import Bounds
from tikfleet.kernel.ids import OrganisationId

_RETRY_AFTER_S: Final = 5


class Places:
    """The places of one organisation."""

    def __init__(self, bounds: Bounds) -> None:
        self.answering = asyncio.Semaphore(bounds.at_once_of_organisation)
        # Weak: a query whose answer nobody ever began to read leaves by itself.
        self.queries: weakref.WeakSet[object] = weakref.WeakSet()


class Crowd:
    """The places of all organisations; those of one that asks nothing are forgotten."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._places: weakref.WeakValueDictionary[OrganisationId, Places] = weakref.WeakValueDictionary()

    def enter(self, org_id: OrganisationId, query: object) -> Places:
        """Count a query, until it is discarded from `queries`. Raises QueriesCrowded."""
        places = self._places.get(org_id)
        if places is None:
            places = self._places[org_id] = Places(self._bounds)
        if len(places.queries) >= self._bounds.queries_of_organisation:
            most = self._bounds.queries_of_organisation
            raise QueriesCrowded(f"{most} queries of this organisation are under way", retry_after_s=_RETRY_AFTER_S)
        places.queries.add(query)
        return places


class Turn:
    """A turn of one query's router: `async with` waits for it.

    It lasts for a few seconds at most, so that slow routers do not keep the others waiting.
    """

    def __init__(self, semaphores: Sequence[asyncio.Semaphore], turn_s: float) -> None:
        self._semaphores = semaphores
        self._turn_s = turn_s
        self._held: list[asyncio.Semaphore] = []

    async def __aenter__(self) -> None:
        try:
            for semaphore in self._semaphores:
                await semaphore.acquire()
                self._held.append(semaphore)
        except BaseException:
            self._give()
            raise
        self._timer = asyncio.get_running_loop().call_later(self._turn_s, self._give)

    async def __aexit__(self, *failure: object) -> None:
        self._timer.cancel()
        self._give()

    def _give(self) -> None:
        while self._held:
            self._held.pop().release()
