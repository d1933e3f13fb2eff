"""Clients made for a router's own REST, unchanged: through the platform they get what the router itself answers."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from octodns_mikrotik import (
    MikroTikClient,
    MikroTikClientBadRequest,
    MikroTikClientNotFound,
    MikroTikClientUnauthorized,
)
from octodns_routeros import RouterOSSource

from tests.api.live.conftest import Enrolled, World, world

__all__ = ["world"]
VERSIONS = pytest.mark.parametrize("version", ["7.20.8", "7.14.3"])
CONFIGURATION = (
    "/ip dns static add name=a.example address=192.0.2.7 ttl=5m",
    "/ip dns static add name=b.example type=CNAME cname=a.example",
    '/ip dns static add name=t.example type=TXT text="v=1; \\"quoted\\""',
    "/ip dhcp-server lease add address=192.0.2.30 mac-address=48:8F:5A:00:00:01 server=all",
)


@pytest.fixture
async def enrolled(world: World, request: pytest.FixtureRequest) -> Enrolled:
    """A whole virtual router in live mode, with records to read."""
    enrolled = await world.router(request.getfixturevalue("version"))
    for command in CONFIGURATION:
        await enrolled.router.run(command)
    await enrolled.go_live()
    return enrolled


def both(enrolled: Enrolled) -> tuple[dict[str, Any], dict[str, Any]]:
    """How a client that knows host, port, user and password reaches the router itself, and through the platform."""
    url = urlsplit(enrolled.world.url)
    direct = {"host": "127.0.0.1", "port": enrolled.router.services.ports["www"], "user": "admin", "password": ""}
    cloud = {"host": url.hostname, "port": url.port, "user": enrolled.device_id, "password": enrolled.world.token}
    return direct | {"scheme": "http"}, cloud | {"scheme": "http"}


def octo(place: dict[str, Any]) -> MikroTikClient:
    return MikroTikClient(**place, ssl_verify=False)


@VERSIONS
async def test_octodns_reads_and_writes_records_as_on_the_router(enrolled: Enrolled, version: str) -> None:
    direct, cloud = (octo(place) for place in both(enrolled))
    assert await asyncio.to_thread(cloud.get_records) == await asyncio.to_thread(direct.get_records)

    await asyncio.to_thread(cloud.put_record, {"name": "new.example", "address": "192.0.2.8", "type": "A", "ttl": "1h"})
    after = await asyncio.to_thread(direct.get_records)
    assert [record["name"] for record in after] == ["a.example", "b.example", "t.example", "new.example"]
    await asyncio.to_thread(cloud.delete_record, after[0][".id"])
    assert await asyncio.to_thread(cloud.get_records) == await asyncio.to_thread(direct.get_records) == after[1:]


@VERSIONS
async def test_octodns_meets_the_same_errors(enrolled: Enrolled, version: str) -> None:
    for place in both(enrolled):
        client = octo(place)
        with pytest.raises(MikroTikClientNotFound):
            await asyncio.to_thread(client.delete_record, "*99")
        with pytest.raises(MikroTikClientBadRequest):
            await asyncio.to_thread(client.put_record, {"name": "x.example", "adress": "192.0.2.9"})
        stranger = octo(place | {"password": "no such password"})
        with pytest.raises(MikroTikClientUnauthorized):
            await asyncio.to_thread(stranger.get_records)


@VERSIONS
async def test_a_source_of_leases_finds_the_same(enrolled: Enrolled, version: str) -> None:
    leases = [
        await asyncio.to_thread(RouterOSSource("leases", **place, timeout=60)._fetch_leases) for place in both(enrolled)
    ]
    assert [repr(lease) for lease in leases[0]] == [repr(lease) for lease in leases[1]]


@pytest.mark.parametrize("user", ["admin", "", "dev_", "dev_" + "x" * 40, "dev_00000000000000zz"])
async def test_a_user_that_is_no_device_of_mine_gets_nothing(world: World, user: str) -> None:
    async with httpx.AsyncClient(base_url=world.url, auth=(user, world.token)) as client:
        answer = await client.get("/rest/ip/address")
    assert answer.status_code in {401, 404}
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert "id of a device" in answer.json()["detail"]


async def test_a_client_that_waits_to_be_asked_for_its_password_is_asked(world: World) -> None:
    async with httpx.AsyncClient(base_url=world.url) as client:
        for authorization in ({}, {"authorization": "Basic !"}, {"authorization": f"Bearer {world.token}"}):
            answer = await client.get("/rest", headers=authorization)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Basic realm="Tikfleet"')


async def test_a_client_needs_only_another_base_address_and_a_token(world: World) -> None:
    """Clients add `/rest` to an address, or take one that ends in it; the token is the password, or a bearer's."""
    enrolled = await world.router("7.20.8")
    await enrolled.go_live()
    device = f"{world.url}/api/v1/devices/{enrolled.device_id}/routeros"
    named, anybody = (enrolled.device_id, world.token), ("whoever", world.token)
    ways: list[tuple[str, Any]] = [(world.url + "/rest", named), (device, named), (device, anybody)]
    ways += [(device + "/rest", anybody), (device + "//rest", anybody)]
    direct = (await enrolled.direct.get("/system/identity")).json()
    for base, auth in ways:
        async with httpx.AsyncClient(auth=auth, timeout=70) as client:
            assert (await client.get(f"{base}/system/identity")).json() == direct, base
            added = await client.put(f"{base}/ip/pool", json={"name": "p", "ranges": "192.0.2.1-192.0.2.9"})
            assert added.status_code == 201
            # Where the answer says that the record is, it is.
            assert (await client.get(added.headers["location"])).json() == added.json()
            assert (await client.delete(f"{base}/ip/pool/{added.json()['.id']}")).status_code == 204
