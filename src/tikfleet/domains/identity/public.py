"""What other domains may know of identity: how an organisation's routers check in and its runs are approved."""

import time
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, Literal

import msgspec

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity import credential_repository as credentials
from tikfleet.domains.identity import repository
from tikfleet.domains.identity.errors import LogRetentionTooLong, TimezoneUnknown
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.database import Database, Row

TrafficAddresses = Literal["full", "networks", "totals"]

_KEPT_S: Final = 10.0
_MAX_ITEMS: Final = 10_000


class Settings(msgspec.Struct, frozen=True):
    """How an organisation's routers check in. `timezone` is an IANA name, for reports and windows.

    `job_devices_…` are limits of its own below the installation's; 0 is none. `traffic_addresses` is what is kept of
    addresses in traffic: all of them, their networks (/24, IPv6 /48), or only totals of interfaces. For as many
    as `log_retention_days` its log lines are kept; 0 is as long as the installation keeps them.
    """

    checkin_interval_s: int = 60
    offline_after_missed: int = 3
    timezone: str = "UTC"
    runs_need_approval: bool = False
    job_devices_per_minute: int = 0
    job_devices_per_person_minute: int = 0
    job_devices_per_request: int = 0
    traffic_addresses: TrafficAddresses = "full"
    log_retention_days: int = 0


class SettingsChange(msgspec.Struct, frozen=True):
    """What is to change; None leaves it as it is."""

    checkin_interval_s: int | None = None
    offline_after_missed: int | None = None
    timezone: str | None = None
    runs_need_approval: bool | None = None
    job_devices_per_minute: int | None = None
    job_devices_per_person_minute: int | None = None
    job_devices_per_request: int | None = None
    traffic_addresses: TrafficAddresses | None = None
    log_retention_days: int | None = None


class OrganisationSettings:
    """Settings by organisation. One without its own has those of the nearest above it, else the defaults."""

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        now_s: Callable[[], float] = time.monotonic,
        bus: Bus | None = None,
        most_log_days: int = 36_500,
    ) -> None:
        """`bus` is told of changes, as `organisation.settings`; the installation keeps lines for `most_log_days`."""
        self._database = database
        self._audit = audit
        self._bus = bus
        self._most_log_days = most_log_days
        self._now_s = now_s
        self._kept: dict[OrganisationId, tuple[float, Settings]] = {}
        self._log_days: tuple[float, Mapping[OrganisationId, int]] = (0.0, {})

    async def of(self, org_id: OrganisationId) -> Settings:
        """The settings in force, at most some ten seconds old where another process changed them."""
        kept = self._kept.get(org_id)
        if kept is not None and kept[0] > self._now_s():
            return kept[1]
        async with self._database.read() as transaction:
            row = await credentials.settings(transaction, org_id)
        found = _settings(row)
        if len(self._kept) >= _MAX_ITEMS:
            self._kept.clear()
        self._kept[org_id] = (self._now_s() + _KEPT_S, found)
        return found

    async def log_days(self) -> Mapping[OrganisationId, int]:
        """How many days lines are kept, for each organisation that keeps them shorter than the installation does.

        As old as settings are.
        """
        until_s, found = self._log_days
        if until_s <= self._now_s():
            async with self._database.read() as transaction:
                found = _log_days(await credentials.log_retentions(transaction), self._most_log_days)
            self._log_days = (self._now_s() + _KEPT_S, found)
        return found

    def forget(self) -> None:
        """Read all settings anew: another process changed some."""
        self._kept.clear()
        self._log_days = (0.0, {})

    async def change(self, org_id: OrganisationId, actor: Actor, change: SettingsChange) -> Settings:
        """Give an organisation settings of its own. Raises TimezoneUnknown, LogRetentionTooLong."""
        if change.timezone is not None and change.timezone not in _timezones():
            raise TimezoneUnknown(f"{change.timezone} is not in the IANA database")
        if (change.log_retention_days or 0) > self._most_log_days:
            raise LogRetentionTooLong(f"the installation keeps log lines for {self._most_log_days} days")
        wanted = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
        async with self._database.write() as transaction:
            row = await credentials.settings(transaction, org_id)
            before = _settings(row)
            after: Settings = msgspec.structs.replace(before, **wanted)
            if after == before:
                return before
            await credentials.write_settings(transaction, org_id, msgspec.structs.asdict(after))
        # Those below may have no settings of their own.
        self.forget()
        if self._bus is not None:
            self._bus.publish(News("organisation.settings", org_id, {}))
        was, became = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
        await self._audit.record(
            org_id, actor, "settings.changed", Target("organisation", org_id, "settings"), was, became
        )
        return after


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


def _settings(row: Row | None) -> Settings:
    return Settings(row[0], row[1], row[2], bool(row[3]), *row[4:9]) if row else Settings()


def _log_days(rows: Iterable[Row], most: int) -> dict[OrganisationId, int]:
    """Days of lines by organisation, where they are fewer than `most`: its own, or the nearest above's."""
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
