"""Fact tables in SingleStore: what each column is, and the statements that keep rollups beside the rows.

A moment is a BIGINT of ms since 1970, a bucket of s. A text of a key is cut at 255 characters, others have no bound.
The last value of a column is kept as one text, `packed`: the moment in 15 digits and the value, so that the greatest
of such texts is the newest, within a batch and between batches.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from tikfleet.adapters.fact_values.stored import Sort, sort_of
from tikfleet.adapters.singlestore.dialect import Dialect, quoted
from tikfleet.ports.warehouse import Aggregate, Column, FactTable, Kind, Rollup

TEXTS: Final = (Kind.TEXT, Kind.LABEL)
FLOATS: Final = (Kind.F32, Kind.F64)
PACKED_DIGITS: Final = 15
# The digits stay 15 from the year -883 to 30,000.
_FIRST: Final = 10 ** (PACKED_DIGITS - 1)
_NUMBERS: Final = {
    Kind.FLAG: "TINYINT UNSIGNED",
    Kind.U8: "TINYINT UNSIGNED",
    Kind.U16: "SMALLINT UNSIGNED",
    Kind.U32: "INT UNSIGNED",
    Kind.U64: "BIGINT UNSIGNED",
    Kind.I16: "SMALLINT",
    Kind.I32: "INT",
    Kind.I64: "BIGINT",
    Kind.F32: "FLOAT",
    Kind.F64: "DOUBLE",
    Kind.MOMENT: "BIGINT",
}


class State(msgspec.Struct, frozen=True):
    """One column of a rollup: its definition, what a batch adds to it, and how the two become one."""

    name: str
    definition: str
    batch: str
    joined: str


def rollup_table(table: FactTable, rollup: Rollup) -> str:
    """The name of a rollup's table."""
    return f"{table.name}_{rollup.name}"


def stage_table(table: FactTable) -> str:
    """The name of the table through which batches go to rows and rollups."""
    return f"{table.name}_stage"


def base_columns(table: FactTable, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Name and definition of each column of the rows."""
    for column in table.columns:
        yield column.name, f"{quoted(column.name)} {_definition(table, column, dialect)}"


def rollup_columns(table: FactTable, rollup: Rollup, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Name and definition of each column of a rollup."""
    columns = {column.name: column for column in table.columns}
    for key in ("org_id", *rollup.keys):
        yield key, f"{quoted(key)} {_definition(table, columns[key], dialect)}"
    yield "bucket", "`bucket` BIGINT NOT NULL"
    for state in states(table, rollup, dialect):
        yield state.name, f"{quoted(state.name)} {state.definition}"


def states(table: FactTable, rollup: Rollup, dialect: Dialect) -> Iterator[State]:
    """What a rollup keeps."""
    columns = {column.name: column for column in table.columns}
    yield _added("rows_n", "BIGINT", "COUNT(*)")
    for name, aggregates in rollup.kept.items():
        for aggregate in aggregates:
            yield from _states(table, columns[name], aggregate, dialect)


def packed(table: FactTable, column: str) -> str:
    """The expression that packs a row's moment and value; null where the value is."""
    return f"CONCAT({quoted(table.moment)} + {_FIRST}, {quoted(column)})"


def packed_digits(moment_ms: int) -> str:
    """A moment as it begins a packed value."""
    return str(moment_ms + _FIRST)


def add_to_rollup(table: FactTable, rollup: Rollup, dialect: Dialect) -> str:
    """The statement that adds a staged batch to a rollup; its one parameter is the batch."""
    kept = list(states(table, rollup, dialect))
    keys = ", ".join(map(quoted, ("org_id", *rollup.keys)))
    bucket = f"{quoted(table.moment)} DIV {rollup.bucket_s * 1000:d} * {rollup.bucket_s:d}"
    return (
        f"INSERT INTO {rollup_table(table, rollup)} ({keys}, `bucket`, {', '.join(quoted(s.name) for s in kept)}) "
        f"SELECT {keys}, {bucket}, {', '.join(s.batch for s in kept)} FROM {stage_table(table)} WHERE batch = %s "
        f"GROUP BY {keys}, {bucket} "
        f"ON DUPLICATE KEY UPDATE {', '.join(f'{quoted(s.name)} = {s.joined}' for s in kept)}"
    )


def create_statements(table: FactTable, dialect: Dialect) -> Iterator[str]:
    """The statements that make a table, its rollups, and what batches go through."""
    columns = [definition for _, definition in base_columns(table, dialect)]
    key = ("org_id", *table.sort_key)
    yield dialect.rows(table.name, columns, key)
    for rollup in table.rollups:
        kept = [definition for _, definition in rollup_columns(table, rollup, dialect)]
        yield dialect.rollup(rollup_table(table, rollup), kept, ("org_id", *rollup.keys, "bucket"))
    if table.rollups:
        yield dialect.stage(stage_table(table), columns, key[:2])


def _definition(table: FactTable, column: Column, dialect: Dialect) -> str:
    if column.kind in TEXTS:
        if sort_of(table, column) is Sort.KEY:
            return f"{dialect.key_text} NOT NULL DEFAULT ''"
        return f"{dialect.long_text} NOT NULL"
    return _NUMBERS[column.kind] + ("" if column.optional else " NOT NULL DEFAULT 0")


def _states(table: FactTable, column: Column, aggregate: Aggregate, dialect: Dialect) -> Sequence[State]:
    name, source = f"{column.name}_{aggregate.value}", quoted(column.name)
    match aggregate:
        case Aggregate.SUM:
            total = "DOUBLE" if column.kind in FLOATS else "DECIMAL(38, 0)"
            made = [_added(name, total, f"COALESCE(SUM({source}), 0)")]
            return [*made, _added(f"{column.name}_n", "BIGINT", f"COUNT({source})")] if column.optional else made
        case Aggregate.MIN | Aggregate.MAX:
            kind = dialect.long_text if column.kind in TEXTS else _NUMBERS[column.kind]
            chosen = "LEAST" if aggregate is Aggregate.MIN else "GREATEST"
            return [_chosen(name, kind, f"{aggregate.value.upper()}({source})", chosen)]
        case Aggregate.LAST:
            return [_chosen(name, dialect.long_text, f"MAX({packed(table, column.name)})", "GREATEST")]
        case _:
            raise ValueError(f"a rollup of {table.name} cannot keep {aggregate.value} of {column.name}")


def _added(name: str, kind: str, batch: str) -> State:
    return State(name, f"{kind} NOT NULL DEFAULT 0", batch, f"{quoted(name)} + VALUES({quoted(name)})")


def _chosen(name: str, kind: str, batch: str, function: str) -> State:
    # LEAST and GREATEST give null as soon as one of the two is.
    old, new = quoted(name), f"VALUES({quoted(name)})"
    return State(name, f"{kind} NULL", batch, f"{function}(COALESCE({old}, {new}), COALESCE({new}, {old}))")
