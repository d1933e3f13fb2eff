"""Rows that are kept no longer, of tables whose ids sort by time: events, entries of the audit trail, attempts."""

from collections.abc import AsyncIterator
from typing import Final

from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.database import Database

_BATCH: Final = 500


class OldestFirst:
    """Removes an organisation's rows of `table` from before a moment. The table has `id`, `org_id` and `at`."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self.table = table

    async def batches(self, org_id: OrganisationId, before: str) -> AsyncIterator[int]:
        """Remove them, a transaction at a time; each gives how many it removed. `before`: RFC 3339 text."""
        oldest = f"select id, at from {self.table} where org_id = :org order by id limit :rows"
        while True:
            async with self._database.write() as tx:
                # Ids sort by time, so that this looks at as many rows as it removes.
                rows = await tx.fetch(oldest, org=org_id, rows=_BATCH)
                old = [row[0] for row in rows if row[1] < before]
                if old:
                    await tx.execute(f"delete from {self.table} where id in :ids", ids=old)
            if old:
                yield len(old)
            if len(old) < _BATCH:
                return
