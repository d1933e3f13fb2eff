"""The worker's side: whoever may open the socket is told what the warehouse answers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import assert_never

import msgspec
import structlog

from tikfleet.adapters.worker.wire import (
    REQUESTS,
    Failed,
    Figures,
    Request,
    Select,
    Storage,
    Told,
    read_frame,
    write_frame,
)
from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.warehouse import Warehouse

_log = structlog.get_logger("tikfleet.worker")
FiguresOf = Callable[[], Mapping[str, float]]


@asynccontextmanager
async def answering(path: Path, warehouse: Warehouse, figures: FiguresOf) -> AsyncIterator[None]:
    """Listen on a socket that only this user can open, until the block ends. Raises OSError."""
    open_wires: set[asyncio.StreamWriter] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_wires.add(writer)
        try:
            await _converse(reader, writer, warehouse, figures)
        finally:
            open_wires.discard(writer)
            writer.close()

    # A socket's own file: nothing here waits for a disk.
    path.unlink(missing_ok=True)  # noqa: ASYNC240
    server = await asyncio.start_unix_server(converse, path)
    path.chmod(0o600)  # noqa: ASYNC240
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)  # noqa: ASYNC240
        for writer in list(open_wires):
            writer.close()


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, warehouse: Warehouse, figures: FiguresOf
) -> None:
    try:
        while True:
            request = REQUESTS.decode(await read_frame(reader))
            await write_frame(writer, await _answered(request, warehouse, figures))
    except (EOFError, OSError):
        pass
    except (ValueError, msgspec.DecodeError) as fault:
        _log.warning("a question to the worker could not be read", fault=str(fault))


async def _answered(request: Request, warehouse: Warehouse, figures: FiguresOf) -> Told:
    try:
        match request:
            case Select():
                return Told(answer=await warehouse.select(request.scope, request.query))
            case Storage():
                return Told(sizes=list(await warehouse.storage()))
            case Figures():
                return Told(figures=dict(figures()))
            case unknown:
                assert_never(unknown)
    except (TikfleetError, ValueError) as error:
        return Told(failed=Failed.of(error))
    except Exception:
        _log.exception("a question to the worker failed")
        return Told(failed=Failed("internal", "the question failed inside the worker"))
