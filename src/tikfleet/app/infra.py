"""The adapters that the settings name, one for each port: opened, migrated, and closed in the opposite order."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.feed.bus import FeedBus
from tikfleet.adapters.files.signing import FileVerifier
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.queue import MemoryQueue
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.adapters.sqlite.log import OpenLog
from tikfleet.adapters.sqlite.shared import SharedInbox
from tikfleet.adapters.worker.warehouse import WorkerWarehouse
from tikfleet.app.backups.manifest import RESTORING
from tikfleet.app.clouds import Clouds
from tikfleet.app.databases import open_database, sqlite_url
from tikfleet.app.fact_tables import fact_tables
from tikfleet.app.job_keys import open_job_key, public_keys, shared_job_key
from tikfleet.app.observability.questions import TimedWarehouse
from tikfleet.app.observability.tracing import open_tracer
from tikfleet.app.observability.watch import Watch
from tikfleet.app.processes.place import ALONE, Place, Role, warehouse_socket
from tikfleet.app.settings import Settings
from tikfleet.app.shared_job_key import SharedJobKey
from tikfleet.app.upgrade import bring_up_to_date, wait_until_up_to_date
from tikfleet.app.warehouses import open_served, open_warehouse
from tikfleet.kernel.clock import utc_now
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.bus import Bus
from tikfleet.ports.cache import Cache
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import Inbox
from tikfleet.ports.queue import Queue
from tikfleet.ports.signing import Signer, Verifier
from tikfleet.ports.vault import Vault
from tikfleet.ports.warehouse import Warehouse, WarehouseUnavailable


class Infra(msgspec.Struct, frozen=True):
    """One adapter for each port.

    `store` is the warehouse again where it is this process's own: a backup freezes it. `feed` is the bus again where it
    joins several processes, and `worker` leads to the one that works where that is another. `signer` vouches for
    jobs: who only answers routers has none. `queue` holds work for later, `lines` what routers log.
    `shared_key` follows the key that signs jobs where it is among the objects.
    """

    database: Database
    warehouse: Warehouse
    inbox: Inbox
    bus: Bus
    cache: Cache
    blobs: Blobs
    vault: Vault
    verifier: Verifier
    signer: Signer | None = None
    store: ChdbWarehouse | None = None
    watch: Watch = msgspec.field(default_factory=Watch)
    feed: FeedBus | None = None
    worker: WorkerWarehouse | None = None
    queue: Queue = msgspec.field(default_factory=MemoryQueue)
    lines: Inbox | None = None
    shared_key: SharedJobKey | None = None


@asynccontextmanager
async def open_infra(settings: Settings, place: Place = ALONE) -> AsyncIterator[Infra]:
    """The adapters that the settings name, migrated and ready; closed in the opposite order."""
    directory = settings.directory
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_require_writable, directory)
        watch = Watch(tracer=open_tracer(settings))
        stack.callback(watch.tracer.close)
        clouds = Clouds(settings, stack)
        store: ChdbWarehouse | None = None
        worker: WorkerWarehouse | None = None
        if place.works:
            warehouse, store = await open_warehouse(settings, stack)
            await warehouse.prepare(fact_tables(settings))
            # Before the database is migrated, which is what the other processes wait for.
            vault = clouds.vault()
            database = await _open_database(settings, stack, bring_up_to_date)
        else:
            database = await _open_database(settings, stack, wait_until_up_to_date)
            vault = clouds.vault()
            worker = WorkerWarehouse(warehouse_socket(settings))
            stack.push_async_callback(worker.close)
            warehouse = await _asked(settings, place, worker, stack)
        cache, blobs = clouds.cache(), clouds.blobs()
        shared_key = shared_job_key(settings, place, blobs, vault, cache)
        if shared_key:
            await shared_key.fetch()
        signer = await open_job_key(settings, place, database)
        inbox = await clouds.inbox(place, database)
        bus, feed = await _open_bus(place, database)
        if feed is not None:
            stack.push_async_callback(feed.flush)
        yield Infra(
            database,
            TimedWarehouse(warehouse, watch.measures, watch.tracer, settings.slow_query_ms / 1000),
            inbox,
            bus,
            cache,
            blobs,
            vault,
            FileVerifier(public_keys(settings)),
            signer=signer,
            store=store,
            watch=watch,
            feed=feed,
            worker=worker,
            queue=clouds.queue(cache),
            lines=_lines(settings, place, stack),
            shared_key=shared_key,
        )


def _lines(settings: Settings, place: Place, stack: AsyncExitStack) -> Inbox | None:
    """The buffer of log lines; an edge passes them on and has none."""
    if place.role is Role.EDGE:
        return None
    made = (SharedInbox if place.shares else SqliteInbox)(
        settings.directory / "logs.sqlite", most_bytes=settings.log_buffer_mb << 20
    )
    stack.push_async_callback(made.close)
    return made


async def _open_database(
    settings: Settings, stack: AsyncExitStack, prepare: Callable[[str], Awaitable[None]]
) -> Database:
    """The database once `prepare` is done with it."""
    url = settings.database_url
    if not url:
        file = settings.directory / "tikfleet.sqlite"
        stack.callback((await asyncio.to_thread(OpenLog, file)).close)
        url = sqlite_url(file)
    await prepare(url)
    database = open_database(url)
    stack.push_async_callback(database.close)
    return database


async def _asked(settings: Settings, place: Place, worker: WorkerWarehouse, stack: AsyncExitStack) -> Warehouse:
    """The warehouse for a process that does not hold it: its server, where it has one, or the worker."""
    if settings.warehouse_server is None or place.role is Role.EDGE:
        return worker
    served = await open_served(settings, settings.warehouse_server)
    stack.push_async_callback(served.close)
    if place.role is Role.FUNCTION:
        await served.prepare(fact_tables(settings))
    return served


async def _open_bus(place: Place, database: Database) -> tuple[Bus, FeedBus | None]:
    if not place.shares:
        return MemoryBus(), None
    feed = FeedBus(MemoryBus(), database, f"{place.name}-{os.getpid()}", utc_now)
    # Before anything is read that news could make stale.
    await feed.begin()
    return feed, feed


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
