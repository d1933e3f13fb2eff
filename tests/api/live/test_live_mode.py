"""Live mode with whole virtual routers, in every tier of the agent."""

import asyncio
import time

import pytest

from tests.api.live.conftest import World
from tikfleet.domains.live.public import DeviceSilent

TIERS = pytest.mark.parametrize("version", ["7.20.8", "7.14.3", "7.8", "6.49.10"])


@TIERS
async def test_a_router_in_live_mode_answers_at_once(world: World, version: str) -> None:
    router = await world.router(version)
    await router.go_live()
    started = time.monotonic()
    said = await world.platform.live.ask(router.device_id, ':return ("a" . (40 + 2))', 10)
    assert (said.result, said.error) == ("a42", "")
    assert time.monotonic() - started < 5
    again = await world.platform.live.ask(router.device_id, ":return [/system identity get name]", 10)
    assert again.result == "MikroTik"


@TIERS
async def test_what_fails_on_the_router_is_said_and_live_mode_goes_on(world: World, version: str) -> None:
    router = await world.router(version)
    await router.go_live()
    hub = world.platform.live
    failed = await hub.ask(router.device_id, "/ip address remove *99", 10)
    assert failed.error
    assert not failed.result
    broken = await hub.ask(router.device_id, "/no such menu print", 10)
    assert broken.error
    assert not broken.result
    assert (await hub.ask(router.device_id, ":return 1", 10)).result == "1"


@pytest.mark.parametrize("version", ["7.20.8", "6.49.10"])
async def test_several_questions_at_once_are_answered_each_with_its_own(world: World, version: str) -> None:
    router = await world.router(version)
    await router.go_live()
    said = await asyncio.gather(
        *(world.platform.live.ask(router.device_id, f":return ({number} * 2)", 20) for number in range(8))
    )
    assert [one.result for one in said] == [str(number * 2) for number in range(8)]


async def test_nobody_who_asks_means_no_held_request(world: World) -> None:
    router = await world.router()
    await router.report()
    assert not world.platform.live.is_live(router.device_id)
    await router.router.stop()
    with pytest.raises(DeviceSilent):
        await world.platform.live.ask(router.device_id, ":return 1", 0.1)


async def test_a_job_reaches_a_router_in_live_mode_at_once(world: World) -> None:
    router = await world.router()
    await router.go_live()
    body = {"kind": "script", "device_ids": [router.device_id], "script": ":put hello"}
    made = (await world.api.post("/jobs", json=body)).json()
    job_id = made["items"][0]["id"]
    started = time.monotonic()
    while (found := (await world.api.get(f"/jobs/{job_id}")).json())["status"] != "succeeded":
        assert time.monotonic() - started < 8, found
        await asyncio.sleep(0.1)
    assert "hello" in found["output"]
    assert (await world.platform.live.ask(router.device_id, ":return 1", 10)).result == "1"
