"""`tikfleet router` as a person runs it: a process with an export, found by clients on loopback."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import librouteros
import pytest

from tikfleet.app.virtual_router import made
from tikfleet.cli.router import RouterArguments

EXPORT = """# 2026-01-02 03:04:05 by RouterOS 7.18.2
# software id = ABCD-1234
#
# model = RB5009UPr+S+
# serial number = HEX123456
/interface bridge
add name=lan
/interface bridge port
add bridge=lan interface=ether2
/ip address
add address=192.0.2.1/24 interface=lan network=192.0.2.0
/ip firewall filter
add action=drop chain=input in-interface=ether1
add action=nonsense chain=input
/system identity
set name=desk
"""
ANY_PORT = ["--api-port", "0", "--api-ssl-port", "-1", "--www-port", "0", "--www-ssl-port", "-1", "--ssh-port", "-1"]

Start = Callable[..., tuple[subprocess.Popen[str], dict[str, str]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the command; gives the process and the address of each service that it names."""
    children: list[subprocess.Popen[str]] = []

    def one(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, str]]:
        command = [sys.executable, "-m", "tikfleet", "router", *arguments]
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
            env=os.environ | {"COLUMNS": "200"},
        )  # fmt: skip
        children.append(child)
        services: dict[str, str] = {}
        assert child.stdout is not None
        for line in child.stdout:
            if (found := re.fullmatch(r"  (API|REST) +(\S+)\n", line)) is not None:
                services[found[1]] = found[2]
            if "Ctrl-C" in line:
                break
        return child, services

    yield one
    for child in children:
        if child.poll() is None:
            child.kill()
        child.communicate()


def ended(child: subprocess.Popen[str]) -> str:
    """What it said on stderr, after a clean end."""
    child.send_signal(signal.SIGINT)
    told = child.communicate(timeout=20)[1]
    assert child.returncode == 0, told
    return told


def test_a_router_begins_with_an_export_and_tells_which_lines_it_does_not_take(start: Start, tmp_path: Path) -> None:
    (tmp_path / "site.rsc").write_text(EXPORT)

    child, services = start("--export", "site.rsc", *ANY_PORT)

    with httpx.Client(auth=("admin", ""), base_url=services["REST"]) as rest:
        resource = rest.get("/system/resource").json()
        addresses = rest.get("/ip/address").json()
    host, port = services["API"].split(":")
    api = librouteros.connect(host=host, port=int(port), username="admin", password="")
    assert next(iter(api.path("/system/identity")))["name"] == "desk"
    api.close()
    assert (resource["version"], resource["board-name"]) == ("7.18.2 (stable)", "RB5009UPr+S+")
    assert [item["address"] for item in addresses if item["dynamic"] == "false"] == ["192.0.2.1/24"]
    assert "site.rsc:14: /ip/firewall/filter: input does not match any value of action" in ended(child)


def test_a_version_given_wins_and_a_password_is_asked_for(start: Start, tmp_path: Path) -> None:
    (tmp_path / "site.rsc").write_text(EXPORT)

    child, services = start("--export", "site.rsc", "--version", "7.20", "--password", "secret", *ANY_PORT)

    with httpx.Client(base_url=services["REST"]) as rest:
        refused = rest.get("/system/resource", auth=("admin", ""))
        resource = rest.get("/system/resource", auth=("admin", "secret")).json()
    assert refused.status_code == 401
    assert resource["version"] == "7.20 (stable)"
    ended(child)


def test_what_a_router_became_is_kept_in_its_state_file(start: Start, tmp_path: Path) -> None:
    child, services = start("--state", "one.state", *ANY_PORT)
    with httpx.Client(auth=("admin", ""), base_url=services["REST"]) as rest:
        rest.put("/ip/address", json={"address": "198.51.100.1/24", "interface": "ether1"}).raise_for_status()
    ended(child)

    child, services = start("--state", "one.state", *ANY_PORT)

    with httpx.Client(auth=("admin", ""), base_url=services["REST"]) as rest:
        addresses = rest.get("/ip/address").json()
    assert [item["address"] for item in addresses] == ["198.51.100.1/24"]
    assert (tmp_path / "one.state").stat().st_mode & 0o077 == 0
    ended(child)


def licence(arguments: RouterArguments) -> str:
    """What tells a CHR from others."""
    return made(arguments)[0].profile.software_id


def test_two_routers_are_never_the_same_but_by_seed_or_state(tmp_path: Path) -> None:
    kept = RouterArguments(state=tmp_path / "kept.state")

    assert len({licence(RouterArguments()) for _ in range(3)}) == 3
    assert licence(RouterArguments(seed="desk")) == licence(RouterArguments(seed="desk"))
    assert licence(RouterArguments(seed="desk")) != licence(RouterArguments(seed="shelf"))
    assert licence(kept) == licence(kept) != licence(RouterArguments(state=tmp_path / "other.state"))


def test_a_router_from_an_export_has_the_numbers_that_the_export_tells(tmp_path: Path) -> None:
    (tmp_path / "site.rsc").write_text(EXPORT)

    profile = made(RouterArguments(export=tmp_path / "site.rsc"))[0].profile

    assert (profile.serial, profile.software_id) == ("HEX123456", "ABCD-1234")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--version", "seven"], "'seven' is no RouterOS version such as 7.16.2"),
        (["--version", "6.20"], "RouterOS 6.20 is older than 6.45, the oldest that is known here"),
        (["--device-mode", "party"], "'party' is no device mode: advanced, basic, home, rose"),
        (["--export", "absent.rsc"], "No such file"),
        (["--state", "site.txt"], "site.txt holds no state of a virtual router"),
    ],
)
def test_what_makes_no_router_is_told_in_a_sentence(
    start: Start, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "site.txt").write_text("no state")

    child, _ = start(*arguments, *ANY_PORT)

    said = child.communicate(timeout=20)[1]
    assert child.returncode == 2
    assert told in said
    assert "Traceback" not in said
