"""How much one script may take, so that no script takes the router down with it.

RouterOS itself has no such limits but its memory and patience; the words are this virtual router's own.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from greenlet import getcurrent

from tikfleet.virtual.scripting.errors import Halted
from tikfleet.virtual.waiting import wait

_CHECKED_EVERY: Final = 2_048
# The event loop serves everybody else while a script computes.
_YIELD_EVERY_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Limits:
    """Steps are evaluated nodes of the tree; `busy_s` is time of the processor, waiting excluded."""

    steps: int = 20_000_000
    busy_s: float = 120.0
    output_bytes: int = 4 << 20


class Meter:
    """Counts what a script takes, and lets others run in between."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = 0
        self.due = _CHECKED_EVERY
        self._busy_s = 0.0
        self._stopped = False
        self._resumed_s = time.perf_counter()

    def check(self) -> None:
        """Called every few thousand steps. Raises `Halted` over a limit."""
        self.due = self.steps + _CHECKED_EVERY
        if self._stopped:
            raise Halted("interrupted")
        if self.steps > self.limits.steps:
            raise Halted(f"the script took more than {self.limits.steps} steps")
        stretch_s = time.perf_counter() - self._resumed_s
        if self._busy_s + stretch_s > self.limits.busy_s:
            raise Halted(f"the script ran for more than {self.limits.busy_s:g} s")
        if stretch_s > _YIELD_EVERY_S:
            self.paused()
            _let_others_run()
            self.resumed()

    def stop(self) -> None:
        """Let the script end at its next step."""
        self._stopped = True
        self.due = 0

    def paused(self) -> None:
        """The script waits from now on: that time does not count."""
        self._busy_s += time.perf_counter() - self._resumed_s

    def resumed(self) -> None:
        self._resumed_s = time.perf_counter()


def _let_others_run() -> None:
    if getcurrent().parent is not None:
        wait(asyncio.sleep(0))


class Output:
    """What a script printed, as latin-1 text.

    When it gets too much the script is halted, or, where the output is to be `cut`, the rest is dropped.
    """

    def __init__(self, limit_bytes: int, *, cut: bool = False) -> None:
        self._limit_bytes = limit_bytes
        self._cut = cut
        self._pieces: list[str] = []
        self.size_bytes = 0

    def line(self, text: str) -> None:
        self.write(text + "\n")

    def write(self, text: str) -> None:
        self.size_bytes += len(text)
        over_bytes = self.size_bytes - self._limit_bytes
        if over_bytes > 0 and self._cut:
            text = text[: max(0, len(text) - over_bytes)]
        elif over_bytes > 0:
            raise Halted(f"the script printed more than {self._limit_bytes} bytes")
        self._pieces.append(text)

    def taken(self) -> str:
        """Everything so far, once."""
        found = "".join(self._pieces)
        self._pieces.clear()
        self.size_bytes = 0
        return found
