"""Changing through the platform: each answer equals the router's own, each change is a job in the trail."""

from typing import Any

import httpx
import pytest

from tests.api.live.conftest import Enrolled, World
from tests.api.live.test_rest_reads import outcome

ADDRESS = {"address": "203.0.113.9/24", "interface": "ether1", "comment": 'x "y" $z \\ é'}
CALLS: tuple[tuple[str, str, Any], ...] = (
    ("PUT", "/ip/address", ADDRESS),
    ("PUT", "/ip/address", ADDRESS),
    ("PUT", "/ip/address", {"interface": "ether1"}),
    ("PUT", "/ip/address", {"address": "zz", "interface": "ether1"}),
    ("PUT", "/ip/address", ADDRESS | {"bogus": "1"}),
    ("PATCH", "/ip/address/*1", {"comment": "changed", "disabled": True}),
    ("PATCH", "/ip/address/*1", {"bogus": "1"}),
    ("PATCH", "/ip/address/*1", {"address": "zz"}),
    ("PATCH", "/ip/address/*99", {"comment": "x"}),
    ("PATCH", "/ip/address", {"comment": "x"}),
    ("PUT", "/interface/bridge", {"name": "lan", ".proplist": "name,.id"}),
    ("PATCH", "/interface/bridge/lan", {"comment": "by name", ".proplist": ["name", "comment"]}),
    ("PATCH", "/interface/bridge/nowhere", {"comment": "x"}),
    ("POST", "/ip/address/set", {".id": "*1", "comment": "again"}),
    ("POST", "/ip/address/disable", {"numbers": "*1"}),
    ("POST", "/system/identity/set", {"name": "branch 7"}),
    ("POST", "/ip/address/nonsense", {}),
    ("POST", "/ip/address", {}),
    ("POST", "/ip/firewall/address-list/add", {"list": "bad", "address": "198.51.100.9"}),
    ("DELETE", "/ip/address/*1", None),
    ("DELETE", "/ip/address/*1", None),
    ("DELETE", "/interface/bridge/lan", None),
    ("DELETE", "/interface/bridge/lan", None),
)


async def ask(client: httpx.AsyncClient, method: str, path: str, body: Any) -> tuple[int, Any]:
    return outcome(await client.request(method, path, json=body, headers={"Prefer": "wait=50"}))


@pytest.mark.parametrize("version", ["7.20.8", "7.14.3"])
async def test_each_change_is_answered_as_the_router_would(world: World, version: str) -> None:
    """The same calls to two routers alike, one of them asked directly."""
    asked = await world.router(version)
    alike = Enrolled(world, await world.plain(version), "")
    await asked.go_live()
    direct, cloud = alike.direct, asked.cloud()
    wrong = {}
    for number, (method, path, body) in enumerate(CALLS):
        ours, theirs = await ask(cloud, method, path, body), await ask(direct, method, path, body)
        if ours != theirs:
            wrong[number, method, path] = (ours, theirs)
    assert not wrong


@pytest.mark.parametrize("version", ["7.8", "6.49.10"])
async def test_releases_without_error_texts_change_and_answer_too(world: World, version: str) -> None:
    router = await world.router(version)
    await router.go_live()
    cloud = router.cloud()
    status, made = await ask(cloud, "PUT", "/ip/address", ADDRESS)
    assert (status, made["address"], made["comment"]) == (201, ADDRESS["address"], ADDRESS["comment"])
    assert (await ask(cloud, "PATCH", f"/ip/address/{made['.id']}", {"comment": "new"}))[1]["comment"] == "new"
    assert (await ask(cloud, "PATCH", "/ip/address/*99", {"comment": "new"}))[0] == 404
    assert (await ask(cloud, "DELETE", f"/ip/address/{made['.id']}", None))[0] == 204
    assert (await cloud.get("/ip/address")).json() == []


async def made(router: Enrolled) -> httpx.AsyncClient:
    await router.router.run("/ip address add address=192.0.2.1/24 interface=ether1 comment=first")
    await router.go_live()
    return router.cloud()


async def test_a_change_is_refused_when_the_record_is_not_as_the_caller_saw_it(world: World) -> None:
    router = await world.router()
    cloud = await made(router)
    tag = (await cloud.get("/ip/address/*1")).headers["etag"]
    wait = {"Prefer": "wait=50"}
    changed = await cloud.patch("/ip/address/*1", json={"comment": "mine"}, headers={"If-Match": tag, **wait})
    assert (changed.status_code, changed.json()["comment"]) == (200, "mine")
    late = await cloud.patch("/ip/address/*1", json={"comment": "theirs"}, headers={"If-Match": tag, **wait})
    assert (late.status_code, late.json()["error"]) == (412, 412)
    assert (await cloud.delete("/ip/address/*1", headers={"If-Match": tag, **wait})).status_code == 412
    assert (await cloud.get("/ip/address/*1")).json()["comment"] == "mine"


async def test_a_change_is_in_the_trail_and_its_secrets_are_not(world: World) -> None:
    router = await world.router()
    cloud = await made(router)
    body = {"name": "ann", "password": "hunter2"}
    answer = await cloud.put("/ppp/secret", json=body, headers={"Prefer": "wait=50"})
    assert answer.status_code == 201, answer.text
    trail = (await world.api.get("/audit")).json()["items"]
    entry = next(one for one in trail if one["action"] == "routeros.write")
    assert entry["after"]["body"]["name"] == "ann"
    jobs = (await world.api.get("/jobs")).json()["items"]
    assert [(job["kind"], job["status"], job["description"]) for job in jobs] == [
        ("routeros", "succeeded", "PUT /ppp/secret")
    ]
    output = await world.api.get(f"/jobs/{jobs[0]['id']}/output")
    assert "hunter2" not in f"{trail} {jobs} {output.text}"
    narrow = router.cloud(await world.token_with(["routeros:read"]))
    told = await narrow.get(f"{world.url}/api/v1/jobs/{jobs[0]['id']}/routeros")
    assert (told.status_code, told.json()["password"]) == (201, "<redacted>")


async def test_values_and_paths_cannot_bring_commands_of_their_own(world: World) -> None:
    router = await world.router()
    cloud = await made(router)
    evil = '"; /system identity set name=owned; :put "'
    for text in (evil, "$[/system identity set name=owned]", "[/system identity set name=owned]", "a\n/quit\r\n"):
        answer = await cloud.patch("/ip/address/*1", json={"comment": text}, headers={"Prefer": "wait=50"})
        assert answer.json()["comment"] == text
    for path in ("/ip/address;quit", "/ip/address/*1;quit", "/ip/[quit]", "/interface/%22%5D%3B%20quit"):
        assert (await cloud.get(path)).status_code in (400, 404)
    for body in ({evil: "x"}, {"comment=x disabled": "yes"}, {"": "x"}):
        assert (await cloud.put("/ip/address", json=body)).status_code == 400
    assert router.router.identity() == "MikroTik"
