"""Where backups are kept: what a place has to offer, and the place that is a directory."""

import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from tikfleet.app.backups.copying import Advance, blocks_of, copy, copy_sqlite, entry_of, sync, sync_below, write_file
from tikfleet.app.backups.errors import BackupDamaged, BackupTargetUnusable
from tikfleet.app.backups.manifest import MANIFEST, SEAL, Entry

_NAME: Final = re.compile(r"tikfleet-\d{8}T\d{6}Z")
_DRAFT: Final = ".draft-"
_LOCK: Final = ".tikfleet-backup.lock"
_SMALL_BYTES: Final = 64 << 20


class Draft(Protocol):
    """A backup that is being written. `name` is a path below it, with slashes."""

    at_once: int
    """How many may be added at a time."""

    def add(self, name: str, blocks: Iterator[bytes], advance: Advance) -> Entry: ...

    def add_database(self, name: str, source: sqlite3.Connection, advance: Advance) -> Entry:
        """A copy of a pinned SQLite file. Raises BackupDamaged when it is not sound."""
        ...

    def finish(self, seal: bytes, manifest: bytes) -> None:
        """The last two files; without the manifest it is no backup."""
        ...


class Stored(Protocol):
    """A complete backup."""

    at_once: int
    """How many of its files may be read at a time."""

    def blocks(self, name: str) -> Iterator[bytes]:
        """A file of it. Raises BackupDamaged when it is not there or can't be read."""
        ...


class Shelf(Protocol):
    """Complete backups by name, oldest first. A backup is there whole or not at all. Raises BackupTargetUnusable."""

    def free_bytes(self) -> int | None:
        """How much fits; None where nobody can say."""
        ...

    def names(self) -> list[str]: ...

    def draft(self, name: str) -> AbstractContextManager[Draft]:
        """A backup to fill. It is there when its block ends, or nothing is when the block raises."""
        ...

    def stored(self, name: str) -> Stored:
        """A backup to read."""
        ...

    def address(self, name: str) -> str:
        """How a person names that backup."""
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

    def free_bytes(self) -> int | None:
        return shutil.disk_usage(self._directory).free

    def names(self) -> list[str]:
        return sorted(path.name for path in self._directory.iterdir() if _NAME.fullmatch(path.name))

    @contextmanager
    def draft(self, name: str) -> Iterator[Draft]:
        with self._locked():
            for left in self._directory.glob(_DRAFT + "*"):
                shutil.rmtree(left)
            place, fresh = self._directory / name, self._directory / (_DRAFT + name)
            if place.exists():
                raise BackupTargetUnusable(f"{place} exists already", remedy="Wait a second and run it again.")
            try:
                fresh.mkdir(mode=0o700)
                yield _DirectoryDraft(fresh)
                sync_below(fresh)
                fresh.rename(place)
                sync(self._directory)
            except OSError as cause:
                shutil.rmtree(fresh, ignore_errors=True)
                raise BackupTargetUnusable(f"the backup could not be written: {cause.strerror}") from cause
            except BaseException:
                shutil.rmtree(fresh, ignore_errors=True)
                raise

    def stored(self, name: str) -> "StoredDirectory":
        return StoredDirectory(self._directory / name)

    def address(self, name: str) -> str:
        return str(self._directory / name)

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


class _DirectoryDraft:
    at_once = 1

    def __init__(self, place: Path) -> None:
        self._place = place

    def add(self, name: str, blocks: Iterator[bytes], advance: Advance) -> Entry:
        copied = copy(blocks, self._place / name, advance)
        return Entry(name, copied.size_bytes, copied.sha256)

    def add_database(self, name: str, source: sqlite3.Connection, advance: Advance) -> Entry:
        copy_sqlite(source, self._place / name, advance)
        return entry_of(self._place, self._place / name)

    def finish(self, seal: bytes, manifest: bytes) -> None:
        write_file(self._place / SEAL, seal)
        write_file(self._place / MANIFEST, manifest)


class StoredDirectory:
    """A backup that is a directory, of which no link is followed."""

    at_once = 1

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def blocks(self, name: str) -> Iterator[bytes]:
        try:
            yield from blocks_of(self._directory / name)
        except FileNotFoundError as cause:
            raise BackupDamaged(f"{name} is missing") from cause
        except OSError as cause:
            raise BackupDamaged(f"{name} cannot be copied: {cause.strerror}") from cause


def read_small(stored: Stored, name: str) -> bytes:
    """A file that is small in every backup. Raises BackupDamaged."""
    content = bytearray()
    for block in stored.blocks(name):
        content += block
        if len(content) > _SMALL_BYTES:
            raise BackupDamaged(f"{name} is larger than any that was written")
    return bytes(content)


def is_name(text: str) -> bool:
    """Whether a backup may be called so."""
    return _NAME.fullmatch(text) is not None


def name_at(moment: datetime) -> str:
    """The name of a backup of this moment (UTC)."""
    return f"tikfleet-{moment:%Y%m%dT%H%M%SZ}"
