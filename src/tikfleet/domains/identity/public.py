"""What other domains may know of identity: how an organisation's routers check in and its runs are approved."""

import time
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity import credential_repository as credentials
from tikfleet.domains.identity import repository
from tikfleet.domains.identity.errors import RetentionTooLong, TimezoneUnknown
from tikfleet.domains.identity.settings import KEPT, NAMES, KeptDays, Settings, SettingsChange, Standing, standing
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.database import Database, Row

_KEPT_S: Final = 10.0
_MAX_ITEMS: Final = 10_000
_EVER_DAYS: Final = 36_501


class OrganisationSettings:
    """Settings by organisation. Each that is not its own is that of the nearest above it, else the default."""

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        now_s: Callable[[], float] = time.monotonic,
        bus: Bus | None = None,
        most_days: Mapping[KeptDays, int] | None = None,
    ) -> None:
        """`bus` is told of changes, as `organisation.settings`; `most_days`: how long the installation keeps things.

        What it does not name, or keeps for 0 days, it keeps for ever.
        """
        self._database = database
        self._audit = audit
        self._bus = bus
        self._most_days = dict(most_days or {})
        self._now_s = now_s
        self._kept: dict[OrganisationId, tuple[float, Settings]] = {}
        self._days: dict[KeptDays, tuple[float, Mapping[OrganisationId, int]]] = {}

    async def of(self, org_id: OrganisationId) -> Settings:
        """The settings in force, at most some ten seconds old where another process changed them."""
        kept = self._kept.get(org_id)
        if kept is not None and kept[0] > self._now_s():
            return kept[1]
        found = (await self.standing(org_id)).settings
        if len(self._kept) >= _MAX_ITEMS:
            self._kept.clear()
        self._kept[org_id] = (self._now_s() + _KEPT_S, found)
        return found

    async def standing(self, org_id: OrganisationId) -> Standing:
        """The settings as they are now, and where each comes from."""
        async with self._database.read() as transaction:
            return standing(org_id, await credentials.settings(transaction, org_id))

    async def log_days(self) -> Mapping[OrganisationId, int]:
        """As `kept_days`, of log lines."""
        return await self.kept_days("log_retention_days")

    async def kept_days(self, name: KeptDays) -> Mapping[OrganisationId, int]:
        """How many days a thing is kept, for each organisation that keeps it shorter than the installation does.

        As old as settings are.
        """
        until_s, found = self._days.get(name, (0.0, {}))
        if until_s <= self._now_s():
            async with self._database.read() as transaction:
                found = _days(await credentials.retentions(transaction, name), self._most(name))
            self._days[name] = (self._now_s() + _KEPT_S, found)
        return found

    def _most(self, name: KeptDays) -> int:
        return self._most_days.get(name) or _EVER_DAYS

    def forget(self) -> None:
        """Read all settings anew: another process changed some."""
        self._kept.clear()
        self._days.clear()

    async def change(self, org_id: OrganisationId, actor: Actor, change: SettingsChange) -> Standing:
        """Give an organisation settings of its own, or give some back. Raises TimezoneUnknown, RetentionTooLong."""
        wanted = change.wanted()
        if wanted.get("timezone") is not None and wanted["timezone"] not in _timezones():
            raise TimezoneUnknown(f"{wanted['timezone']} is not in the IANA database")
        for name in KEPT:
            if (wanted.get(name) or 0) > self._most(name):
                raise RetentionTooLong(f"{name}: the installation keeps them for {self._most(name)} days")
        async with self._database.write() as transaction:
            lineage = await credentials.settings(transaction, org_id)
            before = next((dict(one.own) for one in lineage if one.org_id == org_id), dict.fromkeys(NAMES))
            after = before | wanted
            if after == before:
                return standing(org_id, lineage)
            await credentials.write_settings(transaction, org_id, after)
            found = standing(org_id, await credentials.settings(transaction, org_id))
            target = Target("organisation", org_id, "settings")
            await self._audit.within(transaction).record(org_id, actor, "settings.changed", target, before, after)
        # Those below may have no settings of their own.
        self.forget()
        if self._bus is not None:
            self._bus.publish(News("organisation.settings", org_id, {}))
        return found


class Lineage:
    """Where organisations stand among others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_top(self, org_id: OrganisationId) -> bool:
        """Whether none is above it: it runs the installation."""
        async with self._database.read() as tx:
            return await repository.is_top(tx, org_id)

    async def names(self, scope: OrgScope) -> dict[OrganisationId, str]:
        """What the organisations of a scope are called."""
        async with self._database.read() as tx:
            return await repository.organisation_names(tx, scope)


def _days(rows: Iterable[Row], most: int) -> dict[OrganisationId, int]:
    """Days by organisation, where they are fewer than `most`: its own, or the nearest above's."""
    known = {org_id: (parent_id, days) for org_id, parent_id, days in rows}
    found = {}
    for org_id, own in known.items():
        above, days = own
        while days is None and above in known:
            above, days = known[above]
        if days and days < most:
            found[OrganisationId(org_id)] = int(days)
    return found


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones()) | {"UTC"}
