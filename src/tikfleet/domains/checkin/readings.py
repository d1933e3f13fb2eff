"""RouterOS values of a report in their units. A value that can't be read is counted and left out, never guessed."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.model import Value
from tikfleet.routeros.values import (
    parse_bool,
    parse_duration_s,
    parse_moment,
    parse_number,
    parse_rate_bps,
    parse_signal,
    parse_size_bytes,
)

T = TypeVar("T")
_MAX_COUNT: Final = 2**63 - 1
_SURE_DIGITS: Final = 19
_EXACT_DIGITS: Final = 16
_FLAGS: Final = {"true": True, "false": False}
_MAX_NUMBER: Final = 2.0**53
_MAX_SIGNAL_DBM: Final = 1000.0
CENTURY_S: Final = 100 * 366 * 86_400.0


class Readings:
    """Reads values; remembers how many could not be read."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def count(self, value: Value) -> int | None:
        """A whole number from 0 to 2^63-1, such as a counter or a size in bytes."""
        if type(value) is str and value.isdecimal() and len(value) < _SURE_DIGITS:
            # Nearly every value of a report comes this way.
            return int(value)
        if type(value) is int:
            return value if 0 <= value <= _MAX_COUNT else self._bad()
        number = self._read(value, parse_size_bytes)
        return number if number is None or 0 <= number <= _MAX_COUNT else self._bad()

    def counts(self, values: tuple[Value, ...]) -> list[int | None]:
        """As `count`, for several at once: nearly every report has nothing but digits in all of them."""
        texts: Any = values
        try:
            # What is no text raises.
            if "".join(texts).isdecimal():
                numbers: list[Any] = list(map(int, texts))
                if max(numbers) <= _MAX_COUNT:
                    return numbers
        except (TypeError, ValueError):
            pass
        return [self.count(value) for value in values]

    def number(self, value: Value) -> float | None:
        """A number with or without a unit (`24.1V`, `7%`), within what a float counts exactly."""
        if type(value) is str and len(value) < _EXACT_DIGITS and value.isascii() and value.isdecimal():
            return float(value)
        return self._bounded(self._read(value, parse_number), _MAX_NUMBER)

    def percent(self, value: Value) -> float | None:
        """A number from 0 to 100."""
        found = self.number(value)
        return found if found is None or 0 <= found <= 100 else self._bad()  # noqa: PLR2004 - percent

    def rate_bps(self, value: Value) -> float | None:
        """Bits a second; the rate of a wireless client may go on with its mode (`54Mbps-20MHz/2S`)."""
        found = self._read(value, lambda text: float(parse_rate_bps(text.partition("-")[0].partition(" ")[0])))
        return self._bounded(found, _MAX_NUMBER)

    def signal_dbm(self, value: Value) -> float | None:
        return self._bounded(self._read(value, lambda text: parse_signal(text).dbm), _MAX_SIGNAL_DBM)

    def duration_s(self, value: Value) -> float | None:
        """Seconds, up to a century either way."""
        return self._bounded(self._read(value, parse_duration_s), CENTURY_S)

    def flag(self, value: Value) -> bool | None:
        if isinstance(value, bool):
            return value
        known = _FLAGS.get(value) if type(value) is str else None
        return known if known is not None else self._read(value, parse_bool)

    def moment(self, text: str, near: datetime) -> datetime | None:
        """The router's own time, without a zone."""
        return self._read(text, lambda word: parse_moment(word, near))

    def _read(self, value: Value, parse: Callable[[str], T | None]) -> T | None:
        if value is None or value == "":
            return None
        try:
            return parse(str(value))
        except (ValueError, OverflowError):
            self._bad()
            return None

    def _bounded(self, found: float | None, most: float) -> float | None:
        return found if found is None or (math.isfinite(found) and abs(found) <= most) else self._bad()

    def _bad(self) -> Any:
        self._counts.unreadable_values += 1
        return None


def shown_text(text: str, limit: int) -> str:
    """Text of a router, bounded, without NUL (PostgreSQL can't hold it). Who shows it escapes it."""
    if len(text) <= limit and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd")[:limit]


def used_percent(total: int | None, free: int | None) -> float | None:
    """How much is used of a total, in percent with one decimal."""
    if not total or free is None or free > total:
        return None
    return round(100 * (total - free) / total, 1)
