"""One process may hold a warehouse directory: a lock that the kernel lets go when its holder dies."""

import fcntl
import os
from pathlib import Path
from typing import Final

from tikfleet.ports.warehouse import WarehouseUnavailable

_NAME: Final = "tikfleet.lock"


class DirectoryLock:
    """Holds a directory from construction until `release`."""

    def __init__(self, directory: Path) -> None:
        """Raises `WarehouseUnavailable`, naming the path and the process that holds it."""
        directory.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(directory / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as cause:
            holder = os.pread(self._descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._descriptor)
            raise WarehouseUnavailable(
                f"the telemetry store {directory} is held by process {holder}",
                remedy=f"Stop process {holder}, or give this one another data directory.",
            ) from cause
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the directory go. Once."""
        os.close(self._descriptor)
