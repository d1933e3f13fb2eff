from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Interface

import pytest

from tikfleet.routeros.script.builder import FLAG, UNSET, Array, Block, Command, Dialect, Result, Variable, find, script
from tikfleet.routeros.script.quoting import comma_list, literal, quote


def test_every_byte_outside_printable_ascii_is_escaped() -> None:
    assert quote('say "hi" $x\\\r\n\tñ\x00') == '"say \\"hi\\" \\$x\\\\\\r\\n\\t\\C3\\B1\\00"'
    assert quote(b"\xff") == '"\\FF"'
    assert quote("") == '""'


def test_literals_take_the_spelling_of_their_type() -> None:
    assert literal(value=True) == "yes"
    assert literal(42) == "42"
    assert literal(timedelta(minutes=90)) == "1h30m"
    assert literal(IPv4Interface("192.0.2.1/24")) == "192.0.2.1/24"
    assert literal(["a", 1]) == '{"a";1}'
    assert literal({"k": "v"}) == '{"k"="v"}'
    assert literal([]) == '[:toarray ""]'


def test_an_element_with_a_comma_cannot_join_a_list() -> None:
    assert comma_list(["read", "write"]) == '"read,write"'
    with pytest.raises(ValueError, match="holds a comma"):
        comma_list(["a,b"])


def test_a_command_is_spelled_for_its_release() -> None:
    command = Command("/ip/address", "add", address="192.0.2.1/24", interface="ether1", disabled=False)

    assert command.render() == '/ip/address/add address="192.0.2.1/24" interface="ether1" disabled=no'
    assert command.render(Dialect.V6) == '/ip address add address="192.0.2.1/24" interface="ether1" disabled=no'
    assert Command("ip address", "print", as_value=FLAG).render() == "/ip/address/print as-value"
    assert Command("", "put", message="$x").render() == ':put message="\\$x"'
    assert Command("/", "import", {"file-name": "a.rsc"}).render(Dialect.V6) == ':import file-name="a.rsc"'


def test_commands_nest() -> None:
    change = Command("/ip/address", "set", numbers=find("/ip/address", comment="wan"), comment=UNSET, disabled=True)
    block = Block([change, Command("", "delay", {"delay-time": timedelta(seconds=1)})])

    assert block.render(Dialect.V6) == (
        '{/ip address set numbers=[/ip address find comment="wan"] !comment disabled=yes; :delay delay-time=1s}'
    )
    assert Command("", "put", message=Variable("x")).render() == ":put message=$x"
    assert Command("", "global", name="x", value=Array([1, 2])).render() == ':global name="x" value={1;2}'
    assert Result(Command("/system/identity", "get")).render() == "[/system/identity/get]"
    assert script([Command("", "beep")]) == ":beep\n"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Command("/ip/address; /system reboot", "add"),
        lambda: Command("/ip/address", "add\n"),
        lambda: Command("/ip/address", "add", {"a=b c": "x"}),
        lambda: Command("/ip/address", "add", {"comment\n": "x"}),
        lambda: Variable("x]"),
        lambda: Variable(""),
    ],
)
def test_a_name_that_could_carry_syntax_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="is not a RouterOS"):
        make()
