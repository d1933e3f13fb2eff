"""A question as ClickHouse SQL. Values travel as parameters; names come only from declared tables, never from a caller.

Everything selected gets an alias by position (`c0`, `c1` …), so a measure named like a column can't shadow it.
"""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

import msgspec

from tikfleet.adapters.clickhouse_sql.listings import Settings
from tikfleet.adapters.clickhouse_sql.schema import rollup_table
from tikfleet.adapters.clickhouse_sql.texts import TextConditions
from tikfleet.adapters.clickhouse_sql.topology import DATABASE
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    RAW,
    WHOLE,
    Aggregate,
    Beyond,
    Column,
    Expired,
    FactQuery,
    FactTable,
    Fold,
    Holds,
    Kind,
    Measure,
    OneOf,
    Ratio,
    Rollup,
    Total,
    numbers_of,
)

_TEXTS: Final = {Holds}
Parameters = Mapping[str, str | int | list[str]]

_PLAIN: Final = {
    Aggregate.SUM: "sum",
    Aggregate.MIN: "min",
    Aggregate.MAX: "max",
    Aggregate.MEAN: "avg",
    Aggregate.DISTINCT: "uniqExact",
    Aggregate.COUNT: "count",
}


class Statement(msgspec.Struct, frozen=True):
    """SQL with its parameters, and the names of the columns that it gives."""

    sql: str
    parameters: Parameters
    columns: tuple[str, ...]
    settings: Settings = {}


def compile_query(table: FactTable, scope: OrgScope, query: FactQuery, database: str = DATABASE) -> Statement:
    """The statement of a question. Raises ValueError for what the table does not have."""
    source = _source(table, query.resolution, lone=not query.group_by and not query.bucket_s)
    names = [*(["bucket"] if query.bucket_s else []), *query.group_by, *(m.name for m in query.measures)]
    groups = ([source.bucket(query.bucket_s)] if query.bucket_s else []) + [source.key(k) for k in query.group_by]
    if query.listing:
        groups = [source.listed(name) for name in query.group_by]
    picked = groups + [source.expression(measure) for measure in query.measures]
    where, parameters = _where(source, scope, query)
    # Texts stand last, the cheap before the dear; an engine that orders conditions by size takes them the other way.
    settings = {"allow_reorder_prewhere_conditions": 0} if _TEXTS & set(map(type, query.filters)) else {}
    sql = _select(picked, f"{database}.{source.table_name}", where, 0 if query.listing else len(groups))
    if query.listing:
        return Statement(sql + source.rows_order(query), parameters, tuple(names), settings)
    if query.fold is not None:
        sql, names, groups_n = _folded(sql, names, query.fold)
    else:
        groups_n = len(groups)
    return Statement(sql + _order(query, names, groups_n), parameters, tuple(names), settings)


class _Source:
    """The rows themselves. `lone`: there are no groups, hence one answer even of no rows, and it must be null."""

    def __init__(self, table: FactTable, *, lone: bool) -> None:
        self._table = table
        self._or_null = "OrNull" if lone else ""
        self._columns = {column.name: column for column in table.columns}

    @property
    def table_name(self) -> str:
        return self._table.name

    @property
    def since(self) -> str:
        return f"{self._table.moment} >= fromUnixTimestamp64Milli({{since:Int64}}, 'UTC')"

    @property
    def until(self) -> str:
        return f"{self._table.moment} < fromUnixTimestamp64Milli({{until:Int64}}, 'UTC')"

    def bucket(self, step_s: int) -> str:
        return f"intDiv(toUnixTimestamp({self._table.moment}), {step_s:d}) * {step_s:d}"

    def key(self, name: str) -> str:
        if name not in self._columns:
            raise ValueError(f"{self.table_name} has no column {name!r}")
        return name

    def listed(self, name: str) -> str:
        """A column of a row as it is shown."""
        column = self.key(name)
        return f"toUnixTimestamp64Milli({column})" if self._columns[name].kind is Kind.MOMENT else column

    def rows_order(self, query: FactQuery) -> str:
        """How rows that are listed come."""
        direction = "DESC" if query.descending else "ASC"
        terms = [self._table.moment, *([self.key(query.order_by)] if query.order_by else [])]
        return f" ORDER BY {', '.join(f'{term} {direction}' for term in terms)} LIMIT {query.limit:d}"

    def column(self, name: str) -> Column:
        """A column of the rows."""
        return self._columns[self.key(name)]

    def one_of(self, wanted: OneOf, number: int) -> tuple[str, list[str]]:
        """The condition of a column that holds one of some texts, and those that count."""
        name, sign = self.key(wanted.column), "NOT IN" if wanted.absent else "IN"
        kind = self._columns[name].kind
        if kind in WHOLE:
            # As numbers: to write each row's would be most of the work.
            return f"{name} {sign} CAST({{f{number}:Array(String)}}, 'Array(Int64)')", list(numbers_of(wanted.values))
        text = name if kind in (Kind.TEXT, Kind.LABEL) else f"toString({name})"
        return f"{text} {sign} {{f{number}:Array(String)}}", list(wanted.values)

    def beyond(self, wanted: Beyond, number: int) -> str:
        """The condition of a place in the order of rows."""
        sign = ">" if wanted.after else "<"
        at = f"fromUnixTimestamp64Milli({{f{number}m:Int64}}, 'UTC')"
        return f"({self._table.moment}, {self.key(wanted.column)}) {sign} ({at}, {{f{number}:UInt64}})"

    def unexpired(self, number: int) -> str:
        """The condition that leaves out what has expired."""
        at = f"fromUnixTimestamp64Milli({{f{number}m:Int64}}, 'UTC')"
        return f"NOT (org_id IN {{f{number}:Array(String)}} AND {self.key(self._table.moment)} < {at})"

    def expression(self, measure: Measure | Ratio | Total) -> str:
        if isinstance(measure, Total):
            return " + ".join(map(self.aggregate, measure.parts))
        if isinstance(measure, Ratio):
            above, below = self.aggregate(measure.numerator), self.aggregate(measure.denominator)
            return f"{measure.offset!r} + {measure.scale!r} * {above} / nullIf({below}, 0)"
        return self.aggregate(measure)

    def aggregate(self, measure: Measure) -> str:
        if not measure.column and measure.aggregate is Aggregate.COUNT:
            return "count()"
        column = self.key(measure.column)
        if measure.aggregate is Aggregate.LAST:
            if self._columns[column].kind is Kind.MOMENT:
                column = f"toUnixTimestamp64Milli({column})"
            return f"argMax{self._or_null}({column}, {self._table.moment})"
        return f"{_plain(measure.aggregate, self._or_null)}({column})"


class _RollupSource(_Source):
    """A rollup: states of aggregates, merged."""

    def __init__(self, table: FactTable, rollup: Rollup, *, lone: bool) -> None:
        super().__init__(table, lone=lone)
        self._rollup = rollup

    @property
    def table_name(self) -> str:
        return rollup_table(self._table, self._rollup)

    @property
    def since(self) -> str:
        bucket_s = self._rollup.bucket_s
        # Whole buckets only: the one that `since` falls into belongs to the answer.
        return f"bucket >= toDateTime(intDiv(intDiv({{since:Int64}}, 1000), {bucket_s}) * {bucket_s}, 'UTC')"

    @property
    def until(self) -> str:
        return "bucket < toDateTime(intDiv({until:Int64} + 999, 1000), 'UTC')"

    def bucket(self, step_s: int) -> str:
        if step_s % self._rollup.bucket_s:
            raise ValueError(f"a step of {step_s} s does not divide into the buckets of {self.table_name}")
        return f"intDiv(toUnixTimestamp(bucket), {step_s:d}) * {step_s:d}"

    def key(self, name: str) -> str:
        if name != "org_id" and name not in self._rollup.keys:
            raise ValueError(f"{self.table_name} is not kept by {name!r}")
        return name

    def aggregate(self, measure: Measure) -> str:
        name = measure.column
        if not name and measure.aggregate is Aggregate.COUNT:
            return "sum(rows_n)"
        if measure.aggregate is Aggregate.DISTINCT:
            return f"uniqExact({self.key(name)})"
        kept = self._rollup.kept.get(name, ())
        needed = Aggregate.SUM if measure.aggregate in (Aggregate.MEAN, Aggregate.COUNT) else measure.aggregate
        if needed not in kept:
            raise ValueError(f"{self.table_name} does not keep {measure.aggregate.value} of {name!r}")
        count = f"sum({name}_n)" if self._columns[name].optional else "sum(rows_n)"
        match measure.aggregate:
            case Aggregate.COUNT:
                return count
            case Aggregate.SUM if self._columns[name].optional:
                return f"if({count} = 0, NULL, sum({name}_sum))"
            case Aggregate.MEAN:
                return f"sum({name}_sum) / nullIf({count}, 0)"
            case Aggregate.LAST:
                # A merge has no form that gives null.
                return f"if(sum(rows_n) = 0, NULL, argMaxMerge({name}_last))"
            case plain:
                return f"{plain.value}{self._or_null}({name}_{plain.value})"


def _source(table: FactTable, resolution: str, *, lone: bool) -> _Source:
    if resolution == RAW:
        return _Source(table, lone=lone)
    for rollup in table.rollups:
        if rollup.name == resolution:
            return _RollupSource(table, rollup, lone=lone)
    raise ValueError(f"{table.name} has no rollup {resolution!r}")


def _where(source: _Source, scope: OrgScope, query: FactQuery) -> tuple[str, Parameters]:
    parameters: dict[str, str | int | list[str]] = {}
    if len(scope.org_ids) == 1:
        conditions = ["org_id = {org:String}"]
        parameters["org"] = scope.org_ids[0]
    else:
        conditions = ["org_id IN {org:Array(String)}"]
        parameters["org"] = list(scope.org_ids)
    texts = TextConditions(listing=query.listing)
    held: list[str] = []
    for number, wanted in enumerate(query.filters):
        match wanted:
            case OneOf():
                condition, values = source.one_of(wanted, number)
                conditions.append(condition)
                parameters[f"f{number}"] = values
            case Beyond():
                conditions.append(source.beyond(wanted, number))
                parameters |= {f"f{number}": wanted.value, f"f{number}m": wanted.moment_ms}
            case Expired():
                conditions.append(source.unexpired(number))
                parameters |= {f"f{number}": list(wanted.org_ids), f"f{number}m": wanted.before_ms}
            case Holds():
                held.append(texts.held(source.column(wanted.column), wanted))
            case unknown:
                assert_never(unknown)
    if query.since_ms is not None:
        conditions.append(source.since)
        parameters["since"] = query.since_ms
    if query.until_ms is not None:
        conditions.append(source.until)
        parameters["until"] = query.until_ms
    # Last: the rows that meet the others are few.
    return " AND ".join((*conditions, *held, *texts.indexed())), {**parameters, **texts.parameters}


def _select(picked: Sequence[str], origin: str, where: str, groups: int) -> str:
    columns = ", ".join(f"{expression} AS c{number}" for number, expression in enumerate(picked))
    sql = f"SELECT {columns} FROM {origin}" + (f" WHERE {where}" if where else "")
    if groups:
        return sql + " GROUP BY " + ", ".join(f"c{number}" for number in range(groups))
    return sql


def _folded(inner: str, names: Sequence[str], fold: Fold) -> tuple[str, list[str], int]:
    places = {name: f"i.c{number}" for number, name in enumerate(names)}
    picked = [places[name] for name in fold.by]
    for measure in fold.measures:
        if measure.aggregate is Aggregate.LAST:
            raise ValueError("a fold has no order, hence no last")
        function = _plain(measure.aggregate, "" if fold.by else "OrNull")
        picked.append(f"{function}({places[measure.column] if measure.column else ''})")
    sql = _select(picked, f"({inner}) AS i", "", len(fold.by))
    return sql, [*fold.by, *(measure.name for measure in fold.measures)], len(fold.by)


def _order(query: FactQuery, names: Sequence[str], groups: int) -> str:
    terms = [f"c{number}" for number in range(groups)]
    if query.order_by:
        place = f"c{list(names).index(query.order_by)}"
        terms = [f"{place} {'DESC' if query.descending else 'ASC'} NULLS LAST", *(t for t in terms if t != place)]
    order = f" ORDER BY {', '.join(terms)}" if terms else ""
    return f"{order} LIMIT {query.limit:d}"


def _plain(aggregate: Aggregate, or_null: str) -> str:
    counts = aggregate in (Aggregate.COUNT, Aggregate.DISTINCT)
    return _PLAIN[aggregate] + ("" if counts else or_null)


def wire_parameters(parameters: Parameters) -> dict[str, str | int]:
    """Parameters as the engine reads them: a text in its escaped form, an array of texts as a literal."""
    return {name: _wire(value) for name, value in parameters.items()}


def text_array(texts: Sequence[str]) -> str:
    """An array of texts as a literal."""
    return "[" + ",".join("'" + _escaped(text).replace("'", "\\'") + "'" for text in texts) + "]"


def _wire(value: str | int | list[str]) -> str | int:
    if isinstance(value, list):
        return text_array(value)
    return _escaped(value) if isinstance(value, str) else value


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\0", "\\0")
