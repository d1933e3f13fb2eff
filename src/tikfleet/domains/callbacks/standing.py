"""What subscriptions want to be told, read from the histories of devices, jobs and runs.

A history is read in the order of its ids, some seconds late, so that what was under way when it was read has been
committed by then; how far is kept once the callbacks are. Reading twice makes no second callback.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import msgspec

from tikfleet.domains.callbacks import subscriptions_repository as repository
from tikfleet.domains.callbacks.model import Event, Notice
from tikfleet.domains.callbacks.sources import run_about
from tikfleet.domains.callbacks.subscriptions_repository import Subscription
from tikfleet.domains.inventory.public import EventFeed
from tikfleet.domains.jobs.public import JobFeed
from tikfleet.domains.runs.public import RunFeed
from tikfleet.kernel.clock import Clock, from_text
from tikfleet.kernel.ids import OrganisationId, id_at
from tikfleet.ports.database import Database

LATE_S: Final = 5.0
_KEEP_EVERY: Final = timedelta(minutes=1)
_KINDS: Final = ("device.online", "device.offline", "device.rebooted")
_FAILED: Final = ("failed", "timed_out", "rejected", "expired", "unknown", "rolled_back")
_RESTED: Final = ("finished", "halted", "cancelled")


class Happening(msgspec.Struct, frozen=True):
    """Something that subscriptions may want to be told: once for each `key`. `place` is its id in the history."""

    place: str
    key: str
    org_id: OrganisationId
    event: Event
    subject_id: str
    at: str
    about: dict[str, object]


class History(Protocol):
    """One of them. Ids in it are of the kind `prefix`."""

    prefix: str

    async def between(self, after: str, before: str, limit: int) -> list[Happening]: ...


class Devices:
    """Routers that went and came."""

    prefix = EventFeed.prefix

    def __init__(self, feed: EventFeed) -> None:
        self._feed = feed

    async def between(self, after: str, before: str, limit: int) -> list[Happening]:
        return [
            Happening(
                one.id, one.id, one.org_id, msgspec.convert(one.kind, Event), one.device_id, one.at,
                {"device": {"id": one.device_id, "name": one.device_name, "text": one.text}},
            )
            for one in await self._feed.between(after, before, _KINDS, limit)
        ]  # fmt: skip


class Jobs:
    """Jobs that did not succeed, and were not called back."""

    prefix = JobFeed.prefix

    def __init__(self, feed: JobFeed) -> None:
        self._feed = feed

    async def between(self, after: str, before: str, limit: int) -> list[Happening]:
        return [
            # A job has one end: what its device says later is a second entry of the same.
            Happening(
                place, job.id, org_id, "job.failed", job.id, job.finished_at or job.created_at,
                {"job": msgspec.structs.asdict(job) | {"error": job.error or None}},
            )
            for place, org_id, job in await self._feed.between(after, before, _FAILED, limit)
        ]  # fmt: skip


class Runs:
    """Runs that came to rest."""

    prefix = RunFeed.prefix

    def __init__(self, feed: RunFeed) -> None:
        self._feed = feed

    async def between(self, after: str, before: str, limit: int) -> list[Happening]:
        return [
            Happening(
                place, place, news.run.org_id, msgspec.convert(f"run.{news.state}", Event), news.run.id, news.at,
                run_about(news),
            )
            for place, news in await self._feed.between(after, before, _RESTED, limit)
        ]  # fmt: skip


class StandingSource:
    """A source of callbacks: a notice for each subscription that wants what happened."""

    def __init__(self, database: Database, clock: Clock, late_s: float = LATE_S) -> None:
        """`late_s`: how old an entry is when it is read. A transaction that lasts longer may hide one for ever."""
        self._database = database
        feeds = EventFeed(database), JobFeed(database), RunFeed(database)
        self._histories: Sequence[History] = (Devices(feeds[0]), Jobs(feeds[1]), Runs(feeds[2]))
        self._clock = clock
        self._late = timedelta(seconds=late_s)
        # How far histories were read, and how far of that is told once the notices of now are.
        self._read: dict[str, str] = {}
        self._kept_at: datetime | None = None

    async def due(self, limit: int) -> Sequence[Notice]:
        """What is to be told. All of it comes again until `told` was called."""
        async with self._database.read() as tx:
            wanted = await repository.all_subscriptions(tx)
            known = await repository.positions(tx) if wanted else {}
        if not wanted:
            return []
        notices: list[Notice] = []
        ended = False
        while not notices and not ended:
            ended = True
            for history in self._histories:
                happened, whole = await self._next(history, known, wanted, limit)
                ended &= whole
                notices += [_notice(one, what) for what in happened for one in wanted if _wants(one, what)]
        if not notices and (self._kept_at is None or self._clock() - self._kept_at > _KEEP_EVERY):
            await self.told([])
        return notices

    async def told(self, notices: Sequence[Notice]) -> None:
        """These are kept elsewhere: histories are read on from there."""
        self._kept_at = self._clock()
        async with self._database.write() as tx:
            await repository.put_positions(tx, self._read)

    async def _next(
        self, history: History, known: Mapping[str, str], wanted: Sequence[Subscription], limit: int
    ) -> tuple[list[Happening], bool]:
        """The next stretch of a history, and whether that is all there is."""
        prefix = history.prefix
        first = _place(prefix, min(from_text(one.created_at) for one in wanted))
        after = max(known.get(prefix, ""), self._read.get(prefix, ""), first)
        before = _place(prefix, self._clock() - self._late)
        happened = await history.between(after, before, limit) if after < before else []
        whole = len(happened) < limit
        self._read[prefix] = max(after, before) if whole else happened[-1].place
        return happened, whole


def _place(prefix: str, moment: datetime) -> str:
    return id_at(prefix, int(moment.astimezone(UTC).timestamp() * 1000))


def _wants(one: Subscription, what: Happening) -> bool:
    since = _place(what.place[:3], from_text(one.created_at))
    return one.org_id == what.org_id and what.event in one.events and what.place >= since


def _notice(one: Subscription, what: Happening) -> Notice:
    return Notice(f"{one.id}:{what.key}", what.event, what.subject_id, what.at, one.aim, what.about)
