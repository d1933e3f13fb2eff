"""ClickHouse servers as what a warehouse is moved to."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from tikfleet.adapters.clickhouse.server import WHOLE, Server, Session
from tikfleet.adapters.clickhouse_sql import slices
from tikfleet.adapters.clickhouse_sql.migrations import Migration
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.adapters.fact_values.stored import stored_columns
from tikfleet.ports.relocation import Block, Form, Slice, Tally, TargetInUse
from tikfleet.ports.warehouse import FactTable


class ClickHouseTarget:
    """Keeps `tikfleet.ports.relocation.RelocationTarget`. The views that fill rollups are made last."""

    form = Form.NATIVE

    def __init__(self, server: Server, topology: Topology) -> None:
        self._server = server
        self._topology = topology
        self._tables: Sequence[FactTable] = ()

    async def begin(self, tables: Sequence[FactTable], *, fresh: bool) -> None:
        """As the port says."""
        await self._server.write(lambda session: self._begin(session, tables, fresh=fresh))
        self._tables = tables

    async def tally(self, part: Slice) -> Tally:
        """As the port says."""
        table, rollup = slices.part_of(self._tables, part)
        sql = slices.tally_query(table, rollup, part, self._topology.asked(slices.name_of(table, rollup)))
        ((rows, checksum),) = await self._server.write(lambda session: session.rows(sql))
        return Tally(rows, int(checksum))

    async def clear(self, part: Slice) -> None:
        """As the port says: the whole partition goes, and only we have put anything into it."""
        table, rollup = slices.part_of(self._tables, part)
        name = self._topology.local(slices.name_of(table, rollup))
        sql = f"ALTER TABLE {name}{self._topology.on_cluster} DROP PARTITION {int(part.partition):d}"
        await self._server.write(lambda session: session.run(sql))

    async def put(self, part: Slice, block: Block) -> None:
        """As the port says."""
        table, rollup = slices.part_of(self._tables, part)
        name = self._topology.asked(slices.name_of(table, rollup))
        columns = [column.name for column in stored_columns(table, rollup)]
        # A slice is cleared before it is put again: a block that was there once is not a copy to be left out.
        settings: dict[str, Any] = WHOLE | {"insert_deduplication_token": uuid4().hex}
        if self._topology.sharded:
            settings["distributed_foreground_insert"] = 1
        await self._server.write(lambda session: session.insert(name, columns, block.native, settings))

    async def finish(self, tables: Sequence[FactTable]) -> None:
        """As the port says."""
        await self._server.write(lambda session: Migration(session, self._topology).apply(tables))

    def _begin(self, session: Session, tables: Sequence[FactTable], *, fresh: bool) -> None:
        migration = Migration(session, self._topology)
        if migration.begin(tables):
            raise TargetInUse(f"a platform has been started on the database {self._topology.database}")
        migration.hold(tables)
        if fresh and (name := self._first_filled(session, tables)):
            raise TargetInUse(f"{name} of the database {self._topology.database} holds rows")

    def _first_filled(self, session: Session, tables: Sequence[FactTable]) -> str:
        names = [slices.name_of(table, rollup) for table in tables for rollup in (None, *table.rollups)]
        return next((n for n in names if session.rows(f"SELECT count() FROM {self._topology.asked(n)}") != [[0]]), "")
