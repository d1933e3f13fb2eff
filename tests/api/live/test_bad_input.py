"""Input that is wrong, hostile or late on the way to a router, with the outcomes of docs/reference/bad-input.md."""

import asyncio
import re

import pytest

from tests.api.live.conftest import Enrolled, World
from tests.conftest import ROOT
from tikfleet.domains.live.public import Said
from tikfleet.kernel.ids import DeviceId, new_id

PAGE = ROOT / "docs" / "reference" / "bad-input.md"
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE.read_text())


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_what_the_page_promises_has_its_test(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text()


async def answered(router: Enrolled, said: str, path: str = "/ip/address") -> tuple[int, str]:
    """What a reader gets when the router, instead of running the question, answers this."""
    hub = router.world.platform.live
    hub.want(router.device_id)
    held = asyncio.create_task(hub.hold(router.device_id, 25))
    await asyncio.sleep(0.05)
    reading = asyncio.create_task(router.cloud().get(path, headers={"Prefer": "wait=20"}))
    work = await held
    hub.answered(router.device_id, work.id, Said(said))
    answer = await reading
    return answer.status_code, answer.text


@pytest.mark.parametrize("said", ["", "garbage", "\x00\xff" * 100, "rows x y\n", "<html>404</html>"])
async def test_a_router_that_answers_garbage_is_a_bad_gateway(world: World, said: str) -> None:
    status, text = await answered(await world.router(), said)
    assert status == 502
    assert "has no head" in text
    assert "garbage" not in text


async def test_an_answer_that_nobody_waits_for_changes_nothing(world: World) -> None:
    router = await world.router()
    hub = world.platform.live
    for number in (new_id("ask"), "", "x" * 64):
        hub.answered(router.device_id, number, Said("rows 1 1\n"))
    await router.go_live()
    assert (await router.cloud().get("/system/identity")).json() == {"name": "MikroTik"}


async def test_a_body_that_is_none_is_refused_as_on_the_router(world: World) -> None:
    router = await world.router()
    alike = Enrolled(world, router.router, router.device_id)
    await router.go_live()
    for body, media in (("{", "application/json"), ("a=b", "application/x-www-form-urlencoded"), ("[[[", "text/plain")):
        both = [
            await client.put("/ip/address", content=body, headers={"Content-Type": media})
            for client in (router.cloud(), alike.direct)
        ]
        assert both[0].status_code == both[1].status_code
        assert both[0].json() == both[1].json()


async def test_devices_of_others_and_of_nobody_are_the_same_nothing(world: World) -> None:
    router = await world.router()
    stranger = DeviceId(new_id("dev"))
    for method in ("GET", "PUT", "PATCH", "DELETE", "POST"):
        path = f"/devices/{stranger}/routeros/ip/address/*1"
        answer = await world.api.request(method, path, json=None if method in ("GET", "DELETE") else {})
        assert (answer.status_code, answer.json()["code"]) == (404, "device.not-found")
    assert (await world.api.get(f"/devices/{stranger}/routeros-schema")).json()["code"] == "device.not-found"
    assert router.router.identity() == "MikroTik"


async def test_a_write_with_an_idempotency_key_is_done_once(world: World) -> None:
    router = await world.router()
    await router.go_live()
    headers = {"Prefer": "wait=50", "Idempotency-Key": "the-same"}
    body = {"list": "bad", "address": "203.0.113.7"}
    first, second = [
        await router.cloud().put("/ip/firewall/address-list", json=body, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len((await router.cloud().get("/ip/firewall/address-list")).json()) == 1
