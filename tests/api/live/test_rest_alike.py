"""Made-up requests, the same to two routers alike: through the platform each answer equals the router's own.

`TIKFLEET_ALIKE_SEEDS=50` tries so many seeds more than the one of every run.
"""

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.live.conftest import Enrolled, World
from tests.api.live.test_rest_reads import CONFIGURATION, outcome
from tests.api.live.test_rest_writes import ask
from tikfleet.routeros.api.asynchronous import connect
from tikfleet.routeros.api.tls import PLAIN
from tikfleet.virtual.full.services import Doors

CALLS = 40
SEEDS = range(1 + int(os.environ.get("TIKFLEET_ALIKE_SEEDS", "0")))
Call = tuple[str, str, Any]
MENUS: dict[str, dict[str, tuple[Any, ...]]] = {
    "/ip/address": {
        "address": ("192.0.2.9/24", "198.51.100.7/30", "10.0.0.1", "999.1.1.1/24", "", 7),
        "interface": ("ether1", "ether2", "nowhere"),
        "comment": ("", "plain", 'q"u\\o$te;[x]', "é 🙂", " spaces ", "a,b=c"),
        "disabled": (True, "yes", "no", "false", "maybe"),
    },
    "/ip/firewall/address-list": {
        "list": ("good", "bad", "with space", "x" * 40),
        "address": ("203.0.113.9", "203.0.113.0/28", "not an address"),
        "comment": ("", "one", "two;three"),
        "disabled": (True, False, "no"),
    },
    "/interface/bridge": {
        "name": ("lan", "lan2", "b/r", "ether1"),
        "comment": ("x", ""),
        "protocol-mode": ("none", "rstp", "nonsense"),
    },
    "/ip/dns/static": {
        "name": ("a.example", "b.example", ""),
        "address": ("192.0.2.1", "192.0.2.300"),
        "ttl": ("5m", "1d2h", "abc"),
        "disabled": (False, "yes"),
    },
}
KEYS = ("*1", "*2", "*3", "*99", "*FFFFFFFF", "*", "*zz", "lan", "nowhere", "a b", "%2A1", "add")
OWN = ("mac-address", "creation-time")
SINGLE = ("/system/identity", "/ip/dns", "/ip/settings")
QUERIES = (
    ["disabled=true"], ["disabled=false", "interface=ether1", "#|"], ["comment"], ["-comment"], ["list=bad", "#!"],
    ["interface=ether1", "interface=ether2", "#&"], [], ["nonsense=1"],
)  # fmt: skip


def made_up(seed: int) -> Iterator[Call]:
    """Requests of every verb: some good, some wrong."""
    chance = random.Random(seed)
    for _ in range(CALLS):
        menu = chance.choice(list(MENUS))
        fields = MENUS[menu]
        match chance.choice(("list", "list", "one", "add", "add", "change", "remove", "print", "single", "command")):
            case "list":
                name = chance.choice([*fields, "nonsense"])
                value = str(chance.choice(fields.get(name, ("x",))))
                query: dict[str, str] = {name: value} if chance.random() < 0.5 else {}
                if chance.random() < 0.5:
                    query[".proplist"] = ",".join(chance.sample([*fields, ".id", "nonsense"], 2))
                yield "GET", menu, query
            case "one":
                yield "GET", f"{menu}/{chance.choice(KEYS)}", {}
            case "add":
                yield "PUT", menu, _body(chance, fields)
            case "change":
                yield "PATCH", f"{menu}/{chance.choice(KEYS)}", _body(chance, fields, 2)
            case "remove":
                yield "DELETE", f"{menu}/{chance.choice(KEYS)}", None
            case "print":
                body: dict[str, Any] = {".query": chance.choice(QUERIES)} if chance.random() < 0.8 else {}
                if chance.random() < 0.5:
                    body[".proplist"] = chance.choice((["address", "comment"], "address,list", [".id"]))
                yield "POST", f"{menu}/print", body
            case "single":
                path = chance.choice(SINGLE)
                yield chance.choice((("GET", path, {}), ("POST", f"{path}/print", {}), ("PUT", path, {"name": "x"})))
            case _:
                name = chance.choice(("disable", "enable", "remove", "set", "get", "find", "nonsense"))
                key = chance.choice((".id", "numbers", "nothing"))
                record = {key: chance.choice(("*1", "*2", "*99", "lan"))}
                yield "POST", f"{menu}/{name}", {} if name == "find" else record


def _body(chance: random.Random, fields: dict[str, tuple[Any, ...]], most: int = 4) -> dict[str, Any]:
    names = chance.sample(list(fields), chance.randint(1, min(most, len(fields))))
    body = {name: chance.choice(fields[name]) for name in names}
    # Of two faults in one body a router names the one that it meets first, and nobody knows in which order it looks.
    return {"nonsense": "1"} if chance.random() < 0.1 else body


def comparable(answer: tuple[int, Any]) -> tuple[int, Any]:
    """The answer without what differs between any two routers."""

    def shown(value: Any) -> Any:
        if isinstance(value, list):
            return [shown(one) for one in value]
        return {name: text for name, text in value.items() if name not in OWN} if isinstance(value, dict) else value

    return answer[0], shown(answer[1])


async def pair(world: World, version: str) -> tuple[Enrolled, Enrolled]:
    """Two routers of the same configuration: one under the platform's care, one that nobody manages."""
    asked = await world.router(version)
    alike = Enrolled(world, await world.plain(version), "")
    for router in (asked, alike):
        await router.router.run(CONFIGURATION)
    await asked.go_live()
    return asked, alike


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("version", ["7.20.8", "7.14.3"])
async def test_made_up_requests_are_answered_alike(world: World, version: str, seed: int) -> None:
    asked, alike = await pair(world, version)
    direct, cloud = alike.direct, asked.cloud()
    wrong = {}
    for number, (method, path, body) in enumerate(made_up(seed)):
        both = []
        for client in (cloud, direct):
            if method == "GET":
                found = outcome(await client.get(path, params=body))
            else:
                found = await ask(client, method, path, body)
            both.append(comparable(found))
        if both[0] != both[1]:
            wrong[number, method, path, str(body)] = both
    assert not wrong, "\n".join(f"{asked} {both}" for asked, both in wrong.items())


COMMANDS: tuple[tuple[str, Any], ...] = (
    ("/ip/address/get", {".id": "*1"}),
    ("/ip/address/get", {".id": "*1", "value-name": "address"}),
    ("/ip/address/get", {"number": "*1", "value-name": "interface"}),
    ("/ip/address/get", {}),
    ("/ip/address/find", {}),
    ("/ip/route/find", {}),
    ("/ip/pool/find", {}),
    ("/ip/address/set", {"comment": "nobody's"}),
    ("/ip/address/remove", {}),
    ("/interface/bridge/get", {".id": "lan", "value-name": "name"}),
    ("/system/identity/get", {"value-name": "name"}),
)


@pytest.mark.parametrize("version", ["7.20.8"])
async def test_commands_that_work_on_records_take_ids_as_the_router_does(world: World, version: str) -> None:
    asked, alike = await pair(world, version)
    wrong = {}
    for path, body in COMMANDS:
        both = [comparable(await ask(one, "POST", path, body)) for one in (asked.cloud(), alike.direct)]
        if both[0] != both[1]:
            wrong[path, str(body)] = both
    assert not wrong, "\n".join(f"{asked} {both}" for asked, both in wrong.items())


async def test_release_6_answers_as_its_own_api_does(world: World) -> None:
    """It has no REST: what its binary API prints is the same, property by property."""
    asked = await world.router("6.49.18", doors=Doors(www=0, api=0))
    await asked.router.run(CONFIGURATION.replace("é", "e"))
    await asked.go_live()
    port = asked.router.services.ports["api"]
    async with await connect("127.0.0.1", "admin", port=port, tls=PLAIN) as api:
        for menu in ("/ip/address", "/ip/firewall/address-list", "/interface/bridge", "/ppp/secret"):
            printed = [dict(row) for row in await api.call(f"{menu}/print")]
            told = (await asked.cloud().get(menu)).json()
            # What counts down may have gone on by a second between the two.
            assert [row.keys() for row in told] == [row.keys() for row in printed]
            assert [row | {"timeout": ""} for row in told] == [row | {"timeout": ""} for row in printed]
