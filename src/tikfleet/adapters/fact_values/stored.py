"""What the tables of facts and rollups store, column by column, in every engine in the same order."""

from collections.abc import Iterator
from enum import Enum

import msgspec

from tikfleet.ports.warehouse import Aggregate, Column, FactTable, Kind, Rollup


class Sort(Enum):
    """What is in a stored column."""

    TEXT = "text"
    KEY = "key"
    WHOLE = "whole"
    FLOAT = "float"
    MOMENT = "moment"
    BUCKET = "bucket"


class Stored(msgspec.Struct, frozen=True):
    """A stored column. `last`: it holds the newest value of a bucket, with its moment."""

    name: str
    sort: Sort
    optional: bool = False
    last: bool = False


def stored_columns(table: FactTable, rollup: Rollup | None) -> Iterator[Stored]:
    """The columns of a table's rows, or of one of its rollups."""
    if rollup is None:
        for column in table.columns:
            yield Stored(column.name, sort_of(table, column), column.optional)
        return
    columns = {column.name: column for column in table.columns}
    for key in ("org_id", *rollup.keys):
        yield Stored(key, sort_of(table, columns[key]), columns[key].optional)
    yield Stored("bucket", Sort.BUCKET)
    yield Stored("rows_n", Sort.WHOLE)
    for name, aggregates in rollup.kept.items():
        for aggregate in aggregates:
            yield from _states(columns[name], aggregate)


def sort_of(table: FactTable, column: Column) -> Sort:
    """What a column of the rows holds. A text of a key is short, and cut where an engine needs it to be."""
    match column.kind:
        case Kind.TEXT | Kind.LABEL:
            return Sort.KEY if column.kind is Kind.LABEL or column.name in _keys(table) else Sort.TEXT
        case Kind.F32 | Kind.F64:
            return Sort.FLOAT
        case Kind.MOMENT:
            return Sort.MOMENT
        case _:
            return Sort.WHOLE


def _keys(table: FactTable) -> set[str]:
    return {"org_id", *table.sort_key, *(key for rollup in table.rollups for key in rollup.keys)}


def _states(column: Column, aggregate: Aggregate) -> Iterator[Stored]:
    name = f"{column.name}_{aggregate.value}"
    plain = {Kind.F32: Sort.FLOAT, Kind.F64: Sort.FLOAT, Kind.TEXT: Sort.TEXT, Kind.LABEL: Sort.TEXT}
    sort = plain.get(column.kind, Sort.WHOLE)
    yield Stored(name, sort, column.optional, last=aggregate is Aggregate.LAST)
    if aggregate is Aggregate.SUM and column.optional:
        yield Stored(f"{column.name}_n", Sort.WHOLE)
