"""P3: a fleet of virtual routers with a fresh TLS connection for each report, against `tikfleet serve --edges N`.

`python -m bench.edges [REPORTS_PER_S] [EDGES] [SECONDS]` prints what was taken, and the processor time of the main
process, of the edges and of the fleet apart from each other. A fleet on the same machine competes with the server.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from tikfleet.app.measuring.processes import cpu_s, free_port

_ROUTERS: Final = 300
_TOKEN: Final = re.compile(r"tf[a-z]_[0-9A-Za-z]{49}")
_UNBOUNDED: Final = {
    "TIKFLEET_REQUESTS_PER_MINUTE": "1000000",
    "TIKFLEET_CHECKINS_PER_SECOND": "1000000",
    "TIKFLEET_CHECKINS_PER_DEVICE_MINUTE": "1000000",
}


def measure(per_s: float, edges: int, duration_s: float) -> dict[str, Any]:
    """One run, after the fleet has enrolled and settled."""
    with tempfile.TemporaryDirectory(prefix="tf-") as directory, _platform(Path(directory), edges) as (pid, http, url):
        owner = _owner(Path(directory), http)
        key = owner.post("/api/v1/enrolment-keys", json={"name": "bench"}).raise_for_status().json()["secret"]
        with _fleet(Path(directory), url, key, _ROUTERS / per_s) as fleet:
            _until(lambda: _accepted(http, edges) > 3 * _ROUTERS)
            parts = {"main": [pid], "edges": _children(pid), "fleet": [fleet]}
            spent = {name: -sum(map(cpu_s, pids)) for name, pids in parts.items()}
            count, began_s = -_accepted(http, edges), time.monotonic()
            time.sleep(duration_s)
            count, took_s = count + _accepted(http, edges), time.monotonic() - began_s
            spent = {name: spent[name] + sum(map(cpu_s, pids)) for name, pids in parts.items()}
            told = httpx.get(f"{http}/metrics", params={"process": "edge-1"}).text
        server_s = spent["main"] + spent["edges"]
        return {
            "asked_per_s": per_s,
            "taken_per_s": round(count / took_s),
            "main_us": round(spent["main"] / count * 1e6),
            "edges_us": round(spent["edges"] / count * 1e6),
            "fleet_us": round(spent["fleet"] / count * 1e6),
            "per_cpu_s_of_the_server": round(count / server_s),
            "per_cpu_s_of_the_edges": round(count / spent["edges"]),
            "cores_for_834_per_s": round(834 * server_s / count, 2),
            "under_100_ms_percent": _share_under(told, "0.1"),
        }


@contextlib.contextmanager
def _platform(directory: Path, edges: int) -> Iterator[tuple[int, str, str]]:
    http, https = free_port(), free_port()
    command = [sys.executable, "-m", "tikfleet", "serve", "--data", str(directory / "data"), "--edges", str(edges)]
    ports = ["--http-port", str(http), "--https-port", str(https), "--public-url", f"https://127.0.0.1:{https}"]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen([*command, *ports], stdout=log, stderr=log, env=os.environ | _UNBOUNDED)
    try:
        _until(lambda: "is ready at" in (directory / "log").read_text())
        _until(lambda: _accepted(f"http://127.0.0.1:{http}", edges) >= 0)
        yield process.pid, f"http://127.0.0.1:{http}", f"https://127.0.0.1:{https}"
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextlib.contextmanager
def _fleet(directory: Path, url: str, key: str, interval_s: float) -> Iterator[int]:
    options = ["--routers", str(_ROUTERS), "--interval-s", str(interval_s), "--ca"]
    command = [sys.executable, "-m", "tikfleet", "fleet", "--url", url, "--key", key, *options]
    process = subprocess.Popen([*command, str(directory / "data" / "keys" / "ca.pem")], stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def _owner(directory: Path, http: str) -> httpx.Client:
    client = httpx.Client(base_url=http, timeout=60)
    token = _TOKEN.findall((directory / "log").read_text())[-1]
    person = {"organisation": "Bench", "email": "b@bench.example", "name": "B", "password": "correct-horse-battery"}
    answer = client.post("/api/v1/setup", json={"token": token, **person}).raise_for_status().json()
    client.headers["X-CSRF-Token"] = answer["csrf_token"]
    return client


def _accepted(http: str, edges: int) -> int:
    """Reports that all edges took so far."""
    total = 0.0
    for number in range(edges):
        text = httpx.get(f"{http}/metrics", params={"process": f"edge-{number + 1}"}, timeout=30).text
        found = re.search(r"^tikfleet_checkins_accepted_total ([0-9.e+]+)$", text, re.MULTILINE)
        if found is None:
            return -1
        total += float(found[1])
    return int(total)


def _share_under(text: str, bound: str) -> float:
    counts = dict(
        re.findall(r'^tikfleet_checkin_duration_seconds_bucket\{le="([^"]+)"\} ([0-9.e+]+)$', text, re.MULTILINE)
    )
    return round(100 * float(counts[bound]) / max(1.0, float(counts["+Inf"])), 1)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _until(condition: Any, patience_s: float = 180) -> None:
    ends_s = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > ends_s:
            raise TimeoutError("the platform or its fleet did not start in time")
        time.sleep(0.2)


if __name__ == "__main__":
    asked = [float(value) for value in sys.argv[1:]]
    rate, edges, seconds = (*asked, *(834.0, 1.0, 20.0)[len(asked) :])
    print(json.dumps(measure(rate, int(edges), seconds), indent=2))
