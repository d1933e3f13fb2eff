"""Worker, API and two edges on one data directory, from the first start to kills under load."""

import asyncio
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.load import Device, Owner, stored, verdict
from tests.processes.house import House
from tikfleet.virtual.light.faults import NO_FAULTS
from tikfleet.virtual.light.fleet import FleetOptions, run_fleet

EDGES = ("edge-1", "edge-2")


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    yield made
    made.end()


def report(house: House, device: Device) -> httpx.Response:
    """One check-in on a connection of its own, so that any edge may get it."""
    device.seq += 1
    headers = {"Authorization": f"Bearer {device.token}", "Content-Type": "application/json"}
    return httpx.post(f"{house.edge_url}/agent/v1/checkin", content=device.body(), headers=headers, trust_env=False)


def at_both(house: House, device: Device, condition: Callable[[httpx.Response], bool]) -> float:
    """How long it took until a dozen check-ins in a row were answered so: both edges get some of them, near enough."""
    began_s, in_a_row = time.monotonic(), 0
    since_s = began_s
    while in_a_row < 12:
        if condition(report(house, device)):
            since_s = time.monotonic() if in_a_row == 0 else since_s
            in_a_row += 1
        else:
            in_a_row = 0
        assert time.monotonic() - began_s < 15, "the edges did not hear of it"
    return since_s - began_s


async def fleet_and_job(house: House, owner: Owner) -> None:
    """Virtual routers enrol and report through the edges; one of them runs a job that the API was given."""
    key = owner.http.post("/api/v1/enrolment-keys", json={"name": "fleet"}).json()["secret"]
    options = FleetOptions(
        house.edge_url, key, routers=10, interval_s=0.4, duration_s=200, faults=NO_FAULTS, enrol_per_s=50
    )
    running = asyncio.create_task(run_fleet(options, lambda _: None))

    def online() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = owner.http.get("/api/v1/devices", params={"status": "online"}).json()["items"]
        return found

    await asyncio.to_thread(house.until, lambda: len(online()) == 10, "the API shows ten routers online")
    body = {"device_ids": [online()[3]["id"]], "kind": "export"}
    made = await asyncio.to_thread(owner.http.post, "/api/v1/jobs", json=body)
    assert made.status_code in (200, 201, 202), made.text
    job_id = made.json()["items"][0]["id"]
    await asyncio.to_thread(
        house.until, lambda: owner.http.get(f"/api/v1/jobs/{job_id}").json()["status"] == "succeeded", "the job ran"
    )
    assert owner.http.get(f"/api/v1/jobs/{job_id}").json()["output_bytes"] > 100
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    for edge in EDGES:
        assert house.metric("tikfleet_checkins_accepted_total", edge) > 0


def decisions(house: House, owner: Owner) -> None:
    """What people decide through the API counts at every edge within seconds."""
    device = owner.devices(1)[0]
    at_both(house, device, lambda answer: answer.status_code == 200)
    changed = owner.http.patch("/api/v1/settings", json={"checkin_interval_s": 600})
    assert changed.status_code == 200, changed.text
    assert at_both(house, device, lambda answer: answer.json()["next"] > 500)
    assert owner.http.delete(f"/api/v1/devices/{device.id}", params={"force": True}).status_code == 204
    assert at_both(house, device, lambda answer: answer.status_code == 401)


class Listening:
    """A router of live mode: each of its requests is a connection of its own, so that any edge may get it."""

    def __init__(self, house: House, device: Device) -> None:
        self.house, self.device = house, device
        self.answered = 0
        self.over = False

    def until_wanted(self) -> None:
        self.house.until(lambda: bool(report(self.house, self.device).json().get("live")), "an edge says it is wanted")

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self.device.token}", "Content-Type": "application/json"}
        said: dict[str, Any] = {"v": 1, "hold": 5}
        while not self.over:
            answer = httpx.post(
                f"{self.house.edge_url}/agent/v1/live", json=said, headers=headers, trust_env=False, timeout=60
            ).json()
            said = {"v": 1, "hold": 5}
            if answer.get("id"):
                self.answered += 1
                said |= {"id": answer["id"], "error": "failure: nothing is there"}
            if answer.get("report"):
                report(self.house, self.device)


def live_answers(house: House, owner: Owner, device: Device) -> None:
    """A question to the API reaches a router whose request is held at an edge; its answer comes by any other."""
    for _ in range(3):
        report(house, device)
    path = f"/api/v1/devices/{device.id}"
    house.until(lambda: owner.http.get(path).json()["status"] == "online", "the router is online")
    router = Listening(house, device)
    assert owner.http.post(f"{path}/live").status_code == 200
    router.until_wanted()
    listening = threading.Thread(target=router.run)
    listening.start()
    took_s = []
    try:
        for _ in range(20):
            began_s = time.monotonic()
            answer = owner.http.get(f"{path}/routeros/ip/address", headers={"Prefer": "wait=60"}, timeout=90)
            took_s.append(time.monotonic() - began_s)
            assert answer.status_code == 400, answer.text
            assert "nothing is there" in answer.text
    finally:
        router.over = True
        listening.join(60)
    assert router.answered >= 20
    print(f"live through edges: median {sorted(took_s)[10] * 1000:.0f} ms, longest {max(took_s) * 1000:.0f} ms")


async def killed_under_load(house: House, devices: list[Device]) -> None:
    """An edge dies and the other goes on; the worker dies and reports are still taken."""
    up = asyncio.Event()
    up.set()
    loads = [asyncio.create_task(device.report_while(house.edge_port, up)) for device in devices]
    for victim in ("edge-1", "worker", "edge-2"):
        await asyncio.sleep(0.8)
        house.kill(victim)
        before = sum(len(device.acknowledged) for device in devices)
        await asyncio.sleep(0.8)
        assert sum(len(device.acknowledged) for device in devices) > before, f"without {victim} nothing is taken"
        house.start(victim)
        await asyncio.to_thread(house.ready, victim)
    for load in loads:
        load.cancel()
    ended = await asyncio.gather(*loads, return_exceptions=True)
    assert [item for item in ended if not isinstance(item, asyncio.CancelledError)] == []


def waiting(house: House) -> int:
    """How many reports are in the inbox's file."""
    with closing(sqlite3.connect(f"file:{house.data / 'inbox.sqlite'}?mode=ro", uri=True)) as inbox:
        return int(inbox.execute("select coalesce(sum(last - first + 1), 0) from record").fetchone()[0])


@pytest.mark.slow
async def test_parts_on_one_directory_are_one_platform_and_kills_lose_and_double_nothing(house: House) -> None:
    for name in ("api", *EDGES, "worker"):
        house.start(name)
    house.ready("worker", "api", *EDGES)
    owner = await asyncio.to_thread(Owner, house.url, lambda: house.said("api"))
    await fleet_and_job(house, owner)
    await asyncio.to_thread(decisions, house, owner)

    *devices, live = owner.devices(7)
    await asyncio.to_thread(live_answers, house, owner, live)
    await killed_under_load(house, devices)

    house.until(lambda: waiting(house) == 0, "the inbox is empty")
    house.until(lambda: house.metric("tikfleet_inbox_depth", "worker") == 0, "the worker says so")
    assert owner.http.get("/api/v1/telemetry/totals", params={"last": "1h"}).status_code == 200
    assert owner.http.get("/api/v1/server").json()["rows"]["site_checkins"] > 200
    assert house.stop() == dict.fromkeys(("worker", "api", *EDGES), 0)
    assert waiting(house) == 0
    lost, doubled = verdict(devices, rows := stored(house.data, owner.org_id))
    assert len(rows) > 200
    assert lost == set()
    assert {item for item in doubled if item[0] in {device.id for device in devices}} == set()


@pytest.mark.slow
def test_serve_keeps_its_edges_alive_and_takes_them_with_it(house: House) -> None:
    house.start("main", "serve", TIKFLEET_HTTP_PORT=str(house.edge_port))
    house.until(lambda: httpx.get(f"{house.edge_url}/readyz", trust_env=False).status_code == 200, "edges answer")

    def edge_of(name: str) -> httpx.Response:
        return httpx.get(f"{house.edge_url}/metrics", params={"process": name}, trust_env=False)

    house.until(lambda: all(edge_of(name).status_code == 200 for name in EDGES), "both edges answer by name")
    owner = Owner(house.edge_url, lambda: house.said("main"))
    assert owner.http.get("/api/v1/server").json()["adapters"]["bus"] == "database"
    assert "<html" in owner.http.get("/", follow_redirects=True).text.lower()

    victim = children(house.running["main"].pid)[0]
    os.kill(victim, signal.SIGKILL)

    def alive() -> list[int]:
        return children(house.running["main"].pid)

    house.until(lambda: victim not in alive() and len(alive()) == 2, "another edge takes its place")
    orphans = alive()
    house.kill("main")
    house.until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in orphans), "no edge outlives it")
    house.start("main", "serve", TIKFLEET_HTTP_PORT=str(house.edge_port))
    house.until(lambda: owner.http.get("/api/v1/devices").status_code == 200, "it is there again")
    assert house.stop() == {"main": 0}


def children(pid: int) -> list[int]:
    """The edges of a process. One that has died and was not waited for yet has no command line."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if "\0edge\0" in command_of(child)]


def command_of(pid: str) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""
