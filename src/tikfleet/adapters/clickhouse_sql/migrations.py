"""Fact tables as they are brought to the version that the program declares. Changes only add."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from tikfleet.adapters.clickhouse_sql import schema, views
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.ports.warehouse import FactTable, WarehouseNewer

LEDGER = "fact_versions"


class Statements(Protocol):
    """Where statements run, one after the other."""

    def run(self, sql: str) -> None: ...

    def rows(self, sql: str) -> list[list[Any]]:
        """What a question gives."""
        ...


class Migration:
    """Makes or extends tables over one connection."""

    def __init__(self, statements: Statements, topology: Topology) -> None:
        self._statements = statements
        self._topology = topology

    def apply(self, tables: Sequence[FactTable]) -> None:
        """Make or extend the tables; nothing is changed when one of them is newer in the store."""
        stored = self.begin(tables)
        for table in tables:
            self._bring(table, new=table.name not in stored, grown=stored.get(table.name) != table.version)

    def begin(self, tables: Sequence[FactTable]) -> dict[str, int]:
        """The versions that the store has, after making the database where there is none. Raises `WarehouseNewer`."""
        topology = self._topology
        self._statements.run(f"CREATE DATABASE IF NOT EXISTS {topology.database}{topology.on_cluster} ENGINE = Atomic")
        self._statements.run(
            f"CREATE TABLE IF NOT EXISTS {self._ledger}{topology.on_cluster} (name String, version UInt32) "
            f"ENGINE = {_ledger_engine(topology)} ORDER BY name "
            "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
        )
        found = self._statements.rows(f"SELECT name, max(version) FROM {self._ledger} GROUP BY name")
        stored: dict[str, int] = dict(found)
        for table in tables:
            if stored.get(table.name, 0) > table.version:
                raise WarehouseNewer(
                    f"the store has version {stored[table.name]} of {table.name}; this program knows {table.version}"
                )
        return stored

    def hold(self, tables: Sequence[FactTable]) -> None:
        """Make the tables without the views that fill rollups, so that rollups can be copied beside the rows."""
        for table in tables:
            for statement in schema.create_table(table, self._topology):
                self._statements.run(statement)
            for rollup in table.rollups:
                name = f"{self._topology.asked(schema.rollup_table(table, rollup))}_view"
                self._statements.run(f"DROP VIEW IF EXISTS {name}{self._topology.on_cluster}")
                for statement in schema.create_rollup(table, rollup, self._topology):
                    self._statements.run(statement)

    @property
    def _ledger(self) -> str:
        return f"{self._topology.database}.{LEDGER}"

    def _bring(self, table: FactTable, *, new: bool, grown: bool) -> None:
        topology = self._topology
        self._table(table.name, schema.create_table(table, topology), schema.base_columns(table), new=new)
        for index, definition in () if new else schema.base_indexes(table):
            # Of rows that are there already it is made as their parts are merged.
            added = f"ADD INDEX IF NOT EXISTS {index} {definition}"
            self._statements.run(f"ALTER TABLE {topology.local(table.name)}{topology.on_cluster} {added}")
        self._keep(table.name, table.moment, table.keep_days)
        for rollup in table.rollups:
            name = schema.rollup_table(table, rollup)
            create = schema.create_rollup(table, rollup, topology)
            self._table(name, create, schema.rollup_columns(table, rollup), new=new)
            self._keep(name, "bucket", rollup.keep_days)
            self._statements.run(views.create_view(table, rollup, topology))
            if grown and not new:
                # Changed in place: a replayed batch is recognised by the view that it went through.
                query = views.view_query(table, rollup, topology)
                self._statements.run(
                    f"ALTER TABLE {topology.asked(name)}_view{topology.on_cluster} MODIFY QUERY {query}"
                )
        if grown:
            self._statements.run(f"INSERT INTO {self._ledger} VALUES ('{table.name}', {table.version:d})")

    def _table(self, name: str, create: Sequence[str], columns: Iterable[tuple[str, str]], *, new: bool) -> None:
        for statement in create:
            self._statements.run(statement)
        if new:
            return
        topology, definitions = self._topology, list(columns)
        for target in dict.fromkeys((topology.local(name), topology.asked(name))):
            present = {row[0] for row in self._statements.rows(f"DESCRIBE TABLE {target}")}
            for column, definition in definitions:
                if column not in present:
                    added = f"ADD COLUMN IF NOT EXISTS {column} {definition}"
                    self._statements.run(f"ALTER TABLE {target}{topology.on_cluster} {added}")

    def _keep(self, name: str, moment: str, keep_days: int) -> None:
        wanted = schema.retention(moment, keep_days)
        database, table = self._topology.local(name).split(".")
        ((definition,),) = self._statements.rows(
            f"SELECT create_table_query FROM system.tables WHERE database = '{database}' AND name = '{table}'"
        )
        if f"TTL {wanted}" not in definition:
            self._statements.run(
                f"ALTER TABLE {database}.{table}{self._topology.on_cluster} MODIFY TTL {wanted} "
                "SETTINGS materialize_ttl_after_modify = 0"
            )


def _ledger_engine(topology: Topology) -> str:
    if not topology.cluster:
        return "ReplacingMergeTree(version)"
    # One ledger for the whole cluster: every server of every shard is a copy of it.
    return "ReplicatedReplacingMergeTree('/clickhouse/tables/{database}/{table}', '{shard}-{replica}', version)"
