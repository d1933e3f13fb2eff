"""The systemd units: what systemd itself says of them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

UNITS = ROOT / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
PROGRAM = "/usr/lib/tikfleet/bin/tikfleet"
_WORST = 2.0


@pytest.fixture
def placed(tmp_path: Path) -> Path:
    """The units as they would lie in place, with a program that exists."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    for unit in UNITS.iterdir():
        (tmp_path / unit.name.replace("@.", "@1.")).write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    return tmp_path


@pytest.mark.parametrize("unit", [*SERVICES, UNITS / "tikfleet.target"], ids=lambda unit: unit.name)
def test_a_unit_is_one_for_systemd(unit: Path, placed: Path) -> None:
    file = placed / unit.name.replace("@.", "@1.")

    said = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)

    # It also complains of units of the machine itself.
    assert "tikfleet" not in said.stderr, said.stderr
    assert said.returncode == 0 or "tikfleet" not in said.stderr


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_is_exposed_little(unit: Path, placed: Path) -> None:
    file = placed / unit.name.replace("@.", "@1.")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)]

    said = subprocess.run(command, capture_output=True, text=True, check=False)

    if "offline" in said.stderr:
        pytest.skip("this systemd-analyze is older than 250 and cannot judge a file")
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said.stdout)
    assert level is not None, said.stderr
    assert float(level[1]) <= _WORST, said.stdout


def test_edges_cannot_see_the_key_that_makes_jobs() -> None:
    edge = (UNITS / "tikfleet-edge@.service").read_text()

    for name in ("tikfleet-api.service", "tikfleet-worker.service"):
        assert "TIKFLEET_JOB_KEY=/var/lib/tikfleet/job/" in (UNITS / name).read_text()
    assert "TIKFLEET_JOB_KEY" not in edge
    assert "InaccessiblePaths=-/var/lib/tikfleet/job\n" in edge
