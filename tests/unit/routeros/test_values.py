# ruff: noqa: DTZ001 - a router's dates have no zone
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.routeros import values
from tikfleet.routeros.values import RouterOSVersion, Signal

NEAR = datetime(2026, 3, 1, 12, 0, 0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1w2d3h4m5s", 788_645.0),
        ("1w2d03:04:05", 788_645.0),
        ("00:00:01.500", 1.5),
        ("453us", 0.000453),
        ("1ms200us", 0.0012),
        ("30ms", 0.03),
        ("2735w21:41:43.481891543", 1_654_206_103.481891543),
        ("-00:00:05", -5.0),
        ("0s", 0.0),
        ("5", 5.0),
        ("never", None),
    ],
)
def test_every_spelling_of_a_duration_is_read(text: str, seconds: float | None) -> None:
    assert values.parse_duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "-", "w", "1x", "12:30", "1w 2d", ":", "1:2:3s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a RouterOS duration"):
        values.parse_duration_s(text)


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_a_duration_survives_both_spellings(milliseconds: int) -> None:
    duration_s = milliseconds / 1000

    assert values.parse_duration_s(values.format_duration(duration_s)) == pytest.approx(duration_s)
    assert values.parse_duration_s(values.format_script_time(duration_s)) == pytest.approx(duration_s)


def test_durations_are_written_as_routeros_writes_them() -> None:
    assert values.format_duration(788_645) == "1w2d3h4m5s"
    assert values.format_duration(0.0012) == "1ms200us"
    assert values.format_duration(0) == "0s"
    assert values.format_script_time(788_645) == "1w2d03:04:05"
    assert values.format_script_time(0.2) == "00:00:00.200"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("mar/10/2025 15:04:33", datetime(2025, 3, 10, 15, 4, 33)),
        ("mar/10/2025", datetime(2025, 3, 10)),
        ("2025-03-10 15:04:33", datetime(2025, 3, 10, 15, 4, 33)),
        ("2025-03-10", datetime(2025, 3, 10)),
        ("feb/28 23:00:00", datetime(2026, 2, 28, 23, 0, 0)),
        ("dec/31 23:00:00", datetime(2025, 12, 31, 23, 0, 0)),
        ("feb/29 01:00:00", datetime(2024, 2, 29, 1, 0, 0)),
        ("11:59:59", datetime(2026, 3, 1, 11, 59, 59)),
        ("12:00:01", datetime(2026, 2, 28, 12, 0, 1)),
        ("never", None),
        ("", None),
    ],
)
def test_dates_of_every_release_are_read(text: str, moment: datetime | None) -> None:
    assert values.parse_moment(text, NEAR) == moment


def test_a_zone_in_the_text_is_kept() -> None:
    moment = values.parse_moment("2025-11-22T21:24:35.265-0500", NEAR)

    assert moment is not None
    assert moment.isoformat() == "2025-11-22T21:24:35.265000-05:00"


@pytest.mark.parametrize("text", ["foo/10/2025", "feb/30/2025", "25:00:00", "yesterday", "feb/30 10:00:00"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a RouterOS date"):
        values.parse_moment(text, NEAR)


def test_sizes_count_in_1024_and_rates_in_1000() -> None:
    assert values.parse_size_bytes("12.5MiB") == 13_107_200
    assert values.parse_size_bytes("18446744073709551615") == 18_446_744_073_709_551_615
    assert values.parse_size_bytes("64k") == 65_536
    assert values.parse_rate_bps("27.8kbps") == 27_800
    assert values.parse_rate_bps("1Gbps") == 1_000_000_000
    assert values.parse_rate_bps("10M") == 10_000_000


@pytest.mark.parametrize("text", ["", "MiB", "1.2.3", "5 apples", "27.8kbps "[:-2] + "q"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a RouterOS size"):
        values.parse_size_bytes(text)


def test_booleans_have_two_spellings() -> None:
    assert [values.parse_bool(word) for word in ("true", "yes", "false", "no")] == [True, True, False, False]
    with pytest.raises(ValueError, match="is not a RouterOS boolean"):
        values.parse_bool("1")


def test_numbers_may_carry_the_unit_of_a_gauge() -> None:
    assert values.parse_number("24.1V") == 24.1
    assert values.parse_number("-93dBm") == -93.0
    assert values.parse_int("0x1F") == 31
    with pytest.raises(ValueError, match="is not a whole number"):
        values.parse_int("1.5")
    with pytest.raises(ValueError, match="is not a number"):
        values.parse_number("no-input")


def test_a_signal_names_what_it_was_measured_at() -> None:
    assert values.parse_signal("-58@6Mbps") == Signal(-58.0, "6Mbps")
    assert values.parse_signal("-61dBm") == Signal(-61.0)
    assert values.parse_signal("-61") == Signal(-61.0)
    with pytest.raises(ValueError, match="is not a signal strength"):
        values.parse_signal("strong")


def test_versions_are_ordered_as_they_are_released() -> None:
    released = ["6.49.17 (long-term)", "7.1beta6", "7.1rc7", "7.1", "7.1.1", "7.9.2", "7.23alpha1", "7.23rc1", "7.23"]

    parsed = [RouterOSVersion.parse(text) for text in released]

    assert parsed == sorted(parsed)
    assert len(set(parsed)) == len(parsed)
    assert RouterOSVersion.parse("7.1") == RouterOSVersion.parse("7.1.0")
    assert str(RouterOSVersion.parse("7.22.3 (stable)")) == "7.22.3"
    assert str(RouterOSVersion.parse("7.23rc1")) == "7.23rc1"
    assert values.parse_channel("7.22.3 (stable)") == "stable"
    with pytest.raises(ValueError, match="is not a RouterOS version"):
        RouterOSVersion.parse("seven")


def test_lists_and_pairs_are_split() -> None:
    assert values.parse_list("system,error,critical") == ["system", "error", "critical"]
    assert values.parse_list("") == []
    assert values.split_pair("120,340") == ("120", "340")
    assert values.split_pair("1M/10M", "/") == ("1M", "10M")
    with pytest.raises(ValueError, match="is not a pair"):
        values.split_pair("1")


@given(st.text(max_size=30))
def test_no_text_makes_a_parser_fail_otherwise_than_by_value_error(text: str) -> None:
    for parse in (
        values.parse_duration_s,
        values.parse_bool,
        values.parse_int,
        values.parse_number,
        values.parse_size_bytes,
        values.parse_rate_bps,
        values.parse_signal,
        RouterOSVersion.parse,
        values.split_pair,
        lambda word: values.parse_moment(word, NEAR),
    ):
        try:
            parse(text)
        except ValueError:
            continue
