"""Bringing a backup into an empty directory. What is not exactly as it was written is refused, and nothing is left."""

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from tikfleet.adapters.chdb.snapshots import rows_in
from tikfleet.app.backups import copying
from tikfleet.app.backups.errors import BackupDamaged, BackupNoSpace, BackupUnsupported, DirectoryInUse
from tikfleet.app.backups.manifest import (
    BLOBS,
    BUFFERS,
    DATABASE,
    INBOX,
    KEYS,
    MANIFEST,
    RESTORING,
    SEAL,
    WAREHOUSE,
    Entry,
    Manifest,
    read_manifest,
    require_known,
)
from tikfleet.app.backups.objects import ALL_IN_DATA, Stores
from tikfleet.app.backups.seal import Sealer, read_seal
from tikfleet.app.backups.shelf import Stored, read_small
from tikfleet.app.backups.taking import point_of
from tikfleet.app.fact_tables import fact_versions
from tikfleet.app.upgrade import newest

_SPARE: Final = 64 << 20


class Restoring:
    """One backup, opened with its passphrase."""

    def __init__(
        self, backup: Stored, passphrase: str, progress: copying.Progress, stores: Stores = ALL_IN_DATA
    ) -> None:
        """`stores` are those of the platform to be. Raises BackupDamaged, BackupNewer or PassphraseWrong."""
        self._backup = backup
        self._progress = progress
        self._stores = stores
        seal = read_seal(read_small(backup, SEAL))
        content = read_small(backup, MANIFEST)
        self._sealer = Sealer(passphrase, seal)
        self._sealer.check(content)
        self.manifest: Manifest = read_manifest(content)
        require_known(self.manifest, newest(), fact_versions())

    def restore(self, data: Path) -> None:
        """Copy, checking every byte, then check the whole; only then is it in its place.

        Raises DirectoryInUse, BackupNoSpace, BackupUnsupported or BackupDamaged.
        """
        self._require_same_vault()
        with ExitStack() as stack:
            place = stack.enter_context(_empty(data))
            self._require_space(place)
            if self._stores.objects:
                stack.enter_context(self._stores.objects.filling())
            with ThreadPoolExecutor(self._backup.at_once) as threads:
                list(threads.map(lambda entry: self._bring(entry, place), self.manifest.files))
            keys = self._sealer.open((place / KEYS).read_bytes())
            (place / KEYS).unlink()
            for name, content in keys.items():
                copying.write_file(place / "keys" / Path(name).name, content)
            (place / BLOBS).mkdir(exist_ok=True, mode=0o700)
            self._check(place)

    def _require_same_vault(self) -> None:
        """What another key sealed would stay closed for ever."""
        made, now = self.manifest.vault, self._stores.vault
        if made != now:
            raise BackupUnsupported(
                f"its secrets are sealed with {made or 'the key in the backup'}, and the settings name {now or 'none'}",
                remedy=f"Set TIKFLEET_VAULT_URL={made}." if made else "Leave TIKFLEET_VAULT_URL out.",
            )

    def _require_space(self, place: Path) -> None:
        needed, free = self.manifest.size_bytes, shutil.disk_usage(place).free
        if self._stores.objects:
            needed -= sum(entry.size_bytes for entry in self.manifest.files if entry.path.startswith(f"{BLOBS}/"))
        if needed + _SPARE > free:
            raise BackupNoSpace(f"the backup takes {needed >> 20} MiB and {free >> 20} MiB are free in {place.parent}")
        self._progress.begin("Restoring", self.manifest.size_bytes)

    def _bring(self, entry: Entry, place: Path) -> None:
        blocks, objects = self._backup.blocks(entry.path), self._stores.objects
        try:
            if objects and entry.path.startswith(f"{BLOBS}/"):
                copied = objects.add(entry.path.removeprefix(f"{BLOBS}/"), blocks, self._progress.advance)
            else:
                copied = copying.copy(blocks, place / entry.path, self._progress.advance)
        except OSError as cause:
            raise BackupDamaged(f"{entry.path} cannot be copied: {cause.strerror}") from cause
        if (copied.size_bytes, copied.sha256) != (entry.size_bytes, entry.sha256):
            raise BackupDamaged(f"{entry.path} is not as it was written")

    def _check(self, place: Path) -> None:
        """What the checksums can't say: that the parts are whole and belong together."""
        manifest = self.manifest
        with (
            closing(sqlite3.connect(place / DATABASE)) as database,
            closing(sqlite3.connect(place / INBOX)) as inbox,
        ):
            for connection, name in ((database, DATABASE), (inbox, INBOX)):
                copying.require_sound(connection, name)
            for name in BUFFERS:
                if (place / name).exists():
                    with closing(sqlite3.connect(place / name)) as waiting:
                        copying.require_sound(waiting, name)
            if copying.table_rows(database) != manifest.tables:
                raise BackupDamaged("the database does not have the rows that the manifest names")
            if point_of(database, inbox) != manifest.point:
                raise BackupDamaged("the database and the inbox are not of the same moment")
        rows = rows_in(place / WAREHOUSE)
        if any(rows.get(table, 0) != count for table, count in manifest.facts.items()):
            raise BackupDamaged("history does not have the rows that the manifest names")


@contextmanager
def _empty(data: Path) -> Iterator[Path]:
    """A directory inside `data` to fill, whose content becomes that of `data` when the block ends well."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(data.iterdir()):
            raise DirectoryInUse(f"{data} is not empty")
        place = data / RESTORING
        place.mkdir(mode=0o700)
    except OSError as cause:
        raise DirectoryInUse(f"{data} cannot be used: {cause.strerror}") from cause
    moved: list[Path] = []
    try:
        yield place
        copying.sync_below(place)
        # Inside the directory, since it may be the root of a volume. As long as `.restoring` is there, the platform
        # does not start on it.
        moved.extend(path.rename(data / path.name) for path in sorted(place.iterdir()))
        copying.sync(data)
        place.rmdir()
        copying.sync(data)
    except BaseException:
        for path in (place, *moved):
            shutil.rmtree(path, ignore_errors=True)
            path.unlink(missing_ok=True)
        raise
