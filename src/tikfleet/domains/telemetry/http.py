"""Routes of telemetry. Services: `telemetry`, `rankings`; `clock` says when `last` ends."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from tikfleet.domains.telemetry import schemas
from tikfleet.domains.telemetry.metrics import Aggregation, AnyMetric, DeviceMetric
from tikfleet.domains.telemetry.questions import BreakdownBy, SeriesQuestion, TopBy
from tikfleet.domains.telemetry.rankings import Rankings, TopQuestion
from tikfleet.domains.telemetry.service import Telemetry
from tikfleet.domains.telemetry.windows import Last, Window, window_of
from tikfleet.httpkit.moments import MOMENT_DESCRIPTION, MOMENT_PATTERN, moment_of
from tikfleet.httpkit.policies import permits
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.scopes import OrgScope

_READ: Final = permits("telemetry:read")
_TAGS: Final = ["Telemetry"]
_ID: Final = r"^[a-z0-9_]+$(?!\n)"

# Of what is in a list, `Meta` is what is checked and `QueryParameter` what is described.
_DeviceId = Annotated[str, msgspec.Meta(max_length=40, pattern=_ID), QueryParameter(max_length=40, pattern=_ID)]
DeviceIds = Annotated[
    list[_DeviceId] | None,
    QueryParameter(name="device_id", max_items=200, description="These devices; none is the whole fleet."),
]
Metrics = Annotated[
    list[AnyMetric], QueryParameter(name="metric", min_items=1, max_items=8, description="What to show, one line each.")
]
InterfaceName = Annotated[
    str | None,
    QueryParameter(
        name="interface", max_length=100, pattern=r"^[^\x00]+$", description="One interface of each device."
    ),
]
Points = Annotated[int, QueryParameter(ge=2, le=2000, description="About how many points; the step is a round one.")]
From = Annotated[
    str | None,
    QueryParameter(name="from", max_length=40, pattern=MOMENT_PATTERN, description=f"Not before. {MOMENT_DESCRIPTION}"),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", max_length=40, pattern=MOMENT_PATTERN, description=f"Before. {MOMENT_DESCRIPTION}"),
]
MetricName = Annotated[AnyMetric, QueryParameter(description="What to show.")]
DeviceMetricName = Annotated[DeviceMetric, QueryParameter(description="What to show.")]
AggregateName = Annotated[Aggregation, QueryParameter(description="How the values of one step become one.")]
LeadersOf = Annotated[TopBy, QueryParameter(description="What is ranked.")]
Division = Annotated[BreakdownBy, QueryParameter(description="What the fleet is divided by.")]
LastText = Annotated[Last, QueryParameter(name="last", description="This long until now, where `from` is not given.")]


def window(clock: NamedDependency[Clock], last: LastText = "6h", since: From = None, until: To = None) -> Window:
    """The time that the query parameters ask for."""
    return window_of(clock(), last, moment_of(since) if since else None, moment_of(until) if until else None)


def question(
    window: NamedDependency[Window],
    metrics: Metrics,
    device_ids: DeviceIds = None,
    interface: InterfaceName = None,
    points: Points = 300,
    aggregate: AggregateName = "avg",
) -> SeriesQuestion:
    """The series that the query parameters ask for."""
    ids = tuple(dict.fromkeys(device_ids or ()))
    return SeriesQuestion(tuple(dict.fromkeys(metrics)), window, points, ids, interface or "", aggregate)


_WINDOW: Final = {"window": Provide(window, sync_to_thread=False)}
_QUESTION: Final = {**_WINDOW, "question": Provide(question, sync_to_thread=False)}


@get(
    "/telemetry/metrics",
    policy=_READ,
    operation_id="listMetrics",
    summary="List the metrics",
    tags=_TAGS,
    sync_to_thread=False,
)
def list_metrics() -> schemas.MetricList:
    """What can be asked for, of devices and of interfaces, with its unit."""
    return schemas.metric_list()


@get(
    "/telemetry/series",
    policy=_READ,
    operation_id="getSeries",
    summary="Metrics over time",
    tags=_TAGS,
    dependencies=_QUESTION,
)
async def get_series(
    org: NamedDependency[OrgScope], telemetry: NamedDependency[Telemetry], question: NamedDependency[SeriesQuestion]
) -> schemas.SeriesList:
    """One line for each metric of each device (or of one interface of each), or of the whole fleet.

    Of the fleet, rates and counts are those of all its devices together; `aggregate=sum` adds up their gauges too.
    A null is a gap: nothing was reported, or the last step still fills.
    """
    return schemas.series_list(await telemetry.series(org, question))


@get(
    "/telemetry/top",
    policy=_READ,
    operation_id="getTop",
    summary="Where a metric is greatest",
    tags=_TAGS,
    dependencies=_WINDOW,
)
async def get_top(
    org: NamedDependency[OrgScope],
    rankings: NamedDependency[Rankings],
    window: NamedDependency[Window],
    metric: MetricName,
    by: LeadersOf = "device",
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most.")] = 10,
) -> schemas.TopList:
    """The devices, interfaces or sites where the metric's average is greatest, first one first, with their course."""
    return schemas.top_list(await rankings.top(org, TopQuestion(metric, by, window, limit)))


@get(
    "/telemetry/totals",
    policy=_READ,
    operation_id="getTotals",
    summary="The fleet in figures",
    tags=_TAGS,
    dependencies=_WINDOW,
)
async def get_totals(
    org: NamedDependency[OrgScope], rankings: NamedDependency[Rankings], window: NamedDependency[Window]
) -> schemas.TotalsView:
    """Check-ins, devices, cores and traffic over a time, and what it took to add them up."""
    return schemas.totals_view(await rankings.totals(org, window))


@get(
    "/telemetry/breakdown",
    policy=_READ,
    operation_id="getBreakdown",
    summary="What the fleet is made of",
    tags=_TAGS,
    dependencies=_WINDOW,
)
async def get_breakdown(
    org: NamedDependency[OrgScope], rankings: NamedDependency[Rankings], window: NamedDependency[Window], by: Division
) -> schemas.Breakdown:
    """How many of the devices that reported in this time last reported each version, model, architecture or board."""
    return schemas.breakdown(await rankings.breakdown(org, by, window))


@get(
    "/telemetry/sparklines",
    policy=_READ,
    operation_id="getSparklines",
    summary="A short line for each of some devices",
    tags=_TAGS,
    dependencies=_WINDOW,
)
async def get_sparklines(
    org: NamedDependency[OrgScope],
    telemetry: NamedDependency[Telemetry],
    window: NamedDependency[Window],
    metric: DeviceMetricName,
    device_ids: DeviceIds = None,
    points: Annotated[int, QueryParameter(ge=2, le=200, description="About how many points.")] = 24,
) -> schemas.Sparklines:
    """For lists: one metric of up to 200 devices on one coarse grid."""
    ids = tuple(dict.fromkeys(device_ids or ()))
    return schemas.sparklines(await telemetry.sparklines(org, metric, ids, window, points))


def routes() -> Sequence[HTTPRouteHandler]:
    """The handlers, to be mounted under /api/v1."""
    return [list_metrics, get_series, get_top, get_totals, get_breakdown, get_sparklines]
