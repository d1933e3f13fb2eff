"""What a fleet costs on AWS, through the API: the sums of the command's plan."""

import pytest

from tests.api.conformance.house import Tenant
from tikfleet.app.cloud.costs import Shape
from tikfleet.app.cloud.plan import plan_of
from tikfleet.app.cloud.prices import price_table
from tikfleet.app.cloud.sizes import sizes
from tikfleet.app.cloud.traffic import MEASURED, with_chain


def test_the_sums_are_those_of_the_plan(acme: Tenant) -> None:
    found = acme.get("/server/costs", routers=5_000, firewall="false", answered_by="container", certificate="ecdsa")
    shape = Shape(sizes()["medium"], 5_000, own_balancer=True, by_container=True)
    plan = plan_of(shape, with_chain(MEASURED, "ecdsa"), price_table())

    assert (found["size"], found["dated"], found["region"]) == ("medium", price_table().dated, price_table().region)
    assert found["million_usd"] == pytest.approx(plan.usd_for_a_million, abs=0.001)
    assert found["million_usd"] <= found["million_goal_usd"]
    assert sum(line["usd"] for line in found["million_checkins"]) == pytest.approx(found["million_usd"], abs=0.01)
    assert found["month_usd"] == pytest.approx(plan.usd_for_a_month, abs=0.01)
    dear = acme.get("/server/costs", routers=5_000)
    assert dear["million_usd"] > found["million_usd"]


@pytest.mark.parametrize("asked", ["", "routers=0", "routers=-1", "routers=99999999999", "routers=1&certificate=dsa"])
def test_a_fleet_that_cannot_be_is_refused(acme: Tenant, asked: str) -> None:
    answer = acme.ask("GET", f"/server/costs?{asked}")

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
