"""What has to be looked up to be told: the disk, the certificate, the last backup, devices and jobs by state."""

import platform
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from cryptography import x509

from tikfleet.app.backups.remembered import last_backup
from tikfleet.app.observability.collector import Findings, Labels
from tikfleet.app.settings import Settings
from tikfleet.app.version import VERSION
from tikfleet.kernel.errors import Unavailable
from tikfleet.ports.database import Database

# Counting devices and jobs reads the database: once in so long is enough, however many ask.
_COUNT_EVERY_S: Final = 30.0

Census = Callable[[], Awaitable[Mapping[str, int]]]


class State:
    """Gathers it anew for each answer, apart from what is costly."""

    def __init__(self, settings: Settings, database: Database, devices: Census, jobs: Census) -> None:
        self._settings = settings
        self._database = database
        self._censuses = {"tikfleet_devices": devices, "tikfleet_jobs": jobs}
        self._counted: dict[str, dict[Labels, float]] = {}
        self._counted_s = -_COUNT_EVERY_S
        # Of the certificate that the listener took when it started, whatever is in the file since.
        self._certificate_ends_s = certificate_end_s(settings)

    async def gather(self, *, ready: bool) -> Findings:
        """What could be found out; what can't be told at this moment is left out."""
        settings, pools = self._settings, self._database.connections()
        engine = settings.warehouse_url.partition(":")[0] or "chdb"
        gauges: dict[str, dict[Labels, float]] = {
            "tikfleet_build_info": {(VERSION, platform.python_version(), engine): 1},
            "tikfleet_ready": {(): ready},
            "tikfleet_inbox_limit": {(): settings.inbox_high_water},
            "tikfleet_database_connections": {(name,): used for name, (used, _) in pools.items()},
            "tikfleet_database_connections_limit": {(name,): most for name, (_, most) in pools.items()},
        }
        disk = shutil.disk_usage(settings.directory)
        gauges |= {"tikfleet_disk_free_bytes": {(): disk.free}, "tikfleet_disk_size_bytes": {(): disk.total}}
        if self._certificate_ends_s is not None:
            gauges["tikfleet_certificate_expiry_timestamp_seconds"] = {(): self._certificate_ends_s}
        if (last := last_backup(settings.directory)) is not None:
            gauges["tikfleet_backup_last_success_timestamp_seconds"] = {(): last.finished_s}
            gauges["tikfleet_backup_last_size_bytes"] = {(): last.size_bytes}
        return Findings(gauges | await self._census())

    async def _census(self) -> dict[str, dict[Labels, float]]:
        if time.monotonic() - self._counted_s >= _COUNT_EVERY_S:
            self._counted_s = time.monotonic()
            self._counted = {}
            try:
                for name, census in self._censuses.items():
                    self._counted[name] = {(state,): count for state, count in (await census()).items()}
            except Unavailable:
                # `/readyz` says it; the other metrics are needed most of all now.
                return self._counted
        return self._counted


def certificate_end_s(settings: Settings) -> float | None:
    """When the certificate of the HTTPS listener ends, as seconds since 1970; None where there is none to be read."""
    if not settings.https_port:
        return None
    file = Path(settings.tls_certificate) if settings.tls_certificate else settings.directory / "keys" / "server.pem"
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc.timestamp()
    except (OSError, ValueError):
        return None
