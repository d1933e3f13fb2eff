"""Where the contract of the warehouse is tested: each engine opens stores by name, with bounds of a test's choosing.

`TIKFLEET_TEST_CLICKHOUSE` and `TIKFLEET_TEST_SINGLESTORE` name real servers (`http://user:password@host:8123`,
`mysql://user:password@host:3306`) that take the place of the stand-ins; the user must be able to make databases.
"""

import os
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

import singlestoredb.mysql

from tests.contract.servers import ClickHouseServer, MariadbServer
from tikfleet.adapters.chdb.engine import EngineLimits
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.clickhouse import driver as clickhouse_driver
from tikfleet.adapters.clickhouse import server as clickhouse_limits
from tikfleet.adapters.clickhouse.warehouse import ClickHouseWarehouse
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.adapters.singlestore.dialect import Dialect, Mysql, SingleStore
from tikfleet.adapters.singlestore.driver import ServerAddress
from tikfleet.adapters.singlestore.server import ServerLimits
from tikfleet.adapters.singlestore.warehouse import SingleStoreWarehouse
from tikfleet.adapters.worker.server import answering
from tikfleet.adapters.worker.warehouse import WorkerWarehouse
from tikfleet.kernel.ids import new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Batch, FactTable, Warehouse


class Stores(Protocol):
    """One engine: opens the store of a name, which keeps what it was given; closes what is left."""

    async def open(self, name: str, *, tight: bool = False) -> Warehouse:
        """`tight`: questions may take next to nothing."""
        ...

    def end(self) -> None: ...


class ChdbStores:
    """Directories."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def open(self, name: str, *, tight: bool = False) -> Warehouse:
        limits = EngineLimits(query_memory_bytes=4 << 20) if tight else None
        return await ChdbWarehouse.open(self._directory / name, limits)

    def end(self) -> None: ...


class WorkerStores:
    """Directories again, each held by a worker that is asked over its socket."""

    def __init__(self, chdb: Stores) -> None:
        self._chdb = chdb

    async def open(self, name: str, *, tight: bool = False) -> Warehouse:
        # A socket's path has a bound of its own, and pytest's directories are long.
        path = Path(tempfile.mkdtemp(prefix="tikfleet-worker-")) / "warehouse.sock"
        return await Asked.open(path, await self._chdb.open(f"asked-{name}", tight=tight))

    def end(self) -> None: ...


class Asked(WorkerWarehouse):
    """The asking side, which lets its worker prepare and append, and ends it."""

    @classmethod
    async def open(cls, path: Path, inner: Warehouse) -> "Asked":
        made = cls(path)
        made.inner, made.stack = inner, AsyncExitStack()
        await made.stack.enter_async_context(answering(path, inner, dict))
        return made

    inner: Warehouse
    stack: AsyncExitStack

    async def prepare(self, tables: Sequence[FactTable]) -> None:
        await self.inner.prepare(tables)

    async def append(self, batch: Batch) -> None:
        await self.inner.append(batch)

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None:
        await self.inner.forget(table, scope, before_ms)

    async def close(self) -> None:
        await super().close()
        await self.stack.aclose()
        await self.inner.close()


class ClickHouseStores:
    """Databases on one server."""

    def __init__(self, directory: Path) -> None:
        url = os.environ.get("TIKFLEET_TEST_CLICKHOUSE", "")
        self._url: SplitResult = urlsplit(url)
        self._prefix = new_id("t").replace("-", "_").lower()
        self.server = None if url else ClickHouseServer(directory)
        if self.server:
            self.server.start()

    @property
    def address(self) -> clickhouse_driver.ServerAddress:
        if self.server:
            return clickhouse_driver.ServerAddress("127.0.0.1", self.server.port)
        url = self._url
        return clickhouse_driver.ServerAddress(
            url.hostname or "", url.port or 8123, url.username or "default", url.password or "", url.scheme == "https"
        )

    async def open(self, name: str, *, tight: bool = False) -> Warehouse:
        limits = clickhouse_limits.ServerLimits(query_memory_bytes=4 << 20) if tight else None
        return await ClickHouseWarehouse.open(self.address, Topology(f"{self._prefix}_{name}"), limits)

    def end(self) -> None:
        if self.server:
            self.server.stop()


class SingleStoreStores:
    """Databases on one server: SingleStore where one is named, MariaDB otherwise."""

    def __init__(self, directory: Path) -> None:
        url = os.environ.get("TIKFLEET_TEST_SINGLESTORE", "")
        self._url: SplitResult = urlsplit(url)
        self._prefix = new_id("t").replace("-", "_").lower()
        self.dialect: Dialect = SingleStore() if url else Mysql()
        self.server = None if url else MariadbServer(directory)
        if self.server:
            self.server.start()

    def address(self, name: str) -> ServerAddress:
        database = f"{self._prefix}_{name}"
        if self.server:
            return ServerAddress("127.0.0.1", self.server.port, database)
        url = self._url
        return ServerAddress(url.hostname or "", url.port or 3306, database, url.username or "root", url.password or "")

    async def open(self, name: str, *, tight: bool = False) -> Warehouse:
        address = self.address(name)
        login = {"host": address.host, "port": address.port, "user": address.user, "password": address.password}
        with singlestoredb.mysql.connect(**login) as connection:
            connection.cursor().execute(f"CREATE DATABASE IF NOT EXISTS {address.database}")
        limits = ServerLimits(query_time_s=0.05) if tight else None
        return await SingleStoreWarehouse.open(address, self.dialect, limits)

    def end(self) -> None:
        if self.server:
            self.server.stop()
