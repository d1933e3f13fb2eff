"""`tikfleet serve` as a user starts it, on a directory and ports of its own, with an owner and some routers."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx
import msgspec

from tikfleet.app.measuring.processes import ended, free_port, wait_for_port

_PASSWORD: Final = "correct-horse-battery"  # noqa: S105 - of a platform that lives for a minute on loopback
# A benchmark has few routers that report far more often than any real one.
UNBOUNDED: Final = {"TIKFLEET_CHECKINS_PER_SECOND": "1000000", "TIKFLEET_CHECKINS_PER_DEVICE_MINUTE": "10000000"}
_OWN: Final = {"TIKFLEET_REQUESTS_PER_MINUTE": "1000000", "TIKFLEET_PUBLIC_URL": "https://bench.test"}


class Running(msgspec.Struct):
    """A platform under test, its owner signed in, some routers enrolled."""

    process: subprocess.Popen[str]
    port: int
    cold_start_s: float
    client: httpx.Client
    tokens: list[str]
    devices: list[str]

    def check_in(self, token: str, body: bytes) -> None:
        """One report of the router that holds this token."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.client.post("/agent/v1/checkin", content=body, headers=headers).raise_for_status()

    def drained(self, patience_s: float = 120) -> dict[str, Any]:
        """What the platform says of itself once no report waits any more."""
        end = time.monotonic() + patience_s
        while True:
            said: dict[str, Any] = self.client.get("/api/v1/server").raise_for_status().json()
            if not said["inbox_depth"] or time.monotonic() > end:
                return said
            time.sleep(0.1)


@contextlib.contextmanager
def running(directory: str, routers: int = 32) -> Iterator[Running]:
    """`tikfleet serve` on an empty directory, until the block ends. Nothing of this process's settings reaches it."""
    port = free_port()
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("TIKFLEET_")}
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tikfleet", "serve", "--data", directory, "--http-port", str(port), "--https-port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=foreign | _OWN | UNBOUNDED,
        start_new_session=True,
    )
    with ended(process):
        wait_for_port(port)
        cold_start_s = time.monotonic() - started
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _set_up(client, process)
            devices, tokens = _enrol(client, routers)
            yield Running(process, port, cold_start_s, client, tokens, devices)


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


def _enrol(client: httpx.Client, routers: int) -> tuple[list[str], list[str]]:
    key = client.post("/api/v1/enrolment-keys", json={"name": "bench"}).raise_for_status().json()
    devices, tokens = [], []
    for number in range(routers):
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
