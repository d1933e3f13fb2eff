"""A server that takes few reports: the others get a place, and nothing of them is stored before they have it."""

import pytest

from tikfleet.kernel.scopes import OrgScope

from .conftest import Fleet, Router


@pytest.fixture(scope="module")
def admission() -> dict[str, int]:
    return {"checkins_per_second": 1, "checkins_per_device_minute": 12}


async def test_a_report_beyond_capacity_is_given_a_place_and_is_not_stored(
    fleet: Fleet, acme: OrgScope, router: Router
) -> None:
    heard = []
    while not heard or heard[-1]["ok"]:
        heard.append(await router.check_in())
        assert len(heard) < 6
    again = await router.check_in()
    await fleet.drain()

    assert heard[-1]["error"] == "server.busy"
    assert int(heard[-1]["next"]) >= 10
    # It keeps its place however often it asks.
    assert abs(int(again["next"]) - int(heard[-1]["next"])) <= 1
    assert len(await fleet.history(router)) == len(heard) - 1
    assert fleet.refused("server.busy") == 2


async def test_a_router_that_does_not_stop_gets_429_and_a_time(fleet: Fleet, acme: OrgScope, plain: Router) -> None:
    for _ in range(13):
        await plain.check_in()

    answer = await plain.post("/agent/v1/checkin", b"{}")

    assert answer.status_code == 429
    assert answer.json()["code"] == "checkin.too-often"
    assert 1 <= int(answer.headers["retry-after"]) <= 5
