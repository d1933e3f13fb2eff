"""Questions about records: what is read, what is refused, and that a value is never anything but a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.rest.menus import menus_of
from tikfleet.routeros.rest.where import QuestionRefused, plan_of, read_where
from tikfleet.routeros.script.builder import FLAG, Dialect
from tikfleet.routeros.script.builder import Command as Built
from tikfleet.routeros.script.conditions import Compared, Selected
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.tree import Command, Condition, Operation, Text, Variable

NAT = "/ip/firewall/nat"


def rendered(text: str, version: str = "7.20.8") -> str:
    return plan_of(read_where(text), menus_of(version), ()).command.render()


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("chain=dstnat", 'chain="dstnat"'),
        ('chain=dstnat comment="a b"', 'chain="dstnat" and comment="a b"'),
        ("chain=dstnat && disabled=no", 'chain="dstnat" and disabled=no'),
        ("chain=a or chain=b and !dynamic", 'chain="a" or (chain="b" and !dynamic)'),
        ("!(chain=a || bytes>1000)", '!(chain="a" or bytes>1000)'),
        ('comment~"^web\\$"', 'comment~"^web\\$"'),
        ("src-address in 10.0.0.0/8", "src-address in 10.0.0.0/8"),
        ("src-address=10.0.0.0/8", 'src-address="10.0.0.0/8"'),
        ("src-address=10.0.0.1", "src-address=10.0.0.1"),
        ("src-mac-address=AA:BB:CC:DD:EE:FF", 'src-mac-address="AA:BB:CC:DD:EE:FF"'),
        (".id=*1a", ".id=*1A"),
        ("address-list-timeout>1d2h", "address-list-timeout>1d2h"),
        ("log", "log"),
    ],
)
def test_a_condition_is_written_anew(where: str, said: str) -> None:
    assert rendered(f"{NAT} where {where}") == f"{NAT}/print detail as-value where {said}"


@pytest.mark.parametrize(
    "text", ["/ip/address", "ip address", "/ip address print", "/ip/address/print", " /ip/address "]
)
def test_a_menu_may_be_written_in_each_way_of_the_console(text: str) -> None:
    assert rendered(text) == "/ip/address/print detail as-value"


def test_version_6_gets_blanks() -> None:
    plan = plan_of(read_where("/ip/address where interface=ether1"), menus_of("6.49.10"), ())
    assert plan.command.render(Dialect.V6) == '/ip address print detail as-value where interface="ether1"'


@pytest.mark.parametrize(
    "where",
    [
        "chain=$x",
        'chain="$x"',
        'chain="$[/system reboot]"',
        'chain="$(1)"',
        "chain=[/system reboot]",
        "chain=(1+1)",
        "chain={a}",
        "chain=a; /system reboot",
        "chain=a\n/system reboot",
        "chain=a]",
        "chain=a}",
        "[/system reboot]",
        "{chain=a}",
        "dst-port=80-90",
        "1=chain",
        '"chain"=a',
        "chain=",
        "",
        "(" * 100 + "log" + ")" * 100,
        "!" * 100 + "log",
    ],
)
def test_what_could_do_something_is_refused(where: str) -> None:
    with pytest.raises(QuestionRefused):
        read_where(f"{NAT} where {where}")


@pytest.mark.parametrize(
    "text", ["/", "", "/ip/address; /x", "/ip/address where", "/ip/[find]", "/ip/\x00", "x" * 3_000]
)
def test_what_names_no_menu_is_refused(text: str) -> None:
    with pytest.raises(QuestionRefused):
        read_where(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("/no/such", "no such command or directory (no)"),
        ("/ip/address/add", "no such command"),
        ("/ip/address where nothing=1", "this version has no property nothing there"),
        ("/system/resource where uptime>1d", "the menu is one set of values, which takes no `where`"),
    ],
)
def test_what_a_release_lacks_is_said_before_it_is_asked(text: str, reason: str) -> None:
    with pytest.raises(RestRefused) as refused:
        plan_of(read_where(text), menus_of("7.20.8"), ())
    assert refused.value.detail == reason


def test_properties_of_the_condition_are_fetched_beside_the_fields() -> None:
    plan = plan_of(read_where(f"{NAT} where chain=a"), menus_of("7.20.8"), ("action",))
    assert plan.wanted == ("action", "chain")


@given(st.text(max_size=60))
def test_a_value_stays_one_value_whatever_it_holds(value: str) -> None:
    text = value.encode("utf-8", "replace").decode()
    script = Selected(Built(NAT, "print", {"detail": FLAG, "as-value": FLAG}), Compared("comment", "=", text)).render()
    [statement] = parse(script).statements
    assert isinstance(statement, Command)
    condition = statement.arguments["where"]
    assert isinstance(condition, Condition)
    assert isinstance(condition.expression, Operation)
    left, right = condition.expression.operands
    assert left == Variable("comment")
    assert isinstance(right, Text)
    assert (right.constant() or "").encode("latin-1").decode() == text


@given(st.text(max_size=80))
def test_any_text_behind_where_is_read_or_refused(text: str) -> None:
    try:
        question = read_where(f"{NAT} where {text}")
        script = plan_of(question, menus_of("7.20.8"), ()).command.render()
    except (QuestionRefused, RestRefused):
        return
    [statement] = parse(script).statements
    assert isinstance(statement, Command)
    assert statement.path == f"{NAT}/print"
    assert set(statement.arguments) == {"detail", "as-value", "where"}
