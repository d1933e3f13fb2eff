"""What the two commands do, and what they tell about it."""

import time
from datetime import UTC, datetime
from typing import Any

from tikfleet.app.backups.copying import Progress
from tikfleet.app.backups.errors import BackupUnsupported
from tikfleet.app.backups.manifest import MANIFEST, Manifest, read_manifest
from tikfleet.app.backups.places import open_places
from tikfleet.app.backups.remembered import LastBackup, remember
from tikfleet.app.backups.restoring import Restoring
from tikfleet.app.backups.seal import required
from tikfleet.app.backups.shelf import read_small
from tikfleet.app.backups.taking import Taking
from tikfleet.app.settings import Settings


def backup(settings: Settings, target: str, passphrase: str, keep: int, progress: Progress) -> dict[str, Any]:
    """Write a backup of the platform that the settings describe. Raises what `Taking.take` raises."""
    _require_own_stores(settings)
    began_s = time.monotonic()
    with open_places(settings) as places:
        shelf = places.shelf(target)
        taking = Taking(
            settings.directory, shelf, required(passphrase), lambda: datetime.now(UTC), progress, places.stores()
        )
        taken = taking.take(keep)
    remember(settings.directory, LastBackup(taken.name, time.time(), taken.manifest.size_bytes))
    return {
        "path": shelf.address(taken.name),
        **_summary(taken.manifest),
        "held_ms": taken.held_ms,
        "took_s": round(time.monotonic() - began_s, 2),
        "removed": taken.removed,
    }


def restore(settings: Settings, place: str, passphrase: str, progress: Progress) -> dict[str, Any]:
    """Bring a backup into the directory that the settings name. Raises what `Restoring` raises."""
    _require_own_stores(settings)
    began_s = time.monotonic()
    with open_places(settings) as places:
        restoring = Restoring(places.stored(place), passphrase, progress, places.stores())
        restoring.restore(settings.directory)
    return {
        "data": str(settings.directory),
        **_summary(restoring.manifest),
        "took_s": round(time.monotonic() - began_s, 2),
    }


def backups(settings: Settings, target: str) -> list[dict[str, Any]]:
    """The complete backups of a place, oldest first. Nothing is checked beyond that the manifest can be read."""
    with open_places(settings) as places:
        shelf = places.shelf(target)
        found = {name: read_manifest(read_small(shelf.stored(name), MANIFEST)) for name in shelf.names()}
        return [{"path": shelf.address(name), **_summary(manifest)} for name, manifest in found.items()]


def _require_own_stores(settings: Settings) -> None:
    if settings.database_url:
        raise BackupUnsupported("the database is on a PostgreSQL server")
    if settings.warehouse_url:
        raise BackupUnsupported("telemetry is on a server of its own")
    if settings.cloud.inbox:
        raise BackupUnsupported(
            "reports wait on a stream of Kinesis, which has no moment in common with the other stores",
            remedy="Save each store in its own way, as docs/guides/backup-and-restore.md says.",
        )


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
