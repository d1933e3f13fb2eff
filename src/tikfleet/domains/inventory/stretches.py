"""Reading an inbox stretch by stretch, each once: the machinery that every consumer shares.

The bounds of a stretch are noted first, so a crash repeats exactly the same stretch; the warehouse knows a repeated
batch by its id, and the database by the position that goes with what it is told.
"""

import asyncio
from abc import ABC, abstractmethod
from typing import Final

import msgspec
import structlog

from tikfleet.domains.inventory.states import DeviceStates
from tikfleet.kernel.errors import Unavailable
from tikfleet.ports.inbox import Inbox, InboxBatch
from tikfleet.ports.tracing import Tracer

_PAUSE_S: Final = 1.0
# Each try works a whole stretch out again, some two seconds of processor time that routers need too.
_RETRY_S: Final = (2.0, 4.0, 8.0, 15.0)
_log = structlog.get_logger("tikfleet.stretches")


class Taking(msgspec.Struct, frozen=True):
    """Under which name progress is noted, how many envelopes are taken at most, and how few are worth a pause."""

    name: str
    most: int
    few: int


class StretchConsumer(ABC):
    """The only reader of an inbox. `run` until cancelled; `step` does one stretch, under the lock `turn`.

    While somebody else holds `turn`, the database, history and inbox agree, and stay so.
    """

    def __init__(self, inbox: Inbox, states: DeviceStates, taking: Taking) -> None:
        self._inbox = inbox
        self._states = states
        self._taking = taking
        self._position: int | None = None
        self.turn = asyncio.Lock()
        self._tracer: Tracer | None = None

    @abstractmethod
    async def process(self, batch: InboxBatch) -> None:
        """Take a stretch in, once: rows, then `DeviceStates.apply` with its last position. May be asked to again."""

    @abstractmethod
    def caught_up(self) -> None:
        """Nothing waits."""

    async def run(self, tracer: Tracer | None = None) -> None:
        """Process for ever. What is away stops the consumer, not the senders: it tries again."""
        self._tracer = tracer
        failures = 0
        while True:
            try:
                async with self.turn:
                    progressed = await self.step()
                failures = 0
                if not progressed:
                    await self._inbox.wait(1.0)
                elif self._inbox.depth() < self._taking.few:
                    # Let some more arrive: a stretch costs about the same for one report as for a hundred.
                    await asyncio.sleep(_PAUSE_S)
            except Unavailable as error:
                _log.warning("a consumer waits", name=self._taking.name, code=error.code, detail=error.detail)
                failures = await self._pause(failures)
            except Exception:
                # Never the end of the only reader: what waits stays stored, and the log says why each time.
                _log.exception("a consumer failed", name=self._taking.name)
                failures = await self._pause(failures)

    async def step(self) -> bool:
        """Process one stretch; False when nothing waited."""
        name = self._taking.name
        if self._position is None:
            progress = await self._states.progress(name)
            self._position = progress.position
            if progress.pending_last > progress.position:
                await self._take(await self._inbox.read_range(progress.pending_first, progress.pending_last))
        batch = await self._inbox.read(self._position, self._taking.most)
        if batch is None:
            self.caught_up()
            return False
        await self._states.begin(name, batch.first, batch.last)
        if self._tracer is None:
            await self._take(batch)
        else:
            with self._tracer.span(f"{name}.stretch") as span:
                span.set("reports", len(batch.envelopes))
                await self._take(batch)
        return True

    async def _take(self, batch: InboxBatch | None) -> None:
        if batch is None:
            return
        await self.process(batch)
        self._position = batch.last
        await self._inbox.forget(batch.last)

    async def _pause(self, failures: int) -> int:
        """Wait before the next try, longer with each; gives how many have failed."""
        self._position = None
        await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
        return failures + 1
