"""Runs the sessions of many routers on one event loop: one timer heap, and a task only for what is under way."""

import asyncio
import heapq
import time
from dataclasses import replace
from typing import Final

from tikfleet.virtual.light.conversation import Ending, Heard, Pause
from tikfleet.virtual.light.exchange import Exchange, ExchangeFailed, Wire
from tikfleet.virtual.light.faults import Faults
from tikfleet.virtual.light.router import Router
from tikfleet.virtual.light.tally import Tally

_TICK_S: Final = 0.01
_BOOT_TIME_S: Final = 45.0
_UP_S: Final = 20.0  # how long a router has been up when its agent first reports
_GRACE_S: Final = 3.0
_JOB_MARK: Final = "/result"


class Driver:
    """Sends on schedule whether or not others are answered; each router has at most one session under way."""

    def __init__(self, exchange: Exchange, routers: list[Router], tally: Tally, faults: Faults, key: str) -> None:
        self._exchange = exchange
        self._routers = routers
        self._tally = tally
        self._faults = faults
        self._keys = key.split(",")
        self._heap: list[tuple[float, int]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._wires: dict[int, Wire] = {}
        self._powered_off: set[int] = set()
        self._away: set[int] = set()
        self._failure: BaseException | None = None

    def plan(self, index: int, due: float) -> None:
        """Let a router report at this moment of the event loop's clock."""
        heapq.heappush(self._heap, (due, index))

    async def run(self, stop: asyncio.Event, most_at_once: int, interval_s: float | None) -> None:
        """Until `stop`. `interval_s` overrides what the server says. Sessions under way get a moment to end."""
        loop = asyncio.get_running_loop()
        while not stop.is_set() and self._failure is None:
            now = loop.time()
            while self._heap and self._heap[0][0] <= now and len(self._tasks) < most_at_once:
                due, index = heapq.heappop(self._heap)
                task = loop.create_task(self._live(index, due, interval_s))
                self._tasks.add(task)
                task.add_done_callback(self._ended)
            await asyncio.sleep(_TICK_S)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for wire in self._wires.values():
            wire.close()
        if self._failure is not None:
            raise self._failure

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # A fault of the model must not quietly thin the fleet out.
            self._failure = task.exception()

    async def _live(self, index: int, due: float, interval_s: float | None) -> None:
        loop = asyncio.get_running_loop()
        router, tally = self._routers[index], self._tally
        began = loop.time()
        if index in self._powered_off:
            self._powered_off.discard(index)
            router.reboot(time.time() - _UP_S)
        self._away.discard(index)
        ending = await self._session(index, router)
        ended = loop.time()
        if ending.kind in {"ok", "pending"} and not router.machine.blueprint.slow:
            tally.took(ended - began)
        self._record(router, ending)
        if router.removed:
            return
        next_s = interval_s if interval_s and ending.kind in {"ok", "pending", "enrolled"} else ending.next_s
        if ending.kind == "enrolled":
            # The first reports of a fleet that enrolled in a row are spread over the interval.
            next_s *= router.machine.dice.between(0.02, 1.0)
        next_due = max(due, began - 1.0) + next_s
        if next_due < ended:
            tally.add("late")
        self.plan(index, max(next_due, ended) + self._absence_s(index, router, next_s))
        tally.counts["away"] = len(self._away)

    def _absence_s(self, index: int, router: Router, next_s: float) -> float:
        """A reboot that was ordered, a power cut, or a link that is down for a while."""
        if router.restarts_in_s >= 0:
            self._powered_off.add(index)
            return router.restarts_in_s + _BOOT_TIME_S
        away_s = self._faults.absence_s(router.machine.dice, next_s)
        if away_s:
            self._away.add(index)
            if router.machine.dice.chance(0.5):
                self._powered_off.add(index)
        return away_s

    async def _session(self, index: int, router: Router) -> Ending:
        """One run of the agent: its calls made in order. A call that fails is heard as silence."""
        # With several keys, the routers of one site share one.
        key = self._keys[router.machine.blueprint.site.number % len(self._keys)]
        session = router.session(time.time(), key)
        slow = router.machine.blueprint.slow
        agent = router.machine.blueprint.release.version
        hung_up = False
        try:
            call = next(session)
            while True:
                if isinstance(call, Pause):
                    await asyncio.sleep(call.seconds)
                    heard = Heard(time.time())
                else:
                    try:
                        kept = self._wires.pop(index, None)
                        answer, wire = await self._exchange.ask(call, agent, kept, slow=slow, index=index)
                    except ExchangeFailed as failure:
                        hung_up = call.hang_up
                        if not hung_up:
                            self._tally.note = str(failure)
                        heard = Heard(time.time())
                    else:
                        if wire is not None:
                            self._wires[index] = wire
                        heard = Heard(time.time(), answer.status, answer.body)
                    self._tally.counts["jobs"] += call.path.endswith(_JOB_MARK) and heard.status != 0
                call = session.send(heard)
        except StopIteration as end:
            ending: Ending = end.value
            return replace(ending, kind="lost") if hung_up and ending.kind == "unanswered" else ending

    def _record(self, router: Router, ending: Ending) -> None:
        tally = self._tally
        if ending.kind == "enrolled":
            tally.add("enrolled")
            return
        tally.add("sent")
        kind = {"unanswered": "errors"}.get(ending.kind, ending.kind)
        if kind == "removed":
            tally.add("enrolled", -1)
        tally.add(kind)
        if ending.note and kind == "refused":
            tally.note = ending.note
