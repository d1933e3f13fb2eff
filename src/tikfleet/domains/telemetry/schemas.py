"""How answers about telemetry look on the wire."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from tikfleet.domains.telemetry import questions
from tikfleet.domains.telemetry.grids import Value
from tikfleet.domains.telemetry.metrics import CATALOGUE, MetricKind, Subject
from tikfleet.kernel.clock import to_text

Point = tuple[int, Value]
Cost = Annotated[float, Meta(description="How long the store worked on it, in ms.", examples=[3.2])]
RowsRead = Annotated[int, Meta(description="How many stored rows were read for it.", examples=[1440])]


class MetricView(msgspec.Struct, frozen=True):
    """A metric that can be asked for. A gauge is read, a rate is per second, a count adds up over a step."""

    name: str
    unit: str
    kind: MetricKind
    of: Subject
    label: str


class MetricList(msgspec.Struct, frozen=True):
    """All metrics."""

    items: list[MetricView]


class SeriesView(msgspec.Struct, frozen=True):
    """One line. Each point is `[first second of the step, value]`; null is a gap."""

    metric: str
    unit: str
    device_id: str | None
    interface: str | None
    points: list[Point]


class SeriesList(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """Lines on one grid. `resolution` says which rows answered: raw, or the rollup's bucket."""

    resolution: Annotated[str, Meta(examples=["5m"])]
    step_s: int
    since: str
    until: str
    elapsed_ms: Cost
    rows_read: RowsRead
    series: list[SeriesView]


class TopItem(msgspec.Struct, frozen=True):
    """One of the leaders; `sparkline` is its course over the same time."""

    key: str
    label: str
    device_id: str | None
    interface: str | None
    value: float
    sparkline: list[Value]


class TopList(msgspec.Struct, frozen=True):
    """The leaders, first one first."""

    unit: str
    items: list[TopItem]
    elapsed_ms: Cost


class TotalsView(msgspec.Struct, frozen=True):
    """The fleet in figures. `cpu_count` is the number of cores of the devices that reported."""

    checkins: int
    devices: int
    cpu_count: int
    rx_bytes: int
    tx_bytes: int
    elapsed_ms: Cost
    rows_read: RowsRead
    resolution: str


class BreakdownItem(msgspec.Struct, frozen=True):
    """How many devices last reported this value."""

    key: str
    count: int
    share_percent: float


class Breakdown(msgspec.Struct, frozen=True):
    """What the fleet is made of, most first."""

    items: list[BreakdownItem]


class Sparkline(msgspec.Struct, frozen=True):
    """A short line of one device; null is a gap."""

    device_id: str
    values: list[Value]


class Sparklines(msgspec.Struct, frozen=True):
    """Short lines on one grid."""

    unit: str
    step_s: int
    items: list[Sparkline]


def metric_list() -> MetricList:
    """The catalogue as the API shows it."""
    return MetricList([MetricView(m.name, m.unit, m.kind, m.subject, m.label) for m in CATALOGUE])


def series_list(answer: questions.SeriesAnswer) -> SeriesList:
    """Lines as the API shows them."""
    plan = answer.plan
    return SeriesList(
        resolution=plan.label,
        step_s=plan.step_s,
        since=_moment(plan.since_s),
        until=_moment(plan.until_s),
        elapsed_ms=answer.elapsed_ms,
        rows_read=answer.rows_read,
        series=[
            SeriesView(
                line.metric,
                line.unit,
                line.device_id,
                line.interface,
                list(zip(plan.buckets(), line.values, strict=True)),
            )
            for line in answer.series
        ],
    )


def top_list(top: questions.Top) -> TopList:
    """The leaders as the API shows them."""
    items = [TopItem(i.key, i.label, i.device_id, i.interface, i.value, list(i.sparkline)) for i in top.items]
    return TopList(top.unit, items, top.elapsed_ms)


def totals_view(totals: questions.Totals) -> TotalsView:
    """The figures as the API shows them."""
    return TotalsView(**msgspec.structs.asdict(totals))


def breakdown(portions: Sequence[questions.Portion]) -> Breakdown:
    """The portions as the API shows them."""
    return Breakdown([BreakdownItem(p.key, p.count, p.share_percent) for p in portions])


def sparklines(answer: questions.SeriesAnswer) -> Sparklines:
    """Short lines as the API shows them."""
    unit = answer.series[0].unit if answer.series else ""
    items = [Sparkline(line.device_id, list(line.values)) for line in answer.series if line.device_id]
    return Sparklines(unit, answer.plan.step_s, items)


def _moment(second: int) -> str:
    return to_text(datetime.fromtimestamp(second, UTC))
