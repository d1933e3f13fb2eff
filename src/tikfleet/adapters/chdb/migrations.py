"""Fact tables as they are brought to the version that the program declares. Changes only add."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from chdb.state.sqlitelike import Connection

from tikfleet.adapters.chdb import schema
from tikfleet.adapters.chdb.engine import rows_of
from tikfleet.adapters.chdb.schema import DATABASE
from tikfleet.ports.warehouse import FactTable, WarehouseNewer

_LEDGER: Final = f"{DATABASE}.fact_versions"


def apply(connection: Connection, tables: Sequence[FactTable]) -> None:
    """Make or extend the tables; nothing is changed when one of them is newer in the store."""
    connection.query(f"CREATE DATABASE IF NOT EXISTS {DATABASE} ENGINE = Atomic")
    connection.query(
        f"CREATE TABLE IF NOT EXISTS {_LEDGER} (name String, version UInt32) ENGINE = ReplacingMergeTree(version) "
        "ORDER BY name SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
    )
    stored: dict[str, int] = dict(_rows(connection, f"SELECT name, max(version) FROM {_LEDGER} GROUP BY name"))
    for table in tables:
        if stored.get(table.name, 0) > table.version:
            raise WarehouseNewer(
                f"the store has version {stored[table.name]} of {table.name}; this program knows {table.version}"
            )
    for table in tables:
        _bring(connection, table, new=table.name not in stored, grown=stored.get(table.name) != table.version)


def _bring(connection: Connection, table: FactTable, *, new: bool, grown: bool) -> None:
    _table(connection, table.name, schema.create_table(table), schema.base_columns(table), new=new)
    _keep(connection, table.name, table.moment, table.keep_days)
    for rollup in table.rollups:
        name = schema.rollup_table(table, rollup)
        _table(connection, name, schema.create_rollup(table, rollup), schema.rollup_columns(table, rollup), new=new)
        _keep(connection, name, "bucket", rollup.keep_days)
        connection.query(schema.create_view(table, rollup))
        if grown and not new:
            # Changed in place: a replayed batch is recognised by the view that it went through.
            connection.query(f"ALTER TABLE {DATABASE}.{name}_view MODIFY QUERY {schema.view_query(table, rollup)}")
    if grown:
        connection.query(f"INSERT INTO {_LEDGER} VALUES ('{table.name}', {table.version:d})")


def _table(connection: Connection, name: str, create: str, columns: Iterable[tuple[str, str]], *, new: bool) -> None:
    connection.query(create)
    if new:
        return
    present = {row[0] for row in _rows(connection, f"DESCRIBE TABLE {DATABASE}.{name}")}
    for column, definition in columns:
        if column not in present:
            connection.query(f"ALTER TABLE {DATABASE}.{name} ADD COLUMN IF NOT EXISTS {column} {definition}")


def _keep(connection: Connection, name: str, moment: str, keep_days: int) -> None:
    wanted = schema.retention(moment, keep_days)
    ((definition,),) = _rows(
        connection, f"SELECT create_table_query FROM system.tables WHERE database = '{DATABASE}' AND name = '{name}'"
    )
    if f"TTL {wanted}" not in definition:
        connection.query(f"ALTER TABLE {DATABASE}.{name} MODIFY TTL {wanted} SETTINGS materialize_ttl_after_modify = 0")


def _rows(connection: Connection, sql: str) -> list[list[Any]]:
    return rows_of(connection.query(sql, "JSONCompactEachRow"))
