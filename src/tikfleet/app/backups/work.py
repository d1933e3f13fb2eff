"""What the two commands do, and what they tell about it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tikfleet.app.backups.copying import Progress
from tikfleet.app.backups.errors import BackupUnsupported
from tikfleet.app.backups.manifest import Manifest
from tikfleet.app.backups.remembered import LastBackup, remember
from tikfleet.app.backups.restoring import Restoring
from tikfleet.app.backups.seal import required
from tikfleet.app.backups.shelf import find, open_shelf
from tikfleet.app.backups.taking import Taking
from tikfleet.app.settings import Settings


def backup(settings: Settings, target: str, passphrase: str, keep: int, progress: Progress) -> dict[str, Any]:
    """Write a backup of the platform that the settings describe. Raises what `Taking.take` raises."""
    _require_own_stores(settings)
    began_s = time.monotonic()
    shelf = open_shelf(target)
    taken = Taking(settings.directory, shelf, required(passphrase), lambda: datetime.now(UTC), progress).take(keep)
    remember(settings.directory, LastBackup(taken.name, time.time(), taken.manifest.size_bytes))
    return {
        "path": str(Path(target).absolute() / taken.name),
        **_summary(taken.manifest),
        "held_ms": taken.held_ms,
        "took_s": round(time.monotonic() - began_s, 2),
        "removed": taken.removed,
    }


def restore(settings: Settings, place: str, passphrase: str, progress: Progress) -> dict[str, Any]:
    """Bring a backup into the directory that the settings name. Raises what `Restoring` raises."""
    _require_own_stores(settings)
    began_s = time.monotonic()
    restoring = Restoring(find(place), passphrase, progress)
    restoring.restore(settings.directory)
    return {
        "data": str(settings.directory),
        **_summary(restoring.manifest),
        "took_s": round(time.monotonic() - began_s, 2),
    }


def _require_own_stores(settings: Settings) -> None:
    if settings.database_url:
        raise BackupUnsupported("the database is on a PostgreSQL server")
    if settings.warehouse_url:
        raise BackupUnsupported("telemetry is on a server of its own")


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
