"""What the scripts call exists where they run: in RouterOS's own command trees, and in sight of what uses it."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tikfleet.agent.guard import render_guarded
from tikfleet.agent.scripts import render_agent, render_installer, render_removal, render_upgrade
from tikfleet.agent.settings import AgentSettings, InstallerSettings, RemovalSettings
from tikfleet.agent.template import render
from tikfleet.agent.tiers import Tier
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.tree import Block, Call, Text, Variable

from .walk import commands, nodes, texts, unknown, unseen

SETTINGS = AgentSettings("https://fleet.example.net", "1.0.0")
CORPORA = Path(os.environ.get("TIKFLEET_CORPORA", Path(__file__).parents[4] / "shared" / "corpora"))
TREES = CORPORA / "restraml"
RELEASES = {
    Tier.A: ("7.16.2", "7.17.1", "7.18.2", "7.19.6", "7.20.8", "7.21.5", "7.22.3", "7.23.3", "7.24"),
    Tier.B: ("7.14.3",),
    Tier.C: ("7.9.2", "7.12.2"),
}
# The trees come from x86 machines, which lack these.
RADIOS = ("/interface/wifiwave2", "/interface/wireless", "/caps-man", "/interface/wifi")
HARDWARE = ("/system/routerboard", *RADIOS)
CLIENTS = "/registration-table/print"
VERB = re.compile(r"(/[a-z0-9 -]+ (?:get|print|find|set|monitor|info|run))\b")
CASES = [pytest.param(tier, release, id=f"{tier} {release}") for tier in RELEASES for release in RELEASES[tier]]


@cache
def _scripts(tier: Tier) -> dict[str, Any]:
    return {
        "agent": parse(render_agent(tier, SETTINGS)),
        "upgrade": parse(render_upgrade(tier, SETTINGS)),
        "installer": parse(render_installer(tier, InstallerSettings(SETTINGS, "tfe_k"))),
        "guard": parse(render_guarded("# a job\n", tier, 300, 60)),
        "undo": parse(render("undo", tier, {"within": "300", "limit": "420"})),
        "removal": parse(render_removal(tier, RemovalSettings())),
    }


@cache
def _tree(release: str) -> dict[str, Any]:
    path = TREES / f"inspect-{release}-extra.json"
    if not path.exists():
        pytest.skip(f"no command trees in {TREES}")
    return json.loads(path.read_text())


def _exists(release: str, path: str) -> bool:
    here = _tree(release)
    for word in path.strip("/").split("/"):
        if word not in here:
            return False
        here = here[word]
    return True


def _late(tier: Tier) -> set[str]:
    """The paths of the commands that are bound late: strings that begin with a menu, and what is appended to one."""
    found = {text for script in _scripts(tier).values() for text in texts(script) if text.startswith("/")}
    menus = {text for text in found if f"/{text[1:].replace(' ', '/')}" in RADIOS}
    whole = {match[1] for text in found if (match := VERB.match(text))}
    return {path.replace(" ", "/") for path in whole} | {f"{menu.replace(' ', '/')}{CLIENTS}" for menu in menus}


@pytest.mark.parametrize(("tier", "release"), CASES)
def test_every_command_and_argument_exists_in_the_release(tier: Tier, release: str) -> None:
    missing = {
        f"{command.path} {argument}"
        for script in _scripts(tier).values()
        for command in commands(script)
        for argument in command.arguments
        if not _exists(release, f"{command.path}/{argument}")
    }

    assert missing == set()


@pytest.mark.parametrize(("tier", "release"), CASES)
def test_every_late_command_exists_in_the_release_or_is_hardware(tier: Tier, release: str) -> None:
    missing = {path for path in _late(tier) if not _exists(release, path)}

    assert {path for path in missing if not path.startswith(HARDWARE)} == set()
    assert len(_late(tier)) > 10


@pytest.mark.parametrize("tier", Tier)
def test_a_menu_that_a_router_may_lack_is_bound_late(tier: Tier) -> None:
    optional = (
        *HARDWARE,
        "/interface/lte",
        "/ppp",
        "/system/health",
        "/system/device-mode",
        "/system/license",
        "/certificate/settings",
        "/ip/dhcp-server",
    )

    direct = {command.path for script in _scripts(tier).values() for command in commands(script)}

    assert {path for path in direct if path.startswith(optional)} == set()


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("name", ["agent", "upgrade", "installer", "guard", "undo", "removal"])
def test_every_variable_is_declared_where_it_is_used(tier: Tier, name: str) -> None:
    script = _scripts(tier)[name]

    assert unseen(script) == []
    assert unknown(script) == []


@pytest.mark.parametrize("tier", Tier)
def test_nothing_returns_from_inside_a_guard(tier: Tier) -> None:
    """`:return` ends a guarded block as an error would."""
    for script in _scripts(tier).values():
        guards = [command for command in commands(script) if {"on-error", "in"} & command.arguments.keys()]
        guarded = [block for guard in guards if guard.path in {"/do", "/onerror"} for block in guard.arguments.values()]
        assert [item.path for block in guarded for item in commands(block) if item.path == "/return"] == []


@pytest.mark.parametrize("tier", Tier)
def test_an_array_is_never_an_unwrapped_argument_of_a_function(tier: Tier) -> None:
    """RouterOS takes `{` there for the beginning of a block."""
    for script in _scripts(tier).values():
        calls = [item for item in nodes(script) if isinstance(item, Call)]
        assert calls or len(commands(script)) < 40
        assert [call for call in calls if any(isinstance(value, Block) for value in call.positional)] == []


@pytest.mark.parametrize("tier", Tier)
def test_every_function_that_is_called_is_ours(tier: Tier) -> None:
    for script in _scripts(tier).values():
        called = {
            item.callee.name for item in nodes(script) if isinstance(item, Call) and isinstance(item.callee, Variable)
        }
        declared = {
            item.arguments["name"].name
            for item in commands(script)
            if item.path == "/local" and (isinstance(item.arguments.get("do"), Block) or "value" in item.arguments)
        }
        assert called <= declared


@pytest.mark.parametrize("tier", Tier)
def test_a_file_or_request_is_made_with_the_certificate_checked(tier: Tier) -> None:
    fetches = [item for script in _scripts(tier).values() for item in commands(script) if item.path == "/tool/fetch"]

    assert len(fetches) == 4
    assert all("check-certificate" in fetch.arguments for fetch in fetches)
    assert not any(isinstance(fetch.arguments["http-header-field"], Text) for fetch in fetches)
