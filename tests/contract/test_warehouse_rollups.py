"""What every warehouse promises of rollups that are made of other rollups, and of sparse ones."""

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from tests.contract.stores import Stores
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.adapters.clickhouse_sql.views import view_query
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    RAW,
    Aggregate,
    Batch,
    Column,
    FactQuery,
    FactTable,
    Kind,
    Measure,
    Rollup,
    Row,
    Span,
    Warehouse,
)

DAY = 1_700_000_000_000 // 86_400_000 * 86_400_000
SUM = {"bytes": (Aggregate.SUM,)}
ALL = {"bytes": (Aggregate.SUM, Aggregate.MIN, Aggregate.MAX, Aggregate.LAST)}
PASSAGES = FactTable(
    "passages",
    1,
    (
        Column("org_id", Kind.LABEL),
        Column("device_id", Kind.LABEL),
        Column("received_at", Kind.MOMENT),
        Column("bytes", Kind.U64),
    ),
    ("device_id",),
    Span.DAY,
    36500,
    (
        Rollup("1m", 60, ("device_id",), SUM, Span.DAY, 36500, together_s=3600, sparse=True),
        Rollup("1h", 3600, ("device_id",), SUM, Span.MONTH, 36500, "1m", 86_400, sparse=True),
        Rollup("1d", 86_400, ("device_id",), SUM, Span.YEAR, 36500, "1h"),
        Rollup("fleet_5m", 300, (), ALL, Span.MONTH, 36500),
        Rollup("fleet_1h", 3600, (), ALL, Span.MONTH, 36500, "fleet_5m"),
    ),
    together_s=3600,
)
BY_DEVICE = (RAW, "1m", "1h", "1d")


@pytest.fixture
async def warehouse(stores: Stores) -> AsyncIterator[Warehouse]:
    store = await stores.open("rollups")
    await store.prepare([PASSAGES])
    yield store
    await store.close()


def some_rows(org: str, count: int = 300) -> list[Row]:
    dice = Random(7)
    return [
        (org, f"dev_{dice.randrange(5)}", DAY + dice.randrange(3 * 86_400_000), dice.randrange(1 << 40))
        for _ in range(count)
    ]


def asking(resolution: str, *aggregates: Aggregate, by: tuple[str, ...] = ()) -> FactQuery:
    measures = (Measure("rows", Aggregate.COUNT), *(Measure(how.value, how, "bytes") for how in aggregates))
    return FactQuery("passages", measures, DAY, DAY + 3 * 86_400_000, resolution, group_by=by)


async def answers(store: Warehouse, org: str, *queries: FactQuery) -> list[list[list[object]]]:
    scope = OrgScope.only(OrganisationId(org))
    return [[list(row) for row in (await store.select(scope, query)).rows] for query in queries]


async def test_a_rollup_of_a_rollup_holds_what_the_rows_hold_and_a_replay_counts_once(warehouse: Warehouse) -> None:
    org = new_id("org")
    rows = some_rows(org)
    expected = [
        [device, len(sizes), sum(sizes)]
        for device, sizes in (
            (f"dev_{number}", [row[3] for row in rows if row[1] == f"dev_{number}"]) for number in range(5)
        )
    ]

    halves = [Batch(new_id("bat"), {"passages": part}) for part in (rows[:150], rows[150:])]
    for batch in (*halves, *halves):
        await warehouse.append(batch)

    asked = [asking(resolution, Aggregate.SUM, by=("device_id",)) for resolution in BY_DEVICE]
    assert await answers(warehouse, org, *asked) == [expected] * 4


async def test_least_greatest_and_last_values_go_on_from_rollup_to_rollup(warehouse: Warehouse) -> None:
    org = new_id("org")
    rows = some_rows(org)
    sizes = [row[3] for row in rows]
    last = max(rows, key=lambda row: row[2])[3]

    await warehouse.append(Batch(new_id("bat"), {"passages": rows}))

    hows = (Aggregate.SUM, Aggregate.MIN, Aggregate.MAX, Aggregate.LAST)
    found = await answers(warehouse, org, *(asking(name, *hows) for name in (RAW, "fleet_5m", "fleet_1h")))
    assert found == [[[300, sum(sizes), min(sizes), max(sizes), last]]] * 3


async def test_a_batch_that_was_cut_within_a_chain_is_completed_by_its_replay(tmp_path: Path) -> None:
    store = await ChdbWarehouse.open(tmp_path)
    await store.prepare([PASSAGES])
    # As if the process had died after the first rollup of the chain.
    await store._engine.write(lambda connection: connection.query("DROP VIEW tikfleet.passages_1h_view"))
    batch = Batch("cut", {"passages": some_rows("org_a")})
    await store.append(batch)
    cut = await answers(store, "org_a", *map(asking, BY_DEVICE))
    await store.prepare([PASSAGES])
    await store.append(batch)

    completed = await answers(store, "org_a", *map(asking, BY_DEVICE))
    await store.close()
    assert [count for ((count,),) in cut] == [300, 300, 0, 0]
    assert [count for ((count,),) in completed] == [300, 300, 300, 300]


async def test_a_short_time_is_asked_without_reading_what_stands_before_and_after(tmp_path: Path) -> None:
    store = await ChdbWarehouse.open(tmp_path)
    await store.prepare([PASSAGES])
    rows = [("org_a", f"dev_{n % 100:02}", DAY + n % 1440 * 60_000, 1) for n in range(144_000)]
    await store.append(Batch("day", {"passages": rows}))

    scope = OrgScope.only(OrganisationId("org_a"))
    for resolution in (RAW, "1m"):
        query = FactQuery("passages", (Measure("rows", Aggregate.COUNT),), DAY, DAY + 3_600_000, resolution)
        answer = await store.select(scope, query)
        assert answer.rows[0][0] == 6_000
        assert answer.rows_read < 20_000
    await store.close()


def test_a_sparse_rollup_that_should_keep_more_than_sums_is_refused() -> None:
    rollup = Rollup("1m", 60, ("device_id",), ALL, Span.DAY, 36500, sparse=True)
    with pytest.raises(ValueError, match="sparse"):
        view_query(PASSAGES, rollup, Topology())
