"""The whole platform as a user starts it: cold start, memory at rest, check-in to visible, check-ins per CPU-second.

`python -m bench.platform` prints them.
"""

import tempfile
import time
from typing import Any

from tikfleet.app.measuring import reports
from tikfleet.app.measuring.load import run_load
from tikfleet.app.measuring.platform import Running, running
from tikfleet.app.measuring.processes import child, cpu_s, free_port, resident_mb, wait_for_port

_SAMPLES = 30
_REST_S = 15.0


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
    platform.drained()
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
