"""The warehouse in this process: chDB, which is ClickHouse as a library."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from tikfleet.adapters.chdb import snapshots
from tikfleet.adapters.chdb.engine import Engine, EngineLimits, Statements, rows_of
from tikfleet.adapters.chdb.lock import DirectoryLock
from tikfleet.adapters.chdb.recovery import closed_cleanly, recover, sync_notes
from tikfleet.adapters.chdb.relocation import ChdbSource
from tikfleet.adapters.clickhouse_sql import forgetting, native, queries
from tikfleet.adapters.clickhouse_sql.listings import Settings, listed
from tikfleet.adapters.clickhouse_sql.migrations import LEDGER, Migration
from tikfleet.adapters.clickhouse_sql.schema import rollup_table
from tikfleet.adapters.clickhouse_sql.topology import DATABASE, Topology
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

if TYPE_CHECKING:
    from chdb.state.sqlitelike import Connection

_ENGINE: Final = "engine"


class ChdbWarehouse:
    """Keeps `tikfleet.ports.warehouse.Warehouse`. One process may hold a directory, and one directory per process."""

    def __init__(self, directory: Path, lock: DirectoryLock, engine: Engine, limits: EngineLimits) -> None:
        self._directory = directory
        self._lock = lock
        self._engine = engine
        self._bounds = (
            f" SETTINGS max_execution_time = {limits.query_time_s}, max_memory_usage = {limits.query_memory_bytes}, "
            f"max_threads = {limits.query_threads}, output_format_json_quote_denormals = 0, "
            "output_format_json_quote_64bit_integers = 0"
        )
        self._tables: dict[str, FactTable] = {}
        self._paths: dict[str, Path] = {}

    @classmethod
    async def open(cls, directory: Path, limits: EngineLimits | None = None) -> Self:
        """Raises `WarehouseUnavailable` when another process holds the directory or it can't be opened."""
        limits = limits or EngineLimits()
        lock = DirectoryLock(directory)
        try:
            await asyncio.to_thread(recover, directory / _ENGINE)
            engine = await asyncio.to_thread(Engine, directory / _ENGINE, limits)
        except OSError as cause:
            lock.release()
            raise WarehouseUnavailable(f"the telemetry store {directory} can't be read or written") from cause
        except WarehouseUnavailable:
            lock.release()
            raise
        return cls(directory / _ENGINE, lock, engine, limits)

    async def prepare(self, tables: Sequence[FactTable]) -> None:
        """As the port says."""
        await self._engine.write(lambda connection: Migration(Statements(connection), Topology()).apply(tables))
        await self._engine.write(_remove_one_by_one)
        self._paths |= await self._engine.read(_data_paths)
        self._tables |= {table.name: table for table in tables}

    async def append(self, batch: Batch) -> None:
        """As the port says: each table's rows are one block, whose token makes its second copy a no-op."""
        token = hashlib.sha256(batch.id.encode()).hexdigest()
        parts = [(self._table(name), rows) for name, rows in batch.rows.items() if rows]
        written = [name for table, _ in parts for name in _names(table)]
        try:
            await self._engine.write(lambda connection: _insert_all(connection, token, parts))
            await asyncio.to_thread(sync_notes, [self._paths[name] for name in written])
        except OSError as cause:
            raise WarehouseUnavailable("the telemetry store can't sync what it wrote", retry_after_s=5) from cause
        except QueryTooHeavy as cause:
            raise WarehouseUnavailable("the telemetry store is out of memory for writing", retry_after_s=5) from cause

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        """As the port says."""
        if query.listing:
            return await listed(query, lambda part, settings: self._answer(scope, part, settings))
        return await self._answer(scope, query, {})

    async def _answer(self, scope: OrgScope, query: FactQuery, settings: Settings) -> Answer:
        statement = queries.compile_query(self._table(query.table), scope, query)
        bounds = self._bounds + "".join(
            f", {name} = {value:d}" for name, value in {**statement.settings, **settings}.items()
        )
        return await self._engine.read(lambda connection: _ask(connection, statement, bounds))

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None:
        """As the port says."""
        found = self._table(table)
        await self._engine.write(
            lambda connection: forgetting.forget(Statements(connection), Topology(), found, scope, before_ms)
        )

    async def storage(self) -> Sequence[TableSize]:
        """As the port says."""
        return await self._engine.read(_sizes)

    async def freeze(self, name: str) -> snapshots.Snapshot:
        """All that was appended before, as a directory that stays as it is until `thaw` (see `snapshots.freeze`)."""
        try:
            return await self._engine.write(lambda connection: snapshots.freeze(connection, self._directory, name))
        except OSError as cause:
            raise WarehouseUnavailable("the telemetry store cannot be frozen") from cause

    async def thaw(self, name: str) -> None:
        """Remove what was frozen under this name, if anything was."""
        await asyncio.to_thread(snapshots.drop, self._directory, name)

    async def close(self) -> None:
        """As the port says."""
        await self._engine.close()
        closed_cleanly(self._directory)
        self._lock.release()

    def source(self) -> ChdbSource:
        """This store as what is moved to another; it must be prepared, and not be appended to any more."""
        return ChdbSource(self._engine, list(self._tables.values()))

    def _table(self, name: str) -> FactTable:
        try:
            return self._tables[name]
        except KeyError as cause:
            raise ValueError(f"the fact table {name!r} was not prepared") from cause


def _names(table: FactTable) -> list[str]:
    return [table.name, *(rollup_table(table, rollup) for rollup in table.rollups)]


def _insert_all(connection: "Connection", token: str, parts: Sequence[tuple[FactTable, Sequence[Row]]]) -> None:
    for table, rows in parts:
        block = native.block(table.columns, rows)
        sql = (
            f"INSERT INTO {DATABASE}.{table.name} ({', '.join(column.name for column in table.columns)}) "
            f"SETTINGS insert_deduplication_token = '{token}', deduplicate_blocks_in_dependent_materialized_views = 1, "
            # A view gives each bucket once; to sort and join them again before they are written is a third of the cost.
            "optimize_on_insert = 0, max_partitions_per_insert_block = 0, max_insert_block_size = 100000000"
        )
        with connection.send_insert(sql, "Native") as insert:
            insert.append(block)
            insert.finish()


def _ask(connection: "Connection", statement: queries.Statement, bounds: str) -> Answer:
    began = time.perf_counter()
    result = connection.query(
        statement.sql + bounds, "JSONCompactEachRow", params=queries.wire_parameters(statement.parameters)
    )
    rows = rows_of(result)
    return Answer(statement.columns, rows, (time.perf_counter() - began) * 1000, result.storage_rows_read())


def _remove_one_by_one(connection: "Connection") -> None:
    """Over a hundred outdated parts at once would be removed by 128 threads of the engine, which then stay for good."""
    name = "concurrent_part_removal_threshold"
    sql = (
        f"SELECT name FROM system.tables WHERE database = '{DATABASE}' AND engine LIKE '%MergeTree' "
        f"AND engine_full NOT LIKE '%{name}%'"
    )
    for (table,) in rows_of(connection.query(sql, "JSONCompactEachRow")):
        connection.query(f"ALTER TABLE {DATABASE}.`{table}` MODIFY SETTING {name} = 1000000")


def _data_paths(connection: "Connection") -> dict[str, Path]:
    sql = f"SELECT name, data_paths[1] FROM system.tables WHERE database = '{DATABASE}' AND notEmpty(data_paths)"
    return {name: Path(path) for name, path in rows_of(connection.query(sql, "JSONCompactEachRow"))}


def _sizes(connection: "Connection") -> list[TableSize]:
    sql = (
        "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts "
        f"WHERE active AND database = '{DATABASE}' AND table != '{LEDGER}' GROUP BY table ORDER BY table"
    )
    return [TableSize(*row) for row in rows_of(connection.query(sql, "JSONCompactEachRow"))]
