"""Files copied with their checksum taken on the way, and synced."""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from tikfleet.app.backups.errors import BackupDamaged
from tikfleet.app.backups.manifest import Entry

_BLOCK: Final = 1 << 20
_PAGES: Final = 1024
_SYNCS: Final = 16

Advance = Callable[[int], None]


class Progress(Protocol):
    """Told how much there is to do and what was done of it, in bytes."""

    def begin(self, what: str, size_bytes: int) -> None: ...

    def advance(self, size_bytes: int) -> None: ...


class Silent:
    """Nobody looks."""

    def begin(self, what: str, size_bytes: int) -> None:
        pass

    def advance(self, size_bytes: int) -> None:
        pass


class Copied(msgspec.Struct, frozen=True):
    """What came of a copy."""

    size_bytes: int
    sha256: str


def blocks_of(path: Path) -> Iterator[bytes]:
    """The content of a regular file, never of a link's target. Raises OSError at the first."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            yield block


def copy(blocks: Iterator[bytes], destination: Path, advance: Advance) -> Copied:
    """Write a new file into a directory that is made for it; not synced yet."""
    destination.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    measured = Measured(blocks, advance)
    first = next(measured, b"")
    writing = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(writing, "wb", buffering=0) as out:
        out.write(first)
        for block in measured:
            out.write(block)
    return measured.copied


class Measured:
    """The same blocks, with size and SHA-256 of what has gone through."""

    def __init__(self, blocks: Iterator[bytes], advance: Advance) -> None:
        self._blocks = blocks
        self._advance = advance
        self._seen = hashlib.sha256()
        self._size_bytes = 0

    def __iter__(self) -> "Measured":
        return self

    def __next__(self) -> bytes:
        block = next(self._blocks)
        self._seen.update(block)
        self._size_bytes += len(block)
        self._advance(len(block))
        return block

    @property
    def copied(self) -> Copied:
        """All of it up to now."""
        return Copied(self._size_bytes, self._seen.hexdigest())


def write_file(destination: Path, content: bytes) -> Copied:
    """A new file that only its owner reads; not synced yet."""
    destination.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(destination, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    return Copied(len(content), hashlib.sha256(content).hexdigest())


def entry_of(root: Path, path: Path) -> Entry:
    """A file that is there already, described."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Entry(path.relative_to(root).as_posix(), path.stat().st_size, digest)


def files_below(root: Path) -> Iterator[Path]:
    """Every regular file, in a fixed order; none where there is no such directory."""
    for directory, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(directory, name)
            if path.is_file() and not path.is_symlink():
                yield path


def sync(path: Path) -> None:
    """Make a file, or a directory's entries, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_below(root: Path) -> None:
    """The same for all files and directories below one, and itself. Raises OSError where the disk refuses."""
    folders = [Path(folder) for folder, _, _ in os.walk(root)]
    # Side by side, so that one commit of the file system's journal serves many.
    with ThreadPoolExecutor(_SYNCS) as threads:
        for paths in ([*files_below(root)], folders):
            list(threads.map(sync, paths))


@contextmanager
def pinned(path: Path) -> Iterator[sqlite3.Connection]:
    """A SQLite file as it is at this moment, whatever is written to it meanwhile (its log has to be WAL)."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30)) as connection:
        connection.execute("begin")
        # A transaction sees the moment of its first reading.
        connection.execute("select count(*) from sqlite_master").fetchone()
        yield connection


def size_of(connection: sqlite3.Connection) -> int:
    """How large the copy of a pinned file becomes."""
    pages, page_bytes = (connection.execute(f"pragma page_{what}").fetchone()[0] for what in ("count", "size"))
    return int(pages * page_bytes)


def copy_sqlite(source: sqlite3.Connection, destination: Path, advance: Advance) -> None:
    """Copy a pinned file page by page. Raises BackupDamaged when what comes out is not sound."""
    page_bytes = int(source.execute("pragma page_size").fetchone()[0])
    left = int(source.execute("pragma page_count").fetchone()[0])

    def tell(_status: int, remaining: int, _total: int) -> None:
        nonlocal left
        advance((left - remaining) * page_bytes)
        left = remaining

    with closing(sqlite3.connect(destination, isolation_level=None)) as copy:
        source.backup(copy, pages=_PAGES, progress=tell)
        # One file without a log beside it; the platform turns the log on again when it opens the file.
        copy.execute("pragma journal_mode = delete")
        require_sound(copy, destination.name)
    destination.chmod(0o600)


def require_sound(connection: sqlite3.Connection, name: str) -> None:
    """Raises BackupDamaged when SQLite finds a fault in the file."""
    try:
        found = connection.execute("pragma integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as cause:
        raise BackupDamaged(f"{name} is damaged: {cause}") from cause
    if found != "ok":
        raise BackupDamaged(f"{name} is damaged: {found}")


def table_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table of a SQLite file has."""
    names = [
        name
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
        )
    ]
    return {name: int(connection.execute(f'select count(*) from "{name}"').fetchone()[0]) for name in names}
