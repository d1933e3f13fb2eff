"""How far one person, token or organisation reaches in a minute: different devices whose jobs may change something.

A device that was asked within the last minute counts once, however many jobs it got. The count is in the database, in
the transaction that makes the jobs: exact for any number of processes, and a restart forgets nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from tikfleet.domains.jobs import reach_repository as rows_of
from tikfleet.domains.jobs.errors import JobDevicesTooFast, JobForTooMany
from tikfleet.domains.jobs.model import Job, JobClass
from tikfleet.kernel.clock import Clock, from_text, to_text
from tikfleet.kernel.ids import JobId, OrganisationId
from tikfleet.kernel.scopes import Actor
from tikfleet.ports.database import Database, Transaction

WINDOW: Final = timedelta(seconds=60)
# What is left to people while a run takes as much as it may: a remedy for what the run did must get through.
_OF_RUNS: Final = 0.8
# Written by Tikfleet itself, and reading only, where their class is `query`.
_READS: Final = frozenset({"export", "routeros", "firmware-check", "ping", "traceroute", "torch"})


class JobLimits(msgspec.Struct, frozen=True):
    """Devices: of an organisation and of one person or token in a minute, and of one request that is no run."""

    devices_per_minute: int = 20_000
    devices_per_person_minute: int = 10_000
    devices_per_request: int = 1_000


class LimitSource(Protocol):
    """The limits in force, by organisation."""

    async def of(self, org_id: OrganisationId) -> JobLimits: ...


class OneLimit:
    """The same for every organisation."""

    def __init__(self, limits: JobLimits | None = None) -> None:
        self.limits = limits or JobLimits()

    async def of(self, org_id: OrganisationId) -> JobLimits:
        return self.limits


def only_reads(kind: str, job_class: JobClass) -> bool:
    """Whether a job changes nothing for certain, so that it does not count."""
    return kind in _READS and job_class == "query"


class Reach:
    """Counts devices, within the transaction that makes their jobs."""

    def __init__(self, source: LimitSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock

    async def of_one_request(self, org_id: OrganisationId) -> int:
        """How many devices one request may ask that is no run: no more than whoever asks may in a minute."""
        limits = await self._source.of(org_id)
        return min(limits.devices_per_request, limits.devices_per_person_minute)

    async def require_possible(self, org_ids: Iterable[OrganisationId]) -> None:
        """Raise JobForTooMany where one request has more devices, by organisation, than a minute may ever have."""
        for org_id, count in Counter(org_ids).items():
            most = (await self._source.of(org_id)).devices_per_minute
            if count > most:
                raise JobForTooMany(f"an organisation may ask {most} devices in a minute, and this means {count}")

    async def take(self, transaction: Transaction, jobs: Sequence[Job], actor: Actor) -> None:
        """Count the devices of these jobs. Raises JobDevicesTooFast when one is beyond a limit; nothing may be made."""
        asked = await self._asked(transaction, jobs, actor)
        full = next((scope for job in asked.jobs if (scope := asked.take(job))), None)
        if full is not None:
            raise await self._refusal(transaction, full, asked)
        await rows_of.note(transaction, asked.rows(), asked.since)

    async def fitting(self, transaction: Transaction, jobs: Sequence[Job], actor: Actor) -> set[JobId]:
        """The jobs that may be made now, in their order; their devices are counted. The others have to wait."""
        asked = await self._asked(transaction, jobs, actor, _OF_RUNS)
        waiting = {job.id for job in asked.jobs if asked.take(job) is not None}
        await rows_of.note(transaction, asked.rows(), asked.since)
        return {job.id for job in jobs} - waiting

    async def _asked(self, transaction: Transaction, jobs: Sequence[Job], actor: Actor, share: float = 1.0) -> "_Asked":
        counted = [job for job in jobs if not only_reads(job.kind, job.job_class)]
        limits: dict[str, int] = {}
        for org_id in dict.fromkeys(job.org_id for job in counted):
            found = await self._source.of(org_id)
            limits[org_id] = max(1, int(found.devices_per_minute * share))
            if actor.kind != "system":
                # Of several organisations the strictest counts for who asks.
                limits[actor.id] = min(found.devices_per_person_minute, limits.get(actor.id, 1 << 60))
        now, scopes = self._clock(), list(limits)
        since = to_text(now - WINDOW)
        used = await rows_of.used(transaction, scopes, since) if scopes else {}
        devices = [job.device_id for job in counted]
        known = await rows_of.known(transaction, scopes, devices, since) if scopes else set()
        return _Asked(counted, actor.id if actor.id in limits else "", limits, used, known, now)

    async def _refusal(self, transaction: Transaction, scope: str, asked: "_Asked") -> JobDevicesTooFast:
        whose = "the organisation" if scope.startswith("org_") else "one person or token"
        freed_by = await rows_of.nth_oldest(transaction, scope, asked.excess(scope), asked.since)
        left_s = (from_text(freed_by) + WINDOW - asked.now).total_seconds() if freed_by else WINDOW.total_seconds()
        detail = f"{whose} may ask {asked.limits[scope]} different devices in a minute, and this would be more"
        return JobDevicesTooFast(detail, retry_after_s=max(1.0, left_s))


class _Asked:
    """Devices that are about to be asked, against what is used of each limit."""

    def __init__(
        self,
        jobs: Sequence[Job],
        person: str,
        limits: Mapping[str, int],
        used: Mapping[str, int],
        known: set[tuple[str, str]],
        now: datetime,
    ) -> None:
        self.jobs = jobs
        self.limits = limits
        self.now = now
        self.since = to_text(now - WINDOW)
        self._before = used
        self._used = dict(used)
        self._person = person
        self._known = known
        self._taken: set[tuple[str, str]] = set()

    def take(self, job: Job) -> str | None:
        """Count a job's device; gives the limit that is full, and counts nothing then."""
        pairs = self._pairs(job)
        fresh = [pair for pair in pairs if pair not in self._known and pair not in self._taken]
        for scope, _ in fresh:
            if self._used.get(scope, 0) >= self.limits[scope]:
                return scope
        for scope, _ in fresh:
            self._used[scope] = self._used.get(scope, 0) + 1
        self._taken.update(pairs)
        return None

    def excess(self, scope: str) -> int:
        """How many devices would have to leave for all of these to fit."""
        wanted = {pair for job in self.jobs for pair in self._pairs(job) if pair[0] == scope} - self._known
        return self._before.get(scope, 0) + len(wanted) - self.limits[scope]

    def rows(self) -> list[dict[str, str]]:
        """What is to be kept of it."""
        moment = to_text(self.now)
        return [{"scope": scope, "device_id": device, "asked_at": moment} for scope, device in sorted(self._taken)]

    def _pairs(self, job: Job) -> list[tuple[str, str]]:
        return [(scope, job.device_id) for scope in (job.org_id, self._person) if scope]


async def forget_reach(database: Database, now: datetime) -> None:
    """Drop what counts no more, of those who ask nothing now."""
    await rows_of.forget(database, to_text(now - WINDOW))
