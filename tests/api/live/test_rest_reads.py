"""Reading through the platform: each answer equals that of the router's own REST."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.live.conftest import Enrolled, World

CONFIGURATION = """
/ip address add address=192.0.2.1/24 interface=ether1 comment="a;b,c \\"q\\" \\\\ x=1"
/ip address add address=198.51.100.1/24 interface=ether2 disabled=yes
/ip firewall filter add chain=input action=drop log-prefix="00:00:10" limit=5,10:packet src-address-list=bad
/ip firewall address-list add list=bad address=203.0.113.7 timeout=1d2h
/system scheduler add name="ni/ght" interval=1d2h3m policy=read,write on-event=":put 1" disabled=yes
/interface bridge add name=lan comment="ligne \\C3\\A9t\\C3\\A9"
/ppp secret add name=ann password=hunter2 service=pppoe
"""
PATHS = (
    "/ip/address",
    "/ip/address/*1",
    "/interface/ether1?.proplist=name,type,mtu",
    "/interface?.proplist=name,disabled,mac-address",
    "/interface/bridge/lan?.proplist=name,comment,mtu",
    "/interface?type=ether&.proplist=name",
    "/interface?type=nothing",
    "/ip/address?disabled=true",
    "/ip/address?disabled=yes&interface=ether2",
    "/ip/firewall/filter?.proplist=chain,action,limit,log-prefix,disabled",
    "/ip/firewall/address-list?.proplist=list,address,dynamic",
    "/system/scheduler/ni%2Fght?.proplist=name,interval,policy,on-event",
    "/system/identity",
    "/ip/dns",
    "/ip/service",
    # Not last-logged-in: each request to the router itself is a login.
    "/user?.proplist=name,group,address,disabled",
    "/user?name=admin&.proplist=group",
    "/ip/route?dst-address=0.0.0.0/0",
    "/ip/pool",
    "/ip/address/*99",
    "/ip/address/%2A1",
    "/interface/nowhere",
    "/ip/address/nowhere",
    "/no/such/menu",
    "/ip/nothing",
    "/ip",
    "/ip/address/print",
    "/system/identity/x",
)


async def made_alike(world: World, version: str) -> Enrolled:
    router = await world.router(version)
    await router.router.run(CONFIGURATION)
    await router.go_live()
    return router


def outcome(answer: httpx.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json() if answer.content else None


@pytest.mark.parametrize("version", ["7.20.8", "7.14.3", "7.9.2"])
async def test_each_answer_equals_the_routers_own(world: World, version: str) -> None:
    router = await made_alike(world, version)
    direct, cloud = router.direct, router.cloud()
    wrong = {}
    for path in PATHS:
        ours, theirs = outcome(await cloud.get(path)), outcome(await direct.get(path))
        if ours != theirs:
            wrong[path] = (ours, theirs)
    assert not wrong


async def test_version_6_which_never_had_rest_answers_in_the_same_form(world: World) -> None:
    router = await made_alike(world, "6.49.10")
    cloud = router.cloud()
    addresses = (await cloud.get("/ip/address")).json()
    assert [one["address"] for one in addresses] == ["192.0.2.1/24", "198.51.100.1/24"]
    assert addresses[0]["comment"] == 'a;b,c "q" \\ x=1'
    assert (await cloud.get("/ip/address/*1")).json() == addresses[0]
    assert (await cloud.get("/ip/address/*99")).status_code == 404
    night = (await cloud.get("/system/scheduler/ni%2Fght")).json()
    assert (night["interval"], night["policy"]) == ("1d2h3m", "read,write")
    refused = (await cloud.get("/no/such/menu")).json()
    assert (refused["error"], refused["message"]) == (400, "Bad Request")


@pytest.mark.parametrize("version", ["7.20.8", "6.49.10"])
async def test_a_table_of_many_pages_comes_whole(world: World, version: str) -> None:
    router = await made_alike(world, version)
    await router.router.run(
        ":for i from=1 to=300 do={/ip firewall address-list add list=many address=(10.0.0.0 + $i) comment="
        '"a comment of some length, so that a page is full soon"}'
    )
    rows = (await router.cloud().get("/ip/firewall/address-list?list=many")).json()
    assert [row["address"] for row in rows] == [f"10.0.{i // 256}.{i % 256}" for i in range(1, 301)]


async def test_print_takes_queries_and_a_proplist(world: World) -> None:
    router = await made_alike(world, "7.20.8")
    direct, cloud = router.direct, router.cloud()
    for body in (
        {".query": ["interface=ether1"], ".proplist": ["address", "comment"]},
        {".query": ["interface=ether1", "interface=ether2", "#|"], ".proplist": "address"},
        {".query": ["disabled=true", "#!"]},
        {".query": ["comment"]},
        {".query": ["-comment"]},
        {},
    ):
        ours = outcome(await cloud.post("/ip/address/print", json=body))
        theirs = outcome(await direct.post("/ip/address/print", json=body))
        assert ours == theirs, body


async def test_secrets_are_shown_to_who_may_see_them(world: World) -> None:
    router = await made_alike(world, "7.20.8")
    seen = (await router.cloud().get("/ppp/secret/ann")).json()
    assert seen["password"] == "hunter2"
    narrow = router.cloud(await world.token_with(["routeros:read"]))
    assert (await narrow.get("/ppp/secret/ann")).json() == seen | {"password": "<redacted>"}
    for guess in ("hunter2", "wrong"):
        assert (await narrow.get(f"/ppp/secret?password={guess}")).json() == []
        query = {".query": [f"password={guess}"], ".proplist": "name"}
        assert (await narrow.post("/ppp/secret/print", json=query)).json() == []
    assert len((await router.cloud().get("/ppp/secret?password=hunter2")).json()) == 1
    held = (await router.cloud().get("/system/script/tikfleet-token")).json()["source"]
    assert held.startswith("# token=tfd_[redacted]")


async def test_who_may_only_read_changes_nothing(world: World) -> None:
    router = await made_alike(world, "7.20.8")
    narrow = router.cloud(await world.token_with(["routeros:read"]))
    assert (await narrow.post("/ip/address/print", json={})).status_code == 200
    body = {"address": "203.0.113.1/24", "interface": "ether1"}
    for answer in (
        await narrow.put("/ip/address", json=body),
        await narrow.patch("/ip/address/*1", json={"comment": "x"}),
        await narrow.delete("/ip/address/*1"),
        await narrow.post("/ip/address/add", json=body),
        await narrow.post("/execute", json={"script": ":put 1"}),
        await narrow.post("/system/reboot", json={}),
    ):
        assert answer.status_code == 403, answer.request
    assert len((await narrow.get("/ip/address")).json()) == 2
    other = router.cloud(await world.token_with(["devices:read"]))
    assert (await other.get("/ip/address")).status_code == 403


async def test_a_router_that_is_silent_answers_through_a_job(world: World) -> None:
    router = await world.router()
    cloud = router.cloud()
    later = await cloud.get("/system/identity", headers={"Prefer": "wait=0"})
    assert later.status_code == 202
    again = await cloud.get("/system/identity", headers={"Prefer": "wait=0"})
    assert again.json()["job_id"] == later.json()["job_id"]
    link = world.url + later.headers["location"]
    assert (await cloud.get(link)).status_code == 202
    reporting = asyncio.create_task(router.report())
    found = later
    for _ in range(100):
        found = await cloud.get(link)
        if found.status_code != 202:
            break
        await asyncio.sleep(0.2)
    assert (found.status_code, found.json()) == (200, {"name": "MikroTik"})
    reporting.cancel()


async def test_clients_that_know_only_passwords_and_their_own_prefix_come_in(world: World) -> None:
    router = await made_alike(world, "7.20.8")
    url = f"{world.url}/api/v1/devices/{router.device_id}/routeros/rest"
    answer = await world.client(url, auth=("admin", world.token)).get("/system/identity")
    assert answer.json() == {"name": "MikroTik"}
    assert (await world.client(url, auth=("admin", "wrong")).get("/system/identity")).status_code == 401


async def test_an_unchanged_answer_is_not_sent_again(world: World) -> None:
    router = await made_alike(world, "7.20.8")
    cloud = router.cloud()
    first = await cloud.get("/ip/address/*1")
    again = await cloud.get("/ip/address/*1", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
