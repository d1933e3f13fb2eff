"""routeros-lsp as a second opinion: on what we write, and on what routers themselves said of recorded scripts."""

import json
from pathlib import Path
from typing import Any

import pytest
from routeros_lsp.analyze import analyze

from tikfleet.agent.scripts import render_agent
from tikfleet.agent.settings import AgentSettings
from tikfleet.agent.tiers import Tier
from tikfleet.routeros.check.checker import check
from tikfleet.routeros.check.remark import Severity

from .office import Office

_RELEASE = "7.20.8"


def complaints(source: str) -> list[tuple[str, str]]:
    """The errors of syntax that it sees, each with its place's text."""
    return [
        (finding.rule, source[finding.start : finding.end])
        for finding in analyze(source).findings
        if finding.severity == "error" and finding.rule.startswith("syntax/")
    ]


def we_refuse(source: str) -> bool:
    return any(remark.severity is Severity.ERROR for remark in check(source, _RELEASE))


@pytest.mark.parametrize("tier", list(Tier))
def test_it_finds_no_fault_in_the_syntax_of_our_agent(tier: Tier) -> None:
    source = render_agent(tier, AgentSettings("https://fleet.example", "0"))
    assert complaints(source) == []


def test_it_finds_no_fault_in_exports_of_the_virtual_router(office: Office) -> None:
    assert complaints(office.typed("/export")) == []
    assert complaints(office.typed("/export verbose")) == []


def recordings(corpora: Path) -> list[dict[str, Any]]:
    lines = (corpora / "rsc-parse" / "scripts.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_we_agree_with_routers_at_least_as_often_as_it_does(corpora: Path) -> None:
    ours = theirs = count = 0
    for recording in recordings(corpora):
        forms = recording["il"]
        said = forms.get("all") or forms.get(_RELEASE) or next(iter(forms.values()), "")
        refused = "(line " in said and not said.startswith("(")
        count += 1
        ours += we_refuse(recording["source"]) == refused
        # A name that it does not know is no refusal: routers take the script and stumble when it runs.
        theirs += bool(complaints(recording["source"])) == refused

    print(f"of {count} scripts routers agree with us on {ours / count:.1%}, with routeros-lsp on {theirs / count:.1%}")
    assert ours >= theirs
