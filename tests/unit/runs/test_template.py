"""Values in scripts: whatever they hold, they stay values."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tikfleet.domains.inventory.public import DeviceValues
from tikfleet.domains.runs.errors import RunContradictory
from tikfleet.domains.runs.rendering import Rendering
from tikfleet.domains.runs.spec import Change, MenuState, Parameter
from tikfleet.domains.runs.template import Template, TemplateFault
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.routeros.check.checker import check
from tikfleet.routeros.check.walk import nodes
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.tree import Command, Text

HOSTILE = [
    '"; /system reset-configuration; "', '\\"; /system reboot', "$[/system reboot]", "a\n/system reboot",
    "]}; /user remove 0",
    "${other}", "# comment", "\\", '"', "$", "\x00", "\r\n", "é", "\ud7ff", "{:put 1}", "`", "'", ";", "a" * 5000,
]  # fmt: skip
DEVICE = DeviceValues(
    id=DeviceId("dev_1"), org_id=OrganisationId("org_1"), name="n", identity='x"; /system reboot; "', serial="S1",
    version="7.16.2 (stable)", site="Riga", tags=("a", "b c"), tier="A",
)  # fmt: skip


def commands(script: str) -> list[str]:
    return [node.path for node in nodes(parse(script).statements) if isinstance(node, Command)]


def texts(script: str) -> list[str]:
    found = [node.constant() for node in nodes(parse(script).statements) if isinstance(node, Text)]
    return [text.encode("latin-1").decode() for text in found if text is not None]


@settings(max_examples=400, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[2])
def test_whatever_a_value_holds_it_stays_one_value(value: str) -> None:
    filled = Template('/system identity set name=${x}\n:put (${x} . "y")').fill({"x": value})
    assert commands(filled) == ["/system/identity/set", "/put"]
    assert texts(filled) == [value, value, "y"]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_pass_the_check_of_the_router(value: str) -> None:
    filled = Template(":put ${x}; :put [:len ${x}]").fill({"x": value})
    assert commands(filled) == ["/put", "/put", "/len"]
    assert not check(filled, "7.16.2")


@pytest.mark.parametrize(
    "script",
    [
        ':put "hello ${x}"', ':put "a $[:put "b ${x} c"] d"', ':put "$[:put ${x}]${x}"', ":put a${x}", ":put ${x}b",
        ':put "${x}"', "/system scheduler add name=a on-event=${x}", ":execute ${x}", "[:parse ${x}]",
        '/system scheduler add name=a on-event=("/log info " . ${x})', ':put "\\"${x}"',
        "/system script add name=x source=${x}", "/ip dhcp-server add interface=a lease-script=${x}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["harmless", '"; /system reboot; "'])
def test_where_a_value_would_be_code_or_half_a_string_it_is_refused(script: str, value: str) -> None:
    with pytest.raises(TemplateFault):
        Template(script).fill({"x": value})


def test_a_comment_with_quotes_does_not_turn_the_script_inside_out() -> None:
    script = '# don\'t say "hi\n:put ${x}\n{ # and "again\n:put "y" }'
    assert commands(Template(script).fill({"x": '"; /system reboot; "'})) == ["/put", "/put"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*'"$\\{}[]();:# \nputx=.', "${x}", ":put ", '"a"']), max_size=25).map("".join),
    st.sampled_from(HOSTILE),
)
def test_no_template_lets_a_value_change_what_it_does(source: str, value: str) -> None:
    """Whatever the template, the filled script has the commands of the one with a harmless value, or none is made."""
    try:
        filled = Template(source).fill({"x": value})
    except TemplateFault:
        return
    if "${x}" in source and filled != source:
        assert commands(filled) == commands(Template(source).fill({"x": "harmless"}))
        assert "/system/reboot" not in commands(filled)


def test_values_have_the_spelling_of_their_types() -> None:
    values: dict[str, Any] = {"a": 5, "b": True, "c": ["x", "y z"]}
    filled = Template(":put ${a}; :put ${b}; /ip dns set servers=${c}").fill(values)
    assert filled == ':put 5; :put yes; /ip dns set servers="x,y z"'


def test_an_escaped_placeholder_and_one_in_a_comment_stay() -> None:
    assert Template('# ${x}\n:put "\\${x}"').names == []


@pytest.mark.parametrize(
    ("type_", "value"),
    [("integer", "5"), ("integer", True), ("boolean", "yes"), ("address", "1.2.3"), ("address", "x; /system reboot"),
     ("duration", "soon"), ("list", "a"), ("string", 5), ("list", ["a,b"])],
)  # fmt: skip
def test_a_value_that_is_none_of_its_type_is_refused(type_: Any, value: Any) -> None:
    with pytest.raises((RunContradictory, TemplateFault)):
        Rendering(Change(kind="script", script=":put ${x}", parameters=(Parameter("x", value, type_),))).write(DEVICE)


def test_what_a_router_calls_itself_is_quoted_too() -> None:
    rendered = Rendering(Change(kind="script", script=":put ${device.identity}; :put ${device.tags}")).write(DEVICE)
    assert commands(rendered.script or "") == ["/put", "/put"]
    assert texts(rendered.script or "")[0] == DEVICE.identity


def test_a_name_that_nobody_gives_a_value_is_refused_before_any_device_is_looked_at() -> None:
    with pytest.raises(RunContradictory, match="nobody"):
        Rendering(Change(kind="script", script=":put ${nobody}"))


def test_a_parameter_that_the_script_does_not_use_is_a_mistake() -> None:
    with pytest.raises(RunContradictory, match="unused"):
        Rendering(Change(kind="script", script=":put 1", parameters=(Parameter("unused", "x"),)))


def test_a_menu_is_set_or_its_item_added_whatever_there_was() -> None:
    single = Change(kind="menu", desired=MenuState("/ip/dns", {"servers": "192.0.2.1"}))
    assert Rendering(single).write(DEVICE).script == '/ip/dns/set servers="192.0.2.1"\n'
    listed = Change(
        kind="menu",
        desired=MenuState(
            "/ip/firewall/address-list", {"comment": "at ${device.site}"}, {"list": "a", "address": "1.1.1.1"}
        ),
    )
    script = Rendering(listed).write(DEVICE).script or ""
    assert not check(script, "7.16.2")
    assert commands(script).count("/ip/firewall/address-list/add") == 1
    assert commands(script).count("/ip/firewall/address-list/set") == 1
    assert "at Riga" in texts(script)


@pytest.mark.parametrize("value", [value for value in HOSTILE if value != "${other}"])
def test_a_hostile_property_of_a_menu_stays_a_value(value: str) -> None:
    change = Change(kind="menu", desired=MenuState("/ip/pool", {"comment": value}, {"name": value}))
    script = Rendering(change).write(DEVICE).script or ""
    assert set(commands(script)) == {"/if", "/ip/pool/find", "/ip/pool/add", "/ip/pool/set"}


@pytest.mark.parametrize("menu", ["/ip/dns; /system", "/ip dns\n", "ip/$x", "/"])
def test_a_menu_that_is_no_menu_is_refused(menu: str) -> None:
    with pytest.raises(RunContradictory):
        Rendering(Change(kind="menu", desired=MenuState(menu, {"a; /x": "1"})))
