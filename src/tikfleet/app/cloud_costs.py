"""What a fleet costs on AWS, asked by the dashboard and by programs: `GET /server/costs`."""

from typing import Annotated, Literal

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tikfleet.app.cloud.costs import GOAL_USD, Cost, Shape
from tikfleet.app.cloud.plan import plan_of
from tikfleet.app.cloud.prices import price_table
from tikfleet.app.cloud.sizes import sizes
from tikfleet.app.cloud.traffic import MEASURED, with_chain
from tikfleet.httpkit.policies import permits
from tikfleet.kernel.scopes import OrgScope

_LARGEST = "large"
Routers = Annotated[int, QueryParameter(ge=1, le=10_000_000, description="How many report.")]
Interval = Annotated[int, QueryParameter(ge=10, le=86_400, description="How often each reports, in seconds.")]
Answered = Annotated[
    Literal["functions", "container"], QueryParameter(description="What answers routers: `container_for_routers`.")
]
Firewall = Annotated[bool, QueryParameter(description="Whether routers pass it: not with `own_balancer_for_routers`.")]
Certificate = Annotated[Literal["rsa", "ecdsa"], QueryParameter(description="The key of the server's certificate.")]


class CloudCostLine(msgspec.Struct, frozen=True):
    """US dollars of one service, and the sum behind them in words."""

    service: str
    what: str
    usd: float
    reckoned: str


class CloudCosts(msgspec.Struct, frozen=True, kw_only=True):
    """What AWS asks for at the list prices of `region` on the day `dated`; the telemetry's server is not in it."""

    dated: str
    region: str
    size: str
    routers: int
    interval_s: int
    million_checkins: list[CloudCostLine]
    month: list[CloudCostLine]
    million_usd: float
    million_goal_usd: float
    month_usd: float
    router_month_usd: float


@get(
    "/server/costs",
    tags=["Settings"],
    policy=permits("settings:read"),
    operation_id="getCloudCosts",
    summary="Reckon what a fleet costs on AWS",
)
async def read_costs(
    org: NamedDependency[OrgScope],
    routers: Routers,
    interval_s: Interval = 60,
    answered_by: Answered = "functions",
    firewall: Firewall = True,
    certificate: Certificate = "rsa",
) -> CloudCosts:
    """By service: a million check-ins, and a month, of an installation of the least size for so many routers.

    The sums are those of `tikfleet deploy aws --plan`: from measured bytes and calls, and a dated table of prices.
    """
    found = sizes()
    name = next((name for name, size in found.items() if routers <= size.for_routers), _LARGEST)
    shape = Shape(found[name], routers, interval_s, own_balancer=not firewall, by_container=answered_by == "container")
    plan = plan_of(shape, with_chain(MEASURED, certificate), price_table())
    return CloudCosts(
        dated=plan.dated,
        region=plan.region,
        size=name,
        routers=routers,
        interval_s=interval_s,
        million_checkins=[_line(cost) for cost in plan.for_a_million],
        month=[_line(cost) for cost in plan.for_a_month],
        million_usd=round(plan.usd_for_a_million, 3),
        million_goal_usd=GOAL_USD,
        month_usd=round(plan.usd_for_a_month, 2),
        router_month_usd=round(plan.usd_for_router, 4),
    )


def _line(cost: Cost) -> CloudCostLine:
    return CloudCostLine(cost.path, cost.what, round(cost.usd, 3), cost.sum)
