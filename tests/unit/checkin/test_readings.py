"""Values of reports: read in their unit or counted as unreadable, never guessed, and never too large for a store."""

import math
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.model import InterfaceReport, Report
from tikfleet.domains.checkin.readings import Readings, shown_text, used_percent
from tikfleet.domains.checkin.translation import Translation
from tikfleet.domains.inventory.model import DeviceState
from tikfleet.domains.telemetry.public import TelemetryRows
from tikfleet.kernel.ids import DeviceId, OrganisationId

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("count", "123", 123),
        ("count", 7, 7),
        ("count", "12.5MiB", 13107200),
        ("number", "24.1V", 24.1),
        ("number", "7%", 7.0),
        ("percent", "100", 100.0),
        ("rate_bps", "54Mbps-20MHz/2S", 54e6),
        ("signal_dbm", "-58@6Mbps", -58.0),
        ("duration_s", "1w2d03:04:05", 788645.0),
        ("flag", "yes", True),
        ("flag", False, False),
        ("count", "", None),
        ("number", None, None),
    ],
)
def test_a_value_is_read_in_its_unit(kind: str, value: object, expected: object) -> None:
    counts = Counts()

    assert getattr(Readings(counts), kind)(value) == expected
    assert counts.unreadable_values == 0


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("count", "-1"),
        ("count", 2**63),
        ("count", "9223372036854775808"),
        ("count", "many"),
        ("number", "9" * 400),
        ("number", "1" * 20),
        ("percent", "101"),
        ("percent", "-1"),
        ("rate_bps", "9" * 400),
        ("signal_dbm", "9" * 400),
        ("signal_dbm", "loud"),
        ("duration_s", "9" * 299),
        ("duration_s", "long"),
        ("flag", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_read_is_counted_and_left_out(kind: str, value: object) -> None:
    counts = Counts()

    assert getattr(Readings(counts), kind)(value) is None
    assert counts.unreadable_values == 1


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=40),
    st.from_regex(r"-?[0-9]{1,330}(\.[0-9]{1,20})?(k|Mi?B|Mbps|dBm|V|%|w|d|:00:00)?", fullmatch=True),
)


@settings(max_examples=400, deadline=None)
@given(values)
def test_whatever_comes_is_a_storable_value_or_nothing(value: object) -> None:
    read = Readings(Counts())
    for kind in ("count", "number", "percent", "rate_bps", "signal_dbm", "duration_s", "flag"):
        found = getattr(read, kind)(value)
        assert found is None or (math.isfinite(found) and abs(found) < 2**63)


names = st.text(max_size=20)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(names, values, values, values), max_size=3), values, values, st.text(max_size=40))
def test_whatever_a_report_says_becomes_rows_and_a_state_that_can_be_packed(
    rows: list[tuple[str, object, object, object]], one: object, other: object, text: str
) -> None:
    report = Report(boot="b", seq=1, uptime=one, time=text, agent=text, wan_address=text)  # type: ignore[arg-type]
    for name in ("cpu_load", "free_memory", "free_hdd_space", "dhcp_leases", "ppp_active"):
        setattr(report, name, other)
    report.interfaces = [InterfaceReport(name, rx_byte=a, tx_byte=b, actual_mtu=c) for name, a, b, c in rows]  # type: ignore[arg-type]
    state = DeviceState(DeviceId("dev_a"), OrganisationId("org_a"))
    translation = Translation(state, report, NOW_MS, Readings(Counts()))
    translation.apply(TelemetryRows(), newest=True, missed=0)

    packed = msgspec.msgpack.encode(state)
    assert msgspec.msgpack.decode(packed, type=DeviceState).counters == state.counters
    assert all("\x00" not in item for item in (state.wan_address, state.agent_version, state.agent_tier))
    assert state.clients is None or 0 <= state.clients < 2**31


def test_text_is_bounded_and_without_nul() -> None:
    assert shown_text("a\x00b" + "c" * 100, 5) == "a\ufffdbcc"


@pytest.mark.parametrize(
    ("total", "free", "expected"),
    [(100, 25, 75.0), (0, 0, None), (None, 1, None), (1, None, None), (10, 20, None), (3, 1, 66.7)],
)
def test_used_percent(total: int | None, free: int | None, expected: float | None) -> None:
    assert used_percent(total, free) == expected
