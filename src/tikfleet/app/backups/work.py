"""What the two commands do, and what they tell about it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from tikfleet.app.backups.copying import Progress, write_file
from tikfleet.app.backups.errors import BackupUnsupported
from tikfleet.app.backups.manifest import Manifest
from tikfleet.app.backups.restoring import Restoring
from tikfleet.app.backups.seal import required
from tikfleet.app.backups.shelf import find, open_shelf
from tikfleet.app.backups.stillness import CONTROL
from tikfleet.app.backups.taking import Taking
from tikfleet.app.settings import Settings

LAST: Final = "last-backup.json"


class LastBackup(msgspec.Struct, frozen=True):
    """What the platform remembers of its last complete backup."""

    name: str
    finished_s: float
    size_bytes: int


def backup(settings: Settings, target: str, passphrase: str, keep: int, progress: Progress) -> dict[str, Any]:
    """Write a backup of the platform that the settings describe. Raises what `Taking.take` raises."""
    _require_own_database(settings)
    began_s = time.monotonic()
    shelf = open_shelf(target)
    taken = Taking(settings.directory, shelf, required(passphrase), lambda: datetime.now(UTC), progress).take(keep)
    _remember(settings.directory / CONTROL, LastBackup(taken.name, time.time(), taken.manifest.size_bytes))
    return {
        "path": str(Path(target).absolute() / taken.name),
        **_summary(taken.manifest),
        "held_ms": taken.held_ms,
        "took_s": round(time.monotonic() - began_s, 2),
        "removed": taken.removed,
    }


def restore(settings: Settings, place: str, passphrase: str, progress: Progress) -> dict[str, Any]:
    """Bring a backup into the directory that the settings name. Raises what `Restoring` raises."""
    _require_own_database(settings)
    began_s = time.monotonic()
    restoring = Restoring(find(place), passphrase, progress)
    restoring.restore(settings.directory)
    return {
        "data": str(settings.directory),
        **_summary(restoring.manifest),
        "took_s": round(time.monotonic() - began_s, 2),
    }


def last_backup(data: Path) -> LastBackup | None:
    """The last complete backup of a data directory, as far as it knows of one."""
    try:
        return msgspec.json.decode((data / CONTROL / LAST).read_bytes(), type=LastBackup)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError):
        return None


def _require_own_database(settings: Settings) -> None:
    if settings.database_url:
        raise BackupUnsupported("the database is on a PostgreSQL server, which this command does not copy")


def _remember(control: Path, last: LastBackup) -> None:
    fresh = control / f"{LAST}.new"
    fresh.unlink(missing_ok=True)
    write_file(fresh, msgspec.json.encode(last))
    fresh.replace(control / LAST)


def _summary(manifest: Manifest) -> dict[str, Any]:
    return {
        "made_at": manifest.created_at,
        "version": manifest.version,
        "size_mib": round(manifest.size_bytes / (1 << 20), 1),
        "files": len(manifest.files),
        "organisations": manifest.tables.get("organisation", 0),
        "devices": manifest.tables.get("device", 0),
        "objects": manifest.blobs,
        "facts": sum(manifest.facts.values()),
        "reports_waiting": manifest.point.waiting,
    }
