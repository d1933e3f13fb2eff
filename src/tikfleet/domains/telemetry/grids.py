"""Readings laid on equal steps of time. A step without a reading is None: a gap is shown, never drawn over."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

import msgspec

Value = float | None
_PATIENCE: Final = 1.5


class Reading(msgspec.Struct, frozen=True):
    """What one step shows: the values of the metrics, and the time between reports then (None where not known)."""

    values: Sequence[Value]
    every_s: Value


def laid(readings: Mapping[int, Reading], buckets: range, column: int, *, counts: bool) -> list[Value]:
    """One metric's value for each step.

    Reports that come every 66 s leave some minutes without one; so a step stays empty only where the silence is longer
    than one and a half of the usual time between reports, and otherwise holds the last reading (a count: 0).
    """
    allowed = _allowed(readings, buckets.step)
    line: list[Value] = []
    empty = 0
    for bucket in buckets:
        reading = readings.get(bucket)
        if reading is None:
            empty += 1
            line.append(None)
            continue
        if 0 < empty <= allowed and empty < len(line):
            before = line[-empty - 1]
            line[-empty:] = [0.0 if counts and before is not None else before] * empty
        empty = 0
        line.append(_rounded(reading.values[column]))
    return line


def scaled(line: Sequence[Value], scale: float) -> list[Value]:
    """The line, multiplied."""
    return [None if value is None else round(value * scale, 3) for value in line]


def _allowed(readings: Mapping[int, Reading], step_s: int) -> int:
    """How many steps in a row may be empty without anything being wrong."""
    known = [reading.every_s for reading in readings.values() if reading.every_s]
    return int(_PATIENCE * median(known) / step_s) if known else 0


def _rounded(value: Value) -> Value:
    return None if value is None else round(value, 3)
