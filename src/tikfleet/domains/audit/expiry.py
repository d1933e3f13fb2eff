"""Entries that are kept no longer."""

from collections.abc import AsyncIterator
from typing import Final

from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.database import Database

_BATCH: Final = 500


class ExpiredEntries:
    """Removes what was done in an organisation before a moment, the oldest first."""

    table: Final = "audit_entry"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def batches(self, org_id: OrganisationId, before: str) -> AsyncIterator[int]:
        """Remove them, a transaction at a time; each gives how many it removed. `before`: RFC 3339 text."""
        while True:
            async with self._database.write() as tx:
                # Ids sort by time, so that this looks at as many rows as it removes.
                rows = await tx.fetch(
                    "select id, at from audit_entry where org_id = :org order by id limit :rows",
                    org=org_id,
                    rows=_BATCH,
                )
                old = [row[0] for row in rows if row[1] < before]
                if old:
                    await tx.execute("delete from audit_entry where id in :ids", ids=old)
            if old:
                yield len(old)
            if len(old) < _BATCH:
                return
