"""What a counter grew by, between two reports."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.domains.telemetry.model import counted_s, counter_delta

DAY_S = 86_400.0
TOP = 2**32


def grown(previous: int | None, current: int, uptime_s: float = DAY_S, interval_s: float = 60.0) -> int | None:
    return counter_delta(previous, current, uptime_s=uptime_s, interval_s=interval_s)


def test_a_counter_grows_by_the_difference() -> None:
    assert grown(1_000, 1_500) == 500
    assert grown(1_000, 1_000) == 0


def test_the_first_report_says_nothing_about_growth() -> None:
    assert grown(None, 5_000) is None


def test_no_time_between_reports_is_no_growth_to_speak_of() -> None:
    assert grown(1, 2, interval_s=0) is None
    assert grown(1, 2, interval_s=-5) is None


def test_after_a_reboot_a_counter_has_grown_by_what_it_shows() -> None:
    assert grown(9_000_000, 4_000, uptime_s=20) == 4_000


def test_after_a_reboot_it_may_already_have_passed_where_it_was() -> None:
    assert grown(1_000, 4_000, uptime_s=20) == 4_000


def test_a_reboot_right_after_the_last_report_is_seen_by_the_fall() -> None:
    assert grown(1_000, 400, uptime_s=55, interval_s=60) == 400


def test_another_boot_id_is_a_reboot_whatever_the_clocks_say() -> None:
    assert counter_delta(1_000, 1_400, uptime_s=70, interval_s=60, rebooted=True) == 1_400
    assert counter_delta(TOP - 5, 10, uptime_s=70, interval_s=60, rebooted=True) == 10


def test_a_counter_of_32_bits_wraps() -> None:
    assert grown(TOP - 1_000, 500) == 1_500
    assert grown(TOP - 1, 0) == 1


def test_a_fall_from_the_lower_half_is_a_reset_by_hand() -> None:
    assert grown(1_000_000, 300) == 300


def test_a_fall_from_beyond_32_bits_is_a_reset_by_hand() -> None:
    assert grown(TOP + 5_000, 300) == 300


def test_a_wrap_that_would_span_half_the_range_is_a_reset() -> None:
    assert grown(TOP // 2 + 10, TOP // 2 - 10) == TOP // 2 - 10


def test_more_than_a_link_can_carry_is_nonsense() -> None:
    assert grown(0, 10**15) is None
    assert grown(2**40, 10**15, uptime_s=10) is None
    assert counter_delta(0, 5_000, uptime_s=DAY_S, interval_s=60, most_per_s=10) is None


def test_a_negative_counter_is_nonsense() -> None:
    assert grown(5, -1) is None


def test_growth_is_counted_since_the_last_report_or_the_boot() -> None:
    assert counted_s(DAY_S, 60) == 60
    assert counted_s(20, 60) == 20
    assert counted_s(20, -1) == 0


@given(
    previous=st.none() | st.integers(0, 2**64),
    current=st.integers(-1, 2**64),
    uptime_s=st.floats(0, 1e9),
    interval_s=st.floats(-10, 1e7),
)
def test_growth_is_never_negative_nor_faster_than_the_fastest_link(
    previous: int | None, current: int, uptime_s: float, interval_s: float
) -> None:
    found = grown(previous, current, uptime_s, interval_s)
    assert found is None or 0 <= found <= 12.5e9 * (interval_s + 10)


@given(start=st.integers(0, TOP - 1), steps=st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_what_a_wrapping_counter_grew_by_adds_up(start: int, steps: list[int]) -> None:
    shown = [start]
    for step in steps:
        shown.append((shown[-1] + step) % TOP)

    found = [grown(before, after) for before, after in pairwise(shown)]
    assert found == steps


@pytest.mark.parametrize("interval_s", [10.0, 60.0, 3600.0])
def test_a_long_silence_without_a_reboot_still_counts(interval_s: float) -> None:
    assert grown(10, 10 + 1_000_000, interval_s=interval_s) == 1_000_000
