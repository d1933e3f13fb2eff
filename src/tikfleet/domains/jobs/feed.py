"""Ends of jobs over all organisations, in the order of their histories, for who tells others of them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from tikfleet.domains.jobs.model import Status
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId
from tikfleet.ports.database import Database


class FedJob(msgspec.Struct, frozen=True):
    """A job that came to an end: what is told of it. No output: it may be long, and is for who may read jobs."""

    id: JobId
    batch_id: str
    device_id: DeviceId
    device_name: str
    kind: str
    job_class: str
    status: Status
    description: str
    error: str
    created_at: str
    started_at: str | None
    finished_at: str | None


_COLUMNS: Final = ", ".join(f"job.{name}" for name in FedJob.__struct_fields__)


class JobFeed:
    """The histories of all jobs. The ids of entries are of the kind `prefix`."""

    prefix: Final = "jch"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(
        self, after: str, before: str, statuses: Sequence[Status], limit: int
    ) -> list[tuple[str, OrganisationId, FedJob]]:
        """What came to one of these ends between two entries: the entry's id, whose job it is, and the job."""
        async with self._database.read() as transaction:
            rows = await transaction.fetch(
                f"""select entry.id, job.org_id, {_COLUMNS} from job_history entry join job on job.id = entry.job_id
                where entry.id > :after and entry.id <= :before and entry.status in :statuses
                order by entry.id limit :most""",
                after=after,
                before=before,
                statuses=list(statuses),
                most=limit,
            )
        return [(row[0], row[1], FedJob(*row[2:])) for row in rows]
