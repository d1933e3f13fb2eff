"""Rows of some organisations removed before the table's own time is over."""

from collections.abc import Sequence
from typing import Any, Protocol

from tikfleet.adapters.clickhouse_sql.queries import text_array
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import FactTable


class Statements(Protocol):
    """One connection."""

    def run(self, sql: str) -> None: ...

    def rows(self, sql: str) -> Sequence[Sequence[Any]]: ...


def forget(statements: Statements, topology: Topology, table: FactTable, scope: OrgScope, before_ms: int) -> None:
    """Have the engine rewrite the parts that hold such rows, beside other work, if there are any.

    Not by a lightweight DELETE, which hides rows and leaves them on the disk until some merge.
    """
    where = f"org_id IN {text_array(scope.org_ids)} AND {table.moment} < fromUnixTimestamp64Milli({before_ms:d}, 'UTC')"
    if statements.rows(f"SELECT 1 FROM {topology.asked(table.name)} WHERE {where} LIMIT 1"):
        statements.run(f"ALTER TABLE {topology.local(table.name)}{topology.on_cluster} DELETE WHERE {where}")
