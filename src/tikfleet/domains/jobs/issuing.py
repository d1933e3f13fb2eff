"""The job service's hand: jobs come to be here and nowhere else, since here is the key that signs them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from tikfleet.domains.jobs import repository
from tikfleet.domains.jobs.envelope import envelope
from tikfleet.domains.jobs.ledger import Entries, Ledger
from tikfleet.domains.jobs.limits import Reach
from tikfleet.domains.jobs.model import Job, JobRecord
from tikfleet.kernel.ids import JobId
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database
from tikfleet.ports.signing import Signer

_BATCH: Final = 500


class Issue:
    """What one transaction makes."""

    def __init__(self, entries: Entries, signer: Signer, reach: Reach) -> None:
        self.entries = entries
        self.transaction = entries.transaction
        self._signer = signer
        self._reach = reach

    async def add(self, org: OrgScope, records: Sequence[JobRecord], actor: Actor) -> None:
        """Fresh jobs, signed. Raises JobDevicesTooFast where they reach further than who asks may."""
        await self._reach.take(self.transaction, [record.job for record in records], actor)
        await self._sign(org, records, actor)

    async def add_fitting(self, org: OrgScope, records: Sequence[JobRecord], actor: Actor) -> set[JobId]:
        """The same with as many as may be made now; gives the ids of the others, which have to wait."""
        fitting = await self._reach.fitting(self.transaction, [record.job for record in records], actor)
        await self._sign(org, [record for record in records if record.job.id in fitting], actor)
        return {record.job.id for record in records} - fitting

    async def _sign(self, org: OrgScope, records: Sequence[JobRecord], actor: Actor) -> None:
        signed = [msgspec.structs.replace(one, job=signed_job(one.job, self._signer)) for one in records]
        await self.entries.add(org, signed, actor)


class JobIssuer:
    """Makes jobs. Only what people ask for, and what carries runs, is given one; the devices' side never."""

    def __init__(self, ledger: Ledger, signer: Signer, reach: Reach) -> None:
        self.ledger = ledger
        self.reach = reach
        self._signer = signer

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Issue]:
        """Jobs that are made together or not at all."""
        async with self.ledger.write() as entries:
            yield Issue(entries, self._signer, self.reach)


def signed_job(job: Job, signer: Signer) -> Job:
    """The job with its signature."""
    return msgspec.structs.replace(job, signature=signer.sign(envelope(job)))


async def keys_in_use(database: Database) -> set[str]:
    """The ids of the keys that signed a job that has not ended."""
    async with database.read() as transaction:
        return await repository.keys_in_use(transaction)


async def sign_waiting(database: Database, signer: Signer) -> int:
    """Sign the jobs that wait from before there were signatures; gives how many. Once, when the first key is made.

    A script of theirs that was written when the device asked counts as theirs from then on.
    """
    count, after = 0, ""
    while True:
        async with database.write() as transaction:
            jobs = await repository.unsigned_jobs(transaction, after, _BATCH)
            signatures = {job.id: signed_job(job, signer).signature for job in jobs}
            await repository.write_signatures(transaction, signatures)
        if not jobs:
            return count
        count, after = count + len(jobs), jobs[-1].id
