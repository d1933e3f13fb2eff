"""Who leads, how much in all, and what the fleet is made of."""

from typing import TYPE_CHECKING

from tikfleet.domains.telemetry.public import TopQuestion, Window
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.scopes import OrgScope

if TYPE_CHECKING:
    from conftest import Fleet


def last_hour(fleet: "Fleet") -> Window:
    now_s = int(fleet.now.timestamp())
    return Window(now_s - 3600, now_s)


async def test_the_busiest_devices_lead_with_their_names_and_courses(fleet: "Fleet") -> None:
    loads = {"dev_a": 10, "dev_b": 90, "dev_gone": 50, "dev_d": None}
    await fleet.reports(*(fleet.checkin(device, 2, cpu_load=load) for device, load in loads.items()))

    top = await fleet.rankings.top(fleet.scope, TopQuestion("cpu_load", "device", last_hour(fleet)))
    assert top.unit == "percent"
    assert [(item.label, item.value) for item in top.items] == [("Router b", 90), ("dev_gone", 50), ("Router a", 10)]
    assert [value for value in top.items[0].sparkline if value is not None] == [90]
    assert len(top.items[0].sparkline) == 12


async def test_an_interface_leads_under_its_device_s_name(fleet: "Fleet") -> None:
    await fleet.reports(
        fleet.interface("dev_a", "ether1", 2, rx_bytes_delta=7_500, tx_bytes_delta=0),
        fleet.interface("dev_a", "sfp+1", 2, rx_bytes_delta=75_000, tx_bytes_delta=0),
    )

    top = await fleet.rankings.top(fleet.scope, TopQuestion("rx_bps", "interface", last_hour(fleet), limit=1))
    (item,) = top.items
    assert (item.key, item.label, item.device_id, item.interface) == ("dev_a/sfp+1", "Router a sfp+1", "dev_a", "sfp+1")
    assert item.value == 10_000


async def test_a_site_s_traffic_is_that_of_all_its_devices(fleet: "Fleet") -> None:
    await fleet.reports(
        fleet.checkin("dev_a", 2, site_id="sit_1", rx_bytes_delta=4_500_000, tx_bytes_delta=0),
        fleet.checkin("dev_b", 2, site_id="sit_1", rx_bytes_delta=4_500_000, tx_bytes_delta=0),
        fleet.checkin("dev_c", 2, site_id="sit_2", rx_bytes_delta=450_000, tx_bytes_delta=0),
        fleet.checkin("dev_d", 2, site_id="", rx_bytes_delta=10**9, tx_bytes_delta=0),
    )

    top = await fleet.rankings.top(fleet.scope, TopQuestion("rx_bps", "site", last_hour(fleet), limit=2))
    assert [(item.label, item.device_id, item.value) for item in top.items] == [
        ("Site 1", None, 20_000),
        ("Site 2", None, 1_000),
    ]


async def test_nobody_leads_where_nothing_was_reported(fleet: "Fleet") -> None:
    top = await fleet.rankings.top(fleet.scope, TopQuestion("cpu_load", "device", last_hour(fleet)))
    assert list(top.items) == []


async def test_totals_count_each_device_and_its_cores_once(fleet: "Fleet") -> None:
    await fleet.reports(
        *(
            fleet.checkin("dev_a", m, cpu_count=4, rx_bytes_delta=10, tx_bytes_delta=1, site_id=site)
            for m, site in ((1, "sit_1"), (2, "sit_1"), (3, "sit_2"))
        ),
        fleet.checkin("dev_b", 1, cpu_count=16, rx_bytes_delta=100, tx_bytes_delta=2),
    )

    totals = await fleet.rankings.totals(fleet.scope, last_hour(fleet))
    assert (totals.checkins, totals.devices, totals.cpu_count) == (4, 2, 20)
    assert (totals.rx_bytes, totals.tx_bytes, totals.resolution) == (130, 5, "5m")


async def test_totals_of_nothing_are_zero(fleet: "Fleet") -> None:
    stranger = OrgScope.only(OrganisationId(new_id("org")))
    totals = await fleet.rankings.totals(stranger, last_hour(fleet))
    assert (totals.checkins, totals.devices, totals.cpu_count, totals.rx_bytes) == (0, 0, 0, 0)


async def test_a_device_that_was_upgraded_counts_under_its_last_version(fleet: "Fleet") -> None:
    await fleet.reports(
        fleet.checkin("dev_a", 50, version="7.18"),
        fleet.checkin("dev_a", 5, version="7.20"),
        fleet.checkin("dev_b", 5, version="7.20"),
        fleet.checkin("dev_c", 5, version="7.18"),
    )

    portions = await fleet.rankings.breakdown(fleet.scope, "version", last_hour(fleet))
    assert [(p.key, p.count, p.share_percent) for p in portions] == [("7.20", 2, 66.67), ("7.18", 1, 33.33)]
