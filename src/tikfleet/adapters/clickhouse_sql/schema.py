"""Fact tables as ClickHouse tables: definitions and codecs. `views` has what fills the rollups."""

from collections.abc import Iterator
from typing import Final

from tikfleet.adapters.clickhouse_sql.texts import indexes
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.ports.warehouse import Aggregate, Column, FactTable, Kind, Rollup, Shape, Span

TYPES: Final = {
    Kind.TEXT: "String",
    Kind.LABEL: "LowCardinality(String)",
    Kind.FLAG: "UInt8",
    Kind.U8: "UInt8",
    Kind.U16: "UInt16",
    Kind.U32: "UInt32",
    Kind.U64: "UInt64",
    Kind.I16: "Int16",
    Kind.I32: "Int32",
    Kind.I64: "Int64",
    Kind.F32: "Float32",
    Kind.F64: "Float64",
    Kind.MOMENT: "DateTime64(3, 'UTC')",
}
_FLOATS: Final = (Kind.F32, Kind.F64)
TEXTS: Final = (Kind.TEXT, Kind.LABEL)
PARTITIONS: Final = {Span.DAY: "toYYYYMMDD", Span.MONTH: "toYYYYMM", Span.YEAR: "toYear"}
_WHOLE: Final = "T64, ZSTD(1)"
# Text that repeats itself over many rows is smaller in larger blocks: 13.1 bytes a log line are 11.2. A block ends
# where a granule does, so that one which an index leaves over is read without its neighbours.
_LARGE: Final = " SETTINGS (min_compress_block_size = 1000000, max_compress_block_size = 4194304)"
_BUCKET: Final = "DateTime('UTC')"


def rollup_table(table: FactTable, rollup: Rollup) -> str:
    """The name of a rollup's table."""
    return f"{table.name}_{rollup.name}"


def base_columns(table: FactTable) -> Iterator[tuple[str, str]]:
    """Name and definition of each column."""
    for column in table.columns:
        yield column.name, f"{_type(column)} CODEC({_codec(column)}){_LARGE if column.searched else ''}"


def rollup_columns(table: FactTable, rollup: Rollup) -> Iterator[tuple[str, str]]:
    """Name and definition of each column of a rollup: keys, bucket, then the state of each kept aggregate."""
    columns = {column.name: column for column in table.columns}
    for key in ("org_id", *rollup.keys):
        yield key, f"{_type(columns[key])} CODEC(ZSTD(1))"
    yield "bucket", f"{_BUCKET} CODEC(DoubleDelta, ZSTD(1))"
    yield "rows_n", f"SimpleAggregateFunction(sum, UInt64) CODEC({_WHOLE})"
    for name, aggregates in rollup.kept.items():
        yield from state_columns(table, columns[name], aggregates)


def create_table(table: FactTable, topology: Topology) -> list[str]:
    """The statements that make the table of the rows."""
    time = (table.moment, table.partition, table.keep_days)
    key = ("org_id", *table.sort_key)
    order = _order(table.moment, table.together_s, table.sort_key)
    made = [_create(topology, (table.name, "MergeTree"), _definitions(table), order, time)]
    return [*made, topology.spread(table.name, _shard_key(key))] if topology.sharded else made


def _definitions(table: FactTable) -> Iterator[tuple[str, str]]:
    yield from base_columns(table)
    for name, definition in base_indexes(table):
        yield f"INDEX {name}", definition


def base_indexes(table: FactTable) -> Iterator[tuple[str, str]]:
    """Name and definition of each index beside the order of the rows."""
    for column in table.columns:
        yield from indexes(column)


def create_rollup(table: FactTable, rollup: Rollup, topology: Topology) -> list[str]:
    """The statements that make the table of a rollup."""
    name = rollup_table(table, rollup)
    key = ("org_id", *rollup.keys)
    order = _order("bucket", rollup.together_s, rollup.keys, "bucket")
    time = ("bucket", rollup.partition, rollup.keep_days)
    engine = (name, "AggregatingMergeTree")
    made = [_create(topology, engine, rollup_columns(table, rollup), order, time)]
    return [*made, topology.spread(name, _shard_key(key))] if topology.sharded else made


def retention(moment: str, keep_days: int) -> str:
    """When rows are dropped."""
    # Date32 reaches the year 2299; DateTime ends in 2106, and a long retention would wrap into the past.
    return f"toDate32({moment}) + toIntervalDay({keep_days:d})"


def _create(
    topology: Topology,
    name_engine: tuple[str, str],
    columns: Iterator[tuple[str, str]],
    order: str,
    time: tuple[str, Span, int],
) -> str:
    name, engine = name_engine
    moment, partition, keep_days = time
    return (
        f"CREATE TABLE IF NOT EXISTS {topology.local(name)}{topology.on_cluster} "
        f"({', '.join(' '.join(column) for column in columns)}) "
        f"ENGINE = {topology.engine(engine)} "
        f"PARTITION BY {PARTITIONS[partition]}({moment}) {order} "
        f"TTL {retention(moment, keep_days)} "
        # A view's insert is deduplicated in its own target, so both need the window.
        f"SETTINGS {topology.window()}, fsync_after_insert = 1, fsync_part_directory = 1, "
        "ttl_only_drop_parts = 1, allow_nullable_key = 0"
    )


def _order(moment: str, together_s: int, keys: tuple[str, ...], *last: str) -> str:
    """How rows stand in a part."""
    if not together_s:
        return f"ORDER BY ({', '.join(('org_id', *keys, *last))})"
    first = ("org_id", f"toStartOfInterval({moment}, toIntervalSecond({together_s:d}))", *keys)
    # A question finds its stretch by the moment's interval only where the moment itself is no part of the index.
    return f"PRIMARY KEY ({', '.join(first)}) ORDER BY ({', '.join((*first, *last))})"


def _shard_key(key: tuple[str, ...]) -> str:
    # A device's rows stay together; what belongs to no device stays with its organisation.
    return f"cityHash64({', '.join(key[:2])})"


def _type(column: Column) -> str:
    name = TYPES[column.kind]
    return f"Nullable({name})" if column.optional else name


def _codec(column: Column) -> str:
    """Measured on check-ins (docs/reference/warehouse.md): T64 cuts off the bits that no value of a block uses."""
    if column.searched:
        return "ZSTD(7)"
    if column.kind in (*TEXTS, *_FLOATS) or column.shape is Shape.SCATTERED:
        return "ZSTD(1)"
    if column.shape is Shape.GROWING:
        return "Delta, T64, ZSTD(1)"
    # What hardly changes packs as well with LZ4, and is summed twice as fast.
    return "LZ4" if column.shape is Shape.STEADY else _WHOLE


def state_columns(table: FactTable, column: Column, aggregates: tuple[Aggregate, ...]) -> Iterator[tuple[str, str]]:
    """Name and definition of what a rollup keeps of a column. Raises ValueError for what it can't keep."""
    inner = _type(column)
    codec = "ZSTD(1)" if column.kind in _FLOATS else _WHOLE
    for aggregate in aggregates:
        name = f"{column.name}_{aggregate.value}"
        match aggregate:
            case Aggregate.SUM:
                total = "Float64" if column.kind in _FLOATS else _wide(column.kind)
                yield name, f"SimpleAggregateFunction(sum, {total}) CODEC({codec})"
                if column.optional:
                    yield f"{column.name}_n", f"SimpleAggregateFunction(sum, UInt64) CODEC({_WHOLE})"
            case Aggregate.MIN | Aggregate.MAX:
                yield name, f"SimpleAggregateFunction({aggregate.value}, {inner}) CODEC({codec})"
            case Aggregate.LAST:
                plain = TYPES[Kind.TEXT if column.kind in TEXTS else column.kind]
                moment = TYPES[Kind.MOMENT]
                yield name, f"AggregateFunction(argMax, {plain}, {moment}) CODEC(ZSTD(1))"
            case _:
                raise ValueError(f"a rollup of {table.name} cannot keep {aggregate.value} of {column.name}")


def _wide(kind: Kind) -> str:
    return "Int64" if kind in (Kind.I16, Kind.I32, Kind.I64) else "UInt64"
