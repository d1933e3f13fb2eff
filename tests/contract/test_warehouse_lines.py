"""What every warehouse promises of rows that are listed, searched by words and paged, and of rows kept by columns."""

import asyncio
from array import array
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from tests.contract.stores import Stores
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.columnar import Coded, Columnar
from tikfleet.ports.warehouse import (
    Aggregate,
    Batch,
    Beyond,
    Column,
    Expired,
    FactQuery,
    FactTable,
    Holds,
    Kind,
    Measure,
    OneOf,
    Shape,
    Span,
    Total,
    Warehouse,
)

NOW_MS = 1_763_871_611_000
SAID = FactTable(
    "said",
    1,
    (
        Column("org_id", Kind.LABEL),
        Column("received_at", Kind.MOMENT, shape=Shape.GROWING),
        Column("seq", Kind.U32, shape=Shape.GROWING),
        Column("claimed_at", Kind.MOMENT, optional=True, shape=Shape.GROWING),
        Column("topics", Kind.LABEL),
        Column("port", Kind.U16, shape=Shape.SCATTERED),
        Column("to_port", Kind.U16, shape=Shape.SCATTERED),
        Column("message", Kind.TEXT, searched=True),
    ),
    ("received_at", "seq"),
    Span.DAY,
    36_500,
)
SHOWN = ("received_at", "seq", "claimed_at", "topics", "port", "to_port", "message")
LINES = (
    ("firewall,info", 5, 80, "drop input: proto TCP (SYN), 192.0.2.10:5->198.51.100.1:80"),
    ("firewall,info", 6, 22, "drop input: proto TCP (SYN), 192.0.2.10:6->198.51.100.1:22"),
    ("system,error,critical", 0, 0, "login failure for user Admin from 192.0.2.66 via ssh"),
    ("e-mail,debug", 0, 0, "caf\u00e9 \u4e2d\u6587 logins"),
    ("dhcp,info", 0, 0, ""),
)


class Tenant:
    """An organisation of its own for each test, so that all can share one store."""

    def __init__(self) -> None:
        self.org = OrganisationId(new_id("org"))
        self.scope = OrgScope.only(self.org)

    def rows(self) -> list[tuple[Any, ...]]:
        """Two lines a moment; every second one says a time."""
        return [
            (self.org, NOW_MS + number // 2, number % 2, NOW_MS - number if number % 2 else None, *line)
            for number, line in enumerate(LINES)
        ]

    async def told(self, warehouse: Warehouse) -> "Tenant":
        await warehouse.append(Batch(new_id("bat"), {"said": self.rows()}))
        return self


@pytest.fixture
async def warehouse(stores: Stores) -> AsyncIterator[Warehouse]:
    store = await stores.open("said")
    await store.prepare([SAID])
    yield store
    await store.close()


def listing(*filters: Any, **values: Any) -> FactQuery:
    whole = FactQuery(
        "said", (), NOW_MS - 1000, NOW_MS + 1000, group_by=SHOWN, filters=filters, order_by="seq", listing=True
    )
    return msgspec.structs.replace(whole, **values)


async def listed(warehouse: Warehouse, tenant: Tenant, *filters: Any, **values: Any) -> list[list[Any]]:
    return [list(row) for row in (await warehouse.select(tenant.scope, listing(*filters, **values))).rows]


async def found(warehouse: Warehouse, tenant: Tenant, *filters: Any) -> list[int]:
    """Which of the lines."""
    return [LINES.index((row[3], row[4], row[5], row[6])) for row in await listed(warehouse, tenant, *filters)]


async def test_a_listing_gives_rows_as_they_are_in_both_directions_and_of_nobody_else(warehouse: Warehouse) -> None:
    tenant, _ = await Tenant().told(warehouse), await Tenant().told(warehouse)
    rows = [list(row[1:]) for row in tenant.rows()]

    assert await listed(warehouse, tenant) == rows
    assert await listed(warehouse, tenant, descending=True) == rows[::-1]
    assert await listed(warehouse, tenant, limit=2) == rows[:2]


async def test_rows_by_column_are_the_same_as_row_by_row(warehouse: Warehouse) -> None:
    tenant = Tenant()
    columns: list[Any] = [list(column) for column in zip(*tenant.rows(), strict=True)]
    texts = sorted(set(columns[4]))
    columns[0] = Coded([tenant.org], array("B", [0] * len(LINES)))
    columns[1], columns[2] = array("q", columns[1]), array("I", columns[2])
    columns[4] = Coded(texts, array("I", map(texts.index, columns[4])))
    await warehouse.append(Batch(new_id("bat"), {"said": Columnar(columns)}))

    assert await listed(warehouse, tenant) == [list(row[1:]) for row in tenant.rows()]


async def test_a_label_has_as_many_values_as_it_likes(warehouse: Warehouse) -> None:
    tenant = Tenant()
    rows = [(tenant.org, NOW_MS, number, None, f"label {number}", 0, 0, "") for number in range(70_000)]
    await warehouse.append(Batch(new_id("bat"), {"said": rows}))

    assert [row[3] for row in await listed(warehouse, tenant, OneOf("topics", ("label 0", "label 69999")))] == [
        "label 0", "label 69999",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Holds("message", "DROP"), [0, 1]),
        (Holds("message", "192.0.2.10"), [0, 1]),
        (Holds("message", "192.0.2.1"), []),
        (Holds("message", "from 192.0.2.66 via"), [2]),
        (Holds("message", "22"), [1]),
        (Holds("message", "login"), [2]),
        (Holds("message", "failure for"), [2]),
        (Holds("message", "failure user"), []),
        (Holds("message", "log"), []),
        (Holds("message", "drop", absent=True), [2, 3, 4]),
        (Holds("message", "login", others=("22",)), [1, 2]),
        (Holds("message", "login", absent=True, others=("drop input",)), [3, 4]),
        (Holds("topics", "firewall"), [0, 1]),
        (Holds("topics", "info"), [0, 1, 4]),
        (Holds("topics", "error,critical"), [2]),
        (Holds("topics", "e-mail", others=("dhcp",)), [3, 4]),
        (Holds("topics", "fire"), []),
    ],
)
async def test_words_are_found_whole_in_any_case_and_a_phrase_as_it_stands(
    warehouse: Warehouse, wanted: Holds, numbers: list[int]
) -> None:
    assert await found(warehouse, await Tenant().told(warehouse), wanted) == numbers


async def test_words_of_several_conditions_are_found_where_they_are_together(warehouse: Warehouse) -> None:
    tenant = await Tenant().told(warehouse)

    assert await found(warehouse, tenant, Holds("message", "ssh"), Holds("message", "failure")) == [2]
    assert await found(warehouse, tenant, Holds("message", "ssh"), Holds("message", "tcp")) == []
    assert await found(warehouse, tenant, Holds("message", "192.0.2.10"), Holds("message", "22")) == [1]


@pytest.mark.parametrize(
    ("values", "numbers"), [(("6",), [1]), (("6", "x"), [1]), (("06",), []), (("-1", "70000", "9" * 30), [])]
)
async def test_numbers_are_compared_as_they_are_written(
    warehouse: Warehouse, values: tuple[str, ...], numbers: list[int]
) -> None:
    assert await found(warehouse, await Tenant().told(warehouse), OneOf("port", values)) == numbers


@pytest.mark.parametrize("descending", [False, True])
async def test_pages_from_a_place_on_have_each_row_once(warehouse: Warehouse, *, descending: bool) -> None:
    tenant = await Tenant().told(warehouse)
    rows = await listed(warehouse, tenant, descending=descending)
    place, seen = None, []
    while page := await listed(warehouse, tenant, *([place] if place else []), descending=descending, limit=2):
        seen += page
        place = Beyond("seq", page[-1][0], page[-1][1], after=not descending)

    assert seen == rows
    assert len(seen) == len(LINES)


async def test_a_total_is_the_sum_of_its_measures(warehouse: Warehouse) -> None:
    tenant = await Tenant().told(warehouse)
    parts = Measure("from", Aggregate.SUM, "port"), Measure("to", Aggregate.SUM, "to_port")
    query = FactQuery("said", (Total("both", parts),), NOW_MS, NOW_MS + 1000, group_by=("topics",))
    answer = await warehouse.select(tenant.scope, query)

    assert {topics: int(both) for topics, both in answer.rows} == {
        "firewall,info": 113, "system,error,critical": 0, "e-mail,debug": 0, "dhcp,info": 0,
    }  # fmt: skip


async def test_what_has_expired_for_some_organisations_is_left_out_for_them_alone(warehouse: Warehouse) -> None:
    short, long = await Tenant().told(warehouse), await Tenant().told(warehouse)
    scope = OrgScope(short.org, (short.org, long.org))
    expired = Expired((short.org,), NOW_MS + 1)
    rows = (await warehouse.select(scope, listing(expired, group_by=("org_id", *SHOWN)))).rows
    count = FactQuery("said", (Measure("lines", Aggregate.COUNT),), NOW_MS, NOW_MS + 1000, filters=(expired,))

    assert sorted(map(list, rows)) == sorted(map(list, [*long.rows(), *short.rows()[2:]]))
    assert [int(lines) for (lines,) in (await warehouse.select(scope, count)).rows] == [8]


async def test_what_is_forgotten_is_gone_for_that_scope_alone_however_often(warehouse: Warehouse) -> None:
    tenant, other = await Tenant().told(warehouse), await Tenant().told(warehouse)
    scope = OrgScope(tenant.org, (tenant.org, OrganisationId("it's \\ nobody")))
    hours_ago = [(*row[:1], row[1] - hours * 3_600_000, *row[2:]) for hours in (2, 30) for row in tenant.rows()]
    await warehouse.append(Batch(new_id("bat"), {"said": hours_ago}))
    await warehouse.forget("said", tenant.scope, NOW_MS - 31 * 3_600_000)
    assert len(await listed(warehouse, tenant, since_ms=0)) == 3 * len(LINES)

    await warehouse.forget("said", scope, NOW_MS + 1)
    kept = [list(row[1:]) for row in tenant.rows()[2:]]
    for _ in range(2_400):
        if await listed(warehouse, tenant, since_ms=0) == kept:
            break
        await asyncio.sleep(0.05)
    await warehouse.forget("said", scope, NOW_MS + 1)

    assert await listed(warehouse, tenant, since_ms=0) == kept
    assert len(await listed(warehouse, other)) == len(LINES)
    with pytest.raises(ValueError, match="never_made"):
        await warehouse.forget("never_made", scope, NOW_MS)
