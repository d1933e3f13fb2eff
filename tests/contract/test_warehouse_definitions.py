"""The definitions that no server here can be given: their text is held, and read by a parser where there is one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chdb.state.sqlitelike import Connection

from tikfleet.adapters.clickhouse_sql import views as clickhouse_views
from tikfleet.adapters.clickhouse_sql.migrations import Migration
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.adapters.singlestore import schema as singlestore_schema
from tikfleet.adapters.singlestore.dialect import SingleStore
from tikfleet.adapters.singlestore.migrations import own_tables
from tikfleet.domains.telemetry.public import Retention, telemetry_tables
from tikfleet.ports.warehouse import Aggregate, Column, FactTable, Kind, Rollup, Span

GOLDEN = Path(__file__).parent / "golden"
READINGS = FactTable(
    "readings",
    1,
    (
        Column("org_id", Kind.LABEL),
        Column("device_id", Kind.LABEL),
        Column("received_at", Kind.MOMENT),
        Column("load", Kind.U8, optional=True),
        Column("note", Kind.TEXT),
    ),
    ("device_id", "received_at"),
    Span.DAY,
    30,
    (
        Rollup(
            "1h",
            3600,
            ("device_id",),
            {"load": (Aggregate.SUM, Aggregate.MAX), "note": (Aggregate.LAST,)},
            Span.MONTH,
            400,
        ),
        Rollup("fleet_1m", 60, (), {"load": (Aggregate.SUM,)}, Span.YEAR, 400),
    ),
)


class Recorded:
    """Takes statements down; tells migrations that there is nothing yet."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def run(self, sql: str) -> None:
        self.statements.append(sql)

    def rows(self, sql: str) -> list[list[Any]]:
        if "create_table_query" in sql:
            return [["TTL toDate32(received_at) + toIntervalDay(30) TTL toDate32(bucket) + toIntervalDay(400)"]]
        return []


def clickhouse(topology: Topology, *tables: FactTable) -> list[str]:
    recorded = Recorded()
    Migration(recorded, topology).apply(tables)
    return recorded.statements


TEXTS = {
    "clickhouse-single": clickhouse(Topology(), READINGS),
    "clickhouse-replicated": clickhouse(Topology("fleet", "main"), READINGS),
    "clickhouse-sharded": clickhouse(Topology("fleet", "main", sharded=True), READINGS),
    "singlestore": [
        *own_tables(SingleStore()),
        *singlestore_schema.create_statements(READINGS, SingleStore()),
        *(singlestore_schema.add_to_rollup(READINGS, rollup, SingleStore()) for rollup in READINGS.rollups),
        SingleStore.sizes,
    ],
}


@pytest.mark.parametrize("name", TEXTS)
def test_definitions_are_those_that_were_read_and_agreed(name: str) -> None:
    assert "\n".join(f"{sql};" for sql in TEXTS[name]) + "\n" == (GOLDEN / f"{name}.sql").read_text()


@pytest.fixture
def engine() -> Iterator[Connection]:
    """The engine, for a moment: a process has one store at a time."""
    connection = Connection(":memory:")
    yield connection
    connection.close()


@pytest.mark.parametrize("topology", [Topology("fleet", "main"), Topology("fleet", "main", sharded=True)], ids=repr)
def test_every_definition_for_a_cluster_is_sql_to_the_engine(engine: Connection, topology: Topology) -> None:
    statements = clickhouse(topology, *telemetry_tables(Retention()))

    assert len(statements) > 20
    for statement in statements:
        assert engine.query(f"EXPLAIN AST {statement}", "TabSeparated").bytes()


def test_the_engine_tells_what_is_no_sql(engine: Connection) -> None:
    with pytest.raises(RuntimeError, match="SYNTAX_ERROR"):
        engine.query("EXPLAIN AST CREATE TABLE t ON CLUSTER main (a String) ENGINE = = Memory")


def test_a_key_that_spreads_singlestore_rows_is_part_of_what_is_unique() -> None:
    for table in telemetry_tables(Retention()):
        for statement in singlestore_schema.create_statements(table, SingleStore()):
            if "UNIQUE KEY" in statement:
                unique = set(statement.split("UNIQUE KEY one (")[1].split(")")[0].split(", "))
                shard = set(statement.split("SHARD KEY (")[1].split(")")[0].split(", "))
                assert shard <= unique


def test_a_view_reads_and_fills_the_tables_of_its_own_server() -> None:
    topology = Topology("fleet", "main", sharded=True)
    view = clickhouse_views.create_view(READINGS, READINGS.rollups[0], topology)

    assert "fleet.readings_1h_view ON CLUSTER main TO fleet.readings_1h_local" in view
    assert "FROM fleet.readings_local" in view
