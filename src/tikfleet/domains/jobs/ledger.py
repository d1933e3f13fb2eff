"""The one way in which jobs come to be and change: compare and set, history, and the news once it is durable."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Final

from tikfleet.domains.jobs.errors import JobChangedMeanwhile
from tikfleet.domains.jobs.kinds.secrets import JobSecrets
from tikfleet.domains.jobs.model import Job, JobRecord, Step
from tikfleet.domains.jobs.openwork import OpenWork
from tikfleet.domains.jobs.repository import add_entry, add_jobs, change_job, count_unended
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.database import Database, Transaction

_ATTEMPTS: Final = 5
_TOLD_OF_A_BATCH: Final = 200
_SHOWN_ERROR: Final = 200
# More jobs at once than are told one by one.
ADDED: Final = "job.added"

Find = Callable[[Transaction], Awaitable[Job | None]]
Rule = Callable[[Job], Step | None]
Also = Callable[[Transaction, Job, Job], Awaitable[None]]


class Entries:
    """What one transaction writes into the ledger."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.added: list[Job] = []
        self.news: list[News] = []

    async def add(self, org: OrgScope, records: Sequence[JobRecord], actor: Actor) -> None:
        """Fresh jobs. Of a large batch only the first are told on the bus: a listener would lose them anyway."""
        await add_jobs(self.transaction, org, records, actor)
        jobs = [record.job for record in records]
        told = jobs[: max(0, _TOLD_OF_A_BATCH - len(self.added))]
        self.news += [_changed(job) for job in told]
        self.added += jobs

    async def change(self, before: Job, step: Step, actor: Actor, now: datetime) -> bool:
        """One step of one job. False when the job is not as `before` any more; nothing was written then."""
        if not await change_job(self.transaction, before, step.job):
            return False
        moved = step.job.status != before.status
        if moved or step.note:
            await add_entry(self.transaction, step.job, step.note, actor, to_text(now))
        if moved:
            self.news.append(_changed(step.job))
        if moved and step.job.ended:
            self.news.append(_finished(step))
        return True


class Ledger:
    """Shared by people's side, the devices' side and the sweep."""

    def __init__(self, database: Database, bus: Bus, work: OpenWork, secrets: JobSecrets | None = None) -> None:
        """Without `secrets`, kinds that carry any can't be asked for."""
        self._database = database
        self._bus = bus
        self.work = work
        self.secrets = secrets or JobSecrets()

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A consistent look."""
        return self._database.read()

    async def unended(self) -> dict[str, int]:
        """How many jobs wait or run, by status, over all organisations."""
        async with self.read() as transaction:
            return dict.fromkeys(("queued", "delivered", "running"), 0) | await count_unended(transaction)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Entries]:
        """Changes that happen together; the index of open work and the bus learn of them when they are durable."""
        added: list[Job] = []
        try:
            async with self._database.write() as transaction:
                entries = Entries(transaction)
                added = entries.added
                yield entries
        finally:
            # Also when the caller went away during the commit: a mark too many costs one look, one too few a job.
            if added:
                self.work.mark({job.device_id for job in added})
        for news in entries.news:
            self._bus.publish(news)
        if len(added) > _TOLD_OF_A_BATCH:
            self._bus.publish(News(ADDED, added[0].org_id, {"batch_id": added[0].batch_id, "count": len(added)}))

    async def move(
        self, find: Find, rule: Rule, actor: Callable[[Job], Actor], now: datetime, also: Also | None = None
    ) -> Job | None:
        """Find a job, ask the rule, write its step; again when the job changed meanwhile.

        `also` gets the job before and after a step, in the transaction of that step.
        Gives the job as it is then, or None when there is none. Raises JobChangedMeanwhile when it never held still.
        """
        for _ in range(_ATTEMPTS):
            async with self.read() as transaction:
                job = await find(transaction)
            step = rule(job) if job else None
            if job is None or step is None:
                return job
            async with self.write() as entries:
                if await entries.change(job, step, actor(job), now):
                    if also is not None:
                        await also(entries.transaction, job, step.job)
                    return step.job
        raise JobChangedMeanwhile("the job changed each time while this was decided")


def device_actor(job: Job) -> Actor:
    """The device of a job, as the one who changes it."""
    return Actor("device", job.device_id, job.device_name)


def _changed(job: Job) -> News:
    data = {"id": job.id, "device_id": job.device_id, "batch_id": job.batch_id, "status": job.status}
    return News("job.changed", job.org_id, data)


def _finished(step: Step) -> News:
    job = step.job
    reason = job.error or step.note
    text = f"{job.kind} {job.status.replace('_', ' ')}" + (f": {reason[:_SHOWN_ERROR]}" if reason else "")
    data = {
        "id": job.id,
        "device_id": job.device_id,
        "device_name": job.device_name,
        "kind": job.kind,
        "status": job.status,
        "text": text,
    }
    return News("job.finished", job.org_id, data)
