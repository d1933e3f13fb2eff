"""What `deploy/` asks Prometheus for exists, and each alert has a page that says what to do."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tikfleet.app.observability.names import METRICS

ROOT = Path(__file__).parents[2]
RUNBOOKS = ROOT / "docs" / "runbooks"
ENDINGS = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
SHOWN = {name + ending: metric for name, metric in METRICS.items() for ending in ENDINGS[metric.kind]}
RULES = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
BOARD = json.loads((ROOT / "deploy/grafana/tikfleet.json").read_text())
ALWAYS = {"instance", "job", "le"}


def faults(expression: str) -> list[str]:
    """Names of metrics and labels in an expression that `/metrics` does not have."""
    found = []
    names = re.findall(r"\b(?:tikfleet|process)_\w+", expression)
    found += [name for name in names if name not in SHOWN]
    labels = {label for name in names if name in SHOWN for label in SHOWN[name].labels} | ALWAYS
    used = re.findall(r"(\w+)=~?\"", expression)
    used += [label for group in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression) for label in group.split(", ")]
    found += [label for label in used if label not in labels]
    return found


def panels() -> Iterator[tuple[str, str]]:
    for panel in BOARD["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert faults(rule["expr"]) == []
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_has_a_page_that_the_index_links(rule: dict[str, Any]) -> None:
    page = RUNBOOKS / f"{rule['alert']}.md"
    text = page.read_text()

    assert rule["annotations"]["runbook"] == page.relative_to(ROOT).as_posix()
    for heading in (f"# {rule['alert']}", "## What it means", "## What to look at", "## What to do"):
        assert f"{heading}\n" in text, f"{page.name} lacks {heading!r}"
    shown = " ".join(re.search(r"```text\n(.*?)```", text, re.DOTALL)[1].split())  # type: ignore[index]
    assert shown == " ".join(rule["expr"].split()), f"{page.name} shows another expression than the alert has"
    assert f"({page.name})" in (RUNBOOKS / "README.md").read_text()


def test_every_page_belongs_to_an_alert() -> None:
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README", "restore"}
    assert pages == {rule["alert"] for rule in RULES}


@pytest.mark.parametrize(("title", "expression"), list(panels()), ids=lambda value: value[:60])
def test_a_panel_asks_for_metrics_that_exist(title: str, expression: str) -> None:
    assert faults(expression) == [], title


def test_metrics_that_runbooks_name_exist() -> None:
    for page in RUNBOOKS.glob("*.md"):
        for code in re.findall(r"`([^`\n]+)`", page.read_text()):
            names = re.findall(r"\b(?:tikfleet|process)_[a-z_]+", code)
            assert [name for name in names if name not in SHOWN and name not in METRICS] == [], page.name


@pytest.mark.parametrize(
    "wrong",
    [
        "tikfleet_no_such_thing > 0",
        "rate(tikfleet_checkins_accepted[5m])",
        "tikfleet_checkin_duration_seconds > 1",
        'tikfleet_jobs{status="queued"} > 0',
        "sum by (le, nothing) (tikfleet_checkin_duration_seconds_bucket)",
    ],
)
def test_the_check_sees_names_that_do_not_exist(wrong: str) -> None:
    assert faults(wrong)
