"""The warehouse on SingleStore: rows, rollups and the batch's id are written in one transaction."""

import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, Self

from tikfleet.adapters.singlestore import migrations, queries, retention, schema, values
from tikfleet.adapters.singlestore.dialect import Dialect, SingleStore, quoted
from tikfleet.adapters.singlestore.driver import DUPLICATE, ServerAddress, code_of
from tikfleet.adapters.singlestore.relocation import SingleStoreTarget
from tikfleet.adapters.singlestore.server import Server, ServerLimits, Session
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

_SWEEP_S: Final = 3600.0


class SingleStoreWarehouse:
    """Keeps `tikfleet.ports.warehouse.Warehouse`. Many processes may share one database.

    There are no views that fill rollups: each batch adds to them what it brings, in the transaction that brings it.
    What is kept no longer goes at the start, and every hour while batches come.
    """

    def __init__(self, server: Server, dialect: Dialect) -> None:
        self._server = server
        self._dialect = dialect
        self._tables: dict[str, FactTable] = {}
        self._swept_s = 0.0

    @classmethod
    async def open(
        cls, address: ServerAddress, dialect: Dialect | None = None, limits: ServerLimits | None = None
    ) -> Self:
        """Raises `WarehouseUnavailable` when the server does not answer or the driver is not installed."""
        dialect = dialect or SingleStore()
        return cls(await Server.open(address, dialect, limits or ServerLimits()), dialect)

    async def prepare(self, tables: Sequence[FactTable]) -> None:
        """As the port says."""
        await self._server.write(lambda session: migrations.apply(session, tables, self._dialect))
        self._tables |= {table.name: table for table in tables}
        await self._sweep()

    async def append(self, batch: Batch) -> None:
        """As the port says, and more: nobody sees a part of a batch."""
        token = hashlib.sha256(batch.id.encode()).hexdigest()
        parts = [(self._table(name), rows) for name, rows in batch.rows.items() if rows]
        try:
            await self._server.write(lambda session: self._insert_all(session, token, parts))
        except QueryTooHeavy as cause:
            raise WarehouseUnavailable(
                "the SingleStore server is out of memory for writing", retry_after_s=5
            ) from cause
        if time.monotonic() - self._swept_s > _SWEEP_S:
            # The batch is stored; what could not be swept now is swept in an hour.
            with suppress(WarehouseUnavailable, QueryTooHeavy):
                await self._sweep()

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        """As the port says. The server does not tell what it read: `rows_read` is the length of the answer."""
        statement = queries.compile_query(self._table(query.table), scope, query)
        began = time.perf_counter()
        rows = await self._server.read(lambda session: session.rows(statement.sql, statement.parameters))
        return Answer(statement.columns, rows, (time.perf_counter() - began) * 1000, len(rows))

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None:
        """As the port says: an hour of rows at a time, so that batches go between."""
        found = self._table(table)
        while await self._server.write(lambda session: retention.forget(session, found, scope, before_ms)):
            pass

    async def storage(self) -> Sequence[TableSize]:
        """As the port says."""
        return await self._server.read(self._sizes)

    async def close(self) -> None:
        """As the port says."""
        await self._server.close()

    def target(self) -> SingleStoreTarget:
        """This store as what another is moved to; it must not have been prepared."""
        return SingleStoreTarget(self._server, self._dialect)

    def _table(self, name: str) -> FactTable:
        try:
            return self._tables[name]
        except KeyError as cause:
            raise ValueError(f"the fact table {name!r} was not prepared") from cause

    async def _sweep(self) -> None:
        self._swept_s = time.monotonic()
        tables = list(self._tables.values())
        await self._server.write(lambda session: retention.sweep(session, tables, datetime.now(UTC)))

    def _insert_all(self, session: Session, token: str, parts: Sequence[tuple[FactTable, Sequence[Row]]]) -> None:
        session.run("BEGIN")
        try:
            if _is_new(session, token):
                for table, rows in parts:
                    self._insert(session, token, table, rows)
            session.run("COMMIT")
        except BaseException:
            with suppress(Exception):
                session.run("ROLLBACK")
            raise

    def _insert(self, session: Session, token: str, table: FactTable, rows: Sequence[Row]) -> None:
        columns = ", ".join(quoted(column.name) for column in table.columns)
        literals = values.tuples(table, rows, session.escape)
        if not table.rollups:
            for packet in values.packets(literals):
                session.run(f"INSERT INTO {table.name} ({columns}) VALUES {packet}")
            return
        stage = schema.stage_table(table)
        for packet in values.packets([f"'{token}',{literal}" for literal in literals]):
            session.run(f"INSERT INTO {stage} (batch, {columns}) VALUES {packet}")
        session.run(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {stage} WHERE batch = %s", (token,))
        for rollup in table.rollups:
            session.run(schema.add_to_rollup(table, rollup, self._dialect), (token,))
        session.run(f"DELETE FROM {stage} WHERE batch = %s", (token,))

    def _sizes(self, session: Session) -> list[TableSize]:
        sizes = {name: int(size_bytes or 0) for name, size_bytes in session.rows(self._dialect.sizes)}
        names = sorted(name for table in self._tables.values() for name in _names(table))
        if not names:
            return []
        counts = session.rows(" UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM {name}" for name in names))
        return [TableSize(name, rows, sizes.get(name, 0)) for name, rows in sorted(counts) if rows]


def _is_new(session: Session, token: str) -> bool:
    """Note the batch; False when it was noted before. Of two that come at once, one waits for the other's end."""
    try:
        sql = f"INSERT INTO {migrations.BATCHES} (id, appended_at) VALUES (%s, %s)"
        session.run(sql, (token, time.time_ns() // 1_000_000))
    except Exception as error:
        if code_of(error) != DUPLICATE:
            raise
        return False
    return True


def _names(table: FactTable) -> list[str]:
    return [table.name, *(schema.rollup_table(table, rollup) for rollup in table.rollups)]
