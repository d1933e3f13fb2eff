"""`tikfleet bench` from a shell: it measures, and leaves nothing behind, also when it is interrupted."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tikfleet.app.measuring import measure
from tikfleet.app.measuring.measure import Plan, TooLittleSpace

BENCH = (sys.executable, "-m", "tikfleet", "bench", "--rows", "2000", "--seconds", "0.5", "--json", "--data")


def children(session_of: Path) -> list[str]:
    """Processes whose command line names the directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(session_of) in line and int(process.name) != os.getpid():
            found.append(line)
    return found


@pytest.mark.timeout(300)
def test_a_tiny_run_gives_every_figure_and_removes_what_it_made(tmp_path: Path) -> None:
    done = subprocess.run([*BENCH, str(tmp_path)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["checkins"]["errors"] == found["tls"]["errors"] == found["pipeline"]["errors"] == 0
    assert found["checkins"]["per_cpu_s"] > found["tls"]["per_cpu_s"] > 0
    assert found["append"]["rows"] == found["history"]["rows"] == 2000
    assert set(found["history"]["published_ms"]) == {"count_rows", "sum_cpu_count"}
    assert [carries["interval_s"] for carries in found["carries"]] == [10, 60, 300]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_process_and_no_file(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen([*BENCH, str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    ends_s = time.monotonic() + 60
    while not list(tmp_path.glob("*/answering/tokens")) and time.monotonic() < ends_s:
        time.sleep(0.05)
    process.send_signal(number)
    _, told = process.communicate(timeout=60)

    assert (process.returncode, told.strip()) == (130, "Interrupted; everything was removed.")
    assert list(tmp_path.iterdir()) == []
    assert children(tmp_path) == []


def test_a_disk_without_space_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(TooLittleSpace, match="GB are needed"):
        measure.measure(tmp_path, Plan(rows=10**13), lambda text, done: None)

    assert list(tmp_path.iterdir()) == []
