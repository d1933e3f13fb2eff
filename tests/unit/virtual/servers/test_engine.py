"""The servers over the real menus and scripts of a virtual router."""

import asyncio
from collections.abc import AsyncIterator

import asyncssh
import httpx
import pytest
from netmiko import ConnectHandler

from tests.unit.virtual.servers.engine_router import EngineRouter
from tikfleet.virtual.menus.request import Request
from tikfleet.virtual.servers.rest import RestServer
from tikfleet.virtual.servers.router import Router
from tikfleet.virtual.servers.ssh import SshServer
from tikfleet.virtual.servers.terminal import shown


@pytest.fixture
def router() -> EngineRouter:
    return EngineRouter()


@pytest.fixture
async def client(router: EngineRouter) -> AsyncIterator[httpx.AsyncClient]:
    server = RestServer(_checked(router))
    await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}/rest", auth=("admin", "")) as client:
        yield client
    await server.close()


def _checked(router: Router) -> Router:
    return router


async def test_a_record_lives_from_put_to_delete(client: httpx.AsyncClient) -> None:
    added = await client.put("/ip/address", json={"address": "10.9.0.1/24", "interface": "ether1"})
    assert added.status_code == 201, added.text
    url = f"/ip/address/{added.json()['.id']}"

    assert added.json()["network"] == "10.9.0.0"
    changed = await client.patch(url, json={"comment": "näher", "disabled": True})
    assert (changed.json()["comment"], changed.json()["disabled"]) == ("näher", "true")
    found = await client.get("/ip/address", params={"comment": "näher", ".proplist": "address"})
    assert [row["address"] for row in found.json()] == ["10.9.0.1/24"]
    assert (await client.put("/ip/address", json={"address": "10.9.0.1/24", "interface": "ether1"})).status_code == 400
    assert (await client.delete(url)).status_code == 204
    assert (await client.get(url)).status_code == 404


async def test_single_menus_names_and_refusals(client: httpx.AsyncClient) -> None:
    assert (await client.post("/system/identity/set", json={"name": "Edge"})).json() == []
    assert (await client.get("/system/identity")).json() == {"name": "Edge"}
    assert (await client.get("/interface/ether1")).json()["name"] == "ether1"
    wrong = await client.put("/ip/address", json={"address": "10.9.0.1/24", "interface": "nowhere"})
    assert wrong.json()["detail"] == "input does not match any value of interface"
    assert (await client.post("/nowhere/print")).json()["detail"] == "no such command or directory (nowhere)"
    assert (await client.get("/user/admin")).json()["group"] == "full"


async def test_scripts_run_over_rest(client: httpx.AsyncClient) -> None:
    script = ':local name [/system/identity get name]; :put "I am $name"; /nonsense'
    reply = await client.post("/execute", json={"script": script, "as-string": ""})
    assert reply.json()["ret"].startswith("I am MikroTik\r\nbad command name nonsense (line 1 column ")


async def test_netmiko_configures_the_real_menus(router: EngineRouter) -> None:
    server = SshServer(router)
    await server.start()

    def work() -> tuple[str, str]:
        with ConnectHandler(
            device_type="mikrotik_routeros", host="127.0.0.1", port=server.port, username="admin", password=""
        ) as connection:
            connection.send_config_set(["/ip address add address=10.8.0.1/24 interface=ether2 comment=netmiko"])
            return connection.send_command("/ip address print detail"), connection.send_command("/ip addres bogus")

    detail, wrong = await asyncio.to_thread(work)
    await server.close()
    assert "address=10.8.0.1/24" in detail
    assert "bad command name" in wrong
    answer = router.perform(Request("/ip/address", "print"))
    assert [row["comment"] for row in answer.rows if "comment" in row] == ["netmiko"]
    assert "10.8.0.1/24" in shown(Request("/ip/address", "print"), answer.rows, router.profile, single=False)


async def test_an_uploaded_script_is_imported(router: EngineRouter) -> None:
    server = SshServer(router)
    await server.start()
    async with (
        asyncssh.connect(
            "127.0.0.1", server.port, username="admin", password="", known_hosts=None, client_keys=None, config=None
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        file = await sftp.open("first.auto.rsc", "wb")
        await file.write(b"/system identity set name=Imported\n")
        await file.close()
    await server.close()
    assert router.identity() == "Imported"
    assert "first.auto.log" in router.files.sizes()
