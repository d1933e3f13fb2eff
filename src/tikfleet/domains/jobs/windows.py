"""Maintenance windows: from one time of day to another, of jobs and of runs."""

import zoneinfo
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import msgspec

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Window(msgspec.Struct, frozen=True):
    """A maintenance window: from one time of day to another, perhaps past midnight; it begins on `days`."""

    start: str
    end: str
    days: tuple[Day, ...] = DAYS
    timezone: str = "UTC"


def is_open(window: Window | None, now: datetime) -> bool:
    """Whether a moment lies in the window; a window that ends when it starts lasts a whole day."""
    if window is None:
        return True
    local = now.astimezone(zoneinfo.ZoneInfo(window.timezone))
    minute = local.hour * 60 + local.minute
    start, end = _minute(window.start), _minute(window.end)
    today, yesterday = DAYS[local.weekday()], DAYS[(local - timedelta(days=1)).weekday()]
    if start < end:
        return start <= minute < end and today in window.days
    return (minute >= start and today in window.days) or (minute < end and yesterday in window.days)


def window_text(window: Window | None) -> str:
    """As a job keeps it; nothing for none."""
    return "" if window is None else msgspec.json.encode(window).decode()


@lru_cache(maxsize=256)
def window_of(text: str) -> Window | None:
    """What `window_text` wrote."""
    return msgspec.json.decode(text, type=Window) if text else None


@lru_cache(maxsize=1)
def timezones() -> frozenset[str]:
    """The names that a window's timezone may have."""
    return frozenset(zoneinfo.available_timezones()) | {"UTC"}


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
