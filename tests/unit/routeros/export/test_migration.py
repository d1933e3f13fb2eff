"""A script made from two exports turns one into the other, on a model of a router."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tikfleet.routeros.export.difference import difference
from tikfleet.routeros.export.migration import migration
from tikfleet.routeros.export.model import Configuration, Item, Verb
from tikfleet.routeros.export.normal import normal
from tikfleet.routeros.export.reader import read
from tikfleet.routeros.script.builder import Dialect
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.tree import Command, UnknownCommand

SPEC = spec_from_file_location("router_model", Path(__file__).with_name("router_model.py"))
assert SPEC is not None
assert SPEC.loader is not None
model: Any = module_from_spec(SPEC)
sys.modules[SPEC.name] = model
SPEC.loader.exec_module(model)

WORDS = st.sampled_from(["a", "b", "c", "d e", 'quo"te', "$x", "naïve", "\udcff\udcfe", "", "back\\slash\n"])
RULE = st.fixed_dictionaries(
    {"chain": st.sampled_from(["input", "forward"]), "action": st.sampled_from(["accept", "drop"])},
    optional={"comment": WORDS.filter(bool), "protocol": st.sampled_from(["tcp", "udp"]), "log": st.just("yes")},
)
ADDRESS = st.integers(0, 6).map(lambda n: f"192.0.2.{n}/24")
ADDRESSES = st.dictionaries(
    ADDRESS, st.fixed_dictionaries({"interface": st.sampled_from(["a", "b"])}, optional={"comment": WORDS.filter(bool)})
)
LISTS = st.dictionaries(st.sampled_from("abcdef"), st.fixed_dictionaries({}, optional={"comment": WORDS.filter(bool)}))

# Two of them may have the same key, which then means neither.
ROUTE = st.fixed_dictionaries(
    {"dst-address": st.sampled_from(["192.0.2.0/24", "0.0.0.0/0"]), "gateway": st.sampled_from(["a", "b"])},
    optional={"blackhole": st.none(), "comment": WORDS.filter(bool)},
)
QUEUE = st.fixed_dictionaries({"target": st.sampled_from(["a", "b"])})


@st.composite
def configurations(draw: Any) -> Configuration:
    added = {
        "/interface/list": [{"name": name} | rest for name, rest in draw(LISTS).items()],
        "/ip/address": [{"address": address} | rest for address, rest in draw(ADDRESSES).items()],
        "/ip/route": draw(st.lists(ROUTE, max_size=4)),
        "/queue/simple": [
            {"name": name} | draw(QUEUE) for name in draw(st.lists(st.sampled_from("abcde"), unique=True, max_size=4))
        ],
        "/ip/firewall/filter": [
            rule if rule.get("log") is None else {**rule, "tcp-flags": "syn"}
            for rule in draw(st.lists(RULE, max_size=9))
        ],
    }
    for rule in added["/ip/firewall/filter"]:
        rule.pop("log", None)
    menus = {menu: [Item(Verb.ADD, (), dict(values)) for values in items] for menu, items in added.items() if items}
    comment = draw(WORDS)
    if comment:
        menus["/interface/ethernet"] = [Item(Verb.SET, (("default-name", "ether1"),), {"comment": comment})]
    contact = draw(WORDS)
    if contact:
        menus["/snmp"] = [Item(Verb.SET, (), {"contact": contact})]
    return Configuration(menus=menus)


@settings(max_examples=150, deadline=None)
@given(configurations(), configurations())
def test_the_script_turns_the_old_into_the_new_and_its_reverse_goes_back(
    old: Configuration, new: Configuration
) -> None:
    router = model.Router.of(old)

    there, back = migration(old, new), migration(new, old)
    notes = [*there.notes, *back.notes]
    assert all("named by its place" in note for note in notes)

    router.run(there.commands)
    assert normal(router.configuration()) == normal(new)

    # Where a place names an item, the way back needs an export of the router as it is then.
    back = migration(router.configuration(), old) if notes else back
    router.run(back.commands)
    assert normal(router.configuration()) == normal(old)


@settings(max_examples=60, deadline=None)
@given(configurations(), configurations())
def test_the_script_is_one_that_routeros_reads_with_every_name_known(old: Configuration, new: Configuration) -> None:
    for statement in parse(migration(old, new).text()).statements:
        assert not isinstance(statement, UnknownCommand)
        if isinstance(statement, Command):
            assert statement.fault is None


@settings(max_examples=100, deadline=None)
@given(configurations())
def test_an_export_reads_back_from_its_normal_form(configuration: Configuration) -> None:
    text = normal(configuration)
    again = read(text)
    assert normal(again) == text
    assert not difference(configuration, again)
    assert not migration(configuration, again).commands
    assert not again.unread


@settings(max_examples=100, deadline=None)
@given(configurations(), configurations())
def test_two_normal_forms_are_equal_exactly_when_nothing_differs(old: Configuration, new: Configuration) -> None:
    assert (normal(old) == normal(new)) == (not difference(old, new))


def test_a_script_refuses_a_router_that_has_changed_meanwhile() -> None:
    old = read("/ip firewall filter\nadd chain=a\nadd chain=b\n")
    new = read("/ip firewall filter\nadd chain=b\nadd chain=a\n")
    router = model.Router.of(read("/ip firewall filter\nadd chain=a\n"))

    with pytest.raises(model.Refused, match="does not have the 2 items"):
        router.run(migration(old, new).commands)


def test_one_move_is_one_command() -> None:
    rules = [f"add chain=input dst-port={n}\n" for n in range(200)]
    old = read("/ip firewall filter\n" + "".join(rules))
    new = read("/ip firewall filter\n" + "".join([*rules[1:150], rules[0], *rules[150:]]))

    commands = [command.name for command in migration(old, new).commands]

    assert commands == ["local", "if", "move"]


def test_what_can_be_referred_to_leaves_after_what_refers_to_it() -> None:
    old = read("/interface list\nadd name=L\n/interface list member\nadd interface=e list=L\n")
    new = read("")

    commands = [command.menu for command in migration(old, new).commands]

    assert commands == [("interface", "list", "member"), ("interface", "list")]


def test_a_default_that_is_not_known_is_told_and_not_guessed() -> None:
    plan = migration(read("/snmp\nset engine-id=1\n"), read(""))

    assert plan.commands == []
    assert plan.notes == ["/snmp: engine-id goes back to its default, which is not known here: set it by hand"]


def test_a_switch_that_is_gone_from_exports_of_one_release_goes_the_other_way() -> None:
    release = "# 2025-03-10 15:04:33 by RouterOS 7.18.2\n"
    on = "/interface wifi\nset [ find default-name=wifi1 ] disabled=no\n"

    assert 'disabled="yes"' in migration(read(release + on), read(release)).text()
    assert migration(read(on), read("")).commands == []
    assert 'disabled="no"' in migration(read(on.replace("=no", "=yes")), read("")).text()


def test_a_matcher_is_unset() -> None:
    old = read("/ip firewall filter\nadd chain=input action=drop src-address=192.0.2.1 comment=x\n")
    new = read("/ip firewall filter\nadd chain=input action=drop comment=x\n")

    assert "!src-address" in migration(old, new).text()


def test_hostile_text_stays_inside_its_quotes() -> None:
    evil = '\\"] ; /system reset-configuration ; $x [/user remove 0]\\r\\n'
    text = migration(read(""), read(f'/ip address\nadd address=1.2.3.4/24 comment="{evil}" interface=a\n')).text()

    (command,) = [statement for statement in parse(text).statements if isinstance(statement, Command)]
    assert command.path == "/ip/address/add"


def test_bytes_that_are_no_text_are_kept() -> None:
    old = read(b'/interface ethernet\nset [ find default-name=ether1 ] comment="\\C2 \\F1"\n')
    new = read('/interface bridge\nadd name="\\C2\\F2"\n/interface ethernet\nset [ find ] comment=a\n')
    assert 'name="\\C2\\F2"' in migration(old, new).text()
    assert 'comment="\\C2 \\F1"' in migration(new, old).text()


def test_an_old_router_gets_menus_with_blanks() -> None:
    text = migration(read(""), read("/ip address\nadd address=1.2.3.4/24 interface=a\n")).text(Dialect.V6)

    assert text.startswith("/ip address add ")
