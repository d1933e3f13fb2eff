"""The write-ahead log that a process left behind, made as good on the disk as it looks."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_BLOCK: Final = 1 << 20


def write_again(database: Path) -> None:
    """Write the log beside a database over itself and sync it. Nobody may have the database open. Raises OSError.

    Where a sync failed, the kernel keeps what it could not write readable and counts it as clean: the process that
    comes after finds the log whole, builds on it, and its own syncs succeed, but on the disk there is a hole, and a
    power cut takes everything behind it. Bytes that are written again are synced again.
    """
    with suppress(FileNotFoundError), database.with_name(database.name + "-wal").open("r+b", buffering=0) as log:
        at = 0
        while block := log.read(_BLOCK):
            os.pwrite(log.fileno(), block, at)
            at += len(block)
        os.fsync(log.fileno())
