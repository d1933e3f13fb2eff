"""What a router's console knows: equal to what the router's own REST tells, kept by version, and honest."""

from typing import Any

import httpx
import pytest

from tests.api.live.conftest import Enrolled, World
from tikfleet.domains.live.public import DeviceSilent
from tikfleet.domains.routeros.public import RouterSchemas


async def schema(router: Enrolled, menu: str) -> httpx.Response:
    """What the platform says of a menu."""
    return await router.world.api.get(f"/devices/{router.device_id}/routeros-schema", params={"menu": menu})


async def alive(world: World, version: str = "7.20.8") -> Enrolled:
    router = await world.router(version)
    await router.go_live()
    return router


async def told(router: Enrolled, path: str) -> list[dict[str, str]]:
    """What the router itself says of a path."""
    asked = {"request": "child", "path": path.strip("/").replace("/", ",")}
    rows: list[dict[str, str]] = (await router.direct.post("/console/inspect", json=asked)).json()
    return [row for row in rows if row["type"] == "child"]


async def test_a_menu_and_a_command_are_as_the_router_itself_inspects_them(world: World) -> None:
    router = await alive(world)
    described = await schema(router, "/ip/address")
    assert described.status_code == 200, described.text
    menu = described.json()
    assert (menu["version"], menu["path"], menu["kind"], menu["kept"]) == ("7.20.8", "/ip/address", "menu", False)
    assert "routeros" in menu["packages"]
    inside = await told(router, "/ip/address")
    assert [one["name"] for one in menu["commands"]] == sorted(r["name"] for r in inside if r["node-type"] == "cmd")
    for command in menu["commands"]:
        arguments = sorted(row["name"] for row in await told(router, f"/ip/address/{command['name']}"))
        assert command["arguments"] == arguments

    command = (await schema(router, "/ip/address/add")).json()
    assert command["kind"] == "command"
    [added] = command["commands"]
    assert [added | {"values": {}}] == [one for one in menu["commands"] if one["name"] == "add"]
    assert added["values"]["network"] == "A.B.C.D    (IP address)"
    assert added["values"]["comment"] == "string value"
    assert "interface" not in added["values"]
    root = (await schema(router, "/")).json()
    assert {"ip", "interface", "system"} <= set(root["menus"])
    assert (await schema(router, "/ip/address")).json() == menu | {"kept": True}


async def test_a_router_that_is_alike_is_not_asked_again(world: World) -> None:
    first, second = await alive(world), await alive(world)
    await schema(first, "/ip/dns")
    asked = world.platform.live.asked
    again = (await schema(second, "/ip/dns")).json()
    assert again["kept"] is True
    assert world.platform.live.asked == asked + 1  # its packages


async def test_what_can_not_be_described_is_said_to_be_so(world: World) -> None:
    router = await alive(world)
    missing = await schema(router, "/ip/no-such-menu")
    assert (missing.status_code, missing.json()["code"]) == (404, "routeros.menu-missing")
    inside = await schema(router, "/ip/address/print/where")
    assert (inside.status_code, inside.json()["code"]) == (409, "routeros.no-description")
    for hostile in ('/ip";:put x', "/ip/$x", "/ip/[", "/ip//address"):
        assert (await schema(router, hostile)).status_code == 400


async def test_values_that_were_not_asked_in_time_are_named_and_asked_when_it_is_asked_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = await alive(world)
    real, asked = RouterSchemas._rows, 0

    async def slow(schemas: Any, device: Any, menu: str, command: Any, ends_s: float) -> Any:
        nonlocal asked
        if command.arguments.get("request") == "syntax":
            asked += 1
            if asked == 3:
                raise DeviceSilent("no answer")
        return await real(schemas, device, menu, command, ends_s)

    monkeypatch.setattr(RouterSchemas, "_rows", slow)
    first = (await schema(router, "/ip/address/add")).json()["commands"][0]
    again = (await schema(router, "/ip/address/add")).json()
    assert first["unasked"] == first["arguments"][2:3]
    assert again["commands"][0]["unasked"] == []
    assert asked == len(first["arguments"]) + 1
    assert (await schema(router, "/ip/address/add")).json() == again | {"kept": True}


async def test_release_6_does_not_describe_itself(world: World) -> None:
    router = await world.router("6.49.18")
    answer = await schema(router, "/ip/address")
    assert (answer.status_code, answer.json()["code"]) == (409, "routeros.no-description")
