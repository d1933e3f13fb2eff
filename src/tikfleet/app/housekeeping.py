"""Removes what is kept no longer: jobs, runs, events, attempts to enrol, audit entries, versions of library scripts."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

import msgspec
import structlog

from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.jobs.expiry import ExpiredJobs
from tikfleet.domains.library.expiry import ExpiredVersions
from tikfleet.domains.runs.expiry import ExpiredRuns, JobsOfRuns
from tikfleet.kernel.clock import Clock, to_text, utc_now
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.database import Database
from tikfleet.ports.expiry import OldestFirst
from tikfleet.ports.tenancy import organisations_in

Days = Callable[[], Awaitable[Mapping[OrganisationId, int]]]
# Of one kind in one sweep; the rest waits for the next one.
_MOST_BATCHES: Final = 200
# Between transactions, so that others find the database free.
_PAUSE_S: Final = 0.02
_log = structlog.get_logger("tikfleet.housekeeping")


class Expired(Protocol):
    """Rows of `table` that are too old, removed a transaction at a time; each gives how many things went with it."""

    @property
    def table(self) -> str: ...

    def batches(self, org_id: OrganisationId, before: str) -> AsyncIterator[int]: ...


class Kind(msgspec.Struct, frozen=True):
    """What is removed after how many days, 0 for never; `shorter` has the organisations that keep it for less."""

    name: str
    expired: Expired
    days: int
    shorter: Days


class Housekeeping:
    """Run `sweep` every few minutes in one process; several do no harm."""

    def __init__(self, database: Database, kinds: Sequence[Kind], clock: Clock, removed: Counter[str]) -> None:
        """`removed` counts by the kind's name."""
        self._database = database
        self._kinds = kinds
        self._clock = clock
        self._removed = removed

    async def sweep(self) -> int:
        """Remove what is too old, some ten thousand of a kind at most; gives how many things went."""
        return sum([await self._sweep(kind) for kind in self._kinds])

    async def _sweep(self, kind: Kind) -> int:
        shorter = await kind.shorter()
        if not kind.days and not shorter:
            return 0
        async with self._database.read() as transaction:
            organisations = await organisations_in(transaction, kind.expired.table)
        count = batches = 0
        for org_id in organisations:
            days = shorter.get(org_id, kind.days)
            if not days:
                continue
            before = to_text(self._clock() - timedelta(days=days))
            async for removed in kind.expired.batches(org_id, before):
                self._removed[kind.name] += removed
                count, batches = count + removed, batches + 1
                if batches >= _MOST_BATCHES:
                    _log.info("more is to be removed than one sweep does", kind=kind.name, removed=count)
                    return count
                await asyncio.sleep(_PAUSE_S)
        return count


def housekeeping(settings: Settings, infra: Infra, chosen: OrganisationSettings) -> Housekeeping:
    """The work, as the settings of the installation and of its organisations say."""
    database = infra.database

    async def none() -> Mapping[OrganisationId, int]:
        return {}

    async def jobs() -> Mapping[OrganisationId, int]:
        return await chosen.kept_days("job_retention_days")

    async def events() -> Mapping[OrganisationId, int]:
        return await chosen.kept_days("event_retention_days")

    kinds = [
        # Runs first: what they held may go in the same sweep.
        Kind("runs", ExpiredRuns(database), settings.retention_runs_days, none),
        Kind("jobs", ExpiredJobs(database, infra.blobs, JobsOfRuns(database)), settings.retention_jobs_days, jobs),
        Kind("events", OldestFirst(database, "device_event"), settings.retention_events_days, events),
        Kind("enrolments", OldestFirst(database, "enrolment"), settings.retention_enrolments_days, none),
        Kind("audit", OldestFirst(database, "audit_entry"), settings.retention_audit_days, none),
        Kind("script_versions", ExpiredVersions(database), settings.retention_script_versions_days, none),
    ]
    return Housekeeping(database, kinds, utc_now, infra.watch.measures.removed)
