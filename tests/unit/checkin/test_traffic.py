"""Interfaces of two reports: what flowed in between, on which of them, and how fast."""

from typing import Any

from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.model import InterfaceReport, Report
from tikfleet.domains.checkin.readings import Readings
from tikfleet.domains.checkin.traffic import Traffic
from tikfleet.domains.inventory.model import DeviceState
from tikfleet.kernel.ids import DeviceId, OrganisationId

START_MS = 1_700_000_000_000


def state() -> DeviceState:
    return DeviceState(DeviceId("dev_a"), OrganisationId("org_a"))


def port(name: str = "ether1", kind: str = "ether", rx: object = 0, tx: object = 0, **more: Any) -> InterfaceReport:
    return InterfaceReport(name, type=kind, running="true", rx_byte=rx, tx_byte=tx, **more)  # type: ignore[arg-type]


def step(present: DeviceState, at_s: float, uptime_s: float, *ports: InterfaceReport) -> Traffic:
    report = Report(boot="b", seq=1, uptime="1s", interfaces=list(ports))
    traffic = Traffic(present, report, START_MS + int(at_s * 1000), uptime_s, Readings(Counts()))
    traffic.apply()
    return traffic


def test_the_first_report_knows_no_rate() -> None:
    present = state()
    first = step(present, 0, 1000, port(rx=500))

    assert (first.rx_delta, first.counted_s, present.rx_bps) == (None, 0.0, None)
    assert (first.total, first.running) == (1, 1)


def test_a_device_is_the_sum_of_its_physical_interfaces() -> None:
    present = state()
    kinds = ("ether", "wlan", "bridge", "vlan", "wg")
    step(present, 0, 1000, *(port(kind, kind) for kind in kinds))
    second = step(present, 10, 1010, *(port(kind, kind, rx=1000, tx=500) for kind in kinds))

    assert (second.rx_delta, second.tx_delta) == (2000, 1000)
    assert (present.rx_bps, present.tx_bps) == (1600, 800)
    assert [row.rx_bytes_delta for row in second.rows] == [1000] * 5


def test_a_reboot_counts_what_flowed_since_it() -> None:
    present = state()
    step(present, 0, 1000, port(rx=9000))
    second = step(present, 60, 20, port(rx=700))

    assert (second.rx_delta, second.counted_s) == (700, 20)
    assert present.rx_bps == 280


def test_an_interface_that_comes_and_goes_counts_nothing_false() -> None:
    present = state()
    step(present, 0, 1000, port("a", rx=100), port("b", rx=100))
    step(present, 60, 1060, port("a", rx=200))
    third = step(present, 120, 1120, port("a", rx=300), port("b", rx=9_000_000))

    assert third.rx_delta == 100
    assert [row.rx_bytes_delta for row in third.rows] == [100, None]


def test_a_counter_that_cannot_be_read_is_not_a_zero() -> None:
    present = state()
    step(present, 0, 1000, port(rx=100))
    second = step(present, 60, 1060, port(rx="many"))
    third = step(present, 120, 1120, port(rx=200))

    assert [row.rx_bytes_delta for row in (*second.rows, *third.rows)] == [None, None]


def test_a_section_that_was_not_sent_changes_nothing() -> None:
    present = state()
    step(present, 0, 1000, port(rx=100))
    before = present.counters
    report = Report(boot="b", seq=2, uptime="1s")
    traffic = Traffic(present, report, START_MS + 60_000, 1060, Readings(Counts()))
    traffic.apply()

    assert present.counters is before
    assert (traffic.total, traffic.documents, traffic.rows) == (None, [], [])


def test_the_table_is_written_when_it_changed_and_not_for_its_counters() -> None:
    present = state()
    steps = [port(rx=1), port(rx=2), port(rx=3, comment="uplink"), port(rx=4, comment="uplink")]
    written = [len(step(present, 60 * n, 1000 + 60 * n, item).documents) for n, item in enumerate(steps)]

    assert written == [1, 0, 1, 0]


def test_hostile_tables_are_bounded() -> None:
    present = state()
    many = step(present, 0, 1000, *(port(f"x{number}" * 40) for number in range(1200)))

    assert many.total == 1000
    assert max(len(row.interface) for row in many.rows) <= 100
