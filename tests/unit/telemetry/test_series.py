"""Metrics over time: of devices, of interfaces, of the fleet."""

from typing import TYPE_CHECKING

import pytest

from tikfleet.domains.telemetry.errors import AggregateNotKept, InterfaceOfNoDevice, MetricNotFound
from tikfleet.domains.telemetry.metrics import Aggregation
from tikfleet.domains.telemetry.public import SeriesQuestion, Window
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import QueryTooHeavy

if TYPE_CHECKING:
    from conftest import Fleet

MINUTES = (4.5, 3.5, 2.5, 1.5, 0.5)


def last(fleet: "Fleet", minutes: int) -> Window:
    now_s = int(fleet.now.timestamp())
    return Window(now_s - minutes * 60, now_s)


async def lines(fleet: "Fleet", *metrics: str, minutes: int = 5, **values: object) -> list[list[float | None]]:
    asked = SeriesQuestion(metrics, last(fleet, minutes), **values)  # type: ignore[arg-type]
    return [list(series.values) for series in (await fleet.telemetry.series(fleet.scope, asked)).series]


async def test_a_device_shows_each_minute_and_a_gap_where_it_was_silent(fleet: "Fleet") -> None:
    await fleet.reports(*(fleet.checkin("dev_a", m, cpu_load=int(m * 10)) for m in (4.5, 3.5, 0.5)))

    assert await lines(fleet, "cpu_load", devices=("dev_a",)) == [[45, 35, None, None, 5]]


async def test_a_rate_is_bits_over_the_time_in_which_they_were_counted(fleet: "Fleet") -> None:
    await fleet.reports(
        fleet.checkin("dev_a", 1.5, rx_bytes_delta=6_000, tx_bytes_delta=0, interval_s=30.0),
        fleet.checkin("dev_a", 0.5, rx_bytes_delta=6_000, tx_bytes_delta=0, interval_s=60.0),
    )

    assert await lines(fleet, "rx_bps", devices=("dev_a",), minutes=2) == [[1600, 800]]
    assert await lines(fleet, "rx_bps", devices=("dev_a",), minutes=2, points=1) == [[pytest.approx(1066.667)]]


async def test_a_delta_that_is_not_known_does_not_bend_a_rate(fleet: "Fleet") -> None:
    await fleet.reports(
        fleet.checkin("dev_a", 0.7, rx_bytes_delta=None, tx_bytes_delta=50),
        fleet.checkin("dev_a", 0.5, rx_bytes_delta=7_500, tx_bytes_delta=0),
    )

    assert await lines(fleet, "rx_bps", "tx_bps", devices=("dev_a",), minutes=1) == [[1000], [0]]


@pytest.mark.parametrize(("aggregation", "value"), [("avg", 60), ("max", 80), ("min", 40)])
async def test_the_least_free_memory_is_the_most_used(fleet: "Fleet", aggregation: Aggregation, value: float) -> None:
    await fleet.reports(
        fleet.checkin("dev_a", 0.7, memory_total_bytes=1000, memory_free_bytes=200),
        fleet.checkin("dev_a", 0.5, memory_total_bytes=1000, memory_free_bytes=600),
    )

    for minutes, points in ((1, 300), (60, 1)):
        found = await lines(
            fleet, "memory_used_percent", devices=("dev_a",), minutes=minutes, points=points, aggregation=aggregation
        )
        assert found[0][-1] == value


async def test_every_resolution_tells_the_same(fleet: "Fleet") -> None:
    await fleet.reports(
        *(
            fleet.checkin("dev_a", m, cpu_load=30, temperature_c=None, rx_bytes_delta=750, tx_bytes_delta=0)
            for m in MINUTES
        )
    )

    for minutes, points in ((5, 300), (60, 12), (60 * 24, 24), (60 * 24 * 30, 30)):
        cpu, temperature, rx = await lines(
            fleet, "cpu_load", "temperature_c", "rx_bps", devices=("dev_a",), minutes=minutes, points=points
        )
        assert (cpu[-1], temperature[-1], rx[-1]) == (30, None, 100)


async def test_an_interface_belongs_to_its_device(fleet: "Fleet") -> None:
    await fleet.reports(
        fleet.interface("dev_a", "ether1", 0.5, rx_bytes_delta=7_500, tx_bytes_delta=0, rx_errors_delta=3),
        fleet.interface("dev_a", "ether2", 0.5, rx_bytes_delta=1, tx_bytes_delta=0),
        fleet.interface("dev_b", "ether1", 0.5, rx_bytes_delta=1, tx_bytes_delta=0),
    )

    found = await lines(fleet, "rx_bps", "rx_errors", devices=("dev_a",), interface="ether1", minutes=1)
    assert found == [[1000], [3]]
    with pytest.raises(InterfaceOfNoDevice):
        await lines(fleet, "rx_bps", interface="ether1")


async def test_the_fleet_adds_up_traffic_and_checkins_and_averages_load(fleet: "Fleet") -> None:
    await fleet.reports(
        *(
            fleet.checkin(device, m, cpu_load=load, rx_bytes_delta=7_500, tx_bytes_delta=0)
            for device, load in (("dev_a", 10), ("dev_b", 30))
            for m in MINUTES
        )
    )

    found = await lines(fleet, "cpu_load", "rx_bps", "checkins")
    assert found == [[20] * 5, [2000] * 4 + [None], [2] * 4 + [None]], "reports of the last seconds may be on their way"


async def test_minutes_that_still_fill_do_not_look_like_a_fall(fleet: "Fleet") -> None:
    await fleet.reports(*(fleet.checkin("dev_a", m) for m in MINUTES))

    now_s = int(fleet.now.timestamp())
    asked = SeriesQuestion(("checkins",), Window(now_s - 180, now_s + 30))
    (series,) = (await fleet.telemetry.series(fleet.scope, asked)).series
    assert list(series.values) == [1, 1, None, None]


async def test_a_sum_of_gauges_counts_a_device_once_however_often_it_reports(fleet: "Fleet") -> None:
    await fleet.reports(
        fleet.checkin("dev_a", 9.9, wireless_clients=10),
        fleet.checkin("dev_a", 9.5, wireless_clients=12),
        fleet.checkin("dev_b", 9.2, wireless_clients=4),
        fleet.checkin("dev_c", 9.2, wireless_clients=None),
    )

    found = await lines(fleet, "wireless_clients", minutes=10, aggregation="sum")
    assert found == [[15, None]]


async def test_late_reports_take_their_place_in_the_rollups(fleet: "Fleet") -> None:
    await fleet.reports(fleet.checkin("dev_a", 0.5, cpu_load=10))
    before = await lines(fleet, "cpu_load", devices=("dev_a",), minutes=120, points=24)
    await fleet.reports(fleet.checkin("dev_a", 100, cpu_load=70))

    after = await lines(fleet, "cpu_load", devices=("dev_a",), minutes=120, points=24)
    assert [value for value in before[0] if value is not None] == [10]
    assert [value for value in after[0] if value is not None] == [70, 10]


async def test_another_organisation_s_device_shows_nothing(fleet: "Fleet") -> None:
    await fleet.reports(fleet.checkin("dev_a", 0.5, cpu_load=10))

    stranger = OrgScope.only(OrganisationId(new_id("org")))
    asked = SeriesQuestion(("cpu_load",), last(fleet, 1), devices=("dev_a",))
    (series,) = (await fleet.telemetry.series(stranger, asked)).series
    assert list(series.values) == [None]


async def test_what_has_no_such_metric_or_aggregate_says_so(fleet: "Fleet") -> None:
    with pytest.raises(MetricNotFound):
        await lines(fleet, "cpu_load", devices=("dev_a",), interface="ether1")
    for aggregation in ("max", "min"):
        with pytest.raises(AggregateNotKept):
            await lines(fleet, "rx_bps", devices=("dev_a",), aggregation=aggregation)
        with pytest.raises(AggregateNotKept):
            await lines(fleet, "rx_bps", aggregation=aggregation)


async def test_too_many_points_are_refused_before_they_are_read(fleet: "Fleet") -> None:
    devices = tuple(f"dev_{n}" for n in range(200))
    with pytest.raises(QueryTooHeavy, match="200 devices"):
        await lines(fleet, "cpu_load", devices=devices, minutes=60 * 24, points=2000)


async def test_sparklines_come_in_the_order_asked(fleet: "Fleet") -> None:
    await fleet.reports(fleet.checkin("dev_a", 0.5, cpu_load=10), fleet.checkin("dev_b", 0.5, cpu_load=20))

    found = await fleet.telemetry.sparklines(fleet.scope, "cpu_load", ["dev_b", "dev_x", "dev_a"], last(fleet, 2), 2)
    assert [(line.device_id, list(line.values)) for line in found.series] == [
        ("dev_b", [None, 20]),
        ("dev_x", [None, None]),
        ("dev_a", [None, 10]),
    ]
