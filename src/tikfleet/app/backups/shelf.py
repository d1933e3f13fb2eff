"""Where backups are kept. A place is a directory for now; the protocol is what an object store has to offer too."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from tikfleet.app.backups.copying import sync, sync_below
from tikfleet.app.backups.errors import BackupDamaged, BackupTargetUnusable, BackupUnsupported

_NAME: Final = re.compile(r"tikfleet-\d{8}T\d{6}Z")
_DRAFT: Final = ".draft-"
_LOCK: Final = ".tikfleet-backup.lock"


class Shelf(Protocol):
    """Complete backups by name, oldest first. A backup is there whole or not at all. Raises BackupTargetUnusable."""

    def free_bytes(self) -> int:
        """How much fits."""
        ...

    def names(self) -> list[str]: ...

    def draft(self, name: str) -> AbstractContextManager[Path]:
        """A local directory to fill. It becomes the backup when its block ends, or nothing when the block raises."""
        ...

    def remove(self, name: str) -> None: ...


class DirectoryShelf:
    """A shelf that is a directory, of which one program at a time adds to."""

    def __init__(self, directory: Path) -> None:
        """Makes the directory when it is not there."""
        self._directory = directory
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as cause:
            raise BackupTargetUnusable(f"{directory} cannot be made: {cause.strerror}") from cause

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._directory).free

    def names(self) -> list[str]:
        return sorted(path.name for path in self._directory.iterdir() if _NAME.fullmatch(path.name))

    @contextmanager
    def draft(self, name: str) -> Iterator[Path]:
        with self._locked():
            for left in self._directory.glob(_DRAFT + "*"):
                shutil.rmtree(left)
            place, fresh = self._directory / name, self._directory / (_DRAFT + name)
            if place.exists():
                raise BackupTargetUnusable(f"{place} exists already", remedy="Wait a second and run it again.")
            try:
                fresh.mkdir(mode=0o700)
                yield fresh
                sync_below(fresh)
                fresh.rename(place)
                sync(self._directory)
            except OSError as cause:
                shutil.rmtree(fresh, ignore_errors=True)
                raise BackupTargetUnusable(f"the backup could not be written: {cause.strerror}") from cause
            except BaseException:
                shutil.rmtree(fresh, ignore_errors=True)
                raise

    def remove(self, name: str) -> None:
        # Renamed first: what is half removed is no backup any more.
        gone = self._directory / (_DRAFT + name)
        (self._directory / name).rename(gone)
        shutil.rmtree(gone)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            descriptor = os.open(self._directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as cause:
            raise BackupTargetUnusable(f"{self._directory} cannot be written: {cause.strerror}") from cause
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as cause:
            raise BackupTargetUnusable(
                f"another backup is being written to {self._directory}", remedy="Wait until it is done."
            ) from cause
        finally:
            os.close(descriptor)


def open_shelf(target: str) -> DirectoryShelf:
    """The place that a person named. Raises BackupUnsupported for an object store."""
    if re.match(r"[a-z][a-z0-9+]*://", target, re.IGNORECASE):
        raise BackupUnsupported(
            f"backups go to directories only; {target.split('://', maxsplit=1)[0]}:// is not supported yet",
            remedy="Back up to a directory, and copy that with the object store's own tool.",
        )
    return DirectoryShelf(Path(target).absolute())


def name_at(moment: datetime) -> str:
    """The name of a backup of this moment (UTC)."""
    return f"tikfleet-{moment:%Y%m%dT%H%M%SZ}"


def find(place: str) -> Path:
    """The directory of one backup. Raises BackupDamaged, naming those that are there instead."""
    if "://" in place:
        open_shelf(place)
    directory = Path(place).absolute()
    if (directory / "manifest.json").is_file():
        return directory
    there = sorted(path.name for path in directory.glob("tikfleet-*")) if directory.is_dir() else []
    raise BackupDamaged(
        f"there is no backup in {directory}",
        remedy=f"Name one of these: {', '.join(there[-5:])}." if there else "Name the directory that holds a manifest.",
    )
