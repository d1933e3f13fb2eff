"""The write-ahead log that a process left behind, made as good on the disk as it looks."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_BLOCK: Final = 1 << 20


class OpenLog:
    """To be made before a database is opened, and closed after it: the first of its processes writes its log again.

    Where a sync failed, the kernel keeps what it could not write readable and counts it as clean: the process that
    comes after finds the log whole, builds on it, and its own syncs succeed, but on the disk there is a hole, and a
    power cut takes everything behind it. Bytes that are written again are synced again.
    """

    def __init__(self, database: Path) -> None:
        """Raises OSError."""
        self._file = database.with_name(database.name + ".open").open("ab")
        self._enter(database)

    def close(self) -> None:
        """Let others be the first again."""
        self._file.close()

    def _enter(self, database: Path) -> None:
        # Who has the database open holds this lock, shared; the kernel frees it when a process dies.
        with suppress(BlockingIOError):
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write_again(database.with_name(database.name + "-wal"))
        fcntl.flock(self._file, fcntl.LOCK_SH)


def _write_again(path: Path) -> None:
    with suppress(FileNotFoundError), path.open("r+b", buffering=0) as log:
        at = 0
        while block := log.read(_BLOCK):
            os.pwrite(log.fileno(), block, at)
            at += len(block)
        os.fsync(log.fileno())
