"""Time asked for: which rows answer it, and in what steps."""

import math
from datetime import datetime
from typing import Final, Literal

import msgspec

from tikfleet.domains.telemetry.errors import RangeEmpty
from tikfleet.domains.telemetry.facts import FLEET_1M, Retention
from tikfleet.ports.warehouse import RAW

Last = Literal["15m", "1h", "6h", "24h", "7d", "30d", "90d", "365d"]
LAST_S: Final[dict[Last, int]] = {
    "15m": 900,
    "1h": 3600,
    "6h": 21600,
    "24h": 86400,
    "7d": 604800,
    "30d": 2592000,
    "90d": 7776000,
    "365d": 31536000,
}
_HOUR: Final = 3600
_DAY: Final = 86400
_STEPS: Final = (
    60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
    86400, 172800, 604800, 1209600, 2592000, 7776000, 31536000,
)  # fmt: skip
_BUCKETS: Final = (("1d", _DAY), ("1h", _HOUR), ("5m", 300), (RAW, 60))


class Window(msgspec.Struct, frozen=True):
    """From `since_s` until before `until_s`, in seconds since 1970."""

    since_s: int
    until_s: int

    def __post_init__(self) -> None:
        if self.until_s <= self.since_s:
            raise RangeEmpty("the time asked for ends before it begins")

    @property
    def length_s(self) -> int:
        return self.until_s - self.since_s


class Plan(msgspec.Struct, frozen=True):
    """A window in steps: `resolution` says which rows answer; every step begins at a multiple of `step_s`."""

    resolution: str
    step_s: int
    since_s: int
    until_s: int

    @property
    def label(self) -> str:
        """The resolution as the API shows it."""
        return "1m" if self.resolution == FLEET_1M else self.resolution

    def buckets(self) -> range:
        """Where each step begins."""
        return range(self.since_s, self.until_s, self.step_s)


def window_of(now: datetime, last: Last, since: datetime | None, until: datetime | None) -> Window:
    """The window that a caller names: from `since`, or `last` long, until `until` or now. Raises RangeEmpty."""
    until_s = math.ceil((until or now).timestamp())
    since_s = math.floor(since.timestamp()) if since else until_s - LAST_S[last]
    return Window(max(0, since_s), until_s)


def in_steps(window: Window, points: int, now_s: int, retention: Retention) -> Plan:
    """The plan for some devices' series of about `points`: as fine as is still kept, and no finer than asked."""
    step_s = max(_step(window.length_s, points), _kept_s(window, now_s, retention))
    resolution = next(name for name, bucket_s in _BUCKETS if step_s % bucket_s == 0)
    return _aligned(window, resolution, step_s)


def of_fleet(window: Window, points: int) -> Plan:
    """The plan for a series of the whole fleet, which has minutes of its own."""
    return _aligned(window, FLEET_1M, _step(window.length_s, points))


def per_device(window: Window, points: int, now_s: int, retention: Retention) -> Plan:
    """The plan for a question that visits every device: coarse enough to stay quick over a large fleet."""
    step_s = max(_step(window.length_s, points), _kept_s(window, now_s, retention), coarse_s(window.length_s))
    resolution = next(name for name, bucket_s in _BUCKETS if step_s % bucket_s == 0)
    return _aligned(window, resolution, step_s)


def whole(window: Window, now_s: int, retention: Retention) -> Plan:
    """The plan for one figure a device over the window: a single step."""
    return _single(window, max(_kept_s(window, now_s, retention), coarse_s(window.length_s)))


def named(window: Window, now_s: int, retention: Retention) -> Plan:
    """As `whole`, over the rollups that remember names such as the version: by the hour, past 6 hours by the day."""
    bucket_s = _HOUR if window.length_s <= 6 * _HOUR else _DAY
    return _single(window, max(_kept_s(window, now_s, retention), bucket_s))


def coarse_s(length_s: int) -> int:
    """The rollup's bucket that keeps a walk over all devices short: at most 72 rows a device, or one a day."""
    if length_s <= 6 * _HOUR:
        return 300
    return _HOUR if length_s <= 3 * _DAY else _DAY


def _single(window: Window, bucket_s: int) -> Plan:
    resolution = next(name for name, size_s in _BUCKETS if bucket_s % size_s == 0)
    since_s = window.since_s - window.since_s % bucket_s
    return Plan(resolution, window.until_s - since_s, since_s, window.until_s)


def _step(length_s: int, points: int) -> int:
    return next((step for step in _STEPS if step * points >= length_s), _STEPS[-1])


def _kept_s(window: Window, now_s: int, retention: Retention) -> int:
    age_days = (now_s - window.since_s) / _DAY
    if age_days > retention.hours_days:
        return _DAY
    if age_days > retention.five_minutes_days:
        return _HOUR
    return 300 if age_days > retention.raw_days else 60


def _aligned(window: Window, resolution: str, step_s: int) -> Plan:
    since_s = window.since_s - window.since_s % step_s
    until_s = window.until_s + -window.until_s % step_s
    return Plan(resolution, step_s, since_s, until_s)
