"""Which rows answer a question about traffic: the smallest rollup that has its keys, as coarse as its time allows."""

from collections.abc import Collection
from typing import Final

import msgspec

from tikfleet.domains.flows.errors import TrafficTooDetailed
from tikfleet.domains.flows.facts import FAMILIES, Family, FlowRetention
from tikfleet.domains.telemetry.public import Window
from tikfleet.ports.warehouse import RAW

_HOUR: Final = 3600
_DAY: Final = 86400
# So long a time is asked of minutes, so long of hours.
_BY_MINUTES_S: Final = 6 * _HOUR
_BY_HOURS_S: Final = 7 * _DAY
_STEPS: Final = (
    60, 120, 300, 600, 900, 1800, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR,
    _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY, 90 * _DAY,
)  # fmt: skip


class Plan(msgspec.Struct, frozen=True):
    """A window, whole buckets of it, and the rows that answer. `step_s` is 0 where the answer has no course."""

    resolution: str
    bucket_s: int
    since_s: int
    until_s: int
    step_s: int = 0

    @property
    def length_s(self) -> int:
        return self.until_s - self.since_s

    def buckets(self) -> range:
        """Where each step begins."""
        return range(self.since_s, self.until_s, self.step_s)


def whole(window: Window, names: Collection[str], now_s: int, retention: FlowRetention) -> Plan:
    """The plan for one figure over a window. Raises TrafficTooDetailed."""
    resolution, bucket_s = _rows(window, names, _coarsest(window), now_s, retention)
    return Plan(resolution, bucket_s, window.since_s - window.since_s % bucket_s, window.until_s)


def in_steps(window: Window, names: Collection[str], points: int, now_s: int, retention: FlowRetention) -> Plan:
    """The plan for a course of about so many points. Raises TrafficTooDetailed."""
    step_s = next((step for step in _STEPS if step * points >= window.length_s), _STEPS[-1])
    resolution, bucket_s = _rows(window, names, min(step_s, _coarsest(window)), now_s, retention)
    step_s = max(step_s, bucket_s)
    step_s += -step_s % bucket_s
    since_s = window.since_s - window.since_s % step_s
    return Plan(resolution, bucket_s, since_s, window.until_s + -window.until_s % step_s, step_s)


def _coarsest(window: Window) -> int:
    if window.length_s <= _BY_MINUTES_S:
        return 60
    return _HOUR if window.length_s <= _BY_HOURS_S else _DAY


def _rows(
    window: Window, names: Collection[str], wanted_s: int, now_s: int, retention: FlowRetention
) -> tuple[str, int]:
    """Resolution and its bucket: a rollup whose bucket is the largest up to `wanted_s` that is still kept."""
    age_days = (now_s - window.since_s) / _DAY
    family = next((family for family in FAMILIES if {*names} - {"org_id"} <= {*family.keys}), None)
    raw_kept = age_days <= retention.raw_days
    if family is None:
        if not raw_kept:
            raise TrafficTooDetailed(f"nothing older than {retention.raw_days} days is kept by {', '.join(names)}")
        return RAW, 60
    kept = [bucket_s for bucket_s in family.buckets if age_days <= _days(bucket_s, retention)] or [family.buckets[-1]]
    fitting = [bucket_s for bucket_s in kept if bucket_s <= wanted_s]
    if not fitting and raw_kept and window.length_s <= _BY_MINUTES_S:
        return RAW, 60
    bucket_s = fitting[-1] if fitting else kept[0]
    return _named(family, bucket_s)


def _named(family: Family, bucket_s: int) -> tuple[str, int]:
    return family.rollup(bucket_s), bucket_s


def _days(bucket_s: int, retention: FlowRetention) -> int:
    if bucket_s < 300:  # noqa: PLR2004 - by the minute
        return retention.minutes_days
    return retention.hours_days if bucket_s <= _HOUR else retention.days_days
