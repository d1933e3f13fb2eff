"""Light and whole virtual routers enrol at a real platform side by side, and come back as who they were."""

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .load import Owner


def fleet(url: str, key: str, state: Path, duration_s: int) -> str:
    command = [sys.executable, "-m", "tikfleet", "fleet", "--url", url, "--key", key, "--routers", "2", "--full", "2"]
    command += ["--state", str(state), "--duration-s", str(duration_s)]
    # Whether light ones were accepted in so short a time is not the question here.
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout.splitlines()[-1]


@pytest.mark.slow
def test_whole_routers_enrol_beside_light_ones_and_keep_their_place(
    platform_process: Callable[..., Any], tmp_path: Path
) -> None:
    platform = platform_process()
    # Without HTTPS it would name this machine's own address, where it does not listen.
    platform._environment["TIKFLEET_PUBLIC_URL"] = platform.url
    platform.start()
    owner = Owner(platform.url, platform.said)
    with contextlib.closing(owner.http) as client:
        client.patch("/api/v1/organisation/settings", json={"checkin_interval_s": 10})
        key = client.post("/api/v1/enrolment-keys", json={"name": "fleet"}).raise_for_status().json()["secret"]

        first = fleet(platform.url, key, tmp_path / "fleet.json", 22)
        before = client.get("/api/v1/devices").json()["items"]
        again = fleet(platform.url, key, tmp_path / "fleet.json", 5)
        after = client.get("/api/v1/devices").json()["items"]

    assert "2/2 whole routers" in first
    assert "2/2 whole routers" in again
    assert sorted(device["id"] for device in before) == sorted(device["id"] for device in after)
    assert len(after) == 4
    # Two files of whole routers, which nobody else reads.
    kept = sorted((tmp_path / "fleet.routers").iterdir())
    assert len(kept) == 2
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept)
