"""The running platform's side of a backup: a socket in the data directory that only the platform's user can open.

One line of JSON each way: `hold` stops the consumers between two stretches and freezes history, `release` lets them go
on; what was frozen goes when the connection ends. Reports are taken all the while: they wait in the inbox.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec
import structlog

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.app.backups.remembered import CONTROL
from tikfleet.app.backups.stillness import DOOR, ELSEWHERE, HOLD_S, NAME, freeze, reachable
from tikfleet.kernel.errors import TikfleetError

_log = structlog.get_logger("tikfleet.backup")


class Pausing(Protocol):
    """A consumer: `turn` is held during each stretch."""

    turn: asyncio.Lock


class Door:
    """Serves one backup at a time."""

    def __init__(self, consumers: Sequence[Pausing], warehouse: ChdbWarehouse) -> None:
        self._consumers = consumers
        self._warehouse = warehouse
        self._taken = asyncio.Lock()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        try:
            if self._taken.locked():
                await _answer(writer, ok=False, detail="another backup of this platform is being made")
                return
            async with self._taken:
                try:
                    await self._converse(reader, writer)
                finally:
                    await self._warehouse.thaw(NAME)
        except (TikfleetError, TimeoutError) as error:
            detail = error.detail if isinstance(error, TikfleetError) else "it took too long to keep the platform still"
            await _answer(writer, ok=False, detail=detail)
        except (OSError, ValueError):
            _log.warning("a backup ended early")
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await _word(reader) != "hold":
            return
        async with AsyncExitStack() as stack:
            # Not `wait_for`, which before Python 3.12 may lose the lock that it was just given.
            async with asyncio.timeout(HOLD_S):
                for consumer in self._consumers:
                    await consumer.turn.acquire()
                    stack.callback(consumer.turn.release)
            frozen = await freeze(self._warehouse)
            _log.info("a backup begins")
            await _answer(writer, ok=True, frozen=msgspec.to_builtins(frozen))
            # Whoever asked may have stopped for ever: the consumer goes on, and that backup is not valid.
            async with asyncio.timeout(HOLD_S):
                word = await _word(reader)
        if word == "release":
            await _answer(writer, ok=True)
            await reader.read()
            _log.info("a backup ends")


@asynccontextmanager
async def closed_door(data: Path, reason: str) -> AsyncIterator[None]:
    """Note in the data directory why what it holds is not the whole platform: a copy of it would be no backup."""
    (_control(data) / ELSEWHERE).write_text(reason)
    yield


@asynccontextmanager
async def open_door(data: Path, door: Door) -> AsyncIterator[None]:
    """Listen in the data directory until the block ends."""
    control = _control(data)
    (control / ELSEWHERE).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        with reachable(control) as directory:
            listener.bind(f"{directory}/{DOOR}")
        (control / DOOR).chmod(0o600)
        server = await asyncio.start_unix_server(door.serve, sock=listener)
    except OSError as cause:
        # Everything else works without it; a backup then needs the platform stopped.
        listener.close()
        _log.warning("backups of the running platform are not possible", reason=str(cause))
        yield
        return
    try:
        yield
    finally:
        server.close()
        (control / DOOR).unlink(missing_ok=True)


def _control(data: Path) -> Path:
    control = data / CONTROL
    control.mkdir(exist_ok=True, mode=0o700)
    control.chmod(0o700)
    (control / DOOR).unlink(missing_ok=True)
    return control


async def _word(reader: asyncio.StreamReader) -> str:
    line = await reader.readline()
    return str(json.loads(line).get("do", "")) if line else ""


async def _answer(writer: asyncio.StreamWriter, **answer: Any) -> None:
    writer.write(json.dumps(answer).encode() + b"\n")
    await writer.drain()
