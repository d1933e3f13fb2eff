"""One question to many virtual routers: rows as they answer, and who did not."""

import asyncio
import json
import time
from typing import Any

import httpx

from tests.api.live.conftest import Enrolled, World

NAT = """
/ip firewall nat add chain=dstnat action=dst-nat to-addresses=10.0.0.5 protocol=tcp dst-port=80 comment="web"
/ip firewall nat add chain=srcnat action=masquerade comment="out"
/ppp secret add name=ann password=hunter2 service=pppoe
/system scheduler add name=night on-event=":put 1" interval=1d disabled=yes
/system scheduler add name=push on-event="/tool fetch url=x password=hunter2" interval=1d disabled=yes
"""


async def live(world: World, version: str = "7.20.8") -> Enrolled:
    router = await world.router(version)
    await router.router.run(NAT)
    await router.go_live()
    return router


async def asked(world: World, query: str, *, token: str = "", **body: Any) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token or world.token}"}
    client = world.client(f"{world.url}/api/v1", headers=headers)
    answer = await client.post("/queries", json={"query": query, "wait_s": 1, **body})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def rows(lines: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [line["values"] for line in lines if line["kind"] == "row"]


def unanswered(lines: list[dict[str, Any]]) -> dict[str, str]:
    return {line["device_id"]: line["reason"] for line in lines if line["kind"] == "unanswered"}


async def test_the_rows_of_all_live_routers_come_and_those_that_sleep_are_named(world: World) -> None:
    new, old = await live(world), await live(world, "6.49.10")
    asleep = await world.router()
    await asleep.router.stop()

    lines = await asked(world, "/ip/firewall/nat where chain=dstnat", fields=["chain", "dst-port", "comment"])

    assert lines[0]["kind"] == "progress"
    assert lines[0]["devices"] == 3
    expected = {"chain": "dstnat", "dst-port": "80", "comment": "web"}
    assert rows(lines) == [expected, expected]
    assert {line["device_id"] for line in lines if line["kind"] == "row"} == {new.device_id, old.device_id}
    assert unanswered(lines) == {asleep.device_id: "asleep"}
    end = lines[-1]
    assert end["kind"] == "end"
    assert (end["answered"], end["failed"], end["waiting"], end["rows"]) == (2, 1, 0, 2)
    assert end["complete"] is False


async def test_each_condition_means_what_the_router_makes_of_it(world: World) -> None:
    router = await live(world)
    await router.router.run(
        "/ip address add address=192.0.2.1/24 interface=ether1 comment=\"a 'b' \\$c\"\n"
        "/ip address add address=198.51.100.1/24 interface=ether2 disabled=yes"
    )

    async def found(where: str) -> list[str]:
        lines = await asked(world, f"/ip/address where {where}", fields=["address"])
        assert not unanswered(lines), lines
        return [row["address"] for row in rows(lines)]

    both = ["192.0.2.1/24", "198.51.100.1/24"]
    assert await found("interface=ether1") == both[:1]
    assert await found("address=192.0.2.1/24") == both[:1]
    assert await found("disabled") == both[1:]
    assert await found("!disabled") == both[:1]
    assert await found("interface=ether1 or interface=ether2") == both
    assert await found("interface=ether1 and disabled") == []
    assert await found("(interface=ether1 || interface=ether2) && !(disabled)") == both[:1]
    assert await found('comment~"^a"') == both[:1]
    assert await found("comment=\"a 'b' \\$c\"") == both[:1]
    assert await found("interface!=ether1 disabled=yes") == both[1:]


async def test_numbers_compare_as_numbers(world: World) -> None:
    await live(world)
    lines = await asked(world, "/interface where mtu>=1500 and mtu<=1500 type=ether", fields=["mtu"])
    assert {row["mtu"] for row in rows(lines)} == {"1500"}
    assert rows(await asked(world, "/interface where mtu>1500 type=ether")) == []


async def test_what_a_version_lacks_is_said_for_each_device(world: World) -> None:
    router = await live(world, "7.9.2")
    lines = await asked(world, "/no/such/menu")
    assert unanswered(lines) == {router.device_id: "unsupported"}
    assert "no such command or directory" in next(line for line in lines if line["kind"] == "unanswered")["detail"]
    assert unanswered(await asked(world, "/ip/address where nothing=1")) == {router.device_id: "unsupported"}


async def test_version_6_says_itself_which_menu_it_lacks(world: World) -> None:
    router = await live(world, "6.49.10")
    lines = await asked(world, "/no/such/menu")
    assert unanswered(lines) == {router.device_id: "refused"}


async def test_nothing_but_a_condition_can_be_asked(world: World) -> None:
    await live(world)
    for query in (
        "/ip/address where comment=[/system reboot]",
        "/ip/address where comment=$name",
        '/ip/address where comment="$[/system reboot]"',
        '/ip/address where comment="$name"',
        "/ip/address where disabled; /system reboot",
        "/ip/address where disabled\n/system reboot",
        "/ip/address where disabled] ; /system reboot",
        "/ip/address where disabled}",
        "/ip/address where interface=(1 + 1)",
        "/ip/address where {disabled}",
        "/ip/address where [find]=1",
        "/ip/address print where",
        "/ip/address; /system reboot",
        '/ip/address "where" disabled',
        "/ip/address where " + "(" * 500 + "disabled" + ")" * 500,
        "/ip/address where " + "!" * 500 + "disabled",
    ):
        answer = await world.api.post("/queries", json={"query": query})
        assert answer.status_code == 409, query
        assert answer.json()["code"] == "query.unreadable", query


async def test_texts_that_look_like_commands_are_texts(world: World) -> None:
    router = await live(world)
    evil = '"; /ip firewall nat remove [find]; :put "'
    quoted = evil.replace('"', '\\"')
    assert rows(await asked(world, f'/ip/firewall/nat where comment="{quoted}"')) == []
    assert len((await router.cloud().get("/ip/firewall/nat")).json()) == 2


async def test_secrets_show_to_who_may_see_them_and_no_condition_tells_of_them(world: World) -> None:
    await live(world)
    narrow = await world.token_with(["routeros:read"])

    assert [row["password"] for row in rows(await asked(world, "/ppp/secret"))] == ["hunter2"]
    assert [row["password"] for row in rows(await asked(world, "/ppp/secret", token=narrow))] == ["<redacted>"]

    client = world.client(f"{world.url}/api/v1", headers={"Authorization": f"Bearer {narrow}"})
    refused = await client.post("/queries", json={"query": '/ppp/secret where password~"^h"'})
    assert (refused.status_code, refused.json()["code"]) == (403, "query.secret")

    # What is hidden inside a script can't be told by whether the record matches.
    for where in ('on-event~"hunter2"', '!(on-event~"hunter1")'):
        seen = await asked(world, f"/system/scheduler where {where}", token=narrow, fields=["name"])
        assert {"name": "push"} not in rows(seen), where
    harmless = await asked(world, '/system/scheduler where on-event~"put"', token=narrow, fields=["name"])
    assert rows(harmless) == [{"name": "night"}]


async def test_who_may_not_read_routers_asks_nothing(world: World) -> None:
    token = await world.token_with(["devices:read"])
    client = world.client(f"{world.url}/api/v1", headers={"Authorization": f"Bearer {token}"})
    assert (await client.post("/queries", json={"query": "/ip/address"})).status_code == 403


async def test_a_router_that_sleeps_answers_when_it_checks_in(world: World) -> None:
    router = await world.router()
    asking = asyncio.create_task(asked(world, "/system/identity", wait_s=30))
    await world.until(lambda: world.platform.live.wanted_s(router.device_id) > 0)
    reporting = asyncio.create_task(router.report())
    lines = await asking
    assert len(rows(lines)) == 1
    assert lines[-1]["complete"] is True
    reporting.cancel()


async def test_only_so_many_rows_come_of_one_router(world: World) -> None:
    router = await live(world)
    await router.router.run(":for i from=1 to=50 do={/ip firewall address-list add list=many address=(10.0.0.0 + $i)}")
    lines = await asked(world, "/ip/firewall/address-list where list=many", rows_each=20)
    assert len(rows(lines)) == 20
    assert unanswered(lines) == {router.device_id: "too-long"}


async def test_a_table_of_many_stretches_comes_whole(world: World) -> None:
    router = await live(world)
    await router.router.run(
        ":for i from=1 to=300 do={/ip firewall address-list add list=many address=(10.0.0.0 + $i) comment="
        '"a comment of some length, so that a page is full soon"}'
    )
    lines = await asked(world, "/ip/firewall/address-list where list=many")
    assert len(rows(lines)) == 300
    assert lines[-1]["complete"] is True


async def test_the_same_comes_as_server_sent_events(world: World) -> None:
    await live(world)
    answer = await world.api.post(
        "/queries", json={"query": "/system/identity", "wait_s": 5}, headers={"Accept": "text/event-stream"}
    )
    assert answer.headers["content-type"].startswith("text/event-stream")
    kinds = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
    assert kinds[0] == "progress"
    assert kinds[-1] == "end"
    assert "row" in kinds


async def test_rows_come_before_the_last_router_has_answered(world: World) -> None:
    await live(world)
    await world.router()
    started_s = time.monotonic()
    async with world.api.stream("POST", "/queries", json={"query": "/system/identity", "wait_s": 20}) as answer:
        async for line in answer.aiter_lines():
            if json.loads(line)["kind"] == "row":
                break
    assert time.monotonic() - started_s < 15


async def test_who_leaves_ends_the_query(world: World) -> None:
    router = await world.router()
    await router.router.stop()
    hub: Any = world.platform.live
    async with world.api.stream("POST", "/queries", json={"query": "/system/identity", "wait_s": 300}) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        assert hub._lines[router.device_id].comers
    await world.until(lambda: not hub._lines[router.device_id].comers)


async def test_an_organisation_asks_so_many_queries_at_one_time(world: World) -> None:
    router = await world.router()
    await router.router.stop()
    body = {"query": "/system/identity", "wait_s": 300}
    streams = [world.api.stream("POST", "/queries", json=body) for _ in range(8)]
    opened: list[httpx.Response] = [await stream.__aenter__() for stream in streams]
    # Kept, since an iterator that is let go closes its connection.
    reading = [answer.aiter_lines() for answer in opened]
    for lines in reading:
        await anext(lines)
    refused = await world.api.post("/queries", json=body)
    assert (refused.status_code, refused.json()["code"]) == (429, "query.crowded")
    assert refused.headers["Retry-After"] == "5"
    for stream in streams:
        await stream.__aexit__(None, None, None)
    await asyncio.sleep(0.5)
    body["wait_s"] = 0
    assert (await world.api.post("/queries", json=body)).status_code == 200
