"""Questions about traffic on every engine, against plain sums over the flows that were stored."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bench.flow_packets import TEMPLATES, messages, some_talks
from tests.contract.stores import Stores
from tikfleet.domains.flows.facts import FLOWS, FlowRetention, flow_tables
from tikfleet.domains.flows.names import Names
from tikfleet.domains.flows.questions import KEYS, By, Only
from tikfleet.domains.flows.rows import Nowhere, Owner, rows_of
from tikfleet.domains.flows.service import Traffic
from tikfleet.domains.flows.wire.decoder import Decoder
from tikfleet.domains.telemetry.public import Window
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Batch, Warehouse

NOW_S = 1_790_000_100
KEPT = FlowRetention(36_500, 36_500, 36_500, 36_500)
WINDOWS = {"hour": Window(NOW_S - 3600, NOW_S), "day": Window(NOW_S - 86_400, NOW_S)}


class NoNames:
    async def devices(self, scope: Any, ids: Any) -> Mapping[Any, str]:
        return {}

    async def sites(self, scope: Any, ids: Any) -> Mapping[Any, str]:
        return {}

    async def names(self, scope: Any) -> Mapping[Any, str]:
        return {}

    async def interfaces(self, scope: Any, ids: Any) -> Mapping[Any, Any]:
        return {}


def some_rows(org: str) -> Any:
    decoder = Decoder()
    for packet in (TEMPLATES, *messages(some_talks(300))):
        decoder.feed(1, packet, (NOW_S - 700) * 1000)
    flows = decoder.drain()
    owners = (Owner(org, "dev_a", "sit_a"), Owner(org, "dev_b", ""), Owner(org, "dev_c", "sit_a"))
    return rows_of([(owner, flows[place::3]) for place, owner in enumerate(owners)], Nowhere())


def sums_of(rows: Any, keys: Sequence[str]) -> list[tuple[tuple[str, ...], int, int]]:
    """Keys with what went up and down, the greatest first."""
    names = [column.name for column in flow_tables(KEPT)[0].columns]
    up: Counter[tuple[str, ...]] = Counter()
    down: Counter[tuple[str, ...]] = Counter()
    for values in zip(*rows.columns, strict=True):
        row = dict(zip(names, values, strict=True))
        key = tuple(row[name] for name in keys)
        up[key] += row["up_bytes"]
        down[key] += row["down_bytes"]
    return sorted(((key, up[key], down[key]) for key in up), key=lambda one: (-one[1] - one[2], one[0]))


@pytest.fixture
async def warehouse(stores: Stores) -> AsyncIterator[Warehouse]:
    store = await stores.open("flows")
    await store.prepare(flow_tables(KEPT))
    yield store
    await store.close()


async def test_the_greatest_of_everything_and_their_volumes_are_those_of_plain_sums(warehouse: Warehouse) -> None:
    org = OrganisationId(new_id("org"))
    rows = some_rows(org)
    batch = Batch(new_id("bat"), {FLOWS: rows})
    await warehouse.append(batch)
    await warehouse.append(batch)
    nobody: Any = NoNames()
    traffic = Traffic(
        warehouse, Names(*[nobody] * 3), FlowRetention(), lambda: datetime.fromtimestamp(NOW_S, UTC), (2, 20)
    )

    bys: tuple[By, ...] = ("talker", "conversation", "service", "site", "remote_interface", "country")
    for name, window in WINDOWS.items():
        for by in bys:
            found = await traffic.top(OrgScope.only(org), by, window, Only(), "total", 5)
            told = [
                (tuple(item.keys[key] for key in KEYS[by]), item.volume.up_bytes, item.volume.down_bytes)
                for item in found.items
            ]
            assert told == sums_of(rows, KEYS[by])[:5], (by, name)


async def test_courses_and_the_percentile_add_up_to_all(warehouse: Warehouse) -> None:
    org = OrganisationId(new_id("org"))
    rows = some_rows(org)
    await warehouse.append(Batch(new_id("bat"), {FLOWS: rows}))
    nobody: Any = NoNames()
    traffic = Traffic(warehouse, Names(*[nobody] * 3), FlowRetention(), lambda: datetime.fromtimestamp(NOW_S, UTC))
    scope, window = OrgScope.only(org), WINDOWS["day"]
    total = sum(up + down for _, up, down in sums_of(rows, ()))

    course = await traffic.course(scope, "device", window, Only(), (24, 2))
    octets = sum(sum(line.up_bps) + sum(line.down_bps) for line in course.lines) * course.plan.step_s / 8
    assert octets == pytest.approx(total, rel=1e-3)

    bill = await traffic.percentile(scope, window, Only(), 100.0)
    assert (bill.up_bps + bill.down_bps) * 300 / 8 == pytest.approx(total, rel=1e-3)
