"""The routes of telemetry: what they take, and what their answers look like."""

from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Router
from litestar.testing import AsyncTestClient

from tikfleet.domains.telemetry.http import routes
from tikfleet.httpkit.policies import routes_without_policy
from tikfleet.httpkit.problems import HANDLERS
from tikfleet.httpkit.wire import dependencies

if TYPE_CHECKING:
    from conftest import Fleet


def application(fleet: "Fleet") -> Litestar:
    services = {"telemetry": fleet.telemetry, "rankings": fleet.rankings, "clock": lambda: fleet.now}
    given = dependencies(services) | dependencies({"org": fleet.scope, **services})
    return Litestar(
        [Router("/api/v1", route_handlers=list(routes()), dependencies=given)],
        exception_handlers=HANDLERS,
        openapi_config=None,
    )


async def answered(fleet: "Fleet", address: str) -> tuple[int, dict[str, Any]]:
    async with AsyncTestClient(application(fleet)) as client:
        response = await client.get(f"/api/v1/telemetry/{address}")
        return response.status_code, response.json()


async def test_series_are_points_on_a_grid(fleet: "Fleet") -> None:
    await fleet.reports(fleet.checkin("dev_a", 0.5, cpu_load=10))

    status, body = await answered(fleet, "series?metric=cpu_load&device_id=dev_a&last=15m")
    assert status == 200
    assert {key: body[key] for key in ("resolution", "step_s", "from", "to")} == {
        "resolution": "raw",
        "step_s": 60,
        "from": "2026-11-23T11:45:00.000Z",
        "to": "2026-11-23T12:00:00.000Z",
    }
    (line,) = body["series"]
    noon_s = int(fleet.now.timestamp())
    assert line["points"][-2:] == [[noon_s - 120, None], [noon_s - 60, 10]]
    assert (line["metric"], line["unit"], line["device_id"], line["interface"]) == (
        "cpu_load",
        "percent",
        "dev_a",
        None,
    )


@pytest.mark.parametrize(
    ("address", "keys"),
    [
        ("metrics", {"items"}),
        ("top?metric=cpu_load", {"unit", "items", "elapsed_ms"}),
        (
            "totals",
            {"checkins", "devices", "cpu_count", "rx_bytes", "tx_bytes", "elapsed_ms", "rows_read", "resolution"},
        ),
        ("breakdown?by=model&last=365d", {"items"}),
        ("sparklines?metric=cpu_load&device_id=dev_a", {"unit", "step_s", "items"}),
    ],
)
async def test_every_question_has_an_answer(fleet: "Fleet", address: str, keys: set[str]) -> None:
    status, body = await answered(fleet, address)
    assert (status, set(body)) == (200, keys)


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("series", 400, "request.invalid"),
        ("series?metric=nothing", 400, "request.invalid"),
        ("series?metric=cpu_load&points=5000", 400, "request.invalid"),
        ("series?metric=cpu_load&last=2y", 400, "request.invalid"),
        ("series?metric=cpu_load&from=yesterday", 400, "request.invalid"),
        ("series?metric=rx_errors", 404, "metric.not-found"),
        ("series?metric=rx_bps&interface=ether1", 409, "interface.of-no-device"),
        ("series?metric=rx_bps&aggregate=max", 409, "metric.aggregate"),
        ("series?metric=cpu_load&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 409, "time.empty"),
        ("breakdown?by=colour", 400, "request.invalid"),
    ],
)
async def test_what_can_not_be_answered_says_why(fleet: "Fleet", address: str, status: int, code: str) -> None:
    found, body = await answered(fleet, address)
    assert (found, body["code"]) == (status, code)


async def test_every_route_says_who_may_use_it(fleet: "Fleet") -> None:
    assert routes_without_policy(application(fleet)) == []
