"""Jobs that are kept no longer, with their output, their history and the scripts that no other job has."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

from tikfleet.domains.jobs.output import INLINE_BYTES
from tikfleet.kernel.ids import JobId, OrganisationId
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.database import Database, Row, Transaction

_BATCH: Final = 200
_UNENDED: Final = ("queued", "delivered", "running")
# What a job that has not ended waits for, and what somebody has still to be told, stays.
_OVER: Final = """
    job.status not in :unended and job.finished_at < :before and (job.notify = '' or job.told = 1)
    and not exists (
        select 1 from job later where later.backup_job_id = job.id and later.backup_job_id <> ''
        and (later.finished_at is null or later.finished_at >= :before))
"""


class HeldJobs(Protocol):
    """Which of some jobs something else still needs."""

    async def held(self, job_ids: Sequence[JobId]) -> set[JobId]: ...


class ExpiredJobs:
    """Removes jobs that ended before a moment and that nothing needs any more, the oldest first."""

    table: Final = "job"

    def __init__(self, database: Database, blobs: Blobs, others: HeldJobs) -> None:
        self._database = database
        self._blobs = blobs
        self._others = others

    async def batches(self, org_id: OrganisationId, before: str) -> AsyncIterator[int]:
        """Remove them, a transaction at a time; each gives how many it removed. `before`: RFC 3339 text."""
        created_at, last_id = "", ""
        while True:
            async with self._database.read() as tx:
                rows = await tx.fetch(
                    f"""
                    select id, created_at, output_bytes, case when {_OVER} then 1 else 0 end from job
                    where org_id = :org and created_at < :before
                    and (created_at > :at or (created_at = :at and id > :id))
                    order by created_at, id limit :rows
                    """,
                    org=org_id,
                    before=before,
                    at=created_at,
                    id=last_id,
                    rows=_BATCH,
                    unended=_UNENDED,
                )
            over = await self._free([row for row in rows if row[3]])
            if removed := await self._remove(org_id, over, before):
                yield removed
            if len(rows) < _BATCH:
                return
            last_id, created_at = rows[-1][0], rows[-1][1]

    async def _free(self, rows: Sequence[Row]) -> list[Row]:
        held = await self._others.held([row[0] for row in rows]) if rows else set()
        return [row for row in rows if row[0] not in held]

    async def _remove(self, org_id: OrganisationId, rows: Sequence[Row], before: str) -> int:
        if not rows:
            return 0
        # The objects first: without its row nobody would find one again.
        for job_id, _, output_bytes, _ in rows:
            if output_bytes > INLINE_BYTES:
                await self._blobs.delete(f"{org_id}/jobs/{job_id}")
        async with self._database.write() as tx:
            ids, unended = [row[0] for row in rows], _UNENDED
            found = await tx.fetch(
                f"select id, script_digest, source_digest from job where id in :ids and {_OVER}",
                ids=ids,
                before=before,
                unended=unended,
            )
            ids = [row[0] for row in found]
            if ids:
                await tx.execute("delete from job_history where job_id in :ids", ids=ids)
                await tx.execute("delete from job where id in :ids", ids=ids)
                await _forget_scripts(tx, org_id, {digest for row in found for digest in row[1:] if digest})
        return len(ids)


async def _forget_scripts(tx: Transaction, org_id: OrganisationId, digests: set[str]) -> None:
    """Those of an organisation that no job has any more."""
    if digests:
        # `|| ''`: SQLite would read all jobs of the organisation, by the index of that, instead of those of a script.
        await tx.execute(
            "delete from job_script where org_id = :org and digest in :digests "
            "and not exists (select 1 from job where job.script_digest = job_script.digest "
            "and job.script_digest <> '' and job.org_id || '' = :org) "
            "and not exists (select 1 from job where job.source_digest = job_script.digest "
            "and job.source_digest <> '' and job.org_id || '' = :org)",
            org=org_id,
            digests=sorted(digests),
        )
