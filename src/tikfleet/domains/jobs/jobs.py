"""The background entry points: time-outs and expiry of jobs whose device stays away; jobs that other processes make."""

import asyncio
from datetime import datetime
from typing import Final

import structlog

from tikfleet.domains.jobs.desk import JobDesk
from tikfleet.domains.jobs.ledger import ADDED, Ledger
from tikfleet.domains.jobs.model import overdue
from tikfleet.domains.jobs.repository import overdue_jobs
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.errors import Unavailable
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.scopes import SYSTEM
from tikfleet.ports.bus import Bus, News

_BATCH: Final = 200
_BATCHES: Final = 25
_RETRY_S: Final = 2.0
_log = structlog.get_logger("tikfleet.jobs")


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


class WorkWatch:
    """Marks the devices for which another process made a job. Each process that answers routers runs one."""

    def __init__(self, desk: JobDesk, ledger: Ledger, bus: Bus) -> None:
        self._desk = desk
        self._ledger = ledger
        self._bus = bus

    async def run(self) -> None:
        """Follow the news for ever."""
        async with self._bus.subscribe(capacity=10_000) as news:
            async for item in news:
                await self._hear(item)

    async def _hear(self, item: News) -> None:
        if item.kind == "job.changed" and item.data["status"] == "queued":
            self._ledger.work.mark([DeviceId(item.data["device_id"])])
        elif item.kind in {ADDED, "bus.overflow"}:
            while True:
                try:
                    await self._desk.load()
                except Unavailable as error:
                    _log.warning("new jobs wait to be looked up", code=error.code)
                    await asyncio.sleep(_RETRY_S)
                else:
                    return
