"""What is declared of menus agrees with what routers were seen to have, to demand and to export."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from tikfleet.routeros.check import releases, requirements
from tikfleet.routeros.export.reader import read
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.menus.checking import checked
from tikfleet.virtual.menus.facts import words
from tikfleet.virtual.menus.facts.conditions import CONDITIONS, counts
from tikfleet.virtual.menus.facts.exported import EXPORTED, NAMED_WHEN_SET
from tikfleet.virtual.menus.registry import FACTS
from tikfleet.virtual.menus.request import Refused
from tikfleet.virtual.menus.schema import Kind, MenuFacts, Property, Shape

# Menus that no x86 router of 7.9 to 7.24 has, and why they are known all the same.
ELSEWHERE: Final = {
    "/interface/ethernet/poe": "boards only",
    "/interface/ethernet/switch": "boards only",
    "/interface/bridge/mlag": "boards only",
    "/port/firmware": "boards only",
    "/routing/bgp/aggregate": "RouterOS 6",
    "/routing/bgp/network": "RouterOS 6",
    "/routing/bgp/peer": "RouterOS 6",
    "/system/routerboard": "boards only",
}
# Properties that boards have and x86 does not, by menu.
OF_BOARDS: Final = {
    "/interface/ethernet": {"bandwidth", "poe-out", "poe-priority", "power-cycle-interval", "switch"},
    "/system/gps": {"gps-antenna-select", "usb-monitor"},
}
# Menus of extra packages: the tree with values of properties was taken without them.
OF_PACKAGES: Final = (
    "/caps-man",
    "/container",
    "/interface/wireless",
    "/interface/wifiwave2",
    "/system/gps",
    "/tr069-client",
    "/user-manager",
)
# What `print` shows and `get` of the recorded tree does not offer.
SHOWN_ONLY: Final = {
    "/interface/ethernet": {"orig-mac-address"},
    "/ip/vrf": {"builtin"},
    "/system/health": {"name", "type", "value"},
    "/system/license": {"system-id", "level", "next-renewal-at", "deadline-at", "limited-upgrades"}
    | {"software-id", "nlevel", "features"},
    "/system/package/update": {"installed-version", "latest-version", "status"},
}
KINDS: Final = {
    "string value": {Kind.TEXT, Kind.LIST, Kind.CHOICE, Kind.SIZE, Kind.MATCHER},
    "time interval": {Kind.DURATION, Kind.TEXT},
    "A.B.C.D    (IP address)": {Kind.ADDRESS, Kind.PREFIX, Kind.LIST, Kind.TEXT},
    "IP prefix": {Kind.PREFIX, Kind.LIST, Kind.TEXT},
    "IPv6 prefix": {Kind.PREFIX6, Kind.LIST, Kind.TEXT},
    "MAC addr": {Kind.MAC, Kind.LIST, Kind.TEXT, Kind.MATCHER},
}
NEWEST: Final = RouterOSVersion.parse("7.24")


def _properties() -> Iterator[tuple[MenuFacts, Property]]:
    return ((menu, fact) for menu in FACTS.values() for fact in menu.properties)


def _is_elsewhere(path: str) -> bool:
    return any(path == head or path.startswith(f"{head}/") for head in ELSEWHERE)


@cache
def _tree(corpora: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((corpora / "restraml/deep-inspect-7.22.3-base.json").read_text("utf-8"))
    return found


def _node(corpora: Path, path: str) -> dict[str, Any]:
    node = _tree(corpora)
    for word in path.split("/")[1:]:
        node = node.get(word, {})
    return node


def _arguments(corpora: Path, menu: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for command in ("set", "add"):
        found |= {name: node for name, node in _node(corpora, f"{menu}/{command}").items() if isinstance(node, dict)}
    return found


def _completed(node: dict[str, Any]) -> set[str]:
    return set(node.get("_completion", {}))


def test_there_are_facts_of_at_least_three_hundred_menus() -> None:
    assert len(FACTS) >= 300


def test_every_menu_is_one_that_a_router_had() -> None:
    known = releases.known().menus
    assert [path for path in FACTS if path not in known and not _is_elsewhere(path)] == []


def test_every_property_is_declared_once_in_its_menu() -> None:
    for menu in FACTS.values():
        names = [fact.name for fact in menu.properties]
        assert len(names) == len(set(names)), menu.path


def test_every_property_that_is_set_is_an_argument_that_a_router_took() -> None:
    known = releases.known()
    wrong = [
        f"{menu.path} {fact.name}"
        for menu, fact in _properties()
        if not fact.read_only and not _is_elsewhere(menu.path)
        if not any(known.argument_span(f"{menu.path}/{command}", fact.name) for command in ("add", "set"))
        and fact.name not in OF_BOARDS.get(menu.path, ())
    ]
    assert wrong == []


def test_every_property_that_is_only_shown_is_one_that_get_offers(corpora: Path) -> None:
    wrong = [
        f"{menu.path} {fact.name}"
        for menu, fact in _properties()
        if fact.read_only and not _is_elsewhere(menu.path) and not menu.path.startswith(OF_PACKAGES)
        if fact.name not in _completed(_node(corpora, f"{menu.path}/get").get("value-name", {}))
        and fact.name not in OF_BOARDS.get(menu.path, set()) | SHOWN_ONLY.get(menu.path, set())
    ]
    assert wrong == []


def test_releases_of_properties_are_those_that_were_seen() -> None:
    known = releases.known()
    wrong = []
    for menu, fact in _properties():
        spans = [known.argument_span(f"{menu.path}/{command}", fact.name) for command in ("add", "set")]
        seen = [span for span in spans if span is not None]
        if fact.since and (not seen or known.since(min(seen, key=lambda span: span.first)) != fact.since):
            wrong.append(f"{menu.path} {fact.name} since {fact.since}")
        if fact.until and (not seen or known.until(max(seen, key=lambda span: span.last)) != fact.until):
            wrong.append(f"{menu.path} {fact.name} until {fact.until}")
    assert wrong == []


def test_choices_are_words_that_the_console_offers(corpora: Path) -> None:
    wrong = []
    for menu, fact in _properties():
        node = _arguments(corpora, menu.path).get(fact.name)
        if node is None or fact.kind is not Kind.CHOICE or not _completed(node):
            continue
        alien = set(fact.choices) - _completed(node) - {"yes", "no"}
        closed = {
            word for command in ("add", "set") for word in releases.known().choice(f"{menu.path}/{command}", fact.name)
        }
        if alien - closed:
            wrong.append(f"{menu.path} {fact.name} {sorted(alien - closed)}")
    assert wrong == []


def test_kinds_are_those_that_the_console_describes(corpora: Path) -> None:
    wrong = []
    for menu, fact in _properties():
        node = _arguments(corpora, menu.path).get(fact.name, {})
        described = node.get("desc", "")
        expected = next((kinds for text, kinds in KINDS.items() if text in described), None)
        if set(_completed(node)) == {"yes", "no"}:
            expected = {Kind.BOOLEAN}
        if expected is not None and fact.kind not in expected:
            wrong.append(f"{menu.path} {fact.name} {fact.kind} {described}")
    assert wrong == []


def test_every_default_is_a_value_of_its_property_in_the_spelling_of_the_api() -> None:
    wrong = [
        f"{menu.path} {fact.name}={fact.default}"
        for menu, fact in _properties()
        if fact.default and not fact.read_only and _spelled(fact, fact.default) != fact.default
    ]
    assert wrong == []


def test_what_is_referred_to_is_a_menu_with_facts_whose_items_have_names() -> None:
    for menu, fact in _properties():
        for target in fact.refers:
            assert "name" in {known.name for known in FACTS[target].properties}, (menu.path, fact.name, target)


def test_every_first_item_is_one_that_could_have_been_added() -> None:
    for menu in FACTS.values():
        known = {fact.name: fact for fact in menu.properties}
        required = {fact.name for fact in menu.properties if fact.required}
        for item in (dict(pairs) for pairs in menu.initial):
            assert required <= item.keys() | {"password"}, (menu.path, item)
            for name, value in item.items():
                assert name in known or name in {"comment", "group", "servers"} or _is_argument(menu, name), (
                    menu.path,
                    name,
                )
                if name in known and value and known[name].kind is not Kind.LIST:
                    assert _spelled(known[name], value) == value, (menu.path, name)


def _spelled(fact: Property, value: str) -> str:
    """The value as the API shows it, or why it is none."""
    try:
        return checked(fact, value)
    except (Refused, ValueError) as cause:
        return f"{fact.name}={value}: {cause}"


def _is_argument(menu: MenuFacts, name: str) -> bool:
    return any(releases.known().argument_span(f"{menu.path}/{command}", name) for command in ("add", "set"))


def test_names_of_first_items_are_told_apart() -> None:
    for menu in FACTS.values():
        names = [dict(item).get("name") for item in menu.initial]
        assert len(set(names)) == len(names) or None in names, menu.path


def test_fixed_menus_require_nothing_and_single_ones_have_no_items() -> None:
    for menu in FACTS.values():
        assert not (menu.fixed and any(fact.required for fact in menu.properties)), menu.path
        assert not (menu.shape is Shape.SINGLE and menu.initial), menu.path


def test_what_is_required_is_what_routers_were_seen_to_demand() -> None:
    wrong = []
    for path, menu in FACTS.items():
        demanded = requirements.requirement(path, NEWEST)
        if demanded is None or not demanded.answer.startswith(requirements.MISSING):
            continue
        required = {fact.name for fact in menu.properties if fact.required}
        if required != set(demanded.names):
            wrong.append(f"{path}: {sorted(required)} rather than {sorted(demanded.names)}")
    assert wrong == []


def test_what_no_router_demanded_is_not_required() -> None:
    wrong = [
        f"{menu.path} {fact.name}"
        for menu, fact in _properties()
        if fact.required and not _is_elsewhere(menu.path)
        if requirements.requirement(menu.path, NEWEST) is None
    ]
    assert wrong == []


def _exports(corpora: Path) -> Iterator[str]:
    for path in sorted((corpora / "exports").glob("*output.txt")):
        yield path.read_text("utf-8")
    for line in (corpora / "rsc-parse/scripts.jsonl").read_text("utf-8").splitlines():
        source = json.loads(line)["source"]
        if read(source).header.version:
            yield source


def test_compact_exports_name_hardly_a_value_that_is_the_default(corpora: Path) -> None:
    compared, contradictions = 0, []
    for text in _exports(corpora):
        for path, items in read(text).menus.items():
            known = {fact.name: fact for fact in FACTS[path].properties} if path in FACTS else {}
            for name, value in ((name, value) for item in items for name, value in item.values.items()):
                if name not in known or name in EXPORTED.get(path, ()) or path.startswith(NAMED_WHEN_SET):
                    continue
                compared += 1
                spelled = {"yes": "true", "no": "false"}.get(value or "", value)
                if known[name].default in (value, spelled) and value is not None:
                    contradictions.append(f"{path} {name}={value}")
    assert compared > 600
    # DHCP clients and servers of v6 are added disabled, so that exports say `disabled=no`; one LTE modem of 7.1.
    assert sorted(set(contradictions)) == [
        "/interface/lte allow-roaming=no",
        "/ip/dhcp-client disabled=no",
        "/ip/dhcp-server disabled=no",
    ]


def test_values_of_exports_are_values_of_their_properties(corpora: Path) -> None:
    wrong = []
    for text in _exports(corpora):
        for path, items in read(text).menus.items():
            known = {fact.name: fact for fact in FACTS[path].properties} if path in FACTS else {}
            for name, value in ((name, value) for item in items for name, value in item.values.items()):
                fact = known.get(name)
                if (
                    fact is None
                    or not value
                    or value.startswith("$")
                    or fact.refers
                    or (path, name) == ("/user/group", "policy")
                ):
                    continue
                if _spelled(fact, value).startswith(f"{name}={value}: "):
                    wrong.append(f"{path} {_spelled(fact, value)}")
    assert wrong == []


def test_conditions_are_about_properties_and_words_that_menus_have() -> None:
    known = releases.known()
    for path, conditions in CONDITIONS.items():
        facts = {fact.name: fact for fact in FACTS[path].properties}
        for condition in conditions:
            words_of = set(facts[condition.decider].choices) or {"true", "false"}
            assert condition.values <= words_of, (path, condition)
            alien = {name for name in condition.names if known.argument_span(f"{path}/add", name) is None}
            assert alien == set(), (path, condition.decider)


def test_a_property_counts_where_the_one_that_decides_says_so() -> None:
    assert counts("/interface/bridge", "pvid", {"vlan-filtering": "true"})
    assert not counts("/interface/bridge", "pvid", {"vlan-filtering": "false"})
    assert counts("/interface/bridge", "priority", {})
    assert not counts("/system/logging/action", "remote-port", {"target": "memory"})


def test_values_that_exports_always_name_are_declared() -> None:
    for path, names in EXPORTED.items():
        facts = {fact.name: fact for fact in FACTS[path].properties} if path in FACTS else {}
        assert not facts or names <= facts.keys(), path


def test_marks_of_a_declared_name_say_what_it_is() -> None:
    first, second = words.number('size!+ label="a b"', words="auto", bounds=(1, 9))
    assert (first.name, first.required, first.unique, first.default) == ("size", True, True, None)
    assert (second.name, second.required, second.default) == ("label", False, "a b")
    assert first.bounds == (1, 9)
    assert first.choices == ("auto",)


def test_wrapped_properties_keep_what_they_were_declared_with() -> None:
    (fact,) = words.since("7.16", words.secret(words.text("key=x")))
    assert (fact.since, fact.sensitive, fact.default, fact.read_only) == ("7.16", True, "x", False)
    (fact,) = words.until("7.17", words.shown(words.mac("address")))
    assert (fact.until, fact.read_only, fact.kind) == ("7.17", True, Kind.MAC)


@pytest.mark.parametrize("path", ["/interface", "/ip/address", "/ip/route", "/ip/dhcp-server/lease", "/ip/service"])
def test_menus_that_telemetry_reads_show_more_than_can_be_set(path: str) -> None:
    assert any(fact.read_only for fact in FACTS[path].properties)
