"""Which adapter stands behind the warehouse port."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import assert_never

from tikfleet.adapters.chdb.engine import EngineLimits
from tikfleet.adapters.chdb.lock import DirectoryLock
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.clickhouse.driver import ServerAddress as ClickHouseAddress
from tikfleet.adapters.clickhouse.warehouse import ClickHouseWarehouse
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.adapters.singlestore.driver import ServerAddress as SingleStoreAddress
from tikfleet.adapters.singlestore.warehouse import SingleStoreWarehouse
from tikfleet.app.settings import Settings, SettingsWrong
from tikfleet.app.warehouse_address import Engine, WarehouseServer, password_of
from tikfleet.ports.warehouse import Warehouse

ServedWarehouse = ClickHouseWarehouse | SingleStoreWarehouse


async def open_warehouse(settings: Settings, stack: AsyncExitStack) -> tuple[Warehouse, ChdbWarehouse | None]:
    """The warehouse that the settings name, closed by `stack`; and again where it is this process's own."""
    # The directory's lock is taken first, whatever keeps the rows: it tells a second process to go.
    if settings.warehouse_server is None:
        store = await open_embedded(settings)
        stack.push_async_callback(store.close)
        return store, store
    stack.callback(DirectoryLock(embedded_directory(settings)).release)
    warehouse = await open_served(settings, settings.warehouse_server)
    stack.push_async_callback(warehouse.close)
    return warehouse, None


async def open_embedded(settings: Settings) -> ChdbWarehouse:
    """The engine in this process. Raises `WarehouseUnavailable` where another holds the directory."""
    limits = EngineLimits(memory_bytes=settings.warehouse_memory_mb << 20)
    return await ChdbWarehouse.open(embedded_directory(settings), limits)


async def open_served(settings: Settings, server: WarehouseServer) -> ServedWarehouse:
    """The adapter of a server. Raises `WarehouseUnavailable`."""
    password = await asyncio.to_thread(_password, settings)
    match server.engine:
        case Engine.CLICKHOUSE:
            address = ClickHouseAddress(
                server.host, server.port, server.user, password, server.tls, settings.warehouse_ca
            )
            return await ClickHouseWarehouse.open(address, topology_of(settings, server))
        case Engine.SINGLESTORE:
            return await SingleStoreWarehouse.open(
                SingleStoreAddress(
                    server.host, server.port, server.database, server.user, password, server.tls, settings.warehouse_ca
                )
            )
        case Engine.CHDB:
            raise ValueError("the embedded engine has no server")
        case unknown:
            assert_never(unknown)


def embedded_directory(settings: Settings) -> Path:
    """Where the embedded engine keeps its rows; its lock tells a second process on the data directory to go."""
    return settings.directory / "warehouse"


def topology_of(settings: Settings, server: WarehouseServer) -> Topology:
    """How the tables lie on the servers of a cluster."""
    return Topology(server.database, settings.warehouse_cluster, settings.warehouse_sharded)


def _password(settings: Settings) -> str:
    try:
        return password_of(settings.warehouse_password, settings.warehouse_password_file)
    except OSError as cause:
        raise SettingsWrong(f"warehouse_password_file can't be read: {cause.strerror}") from cause
