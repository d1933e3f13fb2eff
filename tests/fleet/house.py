"""A platform over real HTTPS, and routers whose hours pass in a moment."""

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from tests.conftest import PlatformProcess
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.clock import ManualClock
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.full.uplink import Uplink
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.scripting.console import Outcome

from .road import Road

# One of the first and one of the last routers that each tier is for.
RELEASES = {"A": "7.20.8", "B": "7.14.3", "C": "7.8", "D": "6.49.10"}
_TOKEN = re.compile(r"give this token:\s+(\S+)")
_PATIENCE_S = 60.0
_STEP_S = 1.0


class House:
    """The platform's owner, at the API."""

    def __init__(self, platform: PlatformProcess) -> None:
        self.platform = platform
        self.api = httpx.Client(base_url=f"{platform.url}/api/v1", timeout=30)
        owner = {"organisation": "Acme", "email": "ada@acme.example", "name": "Ada", "password": "twelve monkeys ride"}
        account = self.post("/setup", {"token": _TOKEN.findall(platform.said())[-1], **owner})
        self.api.headers["X-CSRF-Token"] = account["csrf_token"]

    def get(self, path: str) -> Any:
        return self.api.get(path).raise_for_status().json()

    def post(self, path: str, body: object = None) -> Any:
        answer = self.api.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def key(self, **options: object) -> dict[str, Any]:
        return dict(self.post("/enrolment-keys", {"name": "here", **options}))

    def device(self, device_id: str) -> dict[str, Any]:
        return dict(self.get(f"/devices/{device_id}"))

    def ask(self, device_id: str, **job: object) -> str:
        """A job for one device; its id."""
        return str(self.post("/jobs", {"device_ids": [device_id], **job})["items"][0]["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        return dict(self.get(f"/jobs/{job_id}"))

    async def until(self, ask: Callable[[], Any]) -> Any:
        """The first true answer: what a router reported lands a moment later."""
        ends_at = time.monotonic() + _PATIENCE_S
        while time.monotonic() < ends_at:
            if answer := ask():
                return answer
            await asyncio.sleep(0.05)
        raise AssertionError("the platform never said so")


class Home:
    """One router at a place of its own, whose clock moves while somebody waits for it."""

    def __init__(self, house: House, version: str, *, uplink: Uplink | None = None, **profile: Any) -> None:
        self.house = house
        self.clock = ManualClock(time.time())
        serial = secrets.token_hex(6).upper()
        board = replace(Profile(version=RouterOSVersion.parse(version)), serial=serial, software_id=serial, **profile)
        self.router = VirtualRouter(board, Surroundings(clock=self.clock, uplink=uplink))
        self.road = Road(self.router)
        self.id = ""

    async def run(self, line: str) -> Outcome:
        """What a person types, done."""
        task = asyncio.create_task(self.router.run(line))
        await self.until(task.done)
        return task.result()

    async def value(self, line: str) -> str:
        return (await self.run(f":put [{line}]")).shown.strip()

    async def enrol(self, key: dict[str, Any] | None = None) -> str:
        """Paste the line that the platform gives for this release; what the terminal shows."""
        given = key or self.house.key()
        shown = (await self.run(self.line(given))).shown
        if found := re.search(r"Enrolled as device (dev_\w+)", shown):
            self.id = found[1]
        return shown

    def line(self, key: dict[str, Any]) -> str:
        old = self.router.profile.version.major < 7
        return str(key["lines"]["v6" if old else "v7"])

    async def until(self, condition: Callable[[], Any], within_s: float = 900.0) -> None:
        """Let the router's time pass until something is so. It stands while an answer is under way."""
        ends_at, passed_s = time.monotonic() + _PATIENCE_S, 0.0
        while not condition():
            if passed_s >= within_s or time.monotonic() > ends_at:
                raise AssertionError(f"not within {passed_s:g} s of the router: {self.logged()[-15:]}")
            if self.road.under_way:
                await asyncio.sleep(0.002)
                continue
            await self.clock.advance(_STEP_S)
            passed_s += _STEP_S

    async def later(self, duration_s: float) -> None:
        """Let so much time of the router pass."""
        ends_s = self.clock.now_s() + duration_s
        await self.until(lambda: self.clock.now_s() >= ends_s, duration_s + 60)

    async def report(self, count: int = 1) -> None:
        """Wait for so many more check-ins that were answered."""
        wanted = len(self.reports()) + count
        await self.until(lambda: len(self.reports()) >= wanted)

    def reports(self) -> list[Any]:
        return [trip for trip in self.road.to("/agent/v1/checkin") if trip.status == 200]

    async def finished(self, job_id: str) -> dict[str, Any]:
        """The job when it is over, with as many check-ins as that takes."""
        for _ in range(8):
            job = self.house.job(job_id)
            if job["finished_at"]:
                return job
            await self.report()
            await asyncio.sleep(0.1)
        raise AssertionError(f"{self.house.job(job_id)} after {self.logged()[-15:]}")

    def logged(self) -> list[str]:
        return [f"{line.topics} {line.message}" for line in self.router.menus.store.journal.lines]

    def names(self, menu: str) -> list[str]:
        return [item.get("name", "") for item in self.router.menus.store.table(menu).items]
