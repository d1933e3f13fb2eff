"""A program: the platform with something around it out of order, as the file named by `PROOF_ORDERS` says meanwhile.

Usage: handicapped.py serve … . The file holds one word: `away` (the telemetry store does not answer), `write` (writing
to a disk fails), `sync` (syncing fails), `full` (no space), `careless` (log lines are lost unsaid), `slow` (each look
into the database takes half a second); anything else, or no file: all is well. `PROOF_WITHOUT` takes a promise away for
good: `places` (routers beyond capacity are told a fixed time instead of a place of their own), `durable` (answers come
before the commit), `thrift` (each report leaves memory and a descriptor behind), `memory` (what waits in the inbox is
forgotten at the start).
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parent))

from file_layer import FULL, IO_SYNC, IO_WRITE, OK, Listener, file_layer

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.sqlite.database import SqliteDatabase, SqliteTransaction
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.app import clouds, command
from tikfleet.domains.checkin.admission import Admission
from tikfleet.domains.logs.intake import LogIntake
from tikfleet.ports.inbox import Envelope
from tikfleet.ports.warehouse import Batch, WarehouseUnavailable

ORDERS = Path(os.environ.pop("PROOF_ORDERS", "/nonexistent"))
FIXED_WAIT_S = 30
SLOW_S = 0.55


def ordered() -> str:
    try:
        return ORDERS.read_text().strip()
    except FileNotFoundError:
        return ""


class Disk(Listener):
    def wrote(self, path: Path, offset: int, data: bytes) -> int:
        return {"write": IO_WRITE, "full": FULL}.get(ordered(), OK)

    def syncing(self, path: Path) -> int:
        return IO_SYNC if ordered() == "sync" else OK


class EagerInbox(SqliteInbox):
    """Acknowledges first and writes afterwards."""

    async def append(self, envelope: Envelope) -> None:
        waiting = self._loop.create_task(super().append(envelope))
        waiting.add_done_callback(lambda task: task.exception())


class WastefulInbox(SqliteInbox):
    """Forgets to let go: memory and a descriptor for each report."""

    _kept: ClassVar[list[Any]] = []

    async def append(self, envelope: Envelope) -> None:
        self._kept.append((os.urandom(1 << 18), os.dup(0)))
        await super().append(envelope)


def take_away(promise: str) -> None:
    if promise == "places":
        book: Any = lambda self, session, now_s: FIXED_WAIT_S  # noqa: E731
        Admission._book = book
    elif promise == "durable":
        clouds.SqliteInbox = EagerInbox  # type: ignore[misc]
    elif promise == "thrift":
        clouds.SqliteInbox = WastefulInbox  # type: ignore[misc]
    elif promise == "memory":
        for file in Path(sys.argv[sys.argv.index("--data") + 1]).glob("inbox.sqlite*"):
            file.unlink()


def main() -> None:
    append = ChdbWarehouse.append

    async def maybe(self: ChdbWarehouse, batch: Batch) -> None:
        if ordered() == "away":
            raise WarehouseUnavailable("the telemetry store is away, for a proof", retry_after_s=1)
        await append(self, batch)

    ChdbWarehouse.append = maybe  # type: ignore[method-assign]
    flush = LogIntake.flush

    async def careless(self: LogIntake) -> None:
        if self._pending and ordered() == "careless":
            next(iter(self._pending.values())).pop()
            self._pending = {arrival: lines for arrival, lines in self._pending.items() if lines}
        await flush(self)

    LogIntake.flush = careless  # type: ignore[method-assign]
    read = SqliteDatabase.read

    @asynccontextmanager
    async def slow(self: SqliteDatabase) -> AsyncIterator[SqliteTransaction]:
        if ordered() == "slow":
            await asyncio.sleep(SLOW_S)
        async with read(self) as transaction:
            yield transaction

    SqliteDatabase.read = slow  # type: ignore[method-assign]
    take_away(os.environ.pop("PROOF_WITHOUT", ""))
    layer = file_layer()
    layer.listener = Disk()
    layer.install()
    command.main()


if __name__ == "__main__":
    main()
