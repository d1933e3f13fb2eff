"""The warehouse that another process of this machine holds, asked over its socket."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.adapters.worker.wire import (
    ANSWERS,
    Figures,
    Request,
    Select,
    Storage,
    Told,
    read_frame,
    write_frame,
)
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Answer, Batch, FactQuery, FactTable, TableSize, WarehouseUnavailable

_AT_ONCE: Final = 8
_PATIENCE_S: Final = 60.0
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class WorkerWarehouse:
    """Up to eight questions at once. Connects when asked, so that the worker may come later or come again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._idle: list[Wire] = []

    async def prepare(self, tables: Sequence[FactTable]) -> None:
        """Nothing: the worker has."""

    async def append(self, batch: Batch) -> None:
        """Raises WarehouseUnavailable: only the worker appends."""
        raise WarehouseUnavailable("only the worker stores telemetry")

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        answer = (await self._ask(Select(scope, query))).answer
        if answer is None:
            raise WarehouseUnavailable("the worker gave no answer")
        return answer

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None:
        """Raises WarehouseUnavailable: only the worker removes."""
        raise WarehouseUnavailable("only the worker removes telemetry")

    async def storage(self) -> Sequence[TableSize]:
        return (await self._ask(Storage())).sizes or []

    async def figures(self) -> Mapping[str, float]:
        """What the worker counts of itself. Raises WarehouseUnavailable."""
        return (await self._ask(Figures())).figures or {}

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def _ask(self, request: Request) -> Told:
        async with self._turns:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    told = await self._conversation(request)
            except (OSError, EOFError, TimeoutError, ValueError, msgspec.DecodeError) as cause:
                raise WarehouseUnavailable("the worker does not answer", retry_after_s=5) from cause
        if told.failed is not None:
            raise told.failed.error()
        return told

    async def _conversation(self, request: Request) -> Told:
        # A kept connection may be one to a worker that has ended since; questions change nothing, so ask again.
        while self._idle:
            wire = self._idle.pop()
            try:
                return await self._asked(wire, request)
            except (OSError, EOFError):
                continue
        return await self._asked(await asyncio.open_unix_connection(self._path), request)

    async def _asked(self, wire: Wire, request: Request) -> Told:
        reader, writer = wire
        try:
            await write_frame(writer, request)
            told = ANSWERS.decode(await read_frame(reader))
        except BaseException:
            # Also when the one who asked went away: the answer that is still to come belongs to nobody.
            writer.close()
            raise
        self._idle.append(wire)
        return told
