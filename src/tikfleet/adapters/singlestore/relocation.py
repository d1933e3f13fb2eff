"""SingleStore as what a warehouse is moved to."""

from collections.abc import Sequence
from typing import Any, Final

from tikfleet.adapters.fact_values.stored import Sort, Stored, stored_columns
from tikfleet.adapters.singlestore import migrations, schema, values
from tikfleet.adapters.singlestore.dialect import KEY_CHARACTERS, Dialect, quoted
from tikfleet.adapters.singlestore.server import Server, Session
from tikfleet.ports.relocation import Block, Form, Slice, Tally, TargetInUse
from tikfleet.ports.warehouse import FactTable, Rollup

_FLOATS_TO: Final = "CAST(FLOOR(LEAST(GREATEST({} + 0e0, -1e12), 1e12) * 1048576e0) AS SIGNED)"


class SingleStoreTarget:
    """Keeps `tikfleet.ports.relocation.RelocationTarget`. Versions are noted last, so nothing serves before."""

    form = Form.ROWS

    def __init__(self, server: Server, dialect: Dialect) -> None:
        self._server = server
        self._dialect = dialect
        self._tables: Sequence[FactTable] = ()

    async def begin(self, tables: Sequence[FactTable], *, fresh: bool) -> None:
        """As the port says."""
        await self._server.write(lambda session: self._begin(session, tables, fresh=fresh))
        self._tables = tables

    async def tally(self, part: Slice) -> Tally:
        """As the port says."""
        table, rollup = self._part(part)
        texts = ", ".join(_text(column) for column in stored_columns(table, rollup))
        first = f"CAST(CONV(SUBSTR(MD5(CONCAT_WS(CHAR(31), {texts})), 1, 15), 16, 10) AS UNSIGNED)"
        sql = f"SELECT COUNT(*), COALESCE(SUM({first}), 0) FROM {_name(table, rollup)} WHERE {_bounds(table, part)}"
        ((rows, checksum),) = await self._server.write(lambda session: session.rows(sql))
        return Tally(rows, checksum)

    async def clear(self, part: Slice) -> None:
        """As the port says."""
        table, rollup = self._part(part)
        sql = f"DELETE FROM {_name(table, rollup)} WHERE {_bounds(table, part)}"
        await self._server.write(lambda session: session.run(sql))

    async def put(self, part: Slice, block: Block) -> None:
        """As the port says: all rows of the block, or none."""
        table, rollup = self._part(part)
        await self._server.write(lambda session: _insert(session, table, rollup, block.rows))

    async def finish(self, tables: Sequence[FactTable]) -> None:
        """As the port says."""
        await self._server.write(lambda session: migrations.apply(session, tables, self._dialect))

    def _begin(self, session: Session, tables: Sequence[FactTable], *, fresh: bool) -> None:
        if migrations.begin(session, tables, self._dialect):
            raise TargetInUse("a platform has been started on this database")
        migrations.create(session, tables, self._dialect)
        names = [_name(table, rollup) for table in tables for rollup in (None, *table.rollups)]
        filled = (name for name in names if session.rows(f"SELECT 1 FROM {name} LIMIT 1"))
        if fresh and (name := next(filled, "")):
            raise TargetInUse(f"{name} holds rows")

    def _part(self, part: Slice) -> tuple[FactTable, Rollup | None]:
        table = next(table for table in self._tables if table.name == part.table)
        return table, next((rollup for rollup in table.rollups if rollup.name == part.rollup), None)


def _insert(session: Session, table: FactTable, rollup: Rollup | None, rows: Sequence[Sequence[Any]]) -> None:
    names = ", ".join(quoted(column.name) for column in stored_columns(table, rollup))
    literals = _states(session, table, rollup, rows) if rollup else values.tuples(table, rows, session.escape)
    session.run("BEGIN")
    for packet in values.packets(literals):
        session.run(f"INSERT INTO {_name(table, rollup)} ({names}) VALUES {packet}")
    session.run("COMMIT")


def _states(session: Session, table: FactTable, rollup: Rollup, rows: Sequence[Sequence[Any]]) -> list[str]:
    columns = list(stored_columns(table, rollup))
    place = [column.name for column in columns].index("bucket")

    def literal(column: Stored, value: Any, bucket_s: int) -> str:
        if value is None:
            return "NULL"
        if column.last:
            # The moment of the last value within its bucket is not told: any that comes later is newer.
            value = f"{schema.packed_digits(bucket_s * 1000)}{value}"
        if isinstance(value, str):
            return f"'{session.escape(value[:KEY_CHARACTERS] if column.sort is Sort.KEY else value)}'"
        return repr(value)

    return [
        ",".join(literal(column, value, row[place]) for column, value in zip(columns, row, strict=True)) for row in rows
    ]


def _name(table: FactTable, rollup: Rollup | None) -> str:
    return schema.rollup_table(table, rollup) if rollup else table.name


def _bounds(table: FactTable, part: Slice) -> str:
    column, scale = ("`bucket`", 1) if part.rollup else (quoted(table.moment), 1000)
    return f"{column} >= {part.since_s * scale:d} AND {column} < {part.until_s * scale:d}"


def _text(column: Stored) -> str:
    value = f"SUBSTR({quoted(column.name)}, {schema.PACKED_DIGITS + 1})" if column.last else quoted(column.name)
    text = _FLOATS_TO.format(value) if column.sort is Sort.FLOAT else value
    return f"IF({value} IS NULL, '~', CONCAT({text}))"
