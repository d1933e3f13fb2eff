"""From datagrams to rows: each packet and each flow accounted for, stored once, and as much of it as may be kept."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from bench.flow_packets import IPV4_FIELDS, IPV6_FIELDS, TEMPLATES, Talk, a_set, ipfix, messages, record, some_talks, v5
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.domains.flows.collector import Attribution, FlowCollector
from tikfleet.domains.flows.consumer import FlowRows
from tikfleet.domains.flows.counts import FlowCounts
from tikfleet.domains.flows.facts import FLOWS, FlowRetention, flow_tables
from tikfleet.domains.flows.model import Privacy
from tikfleet.domains.flows.rows import Nowhere
from tikfleet.domains.inventory.public import DeviceStates
from tikfleet.domains.sources.public import Arrival, Counted, Drain, Origin, SourceMeter
from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import Envelope
from tikfleet.ports.warehouse import Aggregate, FactQuery, Measure, WarehouseUnavailable

NOW_S = 1_790_000_000.0
ACME, GLOBEX = OrganisationId("org_acme"), OrganisationId("org_globex")
KNOWN = {"10.0.0.1": (ACME, "dev_a", "site_a"), "10.0.0.2": (ACME, "dev_b", ""), "10.0.0.3": (GLOBEX, "dev_c", "")}


class Directory:
    async def origins(self, arrivals: Iterable[Arrival]) -> dict[Arrival, Origin]:
        return {arrival: self._origin(arrival) for arrival in arrivals}

    @staticmethod
    def _origin(arrival: Arrival) -> Origin:
        if arrival.address not in KNOWN:
            return Origin(value=arrival.address, reason="unknown")
        org_id, device_id, site_id = KNOWN[arrival.address]
        return Origin(org_id, DeviceId(device_id), SiteId(site_id), value=arrival.address)


class Tallies:
    def __init__(self) -> None:
        self.by_address: dict[str, Counted] = {}

    def note(self, arrival: Arrival, origin: Origin, counted: Counted, sample: bytes = b"") -> None:
        self.by_address.setdefault(arrival.address, Counted()).add(counted)


class Choices(dict[str, Privacy]):
    async def of(self, org_id: OrganisationId) -> Privacy:
        return self.get(org_id, Privacy.FULL)


class Breaking:
    """A warehouse that stores a batch, and then says that it could not, once."""

    def __init__(self, inner: ChdbWarehouse) -> None:
        self._inner = inner
        self.failures = 1

    async def append(self, batch: Any) -> None:
        await self._inner.append(batch)
        if self.failures:
            self.failures -= 1
            raise WarehouseUnavailable("gone", retry_after_s=1)


class Way:
    def __init__(
        self, directory: Path, warehouse: ChdbWarehouse, database: Database, rate: int, most_bytes: int
    ) -> None:
        self.warehouse, self.tallies, self.counts, self.choices = warehouse, Tallies(), FlowCounts(), Choices()
        self.inbox = SqliteInbox(directory / "flows.sqlite", most_bytes=most_bytes)
        said: Any = (Directory(), SourceMeter(rate), self.tallies)
        attribution = Attribution(*said)
        self.collector = FlowCollector(self.inbox, attribution, self.counts, now_s=lambda: NOW_S)
        self.rows = FlowRows(self.choices, Nowhere(), self.counts)
        self.drain = Drain("flows", self.inbox, warehouse, DeviceStates(database), self.rows, 4)

    def take(self, *packets: bytes, address: str = "10.0.0.1") -> None:
        for packet in packets:
            self.collector.take(packet, address, 2055, 2055)

    async def stored(self, *names: str, org: OrganisationId = ACME, resolution: str = "raw") -> list[Any]:
        while await self.drain.step():
            pass
        measures = (Measure("up", Aggregate.SUM, "up_bytes"), Measure("down", Aggregate.SUM, "down_bytes"))
        answer = await self.warehouse.select(
            OrgScope.only(org), FactQuery(FLOWS, measures, None, None, group_by=names, resolution=resolution)
        )
        return [list(row) for row in answer.rows]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    await migrate(sqlite_url(tmp_path / "own.sqlite"))
    opened = SqliteDatabase(tmp_path / "own.sqlite")
    yield opened
    await opened.close()


@pytest.fixture
async def warehouse(tmp_path: Path) -> AsyncIterator[ChdbWarehouse]:
    opened = await ChdbWarehouse.open(tmp_path / "warehouse")
    await opened.prepare(flow_tables(FlowRetention(36_500, 36_500, 36_500, 36_500)))
    yield opened
    await opened.close()


@pytest.fixture
async def path(tmp_path: Path, warehouse: ChdbWarehouse, database: Database) -> AsyncIterator[Way]:
    made = Way(tmp_path, warehouse, database, 1_000, 1 << 30)
    yield made
    await made.inbox.close()


async def test_what_waits_on_the_disk_is_told(path: Way) -> None:
    path.take(TEMPLATES, *messages(some_talks(30)))
    working = asyncio.create_task(path.collector.run())
    for _ in range(1_200):
        if path.counts.buffer_age_s:
            break
        await asyncio.sleep(0.05)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)

    assert path.counts.buffer_bytes > 0
    assert path.counts.buffer_age_s > 0


async def test_octets_of_every_flow_arrive_in_rows_and_in_every_rollup(path: Way) -> None:
    talks = some_talks(300)
    path.take(TEMPLATES, *messages(talks))
    path.take(v5(talks[:30]), address="10.0.0.3")
    await path.collector.flush()
    total = sum(talk.octets for talk in talks)
    (both,) = await path.stored()
    assert sum(both) == total
    for table in flow_tables(FlowRetention()):
        for rollup in table.rollups:
            assert sum((await path.stored(resolution=rollup.name))[0]) == total, rollup.name
    assert sum((await path.stored(org=GLOBEX))[0]) == sum(talk.octets for talk in talks[:30])
    assert {(row[0], row[1]) for row in await path.stored("device_id", "site_id")} == {("dev_a", "site_a")}


async def test_both_directions_of_a_conversation_are_one_row_from_its_local_end(path: Way) -> None:
    there = Talk("192.168.88.10", "203.0.113.5", 40_000, 443, octets=100, in_interface=5, out_interface=1)
    back = Talk("203.0.113.5", "192.168.88.10", 443, 40_000, octets=9_000, in_interface=1, out_interface=5)
    path.take(v5([there, back]))
    await path.collector.flush()
    names = ("local_address", "remote_address", "service", "local_interface", "remote_interface")
    assert await path.stored(*names) == [["192.168.88.10", "203.0.113.5", "tcp/443", "5", "1", 100, 9_000]]


async def test_every_packet_is_stored_or_counted_as_dropped_for_its_sender_alone(path: Way) -> None:
    path.take(*[v5([Talk()])] * 2_500)
    path.take(*[v5([Talk()])] * 7, b"rubbish", address="10.0.0.2")
    path.take(*[v5([Talk()])] * 5, address="198.51.100.99")
    await path.collector.flush()
    flood, good, unknown = (path.tallies.by_address[a] for a in ("10.0.0.1", "10.0.0.2", "198.51.100.99"))
    assert (flood.received, flood.accepted, flood.rate) == (2_500, 2_000, 500)
    assert (good.received, good.accepted, good.invalid, good.dropped) == (8, 7, 1, 1)
    assert (unknown.received, unknown.accepted, unknown.unattributed) == (5, 0, 5)
    ((up, down),) = await path.stored()
    assert up + down == 2_007 * 1_500
    assert path.counts.decoded == path.counts.stored == 2_007


async def test_past_the_bytes_of_the_buffer_flows_are_dropped_and_counted(
    tmp_path: Path, warehouse: ChdbWarehouse, database: Database
) -> None:
    small = Way(tmp_path, warehouse, database, 10_000, 60_000)
    packets = list(messages(some_talks(280)))
    for packet in packets * 6:
        small.take(TEMPLATES, packet)
        await small.collector.flush()
    counts = small.counts
    assert counts.dropped > 0
    assert counts.stored + counts.dropped == counts.decoded == 280 * 6
    (rows,) = await small.stored()
    assert sum(rows) > 0
    counted = small.tallies.by_address["10.0.0.1"]
    assert counted.received == counted.accepted + counted.buffer == len(packets) * 12
    before = counts.stored
    small.take(TEMPLATES, packets[0])
    await small.collector.flush()
    assert counts.stored == before + 28
    await small.inbox.close()


async def test_a_stretch_that_is_tried_again_counts_once(path: Way, warehouse: ChdbWarehouse) -> None:
    breaking: Any = Breaking(warehouse)
    path.drain._warehouse = breaking
    path.take(v5([Talk(octets=700)]))
    await path.collector.flush()
    with pytest.raises(WarehouseUnavailable):
        await path.drain.step()
    path.drain._position = None
    path.take(v5([Talk(octets=70)], sequence=1))
    await path.collector.flush()
    ((up, down),) = await path.stored()
    assert up + down == 770
    assert path.inbox.depth() == 0


async def test_an_organisation_that_keeps_networks_or_totals_only_has_no_more_of_addresses(path: Way) -> None:
    talks = [Talk(octets=1000), Talk("2001:db8:1:2::3", "2001:db9:1:2::3", octets=10)]
    bodies = ipfix(a_set(258, _record(talks[0], 4)), a_set(259, _record(talks[1], 6)))
    path.choices |= {ACME: Privacy.NETWORKS, GLOBEX: Privacy.TOTALS}
    path.take(TEMPLATES, bodies)
    path.take(TEMPLATES, bodies, address="10.0.0.3")
    await path.collector.flush()
    names = ("local_address", "remote_address", "service", "remote_port", "local_interface", "nat_address")
    assert await path.stored(*names) == [
        ["192.168.88.0", "203.0.113.0", "tcp/443", 443, "2", "", 1000, 0],
        ["2001:db8:1::", "2001:db9:1::", "tcp/443", 443, "2", "", 10, 0],
    ]
    assert await path.stored(*names, org=GLOBEX) == [["", "", "", 0, "2", "", 1010, 0]]


async def test_what_waits_in_a_form_that_nobody_knows_is_set_aside(path: Way) -> None:
    await path.inbox.append(Envelope(ACME, DeviceId("dev_a"), 0, "flows", "flows/9", "", b"?"))
    path.take(v5([Talk(octets=5)]))
    await path.collector.flush()
    assert await path.stored() == [[5, 0]]
    assert path.counts.set_aside == 1


def _record(talk: Talk, version: int) -> bytes:
    return record(talk, IPV4_FIELDS if version == 4 else IPV6_FIELDS)
