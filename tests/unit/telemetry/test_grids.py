"""Readings on equal steps: what is a gap and what is not."""

from tikfleet.domains.telemetry.grids import Reading, Value, laid


def line(shown: list[Value], every_s: float, step_s: int = 60, *, counts: bool = False) -> list[Value]:
    """Lays a line out again, whose None are steps without a reading."""
    readings = {n * step_s: Reading((value,), every_s) for n, value in enumerate(shown) if value is not None}
    return laid(readings, range(0, len(shown) * step_s, step_s), 0, counts=counts)


def test_readings_stand_where_they_were_taken() -> None:
    assert line([1.0, 2.0, 3.0], every_s=60) == [1, 2, 3]


def test_nothing_reported_is_a_gap() -> None:
    assert line([None, None], every_s=60) == [None, None]


def test_a_report_a_little_late_leaves_no_gap() -> None:
    assert line([1.0, None, 3.0, 4.0], every_s=62) == [1, 1, 3, 4]


def test_two_reports_missing_are_a_gap() -> None:
    assert line([1.0, None, None, 4.0], every_s=60) == [1, None, None, 4]


def test_a_device_that_reports_every_five_minutes_has_no_gaps_between() -> None:
    assert line([1.0, None, None, None, None, 2.0], every_s=300) == [1, 1, 1, 1, 1, 2]


def test_what_was_not_counted_between_late_reports_is_zero() -> None:
    assert line([1.0, None, 3.0], every_s=62, counts=True) == [1, 0, 3]


def test_before_the_first_and_after_the_last_reading_nothing_is_assumed() -> None:
    assert line([None, 2.0, None], every_s=60) == [None, 2, None]


def test_an_unknown_time_between_reports_fills_nothing() -> None:
    readings = {0: Reading((1.0,), None), 120: Reading((3.0,), None)}
    assert laid(readings, range(0, 180, 60), 0, counts=False) == [1, None, 3]


def test_a_metric_that_a_report_left_out_is_null_there() -> None:
    readings = {0: Reading((1.0, None), 60), 60: Reading((2.0, 7.12345), 60)}
    buckets = range(0, 120, 60)
    assert laid(readings, buckets, 1, counts=False) == [None, 7.123]
