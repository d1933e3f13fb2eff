"""One query under way: every router is asked as soon as it holds a request, and its rows are given as they come."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

import structlog

from tikfleet.domains.jobs.public import JobTarget
from tikfleet.domains.live.public import DeviceCrowded, DeviceSilent, LiveHub
from tikfleet.domains.queries.lines import EndLine, Line, ProgressLine, Reason, RowLine, UnansweredLine
from tikfleet.domains.queries.model import Bounds, FleetQuery, Plans
from tikfleet.domains.queries.turns import Places, Turn
from tikfleet.domains.routeros.public import RouterReads, visible
from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.rest.plan import Plan
from tikfleet.routeros.rest.rows import Row
from tikfleet.routeros.rest.script_text import Stretch

_NOT_READY: Final = frozenset({"pending", "removing"})
_PROGRESS_S: Final = 0.5
# Answers that wait for a slow reader: then routers are not asked on.
_AHEAD: Final = 64
# Asked in one go: the first answers are not to wait until a thousand routers have been asked.
_IN_ONE_GO: Final = 16
_log = structlog.get_logger("tikfleet.queries")


class _Unanswered(Exception):
    """The device did not answer, or not wholly."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason: Final = reason
        self.detail: Final = detail


class Asking:
    """A query and the devices that it asks. `lines` may be read once; leaving it ends the query."""

    def __init__(
        self, query: FleetQuery, devices: Sequence[JobTarget], hub: LiveHub, reads: RouterReads, bounds: Bounds
    ) -> None:
        self.query = query
        self.devices = devices
        self._hub = hub
        self._reads = reads
        self._bounds = bounds
        self._plans = Plans(query)
        self._scripts: dict[tuple[str, str | None, int], str] = {}
        self._news: asyncio.Queue[list[Line]] = asyncio.Queue(_AHEAD)
        self._left = {device.id: device for device in devices}
        self._asked = self._answered = self._failed = self._rows = self._bytes = 0
        self._stopped = ""

    async def lines(self, places: Places) -> AsyncIterator[list[Line]]:
        """All lines, some at a time: progress first, `EndLine` last. `places` are those of the organisation."""
        started_s = time.monotonic()
        semaphores = (asyncio.Semaphore(self._bounds.at_once), places.answering)
        ends_s = started_s + self.query.wait_s
        tasks: list[asyncio.Task[None]] = []
        beginning = asyncio.create_task(self._begin(tasks, semaphores, ends_s))
        try:
            yield [self._progress()]
            told_s = started_s
            while (self._left or not self._news.empty()) and not self._stopped:
                news = await self._next()
                now_s = time.monotonic()
                if now_s - told_s >= _PROGRESS_S:
                    told_s = now_s
                    news.append(self._progress())
                if news:
                    yield news
            for task in (beginning, *tasks):
                task.cancel()
            yield [*self._stopped_devices(), self._end(time.monotonic() - started_s)]
        finally:
            places.queries.discard(self)
            for task in (beginning, *tasks):
                task.cancel()
            await asyncio.gather(beginning, *tasks, return_exceptions=True)

    async def _begin(
        self, tasks: list[asyncio.Task[None]], semaphores: Sequence[asyncio.Semaphore], ends_s: float
    ) -> None:
        """Turn to every device, a few at a time: what they answer is read in between."""
        for start in range(0, len(self.devices), _IN_ONE_GO):
            some = self.devices[start : start + _IN_ONE_GO]
            tasks += [asyncio.create_task(self._device(device, semaphores, ends_s)) for device in some]
            await asyncio.sleep(0)

    async def _next(self) -> list[Line]:
        """What there is, or nothing after a while."""
        try:
            async with asyncio.timeout(_PROGRESS_S):
                found = list(await self._news.get())
        except TimeoutError:
            return []
        while not self._news.empty():
            found += self._news.get_nowait()
        return found

    async def _device(self, device: JobTarget, semaphores: Sequence[asyncio.Semaphore], ends_s: float) -> None:
        last: list[Line] = []
        try:
            await self._answer(device, semaphores, ends_s)
            self._answered += 1
        except _Unanswered as unanswered:
            self._failed += 1
            last = [UnansweredLine(device.id, device.name, unanswered.reason, unanswered.detail)]
        except Exception:
            # A fault of ours is one device without an answer, and not a query without an end.
            _log.exception("a device of a query was lost", device=device.id)
            self._failed += 1
            last = [UnansweredLine(device.id, device.name, "refused", "the platform could not read its answer")]
        # The place in the queue first: who reads leaves when no device is left and the queue is empty.
        await self._news.put(last)
        self._left.pop(device.id, None)

    async def _answer(self, device: JobTarget, semaphores: Sequence[asyncio.Semaphore], ends_s: float) -> None:
        """Everything that a device has to say. Raises _Unanswered."""
        plan = self._plan(device)
        if not await self._hub.held_within(device.id, max(0.0, ends_s - time.monotonic())):
            raise _Unanswered("asleep", f"it did not come into live mode within {self.query.wait_s:g} s")
        async with Turn(semaphores, self._bounds.turn_s):
            self._asked += 1
            await self._read(device, plan)

    def _plan(self, device: JobTarget) -> Plan:
        if device.status in _NOT_READY or device.tier is None:
            raise _Unanswered("not-ready", f"the device is {device.status}")
        plan = self._plans.of(device.version)
        if isinstance(plan, RestRefused):
            raise _Unanswered("unsupported", plan.detail)
        return plan

    async def _read(self, device: JobTarget, plan: Plan) -> None:
        ends_s = time.monotonic() + self._bounds.device_s
        start = taken = size = 0
        while True:
            stretch = await self._stretch(device, plan, start, ends_s)
            rows = [row for row in (self._shown(plan, row) for row in stretch.outcome.rows) if row is not None]
            room = self.query.rows_each - taken
            taken, size = taken + len(rows), size + len(stretch.text)
            await self._give(device, rows[:room], len(stretch.text))
            if len(rows) > room or (stretch.following is not None and size >= self._bounds.bytes_each):
                raise _Unanswered("too-long", "it has more than one query takes from one device")
            if stretch.following is None:
                return
            if stretch.following <= start:
                raise _Unanswered("too-long", "one of its records is too long for an answer")
            start = stretch.following

    async def _stretch(self, device: JobTarget, plan: Plan, start: int, ends_s: float) -> Stretch:
        patience_s = min(self._bounds.answer_s, max(0.05, ends_s - time.monotonic()))
        try:
            return await self._reads.stretch(device, plan, self._script(device, plan, start), patience_s)
        except DeviceSilent as cause:
            raise _Unanswered("silent", cause.detail) from cause
        except DeviceCrowded as cause:
            raise _Unanswered("busy", cause.detail) from cause
        except RestRefused as cause:
            raise _Unanswered("refused", cause.detail) from cause

    def _script(self, device: JobTarget, plan: Plan, start: int) -> str:
        """Written once for all devices of a release and a tier."""
        key = (device.version, device.tier, start)
        found = self._scripts.get(key)
        if found is None:
            found = self._scripts[key] = self._reads.script(device, plan, start)
        return found

    async def _give(self, device: JobTarget, rows: Sequence[Row], size: int) -> None:
        self._rows += len(rows)
        self._bytes += size
        if rows:
            await self._news.put([RowLine(device.id, device.name, row) for row in rows])
        if self._rows >= self._bounds.rows:
            self._stopped = f"the query has brought {self._rows} rows, which is as many as it may"
        elif self._bytes >= self._bounds.bytes:
            self._stopped = f"the query has brought {self._bytes >> 20} MB, which is as much as it may"

    def _shown(self, plan: Plan, row: Row) -> Row | None:
        """The row as who asks may see it.

        None where the condition looked at something hidden there: that it holds would tell what is hidden.
        """
        secrets, question = self.query.secrets, self.query.question
        seen = {name: visible(plan.menu, name, value, secrets=secrets) for name, value in row.items()}
        if any(seen.get(name) != row.get(name) for name in question.names):
            return None
        return {name: seen[name] for name in self.query.fields if name in seen} if self.query.fields else seen

    def _stopped_devices(self) -> list[Line]:
        detail = "the query had ended"
        return [UnansweredLine(device.id, device.name, "stopped", detail) for device in self._left.values()]

    def _progress(self) -> ProgressLine:
        return ProgressLine(
            devices=len(self.devices),
            asked=self._asked,
            answered=self._answered,
            failed=self._failed,
            waiting=len(self.devices) - self._answered - self._failed,
            rows=self._rows,
        )

    def _end(self, lasted_s: float) -> EndLine:
        failed = len(self.devices) - self._answered
        return EndLine(
            devices=len(self.devices),
            asked=self._asked,
            answered=self._answered,
            failed=failed,
            waiting=0,
            rows=self._rows,
            complete=not failed,
            seconds=round(lasted_s, 3),
            stopped=self._stopped,
        )
