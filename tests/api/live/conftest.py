"""The platform on its listener, and whole virtual routers that enrol at it by the line that a person would paste."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from tests.api.conformance.house import EmptyWarehouse
from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.files.vault import open_file_vault
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.memory.signing import MemoryKey
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.agent.enrolment import enrolment_line
from tikfleet.app.compose import Infra, Platform, assemble
from tikfleet.app.databases import sqlite_url
from tikfleet.app.measuring.processes import free_port
from tikfleet.app.schema import migrate
from tikfleet.app.serve import background, listening
from tikfleet.app.settings import Settings
from tikfleet.domains.enrolment.schemas import EnrolmentKeyCreate
from tikfleet.domains.identity.model import Caller
from tikfleet.domains.identity.setup import FirstOwner
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.permissions import PERMISSIONS
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.profile import Profile, numbered


class WornClock:
    """A router that has been up for a while, so that its agent does not spread a fleet's start, and waits less."""

    def __init__(self) -> None:
        self._up_s = 0.0

    def now_s(self) -> float:
        return time.time()

    def elapsed_s(self) -> float:
        return time.monotonic() + self._up_s

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s / 20)

    def age(self) -> None:
        """Let an hour of uptime pass."""
        self._up_s += 3_600


class Enrolled:
    """A whole virtual router under the platform's care: its device, and both ways to its menus."""

    def __init__(self, world: "World", router: VirtualRouter, device_id: str) -> None:
        self.world, self.router, self.device_id = world, router, DeviceId(device_id)

    @property
    def direct(self) -> httpx.AsyncClient:
        """The router's own REST."""
        port = self.router.services.ports["www"]
        return self.world.client(f"http://127.0.0.1:{port}/rest", auth=("admin", ""))

    def cloud(self, token: str = "") -> httpx.AsyncClient:
        """The same through the platform."""
        headers = {"Authorization": f"Bearer {token or self.world.token}"}
        return self.world.client(f"{self.world.url}/api/v1/devices/{self.device_id}/routeros", headers=headers)

    async def report(self) -> None:
        """Let the agent report now, not at its scheduler's next turn."""
        await self.router.run("/system script run tikfleet-agent")

    async def idle(self) -> None:
        """Return when no script runs on the router."""
        ends_at = time.monotonic() + 60
        for _ in count():
            if (await self.router.run(":put [:len [/system script job find]]")).shown.strip() == "0":
                return
            assert time.monotonic() < ends_at, "a script runs on and on"
            await asyncio.sleep(0.02)

    async def go_live(self) -> None:
        """Want live mode, and wait until a request is held."""
        hub: Any = self.world.platform.live
        hub.want(self.device_id)
        self.reporting = asyncio.create_task(self.report())
        await self.world.until(lambda: hub.is_live(self.device_id))


class World:
    """The running platform, its owner, and what a test makes."""

    def __init__(self, platform: Platform, url: str) -> None:
        self.platform, self.url = platform, url
        self.token, self.key = "", ""
        self._made: list[Any] = []

    async def first(self) -> None:
        """The owner's token and an enrolment key."""
        made = await self.platform.identity.setup.create_first_owner(
            FirstOwner("Acme", "ada@acme.example", "Ada", "twelve monkeys ride")
        )
        self.actor = Actor("person", made.person_id, "Ada", "192.0.2.9")
        self.scope = OrgScope.only(made.org_id)
        self.token = await self.token_with(PERMISSIONS)
        self.key = (await self.platform.keys.create(self.scope, self.actor, EnrolmentKeyCreate("key"))).secret

    async def token_with(self, permissions: Any) -> str:
        caller = Caller(self.actor, self.scope, frozenset(PERMISSIONS))
        _, secret = await self.platform.identity.services["tokens"].create(caller, "test", list(permissions), None)
        return str(secret)

    def client(self, base: str, **options: Any) -> httpx.AsyncClient:
        client = httpx.AsyncClient(base_url=base, timeout=70, **options)
        self._made.append(client.aclose)
        return client

    @property
    def api(self) -> httpx.AsyncClient:
        return self.client(f"{self.url}/api/v1", headers={"Authorization": f"Bearer {self.token}"})

    async def router(self, version: str = "7.20.8", **around: Any) -> Enrolled:
        """A router of a release that has enrolled."""
        router = await self.plain(version, **around)
        before = {item["id"] for item in (await self.api.get("/devices")).json()["items"]}
        generation = "v6" if version.startswith("6") else "v7"
        said = await router.run(enrolment_line(generation, self.url, self.key, None))
        after = {item["id"] for item in (await self.api.get("/devices")).json()["items"]}
        assert len(after - before) == 1, said.shown
        enrolled = Enrolled(self, router, (after - before).pop())
        # Its entry for the scheduler starts it within seconds; tests start it themselves.
        await router.run('/system scheduler disable [find where name="tikfleet"]')
        await enrolled.idle()
        return enrolled

    async def plain(self, version: str, **around: Any) -> VirtualRouter:
        """A router of a release that nobody manages."""
        clock = WornClock()
        router = VirtualRouter(
            # No two are the same router.
            numbered(Profile(version=RouterOSVersion.parse(version)), str(len(self._made))),
            replace(Surroundings(clock=clock, doors=Doors(www=0), boot_s=0.05), **around),
        )
        self._made.append(router.stop)
        await router.start()
        clock.age()
        return router

    async def until(self, said: Callable[[], bool], timeout_s: float = 30) -> None:
        ends_at = time.monotonic() + timeout_s
        while not said():
            assert time.monotonic() < ends_at, "the condition did not come true in time"
            await asyncio.sleep(0.02)

    async def end(self) -> None:
        for close in reversed(self._made):
            await close()


Make = Callable[..., Awaitable[Enrolled]]


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = Settings(
        data=str(tmp_path), http_port=port, https_port=0, public_url=url, requests_per_minute=10_000_000,
        checkins_per_device_minute=10_000_000,
    )  # fmt: skip
    path = tmp_path / "tikfleet.sqlite"
    await migrate(sqlite_url(path))
    database, inbox = SqliteDatabase(path), SqliteInbox(tmp_path / "inbox.sqlite")
    key = MemoryKey()
    infra = Infra(
        database=database,
        warehouse=EmptyWarehouse(),
        inbox=inbox,
        bus=MemoryBus(),
        cache=MemoryCache(),
        blobs=FileBlobs(tmp_path / "blobs"),
        vault=open_file_vault(tmp_path / "root.key"),
        verifier=key,
        signer=key,
    )
    platform = await assemble(settings, infra, "")
    async with background(platform), listening(platform, None):
        found = World(platform, url)
        await found.until(lambda: _answers(port))
        await found.first()
        yield found
        await found.end()
    # What the consumer's thread had begun when it was cancelled goes on for a moment.
    await asyncio.sleep(0.5)
    await inbox.close()
    await database.close()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
