"""How answers about traffic look on the wire."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tikfleet.domains.flows import questions
from tikfleet.kernel.clock import to_text

Cost = Annotated[float, Meta(description="How long the store worked on it, in ms.", examples=[3.2])]
RowsRead = Annotated[int, Meta(description="How many stored rows were read for it.", examples=[1440])]
Resolution = Annotated[
    str, Meta(description="Which rows answered: `raw`, or the rollup by its keys and bucket.", examples=["talkers_1h"])
]
# A point is the first second of its step, bits a second up, bits a second down.
TrafficPoint = tuple[int, float, float]


class TrafficVolume(msgspec.Struct, frozen=True):
    """What went up from local ends and came down to them."""

    up_bytes: int
    down_bytes: int
    up_packets: int
    down_packets: int


class TrafficItem(msgspec.Struct, frozen=True):
    """One of the top. `keys` are the columns that it is by, to filter by; `label` is what people call it."""

    keys: dict[str, str]
    label: str
    volume: TrafficVolume
    share_percent: float


class TrafficTop(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """The top ones, the first one first, and what there was in all."""

    resolution: Resolution
    since: str
    until: str
    items: list[TrafficItem]
    total: TrafficVolume
    elapsed_ms: Cost
    rows_read: RowsRead


class TrafficLine(msgspec.Struct, frozen=True):
    """One line: `[first second of the step, bits a second up, bits a second down]`."""

    keys: dict[str, str]
    label: str
    points: list[TrafficPoint]


class TrafficCourse(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """Lines on one grid, the greatest first; the others together are the last one, without keys."""

    resolution: Resolution
    step_s: int
    since: str
    until: str
    lines: list[TrafficLine]
    elapsed_ms: Cost
    rows_read: RowsRead


class TrafficPercentile(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """The rate that so many percent of the steps stay at or below, and the mean, in bits a second."""

    percent: float
    since: str
    until: str
    samples: Annotated[int, Meta(description="Steps of five minutes; those without traffic count as 0.")]
    up_bps: float
    down_bps: float
    mean_up_bps: float
    mean_down_bps: float
    elapsed_ms: Cost


InterfaceNumber = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,9}$(?!\n)", description="As flows have it.")]
InterfaceName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$(?!\n)")]


class TrafficInterfaces(msgspec.Struct, frozen=True):
    """Names by the numbers that flows have."""

    names: Annotated[dict[str, str], Meta(examples=[{"5": "ether5-office"}])]


class TrafficInterfacesPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names by number; `null` takes one away."""

    names: Annotated[dict[InterfaceNumber, InterfaceName | None], Meta(max_length=1000)]


def top_view(top: questions.Top) -> TrafficTop:
    """The top as the API shows it."""
    items = [TrafficItem(dict(item.keys), item.label, _volume(item.volume), item.share_percent) for item in top.items]
    return TrafficTop(
        resolution=top.plan.resolution,
        since=_moment(top.plan.since_s),
        until=_moment(top.plan.until_s),
        items=items,
        total=_volume(top.total),
        elapsed_ms=top.elapsed_ms,
        rows_read=top.rows_read,
    )


def course_view(course: questions.Course) -> TrafficCourse:
    """Lines as the API shows them."""
    buckets = course.plan.buckets()
    return TrafficCourse(
        resolution=course.plan.resolution,
        step_s=course.plan.step_s,
        since=_moment(course.plan.since_s),
        until=_moment(course.plan.until_s),
        lines=[
            TrafficLine(dict(line.keys), line.label, list(zip(buckets, line.up_bps, line.down_bps, strict=True)))
            for line in course.lines
        ],
        elapsed_ms=course.elapsed_ms,
        rows_read=course.rows_read,
    )


def percentile_view(found: questions.Percentile) -> TrafficPercentile:
    """A percentile as the API shows it."""
    return TrafficPercentile(
        percent=found.percent,
        since=_moment(found.window.since_s),
        until=_moment(found.window.until_s),
        samples=found.samples,
        up_bps=found.up_bps,
        down_bps=found.down_bps,
        mean_up_bps=found.mean_up_bps,
        mean_down_bps=found.mean_down_bps,
        elapsed_ms=found.elapsed_ms,
    )


def _volume(volume: questions.Volume) -> TrafficVolume:
    return TrafficVolume(**msgspec.structs.asdict(volume))


def _moment(second: int) -> str:
    return to_text(datetime.fromtimestamp(second, UTC))
