"""How long each statement has been taking, which says where it runs the next time."""

import time
from typing import Final

# What may run on the event loop's own thread takes no longer.
AT_ONCE_S: Final = 0.003
_SHORT_S: Final = 0.0005
_ASIDE_FOR_S: Final = 60.0
# So many times in a row a write has to have been short.
_TIMES: Final = 8
_TIMES_AFTER_A_LONG_ONE: Final = 200
_MOST_NAMED: Final = 2000


class Habits:
    """Of all connections to one database. A read counts as short until it was long, a write the other way round."""

    def __init__(self) -> None:
        self._aside_until_s: dict[str, float] = {}
        self._short_in_a_row: dict[str, int] = {}

    def is_long_read(self, sql: str) -> bool:
        """Whether this one was stopped lately."""
        until_s = self._aside_until_s.get(sql)
        return until_s is not None and time.monotonic() < until_s

    def stopped(self, sql: str) -> None:
        """A read did not end within `AT_ONCE_S`."""
        if len(self._aside_until_s) >= _MOST_NAMED:
            self._aside_until_s.clear()
        self._aside_until_s[sql] = time.monotonic() + _ASIDE_FOR_S

    def is_short_write(self, sql: str) -> bool:
        """Whether this one has been short for long enough."""
        return self._short_in_a_row.get(sql, 0) >= _TIMES

    def written_aside(self, sql: str, took_s: float) -> None:
        """So long a write took in a thread, of its own time."""
        if len(self._short_in_a_row) >= _MOST_NAMED:
            self._short_in_a_row.clear()
        self._short_in_a_row[sql] = self._short_in_a_row.get(sql, 0) + 1 if took_s < _SHORT_S else 0

    def written_at_once(self, sql: str, took_s: float) -> None:
        """So long everybody on the event loop waited for a write."""
        if took_s > AT_ONCE_S:
            self._short_in_a_row[sql] = _TIMES - _TIMES_AFTER_A_LONG_ONE
