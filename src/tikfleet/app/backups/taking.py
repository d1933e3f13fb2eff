"""Making a backup: one moment of database, inbox, history and objects, while the platform goes on.

The consumers stand still for the moment in which the database, the inbox and the buffers of log lines and flows are
pinned and history and objects are linked. So history holds exactly the reports up to the database's position, and the
inbox every other that was acknowledged: a platform that starts from this moment counts each once.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.app.backups import copying
from tikfleet.app.backups.errors import BackupNoSpace, PlatformSilent
from tikfleet.app.backups.manifest import (
    BLOBS,
    BUFFERS,
    DATABASE,
    INBOX,
    KEYS,
    WAREHOUSE,
    Entry,
    Manifest,
    Point,
)
from tikfleet.app.backups.objects import ALL_IN_DATA, Piece, Stores
from tikfleet.app.backups.remembered import CONTROL
from tikfleet.app.backups.seal import Seal, Sealer, new_seal
from tikfleet.app.backups.shelf import Draft, Shelf, name_at
from tikfleet.app.backups.stillness import Frozen, Stillness, still
from tikfleet.app.version import VERSION
from tikfleet.kernel.clock import to_text

_SPARE: Final = 16 << 20
_LINKS: Final = "objects"


class Taken(msgspec.Struct, frozen=True):
    """A complete backup. `held_ms` is how long the consumer stood still."""

    name: str
    manifest: Manifest
    held_ms: int
    removed: list[str]


class Moment(msgspec.Struct, frozen=True):
    """Everything that is to be copied, as it stood at one moment."""

    frozen: Frozen
    database: sqlite3.Connection
    inbox: sqlite3.Connection
    objects: Sequence[Piece]
    buffers: Mapping[str, sqlite3.Connection]

    @property
    def databases(self) -> Mapping[str, sqlite3.Connection]:
        """Each by the name of its file."""
        return {DATABASE: self.database, INBOX: self.inbox, **self.buffers}

    @property
    def size_bytes(self) -> int:
        """How much it takes."""
        databases = sum(copying.size_of(connection) for connection in self.databases.values())
        return sum(piece.size_bytes for piece in (*self.history, *self.objects)) + databases

    @property
    def history(self) -> list[Piece]:
        """The engine's files."""
        return _pieces(Path(self.frozen.directory), WAREHOUSE)


class Taking:
    """One backup of the platform on a data directory."""

    def __init__(
        self,
        data: Path,
        shelf: Shelf,
        passphrase: str,
        now: Callable[[], datetime],
        progress: copying.Progress,
        stores: Stores = ALL_IN_DATA,
    ) -> None:
        self._data = data
        self._stores = stores
        self._shelf = shelf
        self._passphrase = passphrase
        self._now = now
        self._progress = progress

    def take(self, keep: int = 0, seal: Seal | None = None) -> Taken:
        """Write one, then remove all but the newest `keep` (0 removes none). `seal` is a new one by default.

        Raises PlatformSilent, BackupNoSpace, BackupTargetUnusable, or BackupDamaged for a database that is not sound.
        """
        sealer = Sealer(self._passphrase, seal or new_seal())
        began = self._now()
        name = name_at(began)
        with self._shelf.draft(name) as draft, ExitStack() as stack:
            stillness = stack.enter_context(still(self._data))
            moment = self._moment(stillness, stack)
            stillness.release()
            held_ms = int((self._now() - began).total_seconds() * 1000)
            self._require_space(moment)
            try:
                manifest = self._copy(moment, draft, sealer, began)
            except FileNotFoundError as cause:
                raise PlatformSilent("the platform ended while its files were being copied") from cause
            content = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
            draft.finish(msgspec.json.encode(sealer.sign(content)), content)
        return Taken(name, manifest, held_ms, self._rotate(keep))

    def _moment(self, stillness: Stillness, stack: ExitStack) -> Moment:
        database = stack.enter_context(copying.pinned(self._data / DATABASE))
        inbox = stack.enter_context(copying.pinned(self._data / INBOX))
        buffers = {
            name: stack.enter_context(copying.pinned(self._data / name))
            for name in BUFFERS
            if (self._data / name).exists()
        }
        if self._stores.objects:
            objects = self._stores.objects.pieces()
        else:
            linked = stack.enter_context(_linked(self._data / BLOBS, self._data / CONTROL / _LINKS))
            objects = _pieces(linked, BLOBS)
        return Moment(stillness.frozen, database, inbox, objects, buffers)

    def _require_space(self, moment: Moment) -> None:
        needed, free = moment.size_bytes, self._shelf.free_bytes()
        if free is not None and needed + _SPARE > free:
            raise BackupNoSpace(f"the backup takes {needed >> 20} MiB and {free >> 20} MiB are free")
        self._progress.begin("Copying", needed)

    def _copy(self, moment: Moment, draft: Draft, sealer: Sealer, began: datetime) -> Manifest:
        files = [draft.add_database(name, source, self._progress.advance) for name, source in moment.databases.items()]
        with ThreadPoolExecutor(draft.at_once) as threads:
            added = threads.map(lambda piece: self._add(draft, piece), [*moment.history, *moment.objects])
            files += [entry for entry in added if entry]
        keys = {path.name: path.read_bytes() for path in copying.files_below(self._data / "keys")}
        files.append(draft.add(KEYS, iter([sealer.close(keys)]), lambda _: None))
        return Manifest(
            version=VERSION,
            vault=self._stores.vault,
            created_at=to_text(began),
            database_revision=_revision(moment.database),
            fact_versions=dict(moment.frozen.versions),
            point=point_of(moment.database, moment.inbox),
            tables=copying.table_rows(moment.database),
            facts=dict(moment.frozen.rows),
            files=files,
        )

    def _add(self, draft: Draft, piece: Piece) -> Entry | None:
        blocks = piece.blocks()
        return draft.add(piece.name, blocks, self._progress.advance) if blocks else None

    def _rotate(self, keep: int) -> list[str]:
        gone = self._shelf.names()[:-keep] if keep else []
        for name in gone:
            self._shelf.remove(name)
        return gone


def point_of(database: sqlite3.Connection, inbox: sqlite3.Connection) -> Point:
    """Where the consumer stands, and what waits for it."""
    found = database.execute(
        "select position, pending_first, pending_last from state_applied where consumer = 'checkin'"
    ).fetchone()
    consumed, *pending = found or (0, 0, 0)
    first, last, waiting = inbox.execute(
        "select coalesce(min(first), 0), coalesce(max(last), 0), coalesce(sum(last - first + 1), 0) "
        "from record where last > ?",
        (consumed,),
    ).fetchone()
    return Point(consumed, (pending[0], pending[1]), (first, last), waiting)


def _revision(database: sqlite3.Connection) -> str:
    return str(database.execute("select version_num from alembic_version").fetchone()[0])


def _pieces(root: Path, place: str) -> list[Piece]:
    return [
        Piece(f"{place}/{path.relative_to(root).as_posix()}", path.stat().st_size, partial(copying.blocks_of, path))
        for path in copying.files_below(root)
    ]


@contextmanager
def _linked(objects: Path, links: Path) -> Iterator[Path]:
    """The objects of this moment: an object is only ever replaced, so a link keeps what it was."""
    shutil.rmtree(links, ignore_errors=True)
    try:
        for path in copying.files_below(objects):
            link = links / path.relative_to(objects)
            link.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # An object that went a moment ago belongs to no row any more.
            if not path.name.startswith("."):
                _link(path, link)
        yield links
    finally:
        shutil.rmtree(links, ignore_errors=True)


def _link(path: Path, link: Path) -> None:
    try:
        os.link(path, link)
    except FileNotFoundError:
        return
    except OSError:
        # This file system has no links.
        shutil.copyfile(path, link)
