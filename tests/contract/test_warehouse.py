"""What every warehouse promises (`ports/warehouse.py`), one promise a test, on every adapter."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.stores import Stores
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    Aggregate,
    Batch,
    Column,
    FactQuery,
    FactTable,
    Fold,
    Kind,
    Measure,
    OneOf,
    QueryTooHeavy,
    Ratio,
    Rollup,
    Row,
    Shape,
    Span,
    Warehouse,
    WarehouseNewer,
    WarehouseUnavailable,
)

MINUTE = 1_700_000_000_000 // 300_000 * 300_000
ALL = (Aggregate.SUM, Aggregate.MIN, Aggregate.MAX)
READINGS = FactTable(
    "readings",
    1,
    (
        Column("org_id", Kind.LABEL),
        Column("device_id", Kind.LABEL),
        Column("received_at", Kind.MOMENT, shape=Shape.GROWING),
        Column("load", Kind.U8, optional=True),
        Column("bytes", Kind.U64),
        Column("interval_s", Kind.F32),
        Column("degrees", Kind.F32, optional=True),
        Column("version", Kind.TEXT),
    ),
    ("device_id", "received_at"),
    Span.DAY,
    36500,
    tuple(
        Rollup(
            name,
            bucket_s,
            ("device_id",),
            {
                "load": ALL,
                "bytes": ALL,
                "interval_s": (Aggregate.SUM,),
                "degrees": ALL,
                "version": (Aggregate.LAST,),
            },
            Span.MONTH,
            36500,
        )
        for name, bucket_s in (("5m", 300), ("1h", 3600))
    ),
)
EVERY = ("raw", "5m", "1h")
COUNT = Measure("rows", Aggregate.COUNT)
BYTES = Measure("bytes", Aggregate.SUM, "bytes")


class Tenant:
    """An organisation of its own for each test, so that all can share one store."""

    def __init__(self) -> None:
        self.org = OrganisationId(new_id("org"))
        self.scope = OrgScope.only(self.org)

    def row(self, **values: object) -> Row:
        given_ = {"device_id": "dev_a", "received_at": MINUTE, "load": 10, "bytes": 1, "interval_s": 60.0} | values
        return (
            self.org,
            *(given_.get(column.name, "" if column.kind is Kind.TEXT else None) for column in READINGS.columns[1:]),
        )

    def batch(self, *rows: Row) -> Batch:
        return Batch(new_id("bat"), {"readings": rows or (self.row(),)})


def asking(*measures: Measure | Ratio, **values: object) -> FactQuery:
    whole = FactQuery("readings", measures or (COUNT,), MINUTE - 86_400_000, MINUTE + 86_400_000)
    return msgspec.structs.replace(whole, **values)


async def answer(warehouse: Warehouse, tenant: Tenant, query: FactQuery) -> list[list[object]]:
    return [list(row) for row in (await warehouse.select(tenant.scope, query)).rows]


@pytest.fixture
async def warehouse(stores: Stores) -> AsyncIterator[Warehouse]:
    store = await stores.open("shared")
    await store.prepare([READINGS])
    yield store
    await store.close()


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


@pytest.mark.parametrize("resolution", EVERY)
async def test_a_replayed_batch_counts_once(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    batch = tenant.batch(tenant.row(bytes=5), tenant.row(bytes=7, device_id="dev_b"))

    await warehouse.append(batch)
    await warehouse.append(tenant.batch(tenant.row(bytes=100)))
    await warehouse.append(batch)

    assert await answer(warehouse, tenant, asking(COUNT, BYTES, resolution=resolution)) == [[3, 112]]


@pytest.mark.parametrize("resolution", EVERY)
async def test_equal_rows_in_two_batches_count_twice(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    await warehouse.append(tenant.batch(tenant.row()))
    await warehouse.append(tenant.batch(tenant.row()))

    assert await answer(warehouse, tenant, asking(resolution=resolution)) == [[2]]


@pytest.mark.parametrize("resolution", EVERY)
async def test_a_batch_over_many_days_is_one_batch(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    batch = tenant.batch(*(tenant.row(received_at=MINUTE + day * 86_400_000) for day in range(40)))

    await warehouse.append(batch)
    await warehouse.append(batch)

    far = asking(COUNT, since_ms=MINUTE, until_ms=MINUTE + 300 * 86_400_000, resolution=resolution)
    assert await answer(warehouse, tenant, far) == [[40]]


async def test_an_empty_batch_is_nothing(warehouse: Warehouse, tenant: Tenant) -> None:
    await warehouse.append(Batch("empty", {"readings": ()}))
    await warehouse.append(Batch("empty too", {}))


@pytest.mark.parametrize("resolution", EVERY)
async def test_a_scope_never_sees_its_neighbour(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    await warehouse.append(Tenant().batch())

    assert await answer(warehouse, tenant, asking(resolution=resolution)) == [[0]]
    assert await answer(warehouse, tenant, asking(resolution=resolution, group_by=("device_id",))) == []


async def test_a_scope_sees_those_nested_in_it(warehouse: Warehouse, tenant: Tenant) -> None:
    child, stranger = Tenant(), Tenant()
    for one in (tenant, child, stranger):
        await warehouse.append(one.batch())

    scope = OrgScope(tenant.org, (tenant.org, child.org))
    assert list((await warehouse.select(scope, asking())).rows) == [[2]]


@pytest.mark.parametrize("resolution", EVERY)
async def test_aggregates_are_those_of_standard_sql(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    await warehouse.append(
        tenant.batch(
            tenant.row(load=None, degrees=41.5, version="7.1"),
            tenant.row(load=20, degrees=float("nan"), version="7.3", received_at=MINUTE + 9),
            tenant.row(load=50, version="7.2", received_at=MINUTE + 8),
        )
    )

    measures = [Measure(how.value, how, "load") for how in (*ALL, Aggregate.MEAN, Aggregate.COUNT)]
    last = Measure("version", Aggregate.LAST, "version")
    degrees = Measure("degrees", Aggregate.MEAN, "degrees")
    devices = Measure("devices", Aggregate.DISTINCT, "device_id")
    found = await warehouse.select(tenant.scope, asking(*measures, last, degrees, devices, resolution=resolution))
    assert found.columns == ("sum", "min", "max", "mean", "count", "version", "degrees", "devices")
    assert list(found.rows) == [[70, 20, 50, 35, 2, "7.3", 41.5, 1]]


@pytest.mark.parametrize("resolution", EVERY)
async def test_of_no_rows_comes_null_and_a_count_of_zero(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    await warehouse.append(tenant.batch(tenant.row(load=None)))

    of_nothing = [Measure(how.value, how, "load") for how in (*ALL, Aggregate.MEAN, Aggregate.COUNT)]
    assert await answer(warehouse, tenant, asking(*of_nothing, resolution=resolution)) == [[None] * 4 + [0]]
    no_rows = asking(COUNT, BYTES, resolution=resolution, filters=(OneOf("device_id", ()),))
    assert await answer(warehouse, tenant, no_rows) == [[0, None]]


@pytest.mark.parametrize("resolution", EVERY)
async def test_a_ratio_of_sums_is_null_over_nothing(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    await warehouse.append(
        tenant.batch(
            tenant.row(device_id="dev_a", bytes=600),
            tenant.row(device_id="dev_b", bytes=0, interval_s=0.0),
        )
    )

    rate = Ratio("bps", BYTES, Measure("s", Aggregate.SUM, "interval_s"), scale=8, offset=1)
    query = asking(rate, resolution=resolution, group_by=("device_id",))
    assert await answer(warehouse, tenant, query) == [["dev_a", 81.0], ["dev_b", None]]


@pytest.mark.parametrize("resolution", EVERY)
async def test_late_rows_count_in_their_own_bucket(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    for minute in (120, 60, 61, 0):
        await warehouse.append(tenant.batch(tenant.row(received_at=MINUTE + minute * 60_000, load=minute)))

    load = Measure("load", Aggregate.MEAN, "load")
    found = await answer(warehouse, tenant, asking(COUNT, load, resolution=resolution, bucket_s=3600))
    hour = MINUTE // 3_600_000 * 3600
    assert sum(row[1] for row in found) == 4  # type: ignore[misc]
    assert [row[0] for row in found] == [hour, hour + 3600, hour + 7200]


async def test_rows_before_the_end_and_not_at_it_are_asked_for(warehouse: Warehouse, tenant: Tenant) -> None:
    await warehouse.append(tenant.batch(*(tenant.row(received_at=MINUTE + ms) for ms in (-1, 0, 999, 1000))))

    query = asking(COUNT, since_ms=MINUTE, until_ms=MINUTE + 1000)
    assert await answer(warehouse, tenant, query) == [[2]]


@pytest.mark.parametrize("resolution", EVERY)
async def test_groups_come_in_order_and_no_more_than_asked(
    warehouse: Warehouse, tenant: Tenant, resolution: str
) -> None:
    rows = [tenant.row(device_id=f"dev_{name}", bytes=size) for name, size in zip("abcd", (3, 9, 1, 9), strict=True)]
    await warehouse.append(tenant.batch(*rows))

    top = asking(BYTES, resolution=resolution, group_by=("device_id",), order_by="bytes", descending=True, limit=3)
    assert await answer(warehouse, tenant, top) == [["dev_b", 9], ["dev_d", 9], ["dev_a", 3]]


@pytest.mark.parametrize("resolution", EVERY)
async def test_a_fold_aggregates_the_groups_again(warehouse: Warehouse, tenant: Tenant, resolution: str) -> None:
    rows = [tenant.row(device_id=f"dev_{n}", version="7.2" if n else "7.1", bytes=n) for n in range(4)]
    await warehouse.append(tenant.batch(*rows, tenant.row(device_id="dev_1", version="7.2", bytes=10)))

    inner = (Measure("version", Aggregate.LAST, "version"), BYTES)
    fold = Fold(("version",), (Measure("devices", Aggregate.COUNT), Measure("most", Aggregate.MAX, "bytes")))
    query = asking(*inner, resolution=resolution, group_by=("device_id",), fold=fold, order_by="devices")
    assert await answer(warehouse, tenant, query) == [["7.1", 1, 0], ["7.2", 3, 11]]


async def test_a_value_that_does_not_fit_becomes_the_nearest_that_does(warehouse: Warehouse, tenant: Tenant) -> None:
    hostile = tenant.row(load=300, bytes=2**70, interval_s=float("inf"), degrees=1e300)
    await warehouse.append(tenant.batch(hostile, tenant.row(load=-5, bytes=-1, interval_s=float("nan"))))

    highest = [Measure(name, Aggregate.MAX, name) for name in ("load", "bytes", "interval_s", "degrees")]
    lowest = [Measure(name, Aggregate.MIN, name) for name in ("load", "bytes", "interval_s")]
    (found,) = await answer(warehouse, tenant, asking(*highest, *lowest))
    assert found == [255, 2**64 - 1, pytest.approx(3.4e38, rel=0.01), pytest.approx(3.4e38, rel=0.01), 0, 0, 0]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(max_size=30))
async def test_any_text_comes_back_and_is_found(warehouse: Warehouse, name: str) -> None:
    tenant = Tenant()
    name = name.encode(errors="replace").decode()
    await warehouse.append(tenant.batch(tenant.row(device_id=name), tenant.row(device_id=name + "'")))

    query = asking(COUNT, group_by=("device_id",), filters=(OneOf("device_id", (name, "other")),))
    assert await answer(warehouse, tenant, query) == [[name, 1]]


@pytest.mark.parametrize(
    "query",
    [
        asking(table="nothing"),
        asking(resolution="7m"),
        asking(group_by=("device_id) --",)),
        asking(Measure("x", Aggregate.SUM, "nothing")),
        asking(Measure("x", Aggregate.SUM, "version"), resolution="5m"),
        asking(filters=(OneOf("load", ("1",)),), resolution="5m"),
        asking(bucket_s=200, resolution="5m"),
        asking(order_by="nothing"),
    ],
)
async def test_what_was_not_declared_can_not_be_asked(warehouse: Warehouse, tenant: Tenant, query: FactQuery) -> None:
    with pytest.raises(ValueError):
        await warehouse.select(tenant.scope, query)


async def test_storage_tells_rows_and_bytes_of_tables_and_rollups(warehouse: Warehouse, tenant: Tenant) -> None:
    await warehouse.append(tenant.batch())

    sizes = {size.name: size for size in await warehouse.storage()}
    assert set(sizes) == {"readings", "readings_5m", "readings_1h"}
    assert all(size.rows > 0 and size.size_bytes > 0 for size in sizes.values())


async def test_a_heavy_question_is_stopped_and_the_next_one_answered(stores: Stores, tenant: Tenant) -> None:
    store = await stores.open("heavy", tight=True)
    await store.prepare([READINGS])
    await store.append(tenant.batch(*(tenant.row(device_id=f"dev_{n}" * 20) for n in range(60_000))))

    with pytest.raises(QueryTooHeavy):
        await store.select(tenant.scope, asking(COUNT, group_by=("device_id",)))
    assert await answer(store, Tenant(), asking(COUNT)) == [[0]]
    await store.close()


async def test_a_table_grows_and_a_newer_store_is_refused(stores: Stores, tenant: Tenant) -> None:
    old = READINGS
    rollup = msgspec.structs.replace(old.rollups[0], kept=old.rollups[0].kept | {"drops": ALL})
    new = msgspec.structs.replace(
        old,
        version=2,
        keep_days=50_000,
        columns=(*old.columns, Column("drops", Kind.U32)),
        rollups=(rollup, msgspec.structs.replace(rollup, name="1d", bucket_s=86400)),
    )
    store = await stores.open("grows")
    await store.prepare([old])
    await store.append(tenant.batch())
    await store.prepare([new])
    await store.append(tenant.batch((*tenant.row(), 7)))

    drops = Measure("drops", Aggregate.SUM, "drops")
    for resolution, rows in (("raw", 2), ("5m", 2), ("1d", 1)):
        assert await answer(store, tenant, asking(COUNT, drops, resolution=resolution)) == [[rows, 7]]
    with pytest.raises(WarehouseNewer, match="version 2 of readings"):
        await store.prepare([old])
    await store.close()


async def test_a_directory_has_one_holder_and_names_it(tmp_path: Path) -> None:
    store = await ChdbWarehouse.open(tmp_path / "chdb")
    with pytest.raises(WarehouseUnavailable, match=f"chdb is held by process {os.getpid()}"):
        await ChdbWarehouse.open(tmp_path / "chdb")
    await store.close()
