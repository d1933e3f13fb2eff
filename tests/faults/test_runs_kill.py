"""A run over a fleet of light routers, the platform killed in the middle: nobody is left out or asked twice."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from .load import Owner

ROUTERS = 20
PATIENCE_S = 150.0


def until(found: Callable[[], Any]) -> Any:
    ends_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_at:
        with contextlib.suppress(httpx.HTTPError):
            if answer := found():
                return answer
        time.sleep(0.3)
    raise AssertionError("what was waited for did not come")


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_asks_each_device_once(
    platform_process: Callable[..., Any], tmp_path: Path
) -> None:
    platform = platform_process()
    platform._environment["TIKFLEET_PUBLIC_URL"] = platform.url
    platform.start()
    owner = Owner(platform.url, platform.said)
    client = owner.http
    client.patch("/api/v1/settings", json={"checkin_interval_s": 10}).raise_for_status()
    key = client.post("/api/v1/enrolment-keys", json={"name": "fleet"}).raise_for_status().json()["secret"]
    command = [sys.executable, "-m", "tikfleet", "fleet", "--url", platform.url, "--key", key]
    command += ["--routers", str(ROUTERS), "--full", "0", "--state", str(tmp_path / "fleet.json")]
    fleet = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: client.get("/api/v1/devices", params={"status": "online"}).json()["total"] == ROUTERS)
        wish = {
            "name": "Names", "kind": "identity", "parameters": [{"name": "name", "value": "at-${device.serial}"}],
            "selection": {}, "waves": [{"count": 1}, {"percent": 30}, {"percent": 100}],
            "limits": {"percent": 100, "wave_percent": 100},
        }  # fmt: skip
        run = client.post("/api/v1/runs", json=wish).raise_for_status().json()
        client.post(f"/api/v1/runs/{run['id']}/start").raise_for_status()

        def counts() -> Any:
            return client.get(f"/api/v1/runs/{run['id']}").raise_for_status().json()

        for reached in (1, 2, 3):
            until(lambda reached=reached: counts()["wave"] >= reached)
            platform.kill()
            platform.start()
        ended = until(lambda: (found := counts())["state"] == "finished" and found)
        targets = client.get(f"/api/v1/runs/{run['id']}/report").json()["targets"]
        jobs = client.get("/api/v1/jobs", params={"batch_id": run["id"]}).json()["total"]
    finally:
        fleet.terminate()
        fleet.wait(20)
        client.close()

    assert ended["counts"]["succeeded"] == ROUTERS
    assert jobs == ROUTERS
    assert {target["attempt"] for target in targets} == {1}
    assert len({target["job_id"] for target in targets}) == ROUTERS
