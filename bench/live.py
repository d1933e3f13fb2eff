"""Live mode: memory and CPU of held requests, and what a read through the platform adds to one made directly (P10).

`python -m bench.live` prints them. Held requests: one server process, plain HTTP. Reads: `tikfleet serve` over HTTPS
with its own authority, a whole virtual router in this process, one request after the other.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.agent.enrolment import Generation, enrolment_line
from tikfleet.app.measuring.answering import IdleDesk, IdleParts, KnownSessions
from tikfleet.app.measuring.processes import child, cpu_s, free_port, resident_mb, wait_for_port
from tikfleet.domains.checkin.admission import Admission, AdmissionLimits
from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.http import AgentApi
from tikfleet.domains.checkin.live import LiveRequests
from tikfleet.domains.checkin.service import CheckIns
from tikfleet.domains.live.public import LiveHub
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.secrets import DEVICE_TOKEN, new_secret
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.profile import Profile

_WATCHED_S = 50
_BODY = b'{"boot":"b1","hold":"25"}'


async def serve(port: int, directory: Path, count: int) -> None:
    """A server that knows so many devices, each wanted live."""
    secrets = [new_secret(DEVICE_TOKEN) for _ in range(count)]
    (directory / "tokens").write_text("\n".join(secrets))
    desk: Any = IdleDesk()
    sessions: Any = KnownSessions(secrets)
    parts: Any = IdleParts()
    nothing: Any = None
    hub = LiveHub()
    for number in range(count):
        hub.want(DeviceId(f"dev_{number:016d}"), 3_600)
    admission = Admission(AdmissionLimits(1_000_000, 10_000_000), time.monotonic)
    counts = Counts(refused=Counter())
    inbox = SqliteInbox(directory / "inbox.sqlite")
    checkins = CheckIns(inbox, desk, admission, counts, utc_now)
    checkins.live = LiveRequests(hub, desk)
    app = AgentApi(sessions, checkins, nothing, parts, nothing, nothing, counts)
    server = Server(
        app,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_enabled=False,
        backlog=4096,
        backpressure=60_000,
    )
    await server.serve()


class HeldRequest(asyncio.Protocol):
    """A router as the server sees it in live mode: its request is held, and asked again when it was answered."""

    def __init__(self, token: str, seen: "Counter[str]") -> None:
        head = (
            f"POST /agent/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n\r\n"
        )
        self._request = head.encode() + _BODY
        self._seen = seen
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream is wanted")
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        whole = b'"live":' in data
        self._seen["answered" if whole else "faults"] += 1
        if whole and self._transport is not None:
            self._transport.write(self._request)


async def held(count: int) -> dict[str, float]:
    """So many requests at once: what each costs the server in memory, and all of them in CPU as time goes by."""
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:  # noqa: SIM117 - the second needs the first
        with child("bench.live", "--serve", str(port), directory, "--held", str(count)) as server:
            wait_for_port(port)
            tokens = (Path(directory) / "tokens").read_text().split()
            before_mb, used_s, started = resident_mb(server.pid), cpu_s(server.pid), time.monotonic()
            seen: Counter[str] = Counter()
            loop = asyncio.get_running_loop()
            opened = [
                await loop.create_connection(partial(HeldRequest, token, seen), "127.0.0.1", port) for token in tokens
            ]
            await asyncio.sleep(2)
            began_s, begun_s = round(time.monotonic() - started, 1), cpu_s(server.pid)
            resident = resident_mb(server.pid)
            await asyncio.sleep(_WATCHED_S)
            lasting_s = cpu_s(server.pid) - begun_s
            for transport, _ in opened:
                transport.close()
            return {
                "held": count,
                "began_within_s": began_s,
                "kb_each": round((resident - before_mb) * 1024 / count, 1),
                "resident_mb": round(resident),
                "begin_cpu_ms_each": round((begun_s - used_s) * 1000 / count, 2),
                "share_of_a_core_percent": round(lasting_s * 100 / _WATCHED_S, 1),
                "answered": seen["answered"],
                "faults": seen["faults"],
            }


async def reads(samples: int, version: str) -> dict[str, float]:
    """Milliseconds of `GET /ip/address`, directly and through the platform."""
    with tempfile.TemporaryDirectory() as directory:
        http_port, https_port = free_port(), free_port()
        environment = os.environ | {
            "TIKFLEET_PUBLIC_URL": f"https://127.0.0.1:{https_port}",
            "TIKFLEET_REQUESTS_PER_MINUTE": "1000000",
        }
        ports = ("--http-port", str(http_port), "--https-port", str(https_port))
        command = (sys.executable, "-m", "tikfleet", "serve", "--data", directory, *ports)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: ASYNC220
        try:
            wait_for_port(http_port)
            client = await asyncio.to_thread(_owner, process, http_port)
            return await _measured(client, https_port, samples, version)
        finally:
            process.terminate()
            process.wait(30)


def _owner(process: "subprocess.Popen[str]", port: int) -> httpx.Client:
    token = next(found[0] for line in process.stdout or () if (found := re.search(r"tf[a-z]_[0-9A-Za-z]{49}", line)))
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=70)
    body = {"token": token, "organisation": "B", "email": "b@b.example", "name": "B", "password": "correct horse 9"}
    answer = client.post("/api/v1/setup", json=body).raise_for_status().json()
    client.headers["X-CSRF-Token"] = answer["csrf_token"]
    return client


async def _measured(client: httpx.Client, https_port: int, samples: int, version: str) -> dict[str, float]:
    made = await asyncio.to_thread(client.post, "/api/v1/enrolment-keys", json={"name": "x"})
    key = made.raise_for_status().json()["secret"]
    authority = (await asyncio.to_thread(client.get, "/agent/v1/ca.pem")).text
    profile = Profile(version=RouterOSVersion.parse(version))
    router = VirtualRouter(profile, Surroundings(doors=Doors(www=0)))
    await router.start()
    await router.run("/ip address add address=192.0.2.1/24 interface=ether1")
    generation: Generation = "v6" if version.startswith("6") else "v7"
    await router.run(enrolment_line(generation, f"https://127.0.0.1:{https_port}", key, authority))
    device = (await asyncio.to_thread(client.get, "/api/v1/devices")).json()["items"][0]["id"]
    path = f"/api/v1/devices/{device}/routeros/ip/address"
    cloud = httpx.AsyncClient(base_url=client.base_url, cookies=client.cookies, timeout=70)
    while (await cloud.get(path, headers={"Prefer": "wait=60"})).status_code != 200:  # noqa: ASYNC110
        await asyncio.sleep(1)
    through = await _times_ms(cloud, path, samples)
    port = router.services.ports.get("www", 0)
    direct = [0.0]
    if port:
        own = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", auth=("admin", ""), timeout=70)
        direct = await _times_ms(own, "/rest/ip/address", samples)
    await router.stop()
    return {
        "direct_p50_ms": round(statistics.median(direct), 1),
        "through_p50_ms": round(statistics.median(through), 1),
        "through_p99_ms": round(sorted(through)[int(len(through) * 0.99)], 1),
        "samples": samples,
    }


async def _times_ms(client: httpx.AsyncClient, path: str, samples: int) -> list[float]:
    found = []
    for _ in range(samples):
        started = time.perf_counter()
        (await client.get(path)).raise_for_status()
        found.append((time.perf_counter() - started) * 1000)
    return found


def main() -> None:
    """Both, or one."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--held", type=int, default=10_000)
    arguments.add_argument("--samples", type=int, default=300)
    arguments.add_argument("--version", default="7.20.8")
    arguments.add_argument("--serve", nargs=2, metavar=("PORT", "DIRECTORY"), help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.serve:
        uvloop.run(serve(int(asked.serve[0]), Path(asked.serve[1]), asked.held))
        return
    figures: dict[str, Any] = {}
    if asked.held:
        figures["held"] = asyncio.run(held(asked.held))
    if asked.samples:
        figures["reads"] = asyncio.run(reads(asked.samples, asked.version))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
