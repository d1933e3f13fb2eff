"""The warehouse on ClickHouse servers: one, copies of one, or shards."""

import hashlib
from collections.abc import Sequence
from typing import Any, Self

import msgspec

from tikfleet.adapters.clickhouse.driver import ServerAddress
from tikfleet.adapters.clickhouse.relocation import ClickHouseTarget
from tikfleet.adapters.clickhouse.server import WHOLE, Server, ServerLimits, Session
from tikfleet.adapters.clickhouse_sql import forgetting, native, queries
from tikfleet.adapters.clickhouse_sql.listings import Settings, listed
from tikfleet.adapters.clickhouse_sql.migrations import LEDGER, Migration
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    Answer,
    Batch,
    FactQuery,
    FactTable,
    QueryTooHeavy,
    Row,
    TableSize,
    WarehouseUnavailable,
)


class _Cost(msgspec.Struct):
    elapsed: float = 0.0
    rows_read: int = 0


class _Document(msgspec.Struct):
    data: list[list[Any]]
    statistics: _Cost


class ClickHouseWarehouse:
    """Keeps `tikfleet.ports.warehouse.Warehouse`. Many processes may share one database.

    On one server a power cut of that server can leave the note of an insert without its rows, in the instant between
    the two; copies keep both in Keeper, in one step.
    """

    def __init__(self, server: Server, topology: Topology, limits: ServerLimits) -> None:
        self._server = server
        self._topology = topology
        self._bounds = {
            "max_execution_time": limits.query_time_s,
            "max_memory_usage": limits.query_memory_bytes,
            "max_threads": limits.query_threads,
        }
        self._tables: dict[str, FactTable] = {}

    @classmethod
    async def open(
        cls, address: ServerAddress, topology: Topology | None = None, limits: ServerLimits | None = None
    ) -> Self:
        """Raises `WarehouseUnavailable` when the server does not answer or the driver is not installed."""
        limits = limits or ServerLimits()
        return cls(await Server.open(address, limits), topology or Topology(), limits)

    async def prepare(self, tables: Sequence[FactTable]) -> None:
        """As the port says."""
        await self._server.write(lambda session: Migration(session, self._topology).apply(tables))
        self._tables |= {table.name: table for table in tables}

    async def append(self, batch: Batch) -> None:
        """As the port says: each table's rows are one block, whose token makes its second copy a no-op."""
        token = hashlib.sha256(batch.id.encode()).hexdigest()
        parts = [(self._table(name), rows) for name, rows in batch.rows.items() if rows]
        try:
            await self._server.write(lambda session: self._insert_all(session, token, parts))
        except QueryTooHeavy as cause:
            raise WarehouseUnavailable("the ClickHouse server is out of memory for writing", retry_after_s=5) from cause

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        """As the port says."""
        if query.listing:
            return await listed(query, lambda part, settings: self._answer(scope, part, settings))
        return await self._answer(scope, query, {})

    async def _answer(self, scope: OrgScope, query: FactQuery, settings: Settings) -> Answer:
        statement = queries.compile_query(self._table(query.table), scope, query, self._topology.database)
        bounds = {**self._bounds, **statement.settings, **settings}
        body = await self._server.read(lambda session: session.ask(statement.sql, statement.parameters, bounds))
        document = msgspec.json.decode(body, type=_Document)
        return Answer(
            statement.columns, document.data, document.statistics.elapsed * 1000, document.statistics.rows_read
        )

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None:
        """As the port says."""
        found = self._table(table)
        await self._server.write(lambda session: forgetting.forget(session, self._topology, found, scope, before_ms))

    async def storage(self) -> Sequence[TableSize]:
        """As the port says. Of copies, one is counted."""
        return await self._server.read(self._sizes)

    async def close(self) -> None:
        """As the port says."""
        await self._server.close()

    def target(self) -> ClickHouseTarget:
        """This store as what another is moved to; it must not have been prepared."""
        return ClickHouseTarget(self._server, self._topology)

    def _table(self, name: str) -> FactTable:
        try:
            return self._tables[name]
        except KeyError as cause:
            raise ValueError(f"the fact table {name!r} was not prepared") from cause

    def _insert_all(self, session: Session, token: str, parts: Sequence[tuple[FactTable, Sequence[Row]]]) -> None:
        settings = WHOLE | {
            "insert_deduplication_token": token,
            "deduplicate_blocks_in_dependent_materialized_views": 1,
        }
        if self._topology.sharded:
            # Answered once every shard has its part; each shard knows the token again.
            settings |= {"distributed_foreground_insert": 1}
        for table, rows in parts:
            names = [column.name for column in table.columns]
            block = native.block(table.columns, rows)
            session.insert(self._topology.asked(table.name), names, block, settings)

    def _sizes(self, session: Session) -> list[TableSize]:
        topology = self._topology
        parts = f"cluster('{topology.cluster}', system.parts)" if topology.cluster else "system.parts"
        found = session.rows(
            f"SELECT replaceRegexpOne(table, '_local$', '') AS name, sum(rows), sum(bytes_on_disk) FROM {parts} "
            f"WHERE active AND database = '{topology.database}' AND table != '{LEDGER}' GROUP BY name ORDER BY name"
        )
        return [TableSize(*row) for row in found]
