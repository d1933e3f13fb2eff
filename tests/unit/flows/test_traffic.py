"""Questions about traffic, against plain sums over the flows that were stored."""

import math
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from bench.flow_packets import TEMPLATES, messages, some_talks, v5
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.flows.errors import TrafficTooDetailed
from tikfleet.domains.flows.facts import FLOWS, FlowRetention, flow_tables
from tikfleet.domains.flows.names import Names
from tikfleet.domains.flows.questions import KEYS, Only
from tikfleet.domains.flows.rows import Nowhere, Owner, Places, rows_of
from tikfleet.domains.flows.service import Traffic
from tikfleet.domains.flows.wire.decoder import Decoder
from tikfleet.domains.telemetry.public import Window
from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Batch, FactQuery, QueryTooHeavy

NOW_S = 1_790_000_100
ACME, CHILD, GLOBEX, BILL = (OrganisationId(f"org_{name}") for name in ("acme", "child", "globex", "bill"))
pytestmark = pytest.mark.asyncio(loop_scope="module")
HOUR = Window(NOW_S - 3600, NOW_S)
MONTH = Window(NOW_S - 30 * 86_400, NOW_S)
SCOPE = OrgScope(ACME, (ACME, CHILD))
TALKS = some_talks(400)
KEPT = FlowRetention(36_500, 36_500, 36_500, 36_500)


class Labels:
    async def devices(self, scope: OrgScope, ids: Sequence[DeviceId]) -> Mapping[DeviceId, str]:
        return {DeviceId("dev_a"): "Riga"}

    async def sites(self, scope: OrgScope, ids: Sequence[SiteId]) -> Mapping[SiteId, str]:
        return {SiteId("site_a"): "Old Town"}

    async def names(self, scope: OrgScope) -> Mapping[OrganisationId, str]:
        return {ACME: "Acme", CHILD: "Child"}

    async def interfaces(self, scope: OrgScope, ids: Sequence[DeviceId]) -> Mapping[DeviceId, Mapping[str, str]]:
        return {DeviceId("dev_a"): {"1": "wan"}}


class Countries(Places):
    def of(self, address: str) -> tuple[str, str]:
        return ("LV", "AS64500 Example") if address.endswith(".1") else ("", "")


def flows_of(talks: Any, ended_s: int) -> Any:
    decoder = Decoder()
    for packet in (TEMPLATES, *messages(talks)):
        decoder.feed(1, packet, ended_s * 1000)
    return decoder.drain()


@pytest.fixture(scope="module")
def rows() -> Any:
    parts = [
        (Owner(ACME, "dev_a", "site_a"), flows_of(TALKS[:200], NOW_S - 600)),
        (Owner(ACME, "dev_b", ""), flows_of(TALKS[200:300], NOW_S - 1200)),
        (Owner(CHILD, "dev_c", ""), flows_of(TALKS[300:], NOW_S - 20 * 86_400)),
        (Owner(GLOBEX, "dev_d", ""), flows_of(TALKS, NOW_S - 60)),
    ]
    return rows_of(parts, Countries())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def warehouse(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> AsyncIterator[ChdbWarehouse]:
    opened = await ChdbWarehouse.open(tmp_path_factory.mktemp("traffic") / "warehouse")
    await opened.prepare(flow_tables(KEPT))
    await opened.append(Batch("one", {FLOWS: rows}))
    yield opened
    await opened.close()


@pytest.fixture
def traffic(warehouse: ChdbWarehouse) -> Traffic:
    labels = Labels()
    return Traffic(
        warehouse, Names(labels, labels, labels), FlowRetention(), lambda: datetime.fromtimestamp(NOW_S, UTC)
    )


def local_of(talk: Any) -> str:
    return str(talk.source if talk.source.startswith("192.168.") else talk.destination)


async def test_top_talkers_are_those_of_plain_sums_with_their_share(traffic: Traffic) -> None:
    found = await traffic.top(SCOPE, "talker", HOUR, Only(), "total", 5)
    sums: Counter[tuple[str, str]] = Counter()
    for place, talk in enumerate(TALKS[:300]):
        sums["dev_a" if place < 200 else "dev_b", local_of(talk)] += talk.octets
    expected = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:5]
    assert [((i.keys["device_id"], i.keys["local_address"]), i.volume.total_bytes) for i in found.items] == expected
    assert found.total.total_bytes == sum(sums.values())
    assert found.items[0].share_percent == pytest.approx(100 * expected[0][1] / sum(sums.values()), abs=0.01)
    assert found.plan.resolution == "talkers_1m"


@pytest.mark.parametrize("hosts", [(1,), (1, 3), (50, 500)], ids=["too-few", "widened", "usual"])
@pytest.mark.parametrize("window", [HOUR, MONTH], ids=["hour", "month"])
@pytest.mark.parametrize("sort", ["total", "up", "down"])
async def test_the_greatest_conversations_are_found_among_however_many_hosts(
    warehouse: ChdbWarehouse, rows: Any, hosts: tuple[int, ...], window: Window, sort: Any
) -> None:
    names = [column.name for column in flow_tables(KEPT)[0].columns]
    sums: Counter[tuple[str, ...]] = Counter()
    for values in zip(*rows.columns, strict=True):
        row = dict(zip(names, values, strict=True))
        if row["org_id"] == ACME and row["service"] != "udp/53":
            key = (row["device_id"], row["local_address"], row["remote_address"], row["service"])
            sums[key] += (sort != "down") * row["up_bytes"] + (sort != "up") * row["down_bytes"]
    expected = sorted(sums.items(), key=lambda item: (-item[1], item[0]))[:4]
    only = Only(service=tuple({key[3] for key in sums}))

    asked = Traffic(
        warehouse,
        Names(*[Labels()] * 3),
        FlowRetention(),
        lambda: datetime.fromtimestamp(NOW_S, UTC),
        hosts,
    )
    found = await asked.top(OrgScope.only(ACME), "conversation", window, only, sort, 4)

    kept = KEYS["conversation"]
    volumes = [(i.volume.up_bytes, i.volume.down_bytes) for i in found.items]
    sizes = [(sort != "down") * up + (sort != "up") * down for up, down in volumes]
    assert list(zip([tuple(i.keys[key] for key in kept) for i in found.items], sizes, strict=True)) == expected


async def test_a_month_is_answered_by_days_and_a_scope_sees_its_own_and_those_below(traffic: Traffic) -> None:
    found = await traffic.top(SCOPE, "organisation", MONTH, Only(), "total", 10)
    assert {item.label: item.volume.total_bytes for item in found.items} == {
        "Acme": sum(talk.octets for talk in TALKS[:300]), "Child": sum(talk.octets for talk in TALKS[300:]),
    }  # fmt: skip
    assert found.plan.resolution == "totals_1d"
    alone = await traffic.top(OrgScope.only(CHILD), "device", MONTH, Only(), "total", 10)
    assert [item.keys for item in alone.items] == [{"device_id": "dev_c"}]


@pytest.mark.parametrize("by", list(KEYS))
@pytest.mark.parametrize("window", [HOUR, MONTH], ids=["hour", "month"])
async def test_whatever_it_is_by_the_parts_are_the_whole(traffic: Traffic, by: Any, window: Window) -> None:
    found = await traffic.top(SCOPE, by, window, Only(), "total", 1000)
    assert sum(item.volume.total_bytes for item in found.items) == found.total.total_bytes > 0
    assert sum(item.volume.up_packets for item in found.items) == found.total.up_packets
    assert all(item.label for item in found.items)
    course = await traffic.course(SCOPE, by, window, Only(), (20, 3))
    octets = sum(sum(line.up_bps) + sum(line.down_bps) for line in course.lines) * course.plan.step_s / 8
    assert octets == pytest.approx(found.total.total_bytes, rel=1e-3)


async def test_names_are_those_that_people_know(traffic: Traffic) -> None:
    async def labels(by: Any) -> set[str]:
        return {item.label for item in (await traffic.top(SCOPE, by, HOUR, Only(), "total", 50)).items}

    assert await labels("device") == {"Riga", "dev_b"}
    assert await labels("site") == {"Old Town", "no site"}
    assert {"HTTPS", "QUIC", "DNS", "SIP"} <= await labels("service")
    assert "Riga wan" in await labels("remote_interface")
    assert {"LV", "unknown"} == await labels("country")


async def test_filters_leave_what_they_name(traffic: Traffic) -> None:
    only = Only(device_id=("dev_a",), service=("udp/53",))
    expected = sum(t.octets for t in TALKS[:200] if 53 in {t.source_port, t.destination_port})
    assert (await traffic.top(SCOPE, "talker", HOUR, only, "total", 5)).total.total_bytes == expected
    conversations = await traffic.top(SCOPE, "conversation", HOUR, only, "down", 1000)
    assert sum(item.volume.total_bytes for item in conversations.items) == expected
    downs = [item.volume.down_bytes for item in conversations.items]
    assert downs == sorted(downs, reverse=True)
    one = await traffic.top(SCOPE, "remote", HOUR, Only(local_address=("192.168.88.10",)), "total", 1000)
    assert one.total.total_bytes == sum(t.octets for t in TALKS[:300] if local_of(t) == "192.168.88.10")
    nobody = await traffic.top(SCOPE, "talker", HOUR, Only(device_id=("dev_d",)), "total", 5)
    assert (nobody.items, nobody.total.total_bytes) == ([], 0)


async def test_what_no_rollup_has_is_answered_by_flows_while_they_are_kept(traffic: Traffic) -> None:
    only = Only(remote_interface=("1",), service=("tcp/443",))
    recent = await traffic.top(SCOPE, "talker", HOUR, only, "total", 5)
    assert recent.plan.resolution == "raw"
    assert recent.total.total_bytes > 0
    with pytest.raises(TrafficTooDetailed):
        await traffic.top(SCOPE, "talker", MONTH, only, "total", 5)


async def test_the_percentile_is_the_nearest_rank_of_five_minute_means(
    traffic: Traffic, warehouse: ChdbWarehouse
) -> None:
    count = 288
    flows = flows_of(TALKS[:1], NOW_S).repeat(count)
    begin_s = NOW_S - NOW_S % 300 - count * 300
    flows["ended_ms"] = (begin_s + np.arange(count) * 300) * 1000 + 1
    octets = np.random.default_rng(5).integers(1, 10**9, count)
    flows["octets"] = octets
    await warehouse.append(Batch("bill", {FLOWS: rows_of([(Owner(BILL, "dev_a", ""), flows)], Nowhere())}))
    scope = OrgScope.only(BILL)
    window = Window(begin_s, begin_s + count * 300)
    found = await traffic.percentile(scope, window, Only(device_id=("dev_a",)), 95)
    expected = sorted(octets.tolist())[math.ceil(0.95 * count) - 1] * 8 / 300
    assert found.samples == count
    assert max(found.up_bps, found.down_bps) == pytest.approx(expected, abs=0.1)
    assert max(found.mean_up_bps, found.mean_down_bps) == pytest.approx(octets.mean() * 8 / 300, abs=0.1)
    longer = await traffic.percentile(scope, Window(begin_s - count * 3000, window.until_s), Only(), 50)
    assert (longer.up_bps, longer.down_bps) == (0, 0)


async def test_flows_of_version_five_too_are_told_from_their_local_end() -> None:
    decoder = Decoder()
    decoder.feed(1, v5(TALKS[:30]), NOW_S * 1000)
    rows = rows_of([(Owner(ACME, "dev_a", ""), decoder.drain())], Nowhere())
    assert all(str(row[4]).startswith("192.168.88.") and not str(row[5]).startswith("192.168.") for row in rows)


class Refusing:
    """A store that would work too long."""

    async def select(self, scope: OrgScope, query: FactQuery) -> Any:
        raise QueryTooHeavy("the question was stopped: it ran into its limit of time")


@pytest.mark.parametrize(("by", "told"), [("conversation", "one device, site or host"), ("remote", "fewer devices")])
async def test_conversations_that_are_too_many_are_refused_with_a_remedy_that_works(by: Any, told: str) -> None:
    store: Any = Refusing()
    asked = Traffic(store, Names(*[Labels()] * 3), FlowRetention(), lambda: datetime.fromtimestamp(NOW_S, UTC))

    with pytest.raises(QueryTooHeavy, match="limit of time") as refused:
        await asked.top(SCOPE, by, HOUR, Only(), "total", 5)

    assert told in refused.value.advice
