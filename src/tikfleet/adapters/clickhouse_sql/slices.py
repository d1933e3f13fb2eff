"""Slices of tables in ClickHouse SQL: which there are, what they hold, and their content."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from tikfleet.adapters.clickhouse_sql.schema import rollup_table
from tikfleet.adapters.fact_values.stored import Sort, Stored, stored_columns
from tikfleet.ports.relocation import Slice
from tikfleet.ports.warehouse import FactTable, Rollup, Span

_FORMATS: Final = {Span.DAY: "%Y%m%d", Span.MONTH: "%Y%m", Span.YEAR: "%Y"}
_FLOATS_TO: Final = "toInt64(floor(least(greatest(toFloat64({}), -1e12), 1e12) * 1048576))"


def part_of(tables: Sequence[FactTable], part: Slice) -> tuple[FactTable, Rollup | None]:
    """The table and the rollup that a slice belongs to."""
    table = next(table for table in tables if table.name == part.table)
    return table, next((rollup for rollup in table.rollups if rollup.name == part.rollup), None)


def name_of(table: FactTable, rollup: Rollup | None) -> str:
    """What the table of rows, or of a rollup, is called."""
    return rollup_table(table, rollup) if rollup else table.name


def slice_of(table: FactTable, rollup: Rollup | None, partition: str, now: datetime) -> Slice | None:
    """A partition by its id such as `202611`, from the first day that is still kept; None where none is."""
    span, keep_days = (rollup.partition, rollup.keep_days) if rollup else (table.partition, table.keep_days)
    since = datetime.strptime(partition, _FORMATS[span]).replace(tzinfo=UTC)
    until = _next(since, span)
    # A day more than what is dropped now: nothing may go by itself while it is copied and compared.
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    kept = midnight - timedelta(days=min(keep_days - 1, now.toordinal() - 366))
    since = max(since, kept)
    if since >= until:
        return None
    name = rollup.name if rollup else ""
    return Slice(table.name, name, partition, int(since.timestamp()), int(until.timestamp()))


def bounds(table: FactTable, part: Slice) -> str:
    """The condition that a slice's rows meet."""
    if part.rollup:
        since, until = f"toDateTime({part.since_s:d}, 'UTC')", f"toDateTime({part.until_s:d}, 'UTC')"
        return f"bucket >= {since} AND bucket < {until}"
    since, until = (f"fromUnixTimestamp64Milli({bound * 1000:d}, 'UTC')" for bound in (part.since_s, part.until_s))
    return f"{table.moment} >= {since} AND {table.moment} < {until}"


def tally_query(table: FactTable, rollup: Rollup | None, part: Slice, source: str) -> str:
    """The question for a slice's rows and checksum, the latter as text."""
    texts = ", ".join(_text(column) for column in stored_columns(table, rollup))
    first = f"reinterpretAsUInt64(reverse(substring(MD5(concatWithSeparator(char(31), {texts})), 1, 8)))"
    total = f"toString(sum(toUInt128(bitShiftRight({first}, 4))))"
    return f"SELECT count(), {total} FROM {source} WHERE {bounds(table, part)}"


def native_query(table: FactTable, rollup: Rollup | None, part: Slice, source: str) -> str:
    """The question for a slice's content as it is stored."""
    names = ", ".join(column.name for column in stored_columns(table, rollup))
    return f"SELECT {names} FROM {source} WHERE {bounds(table, part)}"


def rows_query(table: FactTable, rollup: Rollup | None, part: Slice, source: str) -> str:
    """The question for a slice's content as plain values: moments in ms, buckets in s, of a last value the value."""
    picked = ", ".join(f"{_value(column)} AS v{number}" for number, column in enumerate(stored_columns(table, rollup)))
    return f"SELECT {picked} FROM {source} WHERE {bounds(table, part)}"


def _next(since: datetime, span: Span) -> datetime:
    match span:
        case Span.DAY:
            return since + timedelta(days=1)
        case Span.MONTH:
            return (since + timedelta(days=32)).replace(day=1)
        case Span.YEAR:
            return since.replace(year=since.year + 1)


def _value(column: Stored) -> str:
    name = f"finalizeAggregation({column.name})" if column.last else column.name
    match column.sort:
        case Sort.MOMENT:
            return f"toUnixTimestamp64Milli({name})"
        case Sort.BUCKET:
            return f"toUnixTimestamp({name})"
        case _:
            return name


def _text(column: Stored) -> str:
    value = _value(column)
    match column.sort:
        case Sort.TEXT:
            return f"toString({value})"
        case Sort.KEY:
            return f"substringUTF8(toString({value}), 1, 255)"
        case Sort.FLOAT:
            text = f"toString({_FLOATS_TO.format(value)})"
        case _:
            text = f"toString({value})"
    # Said outright: newer engines leave nulls out of `least` and `greatest`.
    return f"if(isNull({value}), '~', {text})" if column.optional else text
