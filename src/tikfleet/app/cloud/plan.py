"""What `tikfleet deploy aws --plan` prints: what will be made, and what a month of the fleet costs."""

from collections.abc import Iterator

import msgspec

from tikfleet.app.cloud.costs import GOAL_USD, MILLION, Cost, Shape, for_a_million, for_a_month
from tikfleet.app.cloud.prices import Prices
from tikfleet.app.cloud.traffic import Traffic


class Plan(msgspec.Struct, frozen=True):
    """Both lists, and what they come to. `usd_for_router` is a router's share of a month."""

    dated: str
    region: str
    routers: int
    interval_s: int
    for_a_million: list[Cost]
    for_a_month: list[Cost]
    usd_for_a_million: float
    usd_for_a_month: float
    usd_for_router: float


def plan_of(shape: Shape, traffic: Traffic, prices: Prices) -> Plan:
    """The sums for one installation."""
    each, fixed = for_a_million(shape, traffic, prices), for_a_month(shape, prices)
    million = sum(cost.usd for cost in each)
    month = sum(cost.usd for cost in fixed) + million * shape.checkins / MILLION
    return Plan(
        prices.dated,
        prices.region,
        shape.routers,
        shape.interval_s,
        each,
        fixed,
        million,
        month,
        month / max(1, shape.routers),
    )


def lines(plan: Plan) -> Iterator[str]:
    """For people."""
    yield f"A million check-ins, at list prices of {plan.dated} in {plan.region}:"
    for cost in plan.for_a_million:
        yield f"  {cost.usd:>8.3f} $  {cost.path:<10} {cost.what:<24} {cost.sum}"
    together = plan.usd_for_a_million
    yield f"  {together:>8.3f} $  together; the goal is {GOAL_USD:.2f} $: {_verdict(together)}"
    yield ""
    yield "A month, however few report:"
    for cost in plan.for_a_month:
        yield f"  {cost.usd:>8.2f} $  {cost.path:<10} {cost.what}"
    yield ""
    yield (
        f"A month of {plan.routers:,} routers, one report in {plan.interval_s} s: {plan.usd_for_a_month:,.2f} $, "
        f"{plan.usd_for_router:.4f} $ a router."
    )
    yield "The telemetry's server, what people do, and what the database needs beyond its least are not in it."


def _verdict(usd: float) -> str:
    return "met" if usd <= GOAL_USD else f"missed, {usd / GOAL_USD:.1f} times"
