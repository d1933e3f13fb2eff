"""The background entry point: steers every busy run, at once when one of its jobs has ended, and every few seconds."""

import asyncio
from collections.abc import Awaitable
from typing import Final

import structlog

from tikfleet.domains.runs.steering import Steering
from tikfleet.kernel.ids import JobId, RunId
from tikfleet.ports.bus import Bus

_GATHER_S: Final = 0.3
_EVERY_S: Final = 5.0
_MOST_HEARD: Final = 2_000
_log = structlog.get_logger("tikfleet.runs")


class RunSteerer:
    """Run `run` in one process; several do no harm."""

    def __init__(self, steering: Steering, bus: Bus, every_s: float = _EVERY_S) -> None:
        self._steering = steering
        self._bus = bus
        self._every_s = every_s
        self._heard: set[JobId] = set()
        self._wanted: set[RunId] = set()
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled; a fault is logged and does not end it."""
        listening = asyncio.create_task(self._listen(), name="run-news")
        try:
            while True:
                await self._turn()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def sweep(self) -> bool:
        """Steer every busy run once; gives whether one of them has more to do."""
        return any([await self._steering.steer(run_id) for run_id in await self._steering.busy()])

    async def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._every_s
        more = await self._guarded(self._all())
        while not more and loop.time() < ends_at:
            try:
                async with asyncio.timeout_at(ends_at):
                    await self._news.wait()
            except TimeoutError:
                return
            # Outcomes come together: one look for all of a moment.
            await asyncio.sleep(_GATHER_S)
            more = await self._guarded(self._some())

    async def _all(self) -> bool:
        self._news.clear()
        self._heard.clear()
        self._wanted.clear()
        return await self.sweep()

    async def _some(self) -> bool:
        self._news.clear()
        heard, self._heard = list(self._heard), set()
        wanted, self._wanted = self._wanted, set()
        runs = wanted | await self._steering.runs_of(heard)
        return any([await self._steering.steer(run_id) for run_id in sorted(runs)])

    async def _guarded(self, work: Awaitable[bool]) -> bool:
        try:
            return await work
        except Exception:
            _log.exception("runs could not be steered")
            await asyncio.sleep(1)
            return False

    async def _listen(self) -> None:
        async with self._bus.subscribe() as news:
            async for item in news:
                if item.kind == "job.finished" and len(self._heard) < _MOST_HEARD:
                    self._heard.add(JobId(str(item.data.get("id", ""))))
                elif item.kind == "run.changed" and item.data.get("state") in ("scheduled", "paused", "cancelled"):
                    self._wanted.add(RunId(str(item.data.get("id", ""))))
                else:
                    continue
                self._news.set()
