"""Where backups and objects are, by the names that people and settings give: directories, or places in buckets."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tikfleet.adapters.aws.clients import Clients
from tikfleet.adapters.s3.transfers import Transfers
from tikfleet.app.backups.bucket_shelf import BucketShelf
from tikfleet.app.backups.errors import BackupDamaged, BackupTargetUnusable
from tikfleet.app.backups.manifest import MANIFEST
from tikfleet.app.backups.objects import BucketObjects, Stores
from tikfleet.app.backups.portal import Portal, open_portal
from tikfleet.app.backups.remembered import CONTROL
from tikfleet.app.backups.shelf import DirectoryShelf, Shelf, Stored, StoredDirectory, is_name
from tikfleet.app.cloud_address import cloud_addresses
from tikfleet.app.clouds import aws_place, bucket_of
from tikfleet.app.settings import Settings

_SCRATCH: Final = "backup-scratch"
_TOLD: Final = 5
_URL: Final = re.compile(r"[a-z][a-z0-9+]*://", re.IGNORECASE)


class Places:
    """Opens them; what speaks to a store is loaded when one is named."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        """`stack` closes what is opened."""
        self._settings = settings
        self._stack = stack
        self._opened: tuple[Portal, Clients] | None = None

    def shelf(self, target: str) -> Shelf:
        """The place that a person named. Raises BackupTargetUnusable and BlobsUnavailable."""
        if not _URL.match(target):
            return DirectoryShelf(Path(target).absolute())
        try:
            name = cloud_addresses({"blobs": target}, aws=False).blobs
        except ValueError as cause:
            raise BackupTargetUnusable(
                f"backups go to a directory or to s3://bucket/prefix, and {target} is neither",
                remedy="Name a directory, or a bucket in small letters with a prefix.",
            ) from cause
        portal, transfers = self._bucket(name)
        return BucketShelf(portal, transfers, target, self._settings.directory / CONTROL / _SCRATCH)

    def stored(self, place: str) -> Stored:
        """One backup. Raises BackupDamaged, which names those that are there instead."""
        if not _URL.match(place):
            return _stored_directory(Path(place).absolute())
        above, _, name = place.rstrip("/").rpartition("/")
        shelf = self.shelf(above if is_name(name) else place)
        there = shelf.names()
        if name in there:
            return shelf.stored(name)
        raise _no_backup(place, there)

    def stores(self) -> Stores:
        """What the platform of these settings keeps elsewhere."""
        cloud = self._settings.cloud
        vault = f"kms://{cloud.vault}" if cloud.vault else ""
        if not cloud.blobs:
            return Stores(vault=vault)
        portal, transfers = self._bucket(cloud.blobs)
        return Stores(BucketObjects(portal, transfers, f"s3://{cloud.blobs}"), vault)

    def _bucket(self, name: str) -> tuple[Portal, Transfers]:
        if self._opened is None:
            portal = self._stack.enter_context(open_portal())
            clients = Clients(aws_place(self._settings))
            self._stack.callback(lambda: portal.run(clients.close()))
            self._opened = portal, clients
        portal, clients = self._opened
        return portal, Transfers(clients, bucket_of(self._settings, name))


@contextmanager
def open_places(settings: Settings) -> Iterator[Places]:
    """Places for a block."""
    with ExitStack() as stack:
        yield Places(settings, stack)


def _stored_directory(directory: Path) -> Stored:
    if (directory / MANIFEST).is_file():
        return StoredDirectory(directory)
    raise _no_backup(str(directory), sorted(path.name for path in directory.glob("tikfleet-*")))


def _no_backup(place: str, there: list[str]) -> BackupDamaged:
    return BackupDamaged(
        f"there is no backup in {place}",
        remedy=f"Name one of these: {', '.join(there[-_TOLD:])}." if there else "Name the place that holds a manifest.",
    )
