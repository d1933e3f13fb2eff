"""What `make run` starts is alive: devices report, log lines and traffic come, and it ends when it is told to."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import pick_port
from tikfleet.virtual.light.addresses import may_be_bound

PATIENCE_S = 150
ROUTERS = 20


@pytest.fixture
def demonstration(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The program, and its address."""
    port = pick_port()
    ports = ["--http-port", str(port), "--https-port", str(pick_port())]
    command = [sys.executable, "-m", "tikfleet", "demo", "--data", str(tmp_path / "data"), *ports]
    process = subprocess.Popen(
        [*command, "--routers", str(ROUTERS), "--full", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process, f"http://127.0.0.1:{port}"
    if process.poll() is None:
        process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_demonstration_shows_devices_log_lines_and_traffic(
    demonstration: tuple["subprocess.Popen[str]", str],
) -> None:
    process, address = demonstration
    assert process.stdout is not None
    password = next(found[1] for line in process.stdout if (found := re.search(r"Password\s+(\S+)", line)))
    with httpx.Client(base_url=address, trust_env=False, timeout=30) as owner:
        owner.post("/api/v1/session", json={"email": "owner@demo.example", "password": password}).raise_for_status()

        def asked(path: str) -> Any:
            return owner.get(path).raise_for_status().json()

        until(lambda: asked("/api/v1/devices?status=online&limit=1")["items"])
        lines = until(lambda: asked("/api/v1/logs?limit=5")["items"])
        top = until(lambda: asked("/api/v1/traffic/top?by=device&limit=5")["items"])
        if may_be_bound():
            assert all(line["device_id"] for line in lines)
            assert all(item["keys"]["device_id"] for item in top)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def until(ask: Callable[[], Any]) -> Any:
    """What is asked for, once there is some."""
    ends_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_s:
        if found := ask():
            return found
        time.sleep(0.5)
    raise AssertionError("nothing came in time")
