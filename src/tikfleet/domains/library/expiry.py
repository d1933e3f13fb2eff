"""Old versions of library scripts."""

from collections.abc import AsyncIterator
from typing import Final

from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.database import Database

_BATCH: Final = 200


class ExpiredVersions:
    """Removes versions that a newer one took the place of before a moment. The newest of a script always stays.

    Jobs and runs keep the text that they were made with, so none needs a version of the library.
    """

    table: Final = "library_script"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def batches(self, org_id: OrganisationId, before: str) -> AsyncIterator[int]:
        """Remove them, a transaction at a time; each gives how many it removed. `before`: RFC 3339 text."""
        after = ""
        while True:
            async with self._database.write() as tx:
                scripts = [
                    row[0]
                    for row in await tx.fetch(
                        "select id from library_script where org_id = :org and id > :after order by id limit :rows",
                        org=org_id,
                        after=after,
                        rows=_BATCH,
                    )
                ]
                removed = 0
                if scripts:
                    removed = await tx.execute(
                        "delete from library_version where script_id in :ids and exists (select 1 from library_version "
                        "newer where newer.script_id = library_version.script_id "
                        "and newer.number = library_version.number + 1 and newer.created_at < :before)",
                        ids=scripts,
                        before=before,
                    )
            if removed:
                yield removed
            if len(scripts) < _BATCH:
                return
            after = scripts[-1]
