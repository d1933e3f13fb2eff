"""The embedded warehouse as what is moved."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tikfleet.adapters.chdb.engine import Engine, rows_of
from tikfleet.adapters.clickhouse_sql import slices
from tikfleet.adapters.clickhouse_sql.topology import DATABASE
from tikfleet.ports.relocation import Block, Form, Slice, Tally
from tikfleet.ports.warehouse import FactTable

if TYPE_CHECKING:
    from chdb.state.sqlitelike import Connection

_SETTINGS: Final = (
    " SETTINGS max_threads = 2, max_block_size = 65536, output_format_json_quote_denormals = 0, "
    "output_format_json_quote_64bit_integers = 0"
)
_FORMATS: Final = {Form.NATIVE: "Native", Form.ROWS: "JSONCompactEachRow"}


class ChdbSource:
    """Keeps `tikfleet.ports.relocation.RelocationSource`, on an engine that nobody appends to meanwhile."""

    def __init__(self, engine: Engine, tables: Sequence[FactTable]) -> None:
        self._engine = engine
        self._tables = tables

    async def slices(self) -> Sequence[Slice]:
        """As the port says. Nothing is dropped or merged from here on."""
        return await self._engine.write(self._slices)

    async def tally(self, part: Slice) -> Tally:
        """As the port says."""
        table, rollup = slices.part_of(self._tables, part)
        sql = slices.tally_query(table, rollup, part, f"{DATABASE}.{slices.name_of(table, rollup)}")
        ((rows, checksum),) = await self._engine.read(lambda connection: _rows(connection, sql + _SETTINGS))
        return Tally(rows, int(checksum))

    async def blocks(self, part: Slice, form: Form) -> AsyncGenerator[Block, None]:
        """As the port says; some ten thousand rows at a time."""
        table, rollup = slices.part_of(self._tables, part)
        write = slices.native_query if form is Form.NATIVE else slices.rows_query
        sql = write(table, rollup, part, f"{DATABASE}.{slices.name_of(table, rollup)}") + _SETTINGS
        stream = await self._engine.write(lambda connection: connection.send_query(sql, _FORMATS[form]))
        chunks = iter(stream)
        try:
            while (chunk := await self._engine.write(lambda _: next(chunks, None))) is not None:
                content = chunk.bytes()
                if form is Form.NATIVE:
                    yield Block(chunk.rows_read(), native=content)
                else:
                    rows = msgspec.json.Decoder(list[Any]).decode_lines(content)
                    yield Block(len(rows), rows=rows)
        finally:
            # The connection takes nothing else while an answer is being read.
            await self._engine.write(lambda _: _end(stream))

    def _slices(self, connection: "Connection") -> list[Slice]:
        connection.query("SYSTEM START MERGES")
        connection.query("SYSTEM STOP TTL MERGES")
        now = datetime.now(UTC)
        found = []
        for table in self._tables:
            for rollup in (None, *table.rollups):
                name = slices.name_of(table, rollup)
                for partition in _partitions(connection, name):
                    if part := slices.slice_of(table, rollup, partition, now):
                        found.append(part)
                        if rollup:
                            # One row for each key: sums of floats come out the same however they are read.
                            connection.query(f"OPTIMIZE TABLE {DATABASE}.{name} PARTITION {partition} FINAL")
        connection.query("SYSTEM STOP MERGES")
        return found


def _partitions(connection: "Connection", name: str) -> Iterator[str]:
    sql = (
        "SELECT DISTINCT partition FROM system.parts "
        f"WHERE active AND database = '{DATABASE}' AND table = '{name}' ORDER BY partition"
    )
    for (partition,) in _rows(connection, sql):
        yield str(partition)


def _rows(connection: "Connection", sql: str) -> list[list[Any]]:
    return rows_of(connection.query(sql, "JSONCompactEachRow"))


def _end(stream: Any) -> None:
    stream.close()
