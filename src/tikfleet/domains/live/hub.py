"""Live mode: requests of routers that are held open, and the questions that go out with their answers.

All of it is in memory, since none of it outlives a connection: a question whose router falls silent is repeated or
given up, and what must not be lost is a job.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from tikfleet.kernel.errors import TooManyRequests, Unavailable
from tikfleet.kernel.ids import DeviceId, new_id

# Live mode lasts this long after the last time that somebody wanted something of the router.
PATIENCE_S: Final = 300.0
# The same where each connection costs more: over LTE, and where little memory is free.
SPARING_S: Final = 60.0
SMALL_FREE_BYTES: Final = 16 << 20
# A router between two held requests runs what it was asked, or reports.
_BETWEEN_S: Final = 15.0
_HAND_OUTS: Final = 2
# Others are told again when it is wanted for so much longer than they know.
_TOLD_AGAIN_AFTER_S: Final = 10.0
_MOST_WAITING: Final = 50
_LONGEST_HOLD_S: Final = 25.0


class DeviceSilent(Unavailable):
    """The router was not in live mode in time, or did not answer what it was asked."""

    code = "device.silent"
    title = "The router did not answer in time"
    remedy = "Ask again; a router comes into live mode with its next check-in."


class DeviceCrowded(TooManyRequests):
    """More questions wait for one router than it can answer soon."""

    code = "device.crowded"
    title = "Too many questions wait for this router"
    remedy = "Ask one after the other."


class Tell(Protocol):
    """What one process tells the others of live mode. Losing it costs a check-in, no more."""

    def wanted(self, device_id: DeviceId, for_s: float) -> None:
        """Live mode is wanted for so long."""

    def sparing(self, device_id: DeviceId, *, sparing: bool) -> None:
        """Whether the device, which is wanted live, is one to be spared."""


class Said(msgspec.Struct, frozen=True):
    """What a router answered: `result`, or an `error` in RouterOS's words."""

    result: str = ""
    error: str = ""


class Work(msgspec.Struct, frozen=True):
    """The answer to a held request: a question (`id`, `script`), or that the router is to report (`report`)."""

    id: str = ""
    script: str = ""
    report: bool = False


NOTHING: Final = Work()
REPORT: Final = Work(report=True)


class _Question:
    __slots__ = ("answer", "hand_outs", "work")

    def __init__(self, script: str, answer: "asyncio.Future[Said]") -> None:
        self.work = Work(new_id("ask"), script)
        self.answer = answer
        self.hand_outs = 0


class _Line:
    """What there is of one device: the request that is held, the question that is out, and those that wait."""

    __slots__ = (
        "comers",
        "held",
        "out",
        "promised_until_s",
        "seen_s",
        "sparing",
        "told_until_s",
        "waiting",
        "wanted_until_s",
    )

    def __init__(self) -> None:
        self.held: asyncio.Future[Work] | None = None
        self.out: _Question | None = None
        self.waiting: deque[_Question] = deque()
        self.comers: list[asyncio.Future[None]] = []
        self.wanted_until_s = 0.0
        # As long as somebody waits for it by a time of their own: being spared shortens nothing of that.
        self.promised_until_s = 0.0
        self.told_until_s = 0.0
        self.seen_s = 0.0
        self.sparing = False


class LiveHub:
    """One for a process; requests are held in the one that serves the API. `held` says how many there are."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic, tell: Tell | None = None) -> None:
        """`tell` is for the other processes: some are asked for live mode, others answer check-ins."""
        self._now_s = now_s
        self._tell = tell
        self._lines: dict[DeviceId, _Line] = {}
        self._ended = False
        self.held = 0
        self.asked = 0

    def end(self) -> None:
        """Let every request go, and hold none from now on: the process is about to stop."""
        self._ended = True
        for line in self._lines.values():
            if line.held is not None:
                _let_go(line.held)

    # People's side.

    def want(self, device_id: DeviceId, for_s: float = 0.0) -> float:
        """Somebody looks at the device: it is to be in live mode for a while. Gives the seconds; never shortens."""
        line = self._line(device_id)
        lasting_s = for_s or (SPARING_S if line.sparing else PATIENCE_S)
        now_s = self._now_s()
        line.wanted_until_s = max(line.wanted_until_s, now_s + lasting_s)
        if for_s:
            line.promised_until_s = max(line.promised_until_s, now_s + for_s)
        if self._tell and line.wanted_until_s - line.told_until_s > _TOLD_AGAIN_AFTER_S:
            line.told_until_s = line.wanted_until_s
            self._tell.wanted(device_id, line.wanted_until_s - now_s)
        return line.wanted_until_s - now_s

    def wanted_elsewhere(self, device_id: DeviceId, for_s: float) -> None:
        """Another process wants the device in live mode for so long: the answer to its next check-in says so."""
        line = self._line(device_id)
        line.wanted_until_s = max(line.wanted_until_s, self._now_s() + for_s)

    def sparing_elsewhere(self, device_id: DeviceId, *, sparing: bool) -> None:
        """Another process heard from the device, which is wanted live, whether it is to be spared."""
        line = self._line(device_id)
        line.sparing = sparing
        self._spare(line)

    def wanted_s(self, device_id: DeviceId) -> int:
        """The seconds for which live mode is wanted still; 0 when it is not."""
        line = self._lines.get(device_id)
        return 0 if line is None else max(0, round(line.wanted_until_s - self._now_s()))

    def is_live(self, device_id: DeviceId) -> bool:
        """Whether a request of the device is held, or was until a moment ago."""
        line = self._lines.get(device_id)
        return line is not None and (line.held is not None or self._now_s() - line.seen_s < _BETWEEN_S)

    async def held_within(self, device_id: DeviceId, patience_s: float) -> bool:
        """Wait until a request of the device is held, and want live mode for as long. Gives whether one came."""
        self.want(device_id, patience_s)
        line = self._line(device_id)
        if line.held is not None and not line.held.done():
            return True
        coming: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.comers.append(coming)
        try:
            async with asyncio.timeout(patience_s):
                await coming
        except TimeoutError:
            return False
        finally:
            if coming in line.comers:
                line.comers.remove(coming)
        return True

    async def ask(self, device_id: DeviceId, script: str, patience_s: float) -> Said:
        """Run a script that only reads, and give what it returned. It may run twice.

        Raises DeviceSilent after `patience_s` and DeviceCrowded.
        """
        self.want(device_id)
        line = self._line(device_id)
        if len(line.waiting) >= _MOST_WAITING:
            raise DeviceCrowded(f"{_MOST_WAITING} questions wait for this router", retry_after_s=2)
        question = _Question(script, asyncio.get_running_loop().create_future())
        line.waiting.append(question)
        self.asked += 1
        self._hand_out(line)
        try:
            async with asyncio.timeout(patience_s):
                return await question.answer
        except TimeoutError as cause:
            raise DeviceSilent(f"the router did not answer within {patience_s:g} s", retry_after_s=5) from cause
        finally:
            if question in line.waiting:
                line.waiting.remove(question)

    def wake(self, device_id: DeviceId) -> None:
        """The device has a job: it is to report at once, if it is in live mode."""
        line = self._lines.get(device_id)
        if line is not None and line.held is not None and not line.held.done():
            line.held.set_result(REPORT)

    # The devices' side.

    def note(self, device_id: DeviceId, *, sparing: bool) -> int:
        """A check-in: whether the device is to be spared. Gives the seconds for which live mode is wanted."""
        line = self._lines.get(device_id)
        if line is None:
            if sparing:
                self._line(device_id).sparing = True
            return 0
        if self._tell and (sparing or line.sparing) and self.wanted_s(device_id):
            self._tell.sparing(device_id, sparing=sparing)
        line.sparing = sparing
        self._spare(line)
        if not (line.held or line.waiting or line.comers or sparing) and line.wanted_until_s <= self._now_s():
            del self._lines[device_id]
            return 0
        return self.wanted_s(device_id)

    def answered(self, device_id: DeviceId, question_id: str, said: Said) -> None:
        """What the device says to a question. A second answer, or one to a question long given up, changes nothing."""
        line = self._lines.get(device_id)
        if line is None or line.out is None or line.out.work.id != question_id:
            return
        question, line.out = line.out, None
        if not question.answer.done():
            question.answer.set_result(said)

    async def hold(self, device_id: DeviceId, for_s: float) -> Work:
        """What the device is to do, as soon as there is something; NOTHING when there was not for `for_s`.

        The question that was out comes first: a device that asks again without an answer has not had it.
        """
        if self._ended:
            return NOTHING
        line = self._line(device_id)
        if line.held is not None and not line.held.done():
            line.held.set_result(NOTHING)
        if line.out is not None:
            again, line.out = line.out, None
            if again.hand_outs < _HAND_OUTS and not again.answer.done():
                line.waiting.appendleft(again)
        held: asyncio.Future[Work] = asyncio.get_running_loop().create_future()
        line.held = held
        self.held += 1
        for coming in line.comers:
            if not coming.done():
                coming.set_result(None)
        line.comers.clear()
        timer = held.get_loop().call_later(min(for_s, _LONGEST_HOLD_S), _let_go, held)
        self._hand_out(line)
        try:
            return await held
        finally:
            timer.cancel()
            self.held -= 1
            line.seen_s = self._now_s()
            if line.held is held:
                line.held = None

    def _spare(self, line: _Line) -> None:
        """A device that turns out to be one to be spared is wanted for no longer than such a one."""
        if line.sparing:
            most_s = max(line.promised_until_s, self._now_s() + SPARING_S)
            line.wanted_until_s = min(line.wanted_until_s, most_s)

    def _hand_out(self, line: _Line) -> None:
        if line.held is None or line.held.done() or line.out is not None:
            return
        while line.waiting:
            question = line.waiting.popleft()
            if not question.answer.done():
                question.hand_outs += 1
                line.out = question
                line.held.set_result(question.work)
                return

    def _line(self, device_id: DeviceId) -> _Line:
        line = self._lines.get(device_id)
        if line is None:
            line = self._lines[device_id] = _Line()
        return line


def _let_go(held: "asyncio.Future[Work]") -> None:
    if not held.done():
        held.set_result(NOTHING)
