"""The floor under the script parser's agreement with RouterOS."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.printer import source

SPEC = importlib.util.spec_from_file_location("conformance_crossval", Path(__file__).with_name("crossval.py"))
crossval: Any = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = crossval
SPEC.loader.exec_module(crossval)
run = crossval.run

UNSEEN_FLOORS = {"accept-reject": 98.0, "intermediate-form": 92.0, "error-position": 85.0}
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


def test_agreement_holds_for_threads_that_the_catalogue_has_not_learned_from(measured: list[Any]) -> None:
    unseen = run.figures(crossval.measure(run.corpora()))

    assert len(measured) > 0
    assert {name: floor for name, floor in UNSEEN_FLOORS.items() if unseen[name] < floor} == {}


@pytest.mark.parametrize(
    ("menu", "listed", "bound"),
    [
        ("/log", "a b | c | d", "a b c d"),
        ("/log", "a b", "a b"),
        ("/log", "| a b |", "a b"),
        ("/ip/service", "port | name proto | dynamic", "name port proto dynamic"),
        (
            "/ip/route",
            "dst-address gateway distance | immediate-gw | active",
            "dst-address gateway immediate-gw distance active",
        ),
        ("/x", "a b c | current-a current-b |", "a b current-a current-b c"),
        ("/interface/x", "name mtu vlan-id arp | mac-address | running", "name mtu mac-address arp vlan-id running"),
        ("/interface/x", "name vlan-id | mac-address | dynamic", "name vlan-id mac-address dynamic"),
    ],
)
def test_read_only_properties_and_flags_find_their_place(menu: str, listed: str, bound: str) -> None:
    assert crossval.builder.merged(menu, listed) == bound.split()


def test_a_fold_never_shares_a_thread_with_another() -> None:
    recordings = [{"path": f"forum/me/thread-{number % 7}/post-{number}.rsc"} for number in range(30)]
    dealt = crossval.folds(recordings, "topic", 3)

    threads = [{crossval.topic(one["path"]) for one in fold} for fold in dealt]
    assert sum(len(fold) for fold in dealt) == len(recordings)
    assert sum(len(names) for names in threads) == len(set.union(*threads))


def test_a_printed_script_prints_the_same_again(measured: list[Any]) -> None:
    for outcome in measured:
        try:
            once = source(parse(outcome.source))
        except ScriptError:
            continue
        assert source(parse(once.encode("utf-8", "surrogateescape"))) == once, outcome.path
