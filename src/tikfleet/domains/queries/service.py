"""Questions to many routers at once."""

from collections.abc import AsyncIterator

from tikfleet.domains.jobs.public import JobTargets
from tikfleet.domains.live.public import LiveHub
from tikfleet.domains.queries.asking import Asking
from tikfleet.domains.queries.errors import QueryForTooMany
from tikfleet.domains.queries.lines import Line
from tikfleet.domains.queries.model import BOUNDS, Bounds, FleetQuery
from tikfleet.domains.queries.turns import Crowd
from tikfleet.domains.routeros.public import RouterReads
from tikfleet.kernel.scopes import OrgScope


class FleetQueries:
    """Asks the devices of a scope."""

    def __init__(self, targets: JobTargets, hub: LiveHub, reads: RouterReads, bounds: Bounds = BOUNDS) -> None:
        self._targets = targets
        self._hub = hub
        self._reads = reads
        self._bounds = bounds
        self._crowd = Crowd(bounds)

    async def begin(self, org: OrgScope, query: FleetQuery) -> AsyncIterator[list[Line]]:
        """The lines of a query; nothing is asked before they are read.

        Raises QueryForTooMany and QueriesCrowded.
        """
        wanted = query.selection if query.device_ids is None else list(query.device_ids)
        devices = await self._targets.find(org, wanted, self._bounds.devices + 1)
        if len(devices) > self._bounds.devices:
            raise QueryForTooMany(f"the selection matches more than {self._bounds.devices} devices")
        asking = Asking(query, devices, self._hub, self._reads, self._bounds)
        return asking.lines(self._crowd.enter(org.org_id, asking))
