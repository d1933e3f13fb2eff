"""From a durable buffer to the warehouse, each stretch once: what lines and flows share."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import structlog

from tikfleet.domains.inventory.public import DeviceStates, StateBatch
from tikfleet.kernel.errors import Unavailable
from tikfleet.ports.inbox import Inbox, InboxBatch
from tikfleet.ports.warehouse import Batch, Row, Warehouse

_RETRY_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
_log = structlog.get_logger("tikfleet.drain")


class Translate(Protocol):
    """Makes rows of a stretch. The same stretch gives the same rows, or is known by its id to be stored already."""

    async def rows(self, batch: InboxBatch) -> Mapping[str, Sequence[Row]]:
        """Rows by table. What can't be read is counted, and never raised."""
        ...


class Drain:
    """The only reader of a buffer. `run` until cancelled; `step` does one stretch, under the lock `turn`.

    A stretch's bounds are noted before it is worked on, so that a crash repeats exactly the same one, and the
    warehouse knows it by its id.
    """

    def __init__(
        self, name: str, inbox: Inbox, warehouse: Warehouse, states: DeviceStates, translate: Translate, stretch: int
    ) -> None:
        """`name` is that of the consumer, in ids and in the database; `stretch` is about how many envelopes."""
        self._name = name
        self._inbox = inbox
        self._warehouse = warehouse
        self._states = states
        self._translate = translate
        self._stretch = stretch
        self._position: int | None = None
        self.turn = asyncio.Lock()

    async def run(self, pause_s: float = 1.0) -> None:
        """Work for ever, waiting `pause_s` after each stretch that left little: few large ones cost less."""
        failures = 0
        while True:
            try:
                async with self.turn:
                    progressed = await self.step()
                failures = 0
                if not progressed:
                    await self._inbox.wait(1.0)
                elif self._inbox.depth() < self._stretch:
                    await asyncio.sleep(pause_s)
            except Unavailable as error:
                _log.warning("a consumer waits", consumer=self._name, code=error.code, detail=error.detail)
                failures = await self._again(failures)
            except Exception:
                # Never the end of the only reader: what waits stays stored, and the log says why each time.
                _log.exception("a consumer failed", consumer=self._name)
                failures = await self._again(failures)

    async def step(self) -> bool:
        """Process one stretch; False when nothing waited."""
        if self._position is None:
            progress = await self._states.progress(self._name)
            if progress.pending_last > progress.position:
                await self._process(await self._inbox.read_range(progress.pending_first, progress.pending_last))
            self._position = max(progress.position, progress.pending_last)
        batch = await self._inbox.read(self._position, self._stretch)
        if batch is None:
            return False
        await self._states.begin(self._name, batch.first, batch.last)
        await self._process(batch)
        return True

    async def _process(self, batch: InboxBatch | None) -> None:
        if batch is None:
            return
        rows = {table: rows for table, rows in (await self._translate.rows(batch)).items() if rows}
        if rows:
            await self._warehouse.append(Batch(f"{self._name}/{batch.first}-{batch.last}", rows))
        await self._states.apply(StateBatch(self._name, batch.last))
        self._position = batch.last
        await self._inbox.forget(batch.last)

    async def _again(self, failures: int) -> int:
        self._position = None
        await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
        return failures + 1
