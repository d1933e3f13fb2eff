"""The views that fill rollups as rows arrive: each runs on every block that is inserted, and on nothing else."""

from collections.abc import Iterator, Mapping

from tikfleet.adapters.clickhouse_sql.schema import TEXTS, TYPES, rollup_table, state_columns
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.ports.warehouse import Aggregate, Column, FactTable, Kind, Rollup


def create_view(table: FactTable, rollup: Rollup, topology: Topology) -> str:
    """The statement that makes the view through which rows reach a rollup: beside the rows, on their own server."""
    name = rollup_table(table, rollup)
    return (
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {topology.asked(name)}_view{topology.on_cluster} "
        f"TO {topology.local(name)} AS {view_query(table, rollup, topology)}"
    )


def view_query(table: FactTable, rollup: Rollup, topology: Topology) -> str:
    """What the view of a rollup selects."""
    columns = {column.name: column for column in table.columns}
    keys = ", ".join(("org_id", *rollup.keys))
    if rollup.source or rollup.sparse:
        return _chained_query(table, rollup, topology)
    picked = [f"{_bucket(table.moment, rollup)} AS bucket", "count() AS rows_n"]
    for name, aggregates in rollup.kept.items():
        picked += _state_queries(table, columns[name], aggregates)
    return f"SELECT {keys}, {', '.join(picked)} FROM {topology.local(table.name)} GROUP BY {keys}, bucket"


def _chained_query(table: FactTable, rollup: Rollup, topology: Topology) -> str:
    """Of the rows or the rollup that this one is made of; each row of its own where the rollup is sparse."""
    columns = {column.name: column for column in table.columns}
    source = next((other for other in table.rollups if other.name == rollup.source), None)
    origin = topology.local(rollup_table(table, source) if source else table.name)
    bucket = _bucket("s.bucket" if source else f"s.{table.moment}", rollup)
    keys = [f"s.{key}" for key in ("org_id", *rollup.keys)]
    picked = [f"{key} AS {key[2:]}" for key in keys] + [f"{bucket} AS bucket"]
    kept = ["rows_n"]
    for name, aggregates in rollup.kept.items():
        kept += [state for state, _ in state_columns(table, columns[name], aggregates)]
    for state in kept:
        how = {"min": "min", "max": "max", "last": "argMaxMergeState"}.get(state.rpartition("_")[2], "sum")
        value = f"s.{state}" if source else _one(table, columns, state)
        picked.append(f"{value if rollup.sparse else f'{how}({value})'} AS {state}")
    groups = "" if rollup.sparse else f" GROUP BY {', '.join(keys)}, {bucket}"
    return f"SELECT {', '.join(picked)} FROM {origin} AS s{groups}"


def _one(table: FactTable, columns: Mapping[str, Column], state: str) -> str:
    """What one row adds to a state: itself. Raises ValueError for other states than sums of what is always there."""
    if state == "rows_n":
        return "toUInt64(1)"
    name, _, aggregate = state.rpartition("_")
    if aggregate != Aggregate.SUM.value or columns[name].optional:
        raise ValueError(f"a sparse rollup of {table.name} can't keep {state}")
    return f"s.{name}"


def _bucket(moment: str, rollup: Rollup) -> str:
    return f"toDateTime(intDiv(toUnixTimestamp({moment}), {rollup.bucket_s}) * {rollup.bucket_s}, 'UTC')"


def _state_queries(table: FactTable, column: Column, aggregates: tuple[Aggregate, ...]) -> Iterator[str]:
    for aggregate in aggregates:
        name = f"{column.name}_{aggregate.value}"
        match aggregate:
            case Aggregate.SUM if column.optional:
                yield f"sum(ifNull({column.name}, 0)) AS {name}"
                yield f"count({column.name}) AS {column.name}_n"
            case Aggregate.LAST:
                plain = TYPES[Kind.TEXT if column.kind in TEXTS else column.kind]
                yield f"argMaxState(CAST({column.name} AS {plain}), {table.moment}) AS {name}"
            case _:
                yield f"{aggregate.value}({column.name}) AS {name}"
