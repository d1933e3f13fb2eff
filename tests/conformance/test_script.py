"""The floor under the script parser's agreement with RouterOS."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.printer import source

SPEC = importlib.util.spec_from_file_location("conformance_run", Path(__file__).with_name("run.py"))
run: Any = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = run
SPEC.loader.exec_module(run)

FLOORS = {"accept-reject": 99.5, "intermediate-form": 99.0, "error-position": 99.0}


@pytest.fixture(scope="module")
def measured() -> list[Any]:
    folder = run.corpora() / "rsc-parse"
    if not folder.is_dir():
        pytest.skip(f"no corpus at {folder}: set TIKFLEET_CORPORA")
    return list(run.outcomes(folder))


@pytest.mark.parametrize("name", FLOORS)
def test_agreement_with_routeros_does_not_fall(measured: list[Any], name: str) -> None:
    assert run.figures(measured)[name] >= FLOORS[name]


def test_a_printed_script_prints_the_same_again(measured: list[Any]) -> None:
    for outcome in measured:
        try:
            once = source(parse(outcome.source))
        except ScriptError:
            continue
        assert source(parse(once.encode("utf-8", "surrogateescape"))) == once, outcome.path
