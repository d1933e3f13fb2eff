"""Runs that are kept no longer, and the jobs that runs still need."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from tikfleet.kernel.ids import JobId, OrganisationId
from tikfleet.ports.database import Database

_BATCH: Final = 500
_OVER: Final = ("finished", "cancelled")


class ExpiredRuns:
    """Removes runs that ended before a moment and owe nobody word of it, with their devices and their history."""

    table: Final = "run"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def batches(self, org_id: OrganisationId, before: str) -> AsyncIterator[int]:
        """Remove them, at most some hundred rows in a transaction; each whole run is told. `before`: RFC 3339 text."""
        after = ""
        while True:
            async with self._database.read() as tx:
                rows = await tx.fetch(
                    "select id from run where org_id = :org and id > :after and created_at < :before "
                    "and state in :over and busy = 0 and owed = '' and finished_at < :before order by id limit :rows",
                    org=org_id,
                    after=after,
                    before=before,
                    over=_OVER,
                    rows=_BATCH,
                )
            for (run_id,) in rows:
                if await self._remove(run_id, before):
                    yield 1
            if len(rows) < _BATCH:
                return
            after = rows[-1][0]

    async def _remove(self, run_id: str, before: str) -> bool:
        """All of one run, its row last. Somebody may have it begun again meanwhile: then it stays."""
        while True:
            async with self._database.write() as tx:
                over = await tx.fetch(
                    "select 1 from run where id = :id and state in :over and busy = 0 and owed = '' "
                    "and finished_at < :before",
                    id=run_id,
                    over=_OVER,
                    before=before,
                )
                if not over:
                    return False
                removed = await tx.execute(
                    "delete from run_target where run_id = :id and device_id in "
                    "(select device_id from run_target where run_id = :id limit :rows)",
                    id=run_id,
                    rows=_BATCH,
                )
                if removed < _BATCH:
                    await tx.execute("delete from run_history where run_id = :id", id=run_id)
                    await tx.execute("delete from run where id = :id", id=run_id)
                    return True


class JobsOfRuns:
    """Which jobs a run still looks at: those of a run that has not ended."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, job_ids: Sequence[JobId]) -> set[JobId]:
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "select run_target.job_id from run_target join run on run.id = run_target.run_id "
                "where run_target.job_id in :ids and (run.state not in :over or run.busy = 1 or run.owed <> '')",
                ids=list(job_ids),
                over=_OVER,
            )
        return {JobId(row[0]) for row in rows}
