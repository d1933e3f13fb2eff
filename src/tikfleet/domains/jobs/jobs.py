"""The background entry point: time-outs and expiry of jobs whose device stays away."""

from datetime import datetime
from typing import Final

from tikfleet.domains.jobs.ledger import Ledger
from tikfleet.domains.jobs.model import overdue
from tikfleet.domains.jobs.repository import overdue_jobs
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.scopes import SYSTEM

_BATCH: Final = 200
_BATCHES: Final = 25


class JobSweep:
    """Run `sweep` every few seconds in one process; several do no harm."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def sweep(self, now: datetime) -> int:
        """Change what is overdue, in transactions of 200 jobs and at most 5,000 at a time; gives how many changed."""
        changed = 0
        for _ in range(_BATCHES):
            found, moved = await self._batch(now)
            changed += moved
            if found < _BATCH:
                break
        return changed

    async def _batch(self, now: datetime) -> tuple[int, int]:
        async with self._ledger.read() as transaction:
            jobs = await overdue_jobs(transaction, to_text(now), _BATCH)
        if not jobs:
            return 0, 0
        moved = 0
        async with self._ledger.write() as entries:
            for job in jobs:
                step = overdue(job, now)
                moved += bool(step and await entries.change(job, step, SYSTEM, now))
        return len(jobs), moved
