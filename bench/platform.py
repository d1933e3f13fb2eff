"""The whole platform as a user starts it: cold start, memory at rest, check-in to visible, check-ins per CPU-second.

`python -m bench.platform` prints them.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx
import msgspec

from bench import reports
from bench.load import run_load
from bench.processes import child, cpu_s, free_port, resident_mb, wait_for_port

_ROUTERS = 32
_SAMPLES = 30
_REST_S = 15.0
_PASSWORD = "correct-horse-battery"


class Running(msgspec.Struct):
    """A platform under test, its owner signed in, some routers enrolled."""

    process: subprocess.Popen[str]
    port: int
    cold_start_s: float
    client: httpx.Client
    tokens: list[str]
    devices: list[str]


def measure(duration_s: float = 8.0) -> dict[str, Any]:
    """All figures of one platform."""
    with tempfile.TemporaryDirectory() as directory:
        figures = _first_run(directory, duration_s)
        return {"cold_start_s": round(_started_again_s(directory), 2)} | figures


def _first_run(directory: str, duration_s: float) -> dict[str, Any]:
    with running(directory) as platform:
        time.sleep(_REST_S)
        at_rest_mb = resident_mb(platform.process.pid)
        idle_before = cpu_s(platform.process.pid)
        time.sleep(5)
        idle_percent = (cpu_s(platform.process.pid) - idle_before) / 5 * 100
        visible_ms = sorted(_visible_ms(platform, number) for number in range(_SAMPLES))
        whole = _whole(platform, duration_s)
        return {
            "first_start_s": round(platform.cold_start_s, 2),
            "memory_at_rest_mb": round(at_rest_mb),
            "idle_cpu_percent": round(idle_percent, 1),
            "checkin_to_visible_ms": {"p50": round(visible_ms[len(visible_ms) // 2]), "p99": round(visible_ms[-1])},
            "whole_platform": whole,
        }


def _started_again_s(directory: str) -> float:
    """From the command to the first answer, on a directory that is in use."""
    port, started = free_port(), time.monotonic()
    with child("tikfleet", "serve", "--data", directory, "--http-port", str(port), "--https-port", "0"):
        wait_for_port(port)
        return time.monotonic() - started


# A benchmark has few routers that report far more often than any real one.
UNBOUNDED: Final = {"TIKFLEET_CHECKINS_PER_SECOND": "1000000", "TIKFLEET_CHECKINS_PER_DEVICE_MINUTE": "10000000"}


@contextlib.contextmanager
def running(directory: str) -> Iterator[Running]:
    """`tikfleet serve` on an empty directory, until the block ends."""
    port = free_port()
    environment = (
        os.environ
        | {"TIKFLEET_REQUESTS_PER_MINUTE": "1000000", "TIKFLEET_PUBLIC_URL": "https://bench.test"}
        | UNBOUNDED
    )
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tikfleet", "serve", "--data", directory, "--http-port", str(port), "--https-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        wait_for_port(port)
        cold_start_s = time.monotonic() - started
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        _set_up(client, process)
        devices, tokens = _enrol(client)
        yield Running(process, port, cold_start_s, client, tokens, devices)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _set_up(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    token = None
    for line in process.stdout or ():
        if (found := re.search(r"tf[a-z]_[0-9A-Za-z]{49}", line)) is not None:
            token = found[0]
            break
    body = {
        "token": token, "organisation": "Bench", "email": "bench@bench.example", "name": "Bench", "password": _PASSWORD
    }  # fmt: skip
    answer = client.post("/api/v1/setup", json=body).raise_for_status().json()
    client.headers["X-CSRF-Token"] = answer["csrf_token"]


def _enrol(client: httpx.Client) -> tuple[list[str], list[str]]:
    key = client.post("/api/v1/enrolment-keys", json={"name": "bench"}).raise_for_status().json()
    devices, tokens = [], []
    for number in range(_ROUTERS):
        inventory = {
            "identity": f"bench-{number}", "serial-number": f"BENCH{number}", "version": "7.22.3 (stable)",
            "board-name": "RB5009UG+S+", "architecture-name": "arm64", "cpu-count": "4", "total-memory": "1073741824",
        }  # fmt: skip
        answer = client.post(
            "/agent/v1/enrol",
            json={"v": 1, "inventory": inventory, "probe": {}},
            headers={"Authorization": f"Bearer {key['secret']}"},
        ).json()
        devices.append(answer["device"])
        tokens.append(answer["token"])
    return devices, tokens


def _visible_ms(platform: Running, number: int) -> float:
    """From the moment a report is sent until `GET /devices/{id}` shows what it said."""
    load = str(1 + number)
    report = reports.report() | {"seq": number + 1, "boot": "visible", "cpu-load": load}
    headers = {"Authorization": f"Bearer {platform.tokens[0]}"}
    time.sleep(0.37)
    started = time.monotonic()
    platform.client.post("/agent/v1/checkin", json=report, headers=headers).raise_for_status()
    while time.monotonic() - started < 10:
        shown = platform.client.get(f"/api/v1/devices/{platform.devices[0]}").json()
        if shown["cpu_load"] == float(load):
            return (time.monotonic() - started) * 1000
        time.sleep(0.01)
    raise TimeoutError("the report was not visible within ten seconds")


def _whole(platform: Running, duration_s: float) -> dict[str, Any]:
    """Closed-loop load through everything: durable answer, history, last state. CPU until the inbox is empty."""
    requests = [reports.requests_of(token, platform.port) for token in platform.tokens]
    before = cpu_s(platform.process.pid)
    result = run_load(platform.port, requests, duration_s)
    accepted = result.answers
    end = time.monotonic() + 120
    while platform.client.get("/api/v1/server").json()["inbox_depth"] and time.monotonic() < end:
        time.sleep(0.2)
    spent_s = cpu_s(platform.process.pid) - before
    return {
        "checkins_per_cpu_s": round(accepted / spent_s),
        "checkins_per_s": round(accepted / result.elapsed_s),
        "p99_ms": round(result.p99_ms, 1),
        "errors": result.errors,
    }


if __name__ == "__main__":
    for key, figure in measure().items():
        print(key, figure)
