import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.intermediate import intermediate_form
from tikfleet.routeros.script.parser import parse
from tikfleet.routeros.script.printer import source
from tikfleet.routeros.script.quoting import quote
from tikfleet.routeros.script.tree import Command, Text

# Words and signs of the language, so that random scripts get past the first character.
TOKENS = [
    *' \n\t;:/{}[]()"$\\#=.,+-*%&|^~!<>',
    *("put", "local x", "set x", "if", "do={", "else={", "foreach i in=", "find where", "ip", "address", "print"),
    *("->", "<%%", "and", "or", "in", "1.1", "5m", "yes", "0x1F", "a", "as-value", "\\n", "\\\n", "$x", '"a$x"', "é"),
]
scripts = st.lists(st.sampled_from(TOKENS), max_size=60).map("".join)


def form(text: str) -> str:
    return intermediate_form(parse(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("# only a comment\n", "/"),
        (":put 1; :put yes", "(evl /putmessage=1);(evl /putmessage=true)"),
        ("/ip address add address=192.0.2.1/24", "(evl /ip/address/addaddress=192.0.2.1;24)"),
        ("/ip addr add addr=192.0.2.1/24", "(evl /ip/address/addaddress=192.0.2.1;24)"),
        ("/ip/route\nprint detail", "/ip/route/;(evl /ip/route/printdetail=true)"),
        (':local x "a$y b"', "(evl /localname=$x;value=(. a $y  b))"),
        (":put (1 + 2 * 3)", "(evl /putmessage=(+ 1 (* 2 3)))"),
        (':put ($a->0->"k")', "(evl /putmessage=(-> (-> $a 0) k))"),
        ("$f 1 b=2", "(<%% $f (> $f);1;b=2)"),
        (":if (1 = 1) do={} else={:put a}", "(evl /ifcondition=(= 1 1);do=;(evl /);else=;(evl (evl /putmessage=a)))"),
        (":delay 90", "(evl /delaydelay-time=00:01:30)"),
        ("nonsense 1 b=2", "(<%% bad command name nonsense (line 1 column 1) nonsense;1;b=2)"),
        (":global f {b=1;a=2}", "(evl /globalname=$f;value=a=2;b=1)"),
        ("/tool fetch url=x output=user as-value", "(evl /tool/fetchas-value=user;output=user;url=x)"),
    ],
)
def test_the_form_is_the_one_a_router_prints(text: str, expected: str) -> None:
    assert form(text) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        # A router's own answers, as people reported them.
        (":local MAX_ACTIONS 200", "expected end of command (line 1 column 11)"),
        ("/system note set note= show-at-login=yes", "expected end of command (line 1 column 37)"),
        ("/export terse show-sensitive=no", "expected end of command (line 1 column 29)"),
        ("/ip address print ?", "expected end of command (line 1 column 19)"),
        ("/ip firewall address-list\nadd list='a' address=192.0.2.1", "syntax error (line 2 column 10)"),
        ("/zerotier/print", "syntax error (line 1 column 10)"),
        (':put "é"; /zerotier/print', "syntax error (line 1 column 21)"),
        (";;; Note", "expected command name (line 1 column 5)"),
        # Names of variables are letters and digits, says the manual.
        (":global my-var 1", "expected end of command (line 1 column 11)"),
    ],
)
def test_a_refusal_stands_where_a_router_puts_it(text: str, fault: str) -> None:
    with pytest.raises(ScriptError) as refused:
        parse(text)

    assert str(refused.value) == fault


def test_blanks_may_stand_before_a_value() -> None:
    assert form(":for i from= 1 to= 2 do={}") == "(evl /forcounter=$i;do=;(evl /);from=1;to=2)"
    assert form("/system note set note= ; :put 1") == "(evl /system/note/setnote=);(evl /putmessage=1)"


def test_a_flag_of_print_takes_no_value() -> None:
    assert form("/ip address print detail terse") == "(evl /ip/address/printdetail=true;terse=true)"
    with pytest.raises(ScriptError):
        parse("/ip address print detail=yes")


def test_values_take_the_shape_of_their_argument() -> None:
    assert form("/user group add policy=read,!api") == "(evl /user/group/addpolicy=;read;true;api)"
    assert form("/ip dhcp-server add lease-time=30m") == "(evl /ip/dhcp-server/addlease-time=00:30:00)"
    assert form("/interface bridge add port-cost-mode=long") == "(evl /interface/bridge/addport-cost-mode=true)"


def test_a_menu_stands_until_the_next_one() -> None:
    assert form("/ip pool\n:foreach i in=[find] do={remove $i}") == (
        "/ip/pool/;(evl /foreachcounter=$i;do=;(evl (evl /ip/pool/removenumbers=$i));in=(evl (evl /ip/pool/find)))"
    )


def test_an_unknown_argument_passes_from_7_23_on() -> None:
    text = "/ip address add name=x"

    with pytest.raises(ScriptError):
        parse(text, "7.22.3")
    assert intermediate_form(parse(text, "7.23rc1")) == ("(evl bad parameter name (line 1 column 21) /ip/address/add)")


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        (":put 1\n{:put 2", 2, 8, "missing closing brace"),
        ("/ip address add nonsense=1", 1, 17, "expected end of command"),
        ("Flags: X", 1, 1, "expected command name"),
        ("/ip/address>", 1, 12, "expected command name"),
        (":set undeclared 1", 1, 6, "syntax error"),
        (":put (1 +)", 1, 8, "syntax error"),
        ("/ip/address/find where=", 1, 24, "missing value for where"),
        ('/log info message="\\q"', 1, 21, "expected message value"),
        ("\t\tnonsense:", 1, 24, "syntax error"),
    ],
)
def test_a_refusal_tells_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(ScriptError) as refused:
        parse(text)

    assert (refused.value.line, refused.value.column, refused.value.reason) == (line, column, reason)


def test_columns_count_bytes() -> None:
    with pytest.raises(ScriptError) as refused:
        parse(':put "é" x')

    assert refused.value.column == 11


@given(st.binary(max_size=80))
def test_what_is_quoted_parses_back_to_the_same_bytes(data: bytes) -> None:
    (command,) = parse(f":put {quote(data)}").statements

    assert isinstance(command, Command)
    text = command.arguments["message"]
    assert isinstance(text, Text)
    assert (text.constant() or "").encode("latin-1") == data


@settings(deadline=2000, max_examples=300)
@given(scripts)
def test_no_script_crashes_the_parser_or_its_printers(text: str) -> None:
    try:
        tree = parse(text)
    except ScriptError:
        return
    intermediate_form(tree)
    once = source(tree)

    assert source(parse(once)) == once


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("/ip addr\nadd addr=1.1 int=ether1", "/ip/address\n/ip/address/add address=1.1 interface=ether1\n"),
        (':local "a b" {1;x="y"}', ':local name="a b" value={1;x="y"}\n'),
        ("/ip arp { remove [find !dynamic] }", "/ip/arp {/ip/arp/remove numbers=[/ip/arp/find where !$dynamic]\n}\n"),
        ('$f "a$x" b=(1+2)', '$f "a$($x)" b=(1 + 2)\n'),
        ("/interface bridge set 0 !comment", "/interface/bridge/set numbers=0 !comment\n"),
    ],
)
def test_a_printed_script_has_full_names(text: str, printed: str) -> None:
    assert source(parse(text)) == printed


@settings(deadline=2000)
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_parser(data: bytes) -> None:
    try:
        intermediate_form(parse(data))
    except ScriptError:
        return


@pytest.mark.parametrize(
    "pattern",
    ["(", "[", "{", "(!", '"$[:put ', "(1-(", '{"$[:put {"', ":if (a) do={", "$a (1 , 1 or 1 and 1 = 1 + 1 * ("],
)
def test_deep_nesting_is_refused_soon(pattern: str) -> None:
    started = time.process_time()

    with pytest.raises(ScriptError):
        parse(":put " + pattern * 5000)

    assert time.process_time() - started < 1


def test_a_large_export_parses_at_a_megabyte_a_second() -> None:
    rule = 'add action=accept chain=input comment="defconf: accept" connection-state=established,related\n'
    text = "/ip firewall filter\n" + rule * 5000
    parse(":put 1")
    took_s = []
    for _ in range(3):
        started = time.process_time()
        parse(text)
        took_s.append(time.process_time() - started)

    # What shares the core and its caches takes part of it: the best of three.
    assert len(text) / min(took_s) > 1_000_000
