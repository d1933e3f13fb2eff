"""A question as SQL that SingleStore and its relatives share. Values are parameters; names come from declared tables.

Everything selected gets an alias by position (`c0`, `c1` …), so a measure named like a column can't shadow it. Means
and ratios are computed as DOUBLE: a quotient of whole numbers would be cut to four digits.
"""

from collections.abc import Sequence
from typing import Final, assert_never

import msgspec

from tikfleet.adapters.singlestore.dialect import quoted
from tikfleet.adapters.singlestore.schema import FLOATS, PACKED_DIGITS, TEXTS, packed, rollup_table
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    RAW,
    WHOLE,
    Aggregate,
    Beyond,
    Expired,
    FactQuery,
    FactTable,
    Fold,
    Holds,
    Measure,
    OneOf,
    Ratio,
    Rollup,
    Total,
    addresses_of,
    numbers_of,
    words_of,
)

_PLAIN: Final = {
    Aggregate.SUM: "SUM({})",
    Aggregate.MIN: "MIN({})",
    Aggregate.MAX: "MAX({})",
    Aggregate.MEAN: "AVG({} + 0e0)",
    Aggregate.DISTINCT: "COUNT(DISTINCT {})",
    Aggregate.COUNT: "COUNT({})",
}


class Statement(msgspec.Struct, frozen=True):
    """SQL with its parameters, and the names of the columns that it gives."""

    sql: str
    parameters: tuple[str | int, ...]
    columns: tuple[str, ...]


def compile_query(table: FactTable, scope: OrgScope, query: FactQuery) -> Statement:
    """The statement of a question. Raises ValueError for what the table does not have."""
    source = _source(table, query.resolution)
    names = [*(["bucket"] if query.bucket_s else []), *query.group_by, *(m.name for m in query.measures)]
    groups = ([source.bucket(query.bucket_s)] if query.bucket_s else []) + [source.key(k) for k in query.group_by]
    picked = groups + [source.expression(measure) for measure in query.measures]
    where, parameters = _where(source, scope, query)
    if query.listing:
        sql = _select(picked, source.table_name, where, ()) + source.rows_order(query)
        return Statement(sql, parameters, tuple(names))
    sql = _select(picked, source.table_name, where, groups)
    groups_n = len(groups)
    if query.fold is not None:
        sql, names, groups_n = _folded(sql, names, query.fold)
    return Statement(_ordered(sql, query, names, groups_n), parameters, tuple(names))


class _Source:
    """The rows themselves."""

    def __init__(self, table: FactTable) -> None:
        self._table = table
        self._columns = {column.name: column for column in table.columns}

    @property
    def table_name(self) -> str:
        return self._table.name

    def since(self, since_ms: int) -> tuple[str, int]:
        return f"{quoted(self._table.moment)} >= %s", since_ms

    def until(self, until_ms: int) -> tuple[str, int]:
        return f"{quoted(self._table.moment)} < %s", until_ms

    def bucket(self, step_s: int) -> str:
        return f"{quoted(self._table.moment)} DIV {step_s * 1000:d} * {step_s:d}"

    def key(self, name: str) -> str:
        if name not in self._columns:
            raise ValueError(f"{self.table_name} has no column {name!r}")
        return quoted(name)

    def rows_order(self, query: FactQuery) -> str:
        """How rows that are listed come."""
        direction = "DESC" if query.descending else "ASC"
        terms = [quoted(self._table.moment), *([self.key(query.order_by)] if query.order_by else [])]
        return f" ORDER BY {', '.join(f'{term} {direction}' for term in terms)} LIMIT {query.limit:d}"

    def kept(self, wanted: OneOf | Holds | Beyond | Expired) -> tuple[str, Sequence[str | int]]:
        """The condition of a filter, with its parameters."""
        if isinstance(wanted, Expired):
            before = f"{self.key(self._table.moment)} < %s"
            return f"NOT ({_one_of(quoted('org_id'), wanted.org_ids)} AND {before})", (
                *wanted.org_ids,
                wanted.before_ms,
            )
        column = self.key(wanted.column)
        match wanted:
            case OneOf():
                values = wanted.values
                if self._columns[wanted.column].kind in WHOLE:
                    # These servers take any text for a number: '06' for 6, and a word for 0.
                    values = numbers_of(values)
                condition = _one_of(column, values)
                return (f"NOT ({condition})" if wanted.absent else condition), values
            case Beyond():
                sign, moment = ">" if wanted.after else "<", quoted(self._table.moment)
                condition = f"({moment} {sign} %s OR ({moment} = %s AND {column} {sign} %s))"
                return condition, (wanted.moment_ms, wanted.moment_ms, wanted.value)
            case Holds():
                found = [_held(column, text) for text in (wanted.text, *wanted.others)]
                condition = f"({' OR '.join(one for one, _ in found)})"
                parameters = [value for _, values in found for value in values]
                return (f"NOT ({condition})" if wanted.absent else condition), parameters
            case unknown:
                assert_never(unknown)

    def expression(self, measure: Measure | Ratio | Total) -> str:
        if isinstance(measure, Total):
            return " + ".join(map(self.aggregate, measure.parts))
        if isinstance(measure, Ratio):
            above, below = self.aggregate(measure.numerator), self.aggregate(measure.denominator)
            return f"{_double(measure.offset)} + {_double(measure.scale)} * {above} / NULLIF({below}, 0)"
        return self.aggregate(measure)

    def aggregate(self, measure: Measure) -> str:
        if not measure.column and measure.aggregate is Aggregate.COUNT:
            return "COUNT(*)"
        column = self.key(measure.column)
        if measure.aggregate is Aggregate.LAST:
            return self._unpacked(f"MAX({packed(self._table, measure.column)})", measure.column)
        return _PLAIN[measure.aggregate].format(column)

    def _unpacked(self, newest: str, name: str) -> str:
        value = f"SUBSTR({newest}, {PACKED_DIGITS + 1})"
        kind = self._columns[name].kind
        if kind in TEXTS:
            return value
        return f"{value} + 0e0" if kind in FLOATS else f"CAST({value} AS DECIMAL(20, 0))"


class _RollupSource(_Source):
    """A rollup: what was kept, brought together."""

    def __init__(self, table: FactTable, rollup: Rollup) -> None:
        super().__init__(table)
        self._rollup = rollup

    @property
    def table_name(self) -> str:
        return rollup_table(self._table, self._rollup)

    def since(self, since_ms: int) -> tuple[str, int]:
        # Whole buckets only: the one that `since` falls into belongs to the answer.
        bucket_s = self._rollup.bucket_s
        return "`bucket` >= %s", since_ms // 1000 // bucket_s * bucket_s

    def until(self, until_ms: int) -> tuple[str, int]:
        return "`bucket` < %s", -(-until_ms // 1000)

    def bucket(self, step_s: int) -> str:
        if step_s % self._rollup.bucket_s:
            raise ValueError(f"a step of {step_s} s does not divide into the buckets of {self.table_name}")
        return f"`bucket` DIV {step_s:d} * {step_s:d}"

    def key(self, name: str) -> str:
        if name != "org_id" and name not in self._rollup.keys:
            raise ValueError(f"{self.table_name} is not kept by {name!r}")
        return quoted(name)

    def aggregate(self, measure: Measure) -> str:
        name = measure.column
        if not name and measure.aggregate is Aggregate.COUNT:
            return "COALESCE(SUM(rows_n), 0)"
        if measure.aggregate is Aggregate.DISTINCT:
            return f"COUNT(DISTINCT {self.key(name)})"
        kept = self._rollup.kept.get(name, ())
        needed = Aggregate.SUM if measure.aggregate in (Aggregate.MEAN, Aggregate.COUNT) else measure.aggregate
        if needed not in kept:
            raise ValueError(f"{self.table_name} does not keep {measure.aggregate.value} of {name!r}")
        count = f"SUM({quoted(name + '_n')})" if self._columns[name].optional else "SUM(rows_n)"
        state = quoted(f"{name}_{needed.value}")
        match measure.aggregate:
            case Aggregate.COUNT:
                return f"COALESCE({count}, 0)"
            case Aggregate.SUM if self._columns[name].optional:
                return f"IF({count} = 0, NULL, SUM({state}))"
            case Aggregate.MEAN:
                return f"SUM({state} + 0e0) / NULLIF({count}, 0)"
            case Aggregate.LAST:
                return self._unpacked(f"MAX({state})", name)
            case plain:
                return _PLAIN[plain].format(state)


def _source(table: FactTable, resolution: str) -> _Source:
    if resolution == RAW:
        return _Source(table)
    for rollup in table.rollups:
        if rollup.name == resolution:
            return _RollupSource(table, rollup)
    raise ValueError(f"{table.name} has no rollup {resolution!r}")


def _where(source: _Source, scope: OrgScope, query: FactQuery) -> tuple[str, tuple[str | int, ...]]:
    conditions = [_one_of("`org_id`", scope.org_ids)]
    parameters: list[str | int] = list(scope.org_ids)
    for wanted in query.filters:
        condition, given = source.kept(wanted)
        conditions.append(condition)
        parameters += given
    bounds = []
    if query.since_ms is not None:
        bounds.append(source.since(query.since_ms))
    if query.until_ms is not None:
        bounds.append(source.until(query.until_ms))
    conditions += [condition for condition, _ in bounds]
    return " AND ".join(conditions), (*parameters, *(value for _, value in bounds))


def _held(column: str, text: str) -> tuple[str, Sequence[str]]:
    """Each word between characters that are of no word, and a text of several as it stands."""
    words, phrase = words_of(text), text.strip().lower()
    parts = [f"LOWER({column}) RLIKE %s"] * len(words)
    parameters = [f"(^|[^[:alnum:]]){word}([^[:alnum:]]|$)" for word in words]
    for address in addresses_of(phrase):
        parts.append(f"{column} RLIKE %s")
        parameters.append(f"(^|[^0-9.]){address.replace('.', '[.]')}([^0-9.]|[.][^0-9]|[.]?$)")
    if words != [phrase] and phrase:
        parts.append(f"LOCATE(%s, LOWER({column})) > 0")
        parameters.append(phrase)
    return f"({' AND '.join(parts) or '1 = 1'})", parameters


def _one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(['%s'] * len(values))})" if values else "1 = 0"


def _select(picked: Sequence[str], origin: str, where: str, groups: Sequence[str]) -> str:
    columns = ", ".join(f"{expression} AS c{number}" for number, expression in enumerate(picked))
    sql = f"SELECT {columns} FROM {origin}" + (f" WHERE {where}" if where else "")
    return sql + (f" GROUP BY {', '.join(groups)}" if groups else "")


def _folded(inner: str, names: Sequence[str], fold: Fold) -> tuple[str, list[str], int]:
    places = {name: f"i.c{number}" for number, name in enumerate(names)}
    groups = [places[name] for name in fold.by]
    picked = list(groups)
    for measure in fold.measures:
        if measure.aggregate is Aggregate.LAST:
            raise ValueError("a fold has no order, hence no last")
        picked.append(_PLAIN[measure.aggregate].format(places[measure.column] if measure.column else "*"))
    sql = _select(picked, f"({inner}) AS i", "", groups)
    return sql, [*fold.by, *(measure.name for measure in fold.measures)], len(fold.by)


def _ordered(sql: str, query: FactQuery, names: Sequence[str], groups: int) -> str:
    terms = [f"c{number}" for number in range(groups)]
    if query.order_by:
        place = f"c{list(names).index(query.order_by)}"
        direction = "DESC" if query.descending else "ASC"
        terms = [f"{place} IS NULL", f"{place} {direction}", *(term for term in terms if term != place)]
        # The alias of an aggregate may be sorted by, but not be part of an expression.
        sql = f"SELECT * FROM ({sql}) AS o"
    order = f" ORDER BY {', '.join(terms)}" if terms else ""
    return f"{sql}{order} LIMIT {query.limit:d}"


def _double(number: float) -> str:
    """A literal of type DOUBLE: without an exponent it would be a DECIMAL."""
    text = repr(float(number))
    return text if "e" in text else f"{text}e0"
