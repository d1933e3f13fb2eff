"""The demonstration's fleet does not outlive what started it, however that ended."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import pick_port


def test_a_fleet_ends_when_its_standard_input_does(tmp_path: Path) -> None:
    options = {
        "url": f"http://127.0.0.1:{pick_port()}",
        "key": "key",
        "routers": 3,
        "full": 0,
        "state_file": str(tmp_path / "fleet.json"),
        "enrol_per_s": 25.0,
        "syslog": "",
        "flows": "",
    }
    process = subprocess.Popen([sys.executable, "-m", "tikfleet.app.fleet_process"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(options).encode() + b"\n")
        process.stdin.flush()
        time.sleep(3)
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(60) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
