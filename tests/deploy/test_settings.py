"""Every setting that a file of `deploy` names is one that Tikfleet has, and its defaults load."""

import re
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tikfleet.app.settings import Settings, load_settings

DEPLOY = ROOT / "deploy"
KNOWN = {f"TIKFLEET_{name.upper()}" for name in Settings.__struct_fields__}
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(DEPLOY).as_posix())
def test_a_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"\bTIKFLEET_[A-Z][A-Z0-9_]*[A-Z0-9]\b", path.read_text()))

    assert named <= KNOWN


@pytest.mark.parametrize("name", ["one-machine", "apart"])
def test_what_a_compose_file_sets_is_understood(name: str) -> None:
    text = (DEPLOY / "compose" / f"{name}.yml").read_text()
    text = re.sub(r"\$\{TIKFLEET_PUBLIC_URL:[^}]*\}", "https://fleet.example.com:8443", text)
    file = yaml.safe_load(re.sub(r"\$\{\w+:[^}]*\}", "secret", text))

    for service in file["services"].values():
        if service["image"].startswith("tikfleet"):
            assert load_settings(service["environment"]).public_url == "https://fleet.example.com:8443"


def test_what_the_example_of_the_units_sets_is_understood() -> None:
    lines = [line.lstrip("#") for line in (DEPLOY / "systemd" / "tikfleet.env").read_text().splitlines()]
    named = dict(line.split("=", 1) for line in lines if line.startswith("TIKFLEET_"))

    assert load_settings(named).agent_url == named["TIKFLEET_PUBLIC_URL"]
    assert load_settings(named).proxies
