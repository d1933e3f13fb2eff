"""A shelf that is a place in a bucket of S3: a backup is a folder that holds a manifest, which is written last."""

import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from tikfleet.adapters.s3.transfers import Transfers
from tikfleet.app.backups import copying
from tikfleet.app.backups.copying import Advance, Measured
from tikfleet.app.backups.errors import BackupDamaged, BackupNoSpace, BackupTargetUnusable
from tikfleet.app.backups.manifest import MANIFEST, SEAL, Entry
from tikfleet.app.backups.portal import Portal, in_threads
from tikfleet.app.backups.shelf import Draft, is_name
from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.blobs import BlobsUnavailable

_CLAIM: Final = "being-written"
_AT_ONCE: Final = 6
# Nobody writes on a backup that got nothing new for so long.
_LEFT_S: Final = 86_400.0
_SPARE: Final = 16 << 20


class BucketShelf:
    """Backups below `address`. `scratch` is a directory that may be made, for one database at a time."""

    def __init__(
        self,
        portal: Portal,
        transfers: Transfers,
        address: str,
        scratch: Path,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        """Raises BackupTargetUnusable where there is no such bucket, and BlobsUnavailable."""
        self._clock_s = clock_s
        self._portal = portal
        self._transfers = transfers
        self._address = address.rstrip("/")
        self._scratch = scratch
        if not portal.run(transfers.exists()):
            raise BackupTargetUnusable(
                f"there is no bucket for {address}", remedy="Make the bucket or correct its name, then run it again."
            )

    def free_bytes(self) -> int | None:
        return None

    def names(self) -> list[str]:
        return [name for name in self._folders() if self._portal.run(self._transfers.names(f"{name}/{MANIFEST}"))]

    @contextmanager
    def draft(self, name: str) -> Iterator[Draft]:
        self._tidy()
        draft = _BucketDraft(self._portal, self._transfers, name, self._scratch)
        draft.claim()
        try:
            yield draft
        except BaseException:
            with suppress(TikfleetError):
                if draft.is_ours():
                    self.remove(name)
            raise
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def stored(self, name: str) -> "StoredInBucket":
        return StoredInBucket(self._portal, self._transfers, name)

    def address(self, name: str) -> str:
        return f"{self._address}/{name}"

    def remove(self, name: str) -> None:
        # The manifest first: what is half removed is no backup any more.
        self._portal.run(self._transfers.remove([f"{name}/{MANIFEST}"]))
        there = self._portal.run(self._transfers.names(f"{name}/"))
        self._portal.run(self._transfers.remove([one.name for one in there]))

    def _folders(self) -> list[str]:
        return [name for name in self._portal.run(self._transfers.folders()) if is_name(name)]

    def _tidy(self) -> None:
        """Remove what backups left that were killed."""
        for name in self._folders():
            there = self._portal.run(self._transfers.names(f"{name}/"))
            whole = any(one.name == f"{name}/{MANIFEST}" for one in there)
            if not whole and all(self._clock_s() - one.written_s > _LEFT_S for one in there):
                self.remove(name)


class _BucketDraft:
    at_once = _AT_ONCE

    def __init__(self, portal: Portal, transfers: Transfers, name: str, scratch: Path) -> None:
        self._portal = portal
        self._transfers = transfers
        self._name = name
        self._scratch = scratch
        self._token = secrets.token_hex(16).encode()

    def claim(self) -> None:
        """Of several programs that begin in the same second one has the name. Raises BackupTargetUnusable."""
        there = self._portal.run(self._transfers.names(f"{self._name}/"))
        if there or not self._portal.run(self._transfers.claim(f"{self._name}/{_CLAIM}", self._token)):
            raise BackupTargetUnusable(f"{self._name} exists already", remedy="Wait a second and run it again.")

    def is_ours(self) -> bool:
        """Whether nobody else took the name: not every store knows the condition of the claim."""
        found = self._portal.run(self._transfers.receive(f"{self._name}/{_CLAIM}"))
        return found is not None and b"".join(self._portal.items(found)) == self._token

    def add(self, name: str, blocks: Iterator[bytes], advance: Advance) -> Entry:
        measured = Measured(blocks, advance)
        self._portal.run(self._transfers.send(f"{self._name}/{name}", in_threads(measured)))
        return Entry(name, measured.copied.size_bytes, measured.copied.sha256)

    def add_database(self, name: str, source: sqlite3.Connection, advance: Advance) -> Entry:
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir(parents=True, mode=0o700)
        needed, free = copying.size_of(source), shutil.disk_usage(self._scratch).free
        if needed + _SPARE > free:
            raise BackupNoSpace(f"{name} is copied to {self._scratch} first: {needed >> 20} of {free >> 20} free MiB")
        copying.copy_sqlite(source, self._scratch / name, lambda _: None)
        return self.add(name, copying.blocks_of(self._scratch / name), advance)

    def finish(self, seal: bytes, manifest: bytes) -> None:
        self._portal.run(self._transfers.put(f"{self._name}/{SEAL}", seal))
        if not self.is_ours():
            raise BackupTargetUnusable(
                f"another backup is being written to {self._name}", remedy="Give each platform a prefix of its own."
            )
        self._portal.run(self._transfers.put(f"{self._name}/{MANIFEST}", manifest))
        with suppress(BlobsUnavailable):
            self._portal.run(self._transfers.remove([f"{self._name}/{_CLAIM}"]))


class StoredInBucket:
    """A backup in a bucket."""

    at_once = _AT_ONCE

    def __init__(self, portal: Portal, transfers: Transfers, name: str) -> None:
        self._portal = portal
        self._transfers = transfers
        self._name = name

    def blocks(self, name: str) -> Iterator[bytes]:
        found = self._portal.run(self._transfers.receive(f"{self._name}/{name}"))
        if found is None:
            raise BackupDamaged(f"{name} is missing")
        yield from self._portal.items(found)
