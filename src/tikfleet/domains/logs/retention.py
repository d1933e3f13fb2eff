"""How long lines are kept: older ones are not shown from the moment that is chosen, and then removed by whole days."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, Protocol

from tikfleet.domains.logs.facts import LINES
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Expired, Warehouse

_DAY_MS: Final = 86_400_000


class LogDays(Protocol):
    """How many days lines are kept, for each organisation that keeps them shorter than the installation does."""

    async def log_days(self) -> Mapping[OrganisationId, int]: ...


class LogRetention:
    """What is shown of the lines of organisations that chose, and what is removed."""

    def __init__(self, chosen: LogDays, clock: Clock) -> None:
        self._chosen = chosen
        self._clock = clock

    async def shown(self, scope: OrgScope, since_ms: int) -> tuple[int, tuple[Expired, ...]]:
        """What to ask for instead of all since a moment: a moment, and what to leave out after it."""
        chosen = await self._chosen.log_days()
        expired = [one for one in self._expired(chosen, scope) if one.before_ms > since_ms]
        if sum(len(one.org_ids) for one in expired) == len(scope.org_ids):
            since_ms = min(one.before_ms for one in expired)
        return since_ms, tuple(one for one in expired if one.before_ms > since_ms)

    async def sweep(self, warehouse: Warehouse) -> None:
        """Remove the days (UTC) that are over for an organisation. Raises WarehouseUnavailable."""
        chosen = await self._chosen.log_days()
        for one in self._expired(chosen, None):
            # Whole days: what an engine rewrites for it, it rewrites once a day.
            before_ms = one.before_ms // _DAY_MS * _DAY_MS
            await warehouse.forget(LINES, OrgScope(one.org_ids[0], one.org_ids), before_ms)

    def _expired(self, chosen: Mapping[OrganisationId, int], scope: OrgScope | None) -> list[Expired]:
        """Organisations (of a scope) by when their lines begin."""
        now_ms = int(self._clock().timestamp() * 1000)
        by_days: defaultdict[int, list[OrganisationId]] = defaultdict(list)
        for org_id in chosen if scope is None else scope.org_ids:
            if org_id in chosen:
                by_days[chosen[org_id]].append(org_id)
        return [Expired(tuple(orgs), now_ms - days * _DAY_MS) for days, orgs in sorted(by_days.items())]
