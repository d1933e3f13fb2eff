"""Which rows answer a time asked for, and in what steps."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.domains.telemetry import windows
from tikfleet.domains.telemetry.errors import RangeEmpty
from tikfleet.domains.telemetry.facts import Retention
from tikfleet.domains.telemetry.windows import LAST_S, Last, Plan, Window, window_of

NOW = 1_795_409_700
KEEP = Retention()
BUCKETS = {"raw": 60, "5m": 300, "1h": 3600, "1d": 86400, "fleet_1m": 60}


def last(length_s: int) -> Window:
    return Window(NOW - length_s, NOW)


def planned(length_s: int, points: int = 300) -> tuple[str, int]:
    plan = windows.in_steps(last(length_s), points, NOW, KEEP)
    return plan.resolution, plan.step_s


def test_the_longer_the_time_the_coarser_the_rows() -> None:
    assert planned(LAST_S["15m"]) == ("raw", 60)
    assert planned(LAST_S["6h"]) == ("raw", 120)
    assert planned(LAST_S["24h"]) == ("5m", 300)
    assert planned(LAST_S["7d"]) == ("1h", 3600)
    assert planned(LAST_S["365d"]) == ("1d", 172800)


def test_rows_that_are_kept_no_longer_are_not_asked() -> None:
    day = 86_400
    for days_ago, resolution in ((29, "raw"), (31, "5m"), (91, "1h"), (401, "1d")):
        old = Window(NOW - days_ago * day, NOW - days_ago * day + 3600)
        assert windows.in_steps(old, 300, NOW, KEEP).resolution == resolution


def test_the_fleet_has_minutes_of_its_own() -> None:
    plan = windows.of_fleet(last(LAST_S["24h"]), 300)
    assert (plan.label, plan.step_s) == ("1m", 300)


def test_a_question_to_every_device_reads_few_rows_of_each() -> None:
    for length_s in LAST_S.values():
        plan = windows.per_device(last(length_s), 300, NOW, KEEP)
        assert length_s / BUCKETS[plan.resolution] <= 366


def test_one_figure_comes_from_whole_buckets() -> None:
    plan = windows.whole(last(LAST_S["24h"]), NOW, KEEP)
    assert plan.resolution == "1h"
    assert plan.since_s % 3600 == 0
    assert NOW - 86_400 - 3600 < plan.since_s <= NOW - 86_400
    assert plan.until_s == NOW


def test_names_are_remembered_by_the_hour() -> None:
    assert windows.named(last(900), NOW, KEEP).resolution == "1h"


@given(length_s=st.integers(1, 10**8), points=st.integers(2, 2000))
def test_steps_cover_the_window_and_fit_the_rollup(length_s: int, points: int) -> None:
    window = last(length_s)
    plans = [
        windows.in_steps(window, points, NOW, KEEP),
        windows.of_fleet(window, points),
        windows.per_device(window, points, NOW, KEEP),
    ]
    for plan in plans:
        assert plan.since_s <= window.since_s
        assert plan.until_s >= window.until_s
        assert plan.since_s % plan.step_s == plan.until_s % plan.step_s == 0
        assert plan.step_s % BUCKETS[plan.resolution] == 0
        assert len(plan.buckets()) <= points + 2


def test_last_ends_now_and_from_to_are_taken_as_they_are() -> None:
    now = datetime.fromtimestamp(NOW, UTC)
    six_hours: Last = "6h"
    assert window_of(now, six_hours, None, None) == Window(NOW - 21_600, NOW)
    assert window_of(now, six_hours, datetime.fromtimestamp(NOW - 5, UTC), None) == Window(NOW - 5, NOW)
    assert window_of(now, six_hours, None, datetime.fromtimestamp(50_000, UTC)) == Window(28_400, 50_000)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(RangeEmpty):
        Window(NOW, NOW)


def test_a_plan_names_each_step_by_its_first_second() -> None:
    assert list(Plan("raw", 60, 120, 300).buckets()) == [120, 180, 240]
