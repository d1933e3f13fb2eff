"""The file `manifest.json` of a backup: what it holds, of when, and what each file has to look like."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tikfleet.app.backups.errors import BackupDamaged, BackupNewer

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SEAL: Final = "seal.json"
KEYS: Final = "keys.sealed"
DATABASE: Final = "tikfleet.sqlite"
INBOX: Final = "inbox.sqlite"
# Log lines, and flows, that wait for the telemetry store.
BUFFERS: Final = ("logs.sqlite", "flows.sqlite")
WAREHOUSE: Final = "warehouse/engine"
BLOBS: Final = "blobs"
# What is being restored, inside the directory that it is restored into.
RESTORING: Final = ".restoring"
_PATH: Final = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[^/\x00-\x1f]+(?:/[^/\x00-\x1f]+)*")
_ROOTS: Final = frozenset({DATABASE, INBOX, *BUFFERS, KEYS, "warehouse", BLOBS})


class Entry(msgspec.Struct, frozen=True):
    """One file: its path below the backup's directory, its size and SHA-256."""

    path: str
    size_bytes: Annotated[int, Meta(ge=0)]
    sha256: str


class Point(msgspec.Struct, frozen=True):
    """The moment of the backup in the stream of reports: history holds those up to `consumed`, the inbox the rest.

    `pending` is a stretch that was begun and not finished (0, 0 when none); a restored platform finishes it.
    """

    consumed: int
    pending: tuple[int, int]
    inbox: tuple[int, int]
    waiting: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `tables` counts rows of the database, `facts` those of history; `fact_versions` are its schema's.

    `vault` is the address of the key that secrets are sealed with, where it is not one of those in the backup.
    """

    format: int = FORMAT
    version: str
    created_at: str
    database_revision: str
    fact_versions: dict[str, int]
    point: Point
    tables: dict[str, int]
    facts: dict[str, int]
    files: list[Entry]
    vault: str = ""

    @property
    def size_bytes(self) -> int:
        """Of all files together."""
        return sum(entry.size_bytes for entry in self.files)

    @property
    def blobs(self) -> int:
        """How many objects."""
        return sum(entry.path.startswith(BLOBS + "/") for entry in self.files)


class _Form(msgspec.Struct):
    format: int
    version: str = "?"


def read_manifest(content: bytes) -> Manifest:
    """Raises BackupDamaged for what is no manifest, and BackupNewer for one of a form that is not known yet."""
    try:
        form = msgspec.json.decode(content, type=_Form)
        if form.format > FORMAT:
            raise BackupNewer(f"the backup has form {form.format} and was made by version {form.version}")
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as cause:
        raise BackupDamaged("manifest.json cannot be read") from cause
    for entry in manifest.files:
        if not _PATH.fullmatch(entry.path) or entry.path.split("/")[0] not in _ROOTS:
            raise BackupDamaged(f"the manifest names a file outside the backup: {entry.path!r}")
    return manifest


def require_known(manifest: Manifest, revision: str, fact_versions: Mapping[str, int]) -> None:
    """Raises BackupNewer when one of the stores has a schema that this program does not know."""
    newer = [name for name, version in manifest.fact_versions.items() if version > fact_versions.get(name, 0)]
    if manifest.database_revision > revision or newer:
        raise BackupNewer(f"the backup was made by version {manifest.version}, which has newer tables than this one")
