"""The adapters that the settings name, one for each port: opened, migrated, and closed in the opposite order."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.files.vault import open_file_vault
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.sql.postgres import open_postgres
from tikfleet.adapters.sql.sqlite import open_sqlite, sqlite_url
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.app.backups.manifest import RESTORING
from tikfleet.app.observability.questions import TimedWarehouse
from tikfleet.app.observability.tracing import open_tracer
from tikfleet.app.observability.watch import Watch
from tikfleet.app.settings import Settings
from tikfleet.app.upgrade import bring_up_to_date
from tikfleet.app.warehouses import open_warehouse
from tikfleet.domains.telemetry.public import Retention, telemetry_tables
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.bus import Bus
from tikfleet.ports.cache import Cache
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import Inbox
from tikfleet.ports.vault import Vault
from tikfleet.ports.warehouse import Warehouse, WarehouseUnavailable


class Infra(msgspec.Struct, frozen=True):
    """One adapter for each port. `store` is the warehouse again where it is this process's own: a backup freezes it."""

    database: Database
    warehouse: Warehouse
    inbox: Inbox
    bus: Bus
    cache: Cache
    blobs: Blobs
    vault: Vault
    store: ChdbWarehouse | None = None
    watch: Watch = msgspec.field(default_factory=Watch)


@asynccontextmanager
async def open_infra(settings: Settings) -> AsyncIterator[Infra]:
    """The adapters that the settings name, migrated and ready; closed in the opposite order."""
    directory = settings.directory
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_require_writable, directory)
        watch = Watch(tracer=open_tracer(settings))
        stack.callback(watch.tracer.close)
        warehouse, store = await open_warehouse(settings, stack)
        await warehouse.prepare(telemetry_tables(retention_of(settings)))
        database: Database
        if settings.database_url:
            await bring_up_to_date(settings.database_url)
            database = open_postgres(settings.database_url)
        else:
            await bring_up_to_date(sqlite_url(directory / "tikfleet.sqlite"))
            database = open_sqlite(directory / "tikfleet.sqlite")
        stack.push_async_callback(database.close)
        inbox = SqliteInbox(directory / "inbox.sqlite", high_water=settings.inbox_high_water)
        stack.push_async_callback(inbox.close)
        yield Infra(
            database,
            TimedWarehouse(warehouse, watch.measures, watch.tracer, settings.slow_query_ms / 1000),
            inbox,
            MemoryBus(),
            MemoryCache(),
            FileBlobs(directory / "blobs"),
            open_file_vault(directory / "keys" / "root.key"),
            store=store,
            watch=watch,
        )


def _require_writable(directory: Path) -> None:
    """Say it in a sentence before any engine says it in its own way. Raises WarehouseUnavailable."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=directory) as probe:
            probe.write(b"x" * 4096)
        if (directory / RESTORING).exists():
            raise WarehouseUnavailable(
                f"a restoration into {directory} did not come to its end",
                remedy="Empty the directory and restore the backup again.",
            )
    except OSError as cause:
        raise WarehouseUnavailable(
            f"nothing can be written to {directory}: {cause.strerror}",
            remedy="Give the platform a data directory that its user may write to, with space on its disk.",
        ) from cause


def retention_of(settings: Settings) -> Retention:
    """How long telemetry is kept."""
    return Retention(
        settings.retention_raw_days, settings.retention_5m_days, settings.retention_1h_days, settings.retention_1d_days
    )
