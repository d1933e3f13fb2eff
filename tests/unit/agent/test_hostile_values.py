"""Values from outside stay values: none of them becomes a command on a router."""

import re

import pytest

from tikfleet.agent.enrolment import enrolment_line
from tikfleet.agent.jobs import JobKind, render_job
from tikfleet.agent.scripts import render_agent, render_installer
from tikfleet.agent.settings import AgentSettings, InstallerSettings
from tikfleet.agent.template import folded
from tikfleet.agent.tiers import Tier
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.quoting import quote
from tikfleet.routeros.script.tree import Block

from .walk import commands

MARK = "evilmark"
HOSTILE = [
    f'" ; /{MARK} "',
    f'"]; /{MARK}; [:put "',
    f"$[/{MARK}]",
    f"$({MARK})",
    f'\\" /{MARK}',
    f"line\n/{MARK}\n",
    f"line\r/{MARK}",
    f"}} /{MARK} {{",
    f"# {MARK}",
    f"é€ {MARK} \x00\x07\x7f",
    f"@server@ {MARK} @pause@",
    f"\\\n    {MARK}",
    "x" * 300 + MARK + " " * 300,
]
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def _outside_of_strings(text: str) -> str:
    return LITERAL.sub('""', text)


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_key_stays_one_string_in_the_installer(tier: Tier, value: str) -> None:
    settings = InstallerSettings(AgentSettings("https://fleet.example.net", "1.0.0"), value)

    text = render_installer(tier, settings)

    parse(text)
    assert MARK in text.replace("\\\n    ", "")
    assert MARK not in _outside_of_strings(text)


@pytest.mark.parametrize("value", [*HOSTILE, " " * 500, "\\" * 300, "a " * 300, ""])
@pytest.mark.parametrize("column", [0, 40, 90])
def test_a_folded_string_is_the_same_string(value: str, column: int) -> None:
    text = folded(quote(value), column)

    first, *rest = text.split("\n")
    assert len(first) <= 100 - column
    assert all(len(line) <= 100 and line.startswith("    ") and line[4] != " " for line in rest)
    assert text.replace("\\\n    ", "").replace("\\_", " ") == quote(value)


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("path", ['/a"b', "/$a[b]", "/a;b", "/a\\b", "/{a}", "/@version@"])
def test_an_odd_address_stays_one_string_in_the_agent(tier: Tier, path: str) -> None:
    text = render_agent(tier, AgentSettings(f"https://fleet.example.net{path}", "1.0.0"))

    parse(text)
    assert path not in _outside_of_strings(text)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "fleet.example.net",
        "ftp://fleet",
        "https://",
        "https://a b",
        "https://a\n",
        "https://a/",
        "https://a/?q",
        "https://a#f",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address"):
        AgentSettings(url, "1.0.0")


@pytest.mark.parametrize("version", ["", "1 0", '1"', "1;/evil", "1\n2", "$x"])
def test_a_version_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="version"):
        AgentSettings("https://a", version)


@pytest.mark.parametrize("generation", ["v6", "v7"])
@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_key_stays_one_string_in_the_line(generation: str, value: str) -> None:
    line = enrolment_line(generation, "https://fleet.example.net", value, None)

    parse(line)
    assert MARK not in _outside_of_strings(line)
    assert line.isprintable()
    assert line.isascii()


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("value", [value for value in HOSTILE if len(value) <= 40])
def test_a_hostile_name_stays_one_string(tier: Tier, value: str) -> None:
    text = render_job(JobKind.IDENTITY, {"name": value}, tier)

    parse(text)
    assert MARK not in _outside_of_strings(text)


def test_an_operators_script_runs_as_one_with_its_local_variables() -> None:
    text = render_job(JobKind.SCRIPT, {"source": ":local a 1\n:put $a\n# and a comment\n\n"}, Tier.A)

    (block,) = parse(text).statements
    assert isinstance(block, Block)
    assert len(commands(block)) == 2


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (JobKind.REBOOT, {"delay_s": 0}),
        (JobKind.REBOOT, {"delay_s": "15s; /evil"}),
        (JobKind.REBOOT, {"delay": 15}),
        (JobKind.IDENTITY, {}),
        (JobKind.IDENTITY, {"name": ""}),
        (JobKind.IDENTITY, {"name": "x" * 65}),
        (JobKind.IDENTITY, {"name": "é" * 33}),
        (JobKind.EXPORT, {"file": "x"}),
        (JobKind.SCRIPT, {"source": "  "}),
    ],
)
def test_parameters_that_a_kind_does_not_take_are_refused(kind: JobKind, parameters: dict[str, str | int]) -> None:
    with pytest.raises(ValueError, match=r"delay|name|parameter|source"):
        render_job(kind, parameters, Tier.A)
