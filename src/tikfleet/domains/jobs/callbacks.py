"""Callbacks, as jobs and runs see them: where news go, and which are due. Another domain sends them."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tikfleet.domains.jobs import repository
from tikfleet.domains.jobs.model import Job
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Database


@runtime_checkable
class Aims(Protocol):
    """Turns an address into what is kept of it."""

    async def aim(self, org: OrgScope, url: str | None) -> str:
        """Empty for none. Raises where the address may not be called, or nothing can sign what goes there."""
        ...


class JobNotices:
    """Jobs that have ended and of which somebody wants to be told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, limit: int) -> list[Job]:
        """Those that nobody was told of yet, the first to end first."""
        async with self._database.read() as transaction:
            return await repository.untold_jobs(transaction, limit)

    async def told(self, job_ids: Sequence[str]) -> None:
        """Their news are kept elsewhere now."""
        async with self._database.write() as transaction:
            await repository.mark_told(transaction, job_ids)


def notified_host(notify: str) -> str | None:
    """The host that news go to, for people to see."""
    return notify.split(" ")[1] if notify else None
