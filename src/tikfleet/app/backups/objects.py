"""Objects of a platform that keeps them in a bucket, and where its other stores are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final

import msgspec

from tikfleet.adapters.s3.transfers import Transfers
from tikfleet.app.backups.copying import Advance, Copied, Measured
from tikfleet.app.backups.errors import DirectoryInUse
from tikfleet.app.backups.manifest import BLOBS
from tikfleet.app.backups.portal import Portal, in_threads
from tikfleet.kernel.errors import TikfleetError


class Piece(msgspec.Struct, frozen=True):
    """A file to be: its path below a backup, and its content, which is None when it went meanwhile."""

    name: str
    size_bytes: int
    blocks: Callable[[], Iterator[bytes] | None]


class BucketObjects:
    """All objects of a bucket's prefix."""

    def __init__(self, portal: Portal, transfers: Transfers, address: str) -> None:
        self._portal = portal
        self._transfers = transfers
        self._address = address
        self._added: list[str] = []

    def pieces(self) -> list[Piece]:
        """Those that are there now. One that is removed before it is read is not in the backup."""
        return [
            Piece(f"{BLOBS}/{one.name}", one.size_bytes, partial(self._blocks, one.name))
            for one in self._portal.run(self._transfers.names(""))
        ]

    @contextmanager
    def filling(self) -> Iterator[None]:
        """A block that adds objects; what it added goes when it raises. Raises DirectoryInUse where there are some."""
        if self._portal.run(self._transfers.names("")):
            raise DirectoryInUse(
                f"{self._address} holds objects", remedy="Empty it, or name another prefix: TIKFLEET_BLOBS_URL."
            )
        try:
            yield
        except BaseException:
            with suppress(TikfleetError):
                self._portal.run(self._transfers.remove(self._added))
            raise

    def add(self, name: str, blocks: Iterator[bytes], advance: Advance) -> Copied:
        """Make an object."""
        measured = Measured(blocks, advance)
        self._added.append(name)
        self._portal.run(self._transfers.send(name, in_threads(measured)))
        return measured.copied

    def _blocks(self, name: str) -> Iterator[bytes] | None:
        found = self._portal.run(self._transfers.receive(name))
        return self._portal.items(found) if found else None


class Stores(msgspec.Struct, frozen=True):
    """What a platform keeps elsewhere than in its data directory: objects, and the key that seals secrets."""

    objects: BucketObjects | None = None
    vault: str = ""


ALL_IN_DATA: Final = Stores()
