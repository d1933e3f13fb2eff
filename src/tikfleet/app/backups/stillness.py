"""A platform that keeps still while a backup begins: one that runs is asked, one that does not is opened here."""

import asyncio
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.app.backups.errors import BackupUnsupported, PlatformSilent
from tikfleet.app.backups.remembered import CONTROL
from tikfleet.ports.warehouse import WarehouseUnavailable

DOOR: Final = "backup.sock"
# Says why this directory alone is not the platform, where it is not.
ELSEWHERE: Final = "elsewhere.txt"
NAME: Final = "backup"
HOLD_S: Final = 60.0
_PATIENCE_S: Final = HOLD_S + 15.0


class Frozen(msgspec.Struct, frozen=True):
    """History as it stood at one moment, as an engine's directory made of hard links.

    `rows` counts what the engine says it holds in each table that is not a rollup; `versions` are the schema's.
    """

    directory: str
    rows: dict[str, int]
    versions: dict[str, int]


class Stillness(Protocol):
    """Nothing is moved from the inbox to history until `release`; what is frozen stays until the block ends."""

    @property
    def frozen(self) -> Frozen: ...

    def release(self) -> None:
        """Raises PlatformSilent when the platform did not keep still up to here."""
        ...


class _Asked:
    """A running platform at the other end of a socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._lines = connection.makefile("rwb")
        self.frozen = msgspec.convert(self._ask("hold"), Frozen)

    def release(self) -> None:
        self._ask("release")

    def _ask(self, word: str) -> Any:
        try:
            self._lines.write(json.dumps({"do": word}).encode() + b"\n")
            self._lines.flush()
            answer = json.loads(self._lines.readline() or b"{}")
        except (OSError, ValueError) as cause:
            raise PlatformSilent("the running platform did not answer in time") from cause
        if not answer.get("ok"):
            raise PlatformSilent(str(answer.get("detail") or "the running platform ended meanwhile"))
        return answer.get("frozen")


class _Opened:
    """Nobody runs: the directory is held here, and nothing moves in it."""

    def __init__(self, frozen: Frozen) -> None:
        self.frozen = frozen

    def release(self) -> None:
        pass


@contextmanager
def still(data: Path) -> Iterator[Stillness]:
    """Keep the platform on a data directory still. Raises PlatformSilent or BackupUnsupported."""
    if (data / CONTROL / ELSEWHERE).exists():
        raise BackupUnsupported((data / CONTROL / ELSEWHERE).read_text())
    if not (data / "warehouse").is_dir():
        raise BackupUnsupported(
            f"there is no platform in {data}", remedy="Name its data directory: --data, or TIKFLEET_DATA."
        )
    connection = _knock(data)
    if connection is not None:
        with connection:
            yield _Asked(connection)
        return
    with asyncio.Runner() as runner:
        try:
            warehouse = runner.run(ChdbWarehouse.open(data / "warehouse"))
        except WarehouseUnavailable as cause:
            raise PlatformSilent(cause.detail) from cause
        try:
            yield _Opened(runner.run(freeze(warehouse)))
        finally:
            runner.run(warehouse.thaw(NAME))
            runner.run(warehouse.close())


async def freeze(warehouse: ChdbWarehouse) -> Frozen:
    """The present content of a warehouse."""
    directory, rows, versions = await warehouse.freeze(NAME)
    return Frozen(str(directory), dict(rows), dict(versions))


def _knock(data: Path) -> socket.socket | None:
    """A connection to the platform that runs on a directory; None when none runs."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_PATIENCE_S)
    with suppress(FileNotFoundError, ConnectionRefusedError), reachable(data / CONTROL) as directory:
        try:
            connection.connect(f"{directory}/{DOOR}")
        except PermissionError as cause:
            raise PlatformSilent(f"{data / CONTROL / DOOR} belongs to another user") from cause
        return connection
    connection.close()
    return None


@contextmanager
def reachable(directory: Path) -> Iterator[str]:
    """A name of a directory that is short enough for the address of a socket in it, where the system has one."""
    if not Path("/proc/self/fd").is_dir():
        yield str(directory)
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
