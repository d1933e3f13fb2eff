"""The language, case by case.

The expected answers come from the manual's scripting page, from reports of a lab on 7.21, and from our reference.
"""

import pytest

from tikfleet.virtual.menus.request import Caller

from .small_router import HastyClock, SmallRouter

# ruff: noqa: E501, ISC004 - a case is a line
MANUAL = [
    (":put (3+4)", "7"),
    (":put (1-6)", "-5"),
    (":put (10 / 2); :put ((10)/2)", "5\n5"),
    (":put (5 % 3)", "2"),
    ("{ :local a 1; :put (-a) }", "-1"),
    (":put (3<4)", "true"),
    (":put (2=2)", "true"),
    (":put (!true)", "false"),
    (":put (true&&true)", "true"),
    (":put (true||false)", "true"),
    (":put (1.1.1.1/32 in 1.0.0.0/8)", "true"),
    (":put (~0.0.0.0)", "255.255.255.255"),
    (":put (192.168.88.0|0.0.0.255)", "192.168.88.255"),
    (":put (2001::1|::ffff)", "2001::ffff"),
    (":put (192.168.88.77&255.255.255.0)", "192.168.88.0"),
    (":put (192.168.88.77>>24)", "0.0.0.192"),
    (':put ("concatenate" . " " . "string")', "concatenate string"),
    (":put ({1;2;3} , 5 )", "1;2;3;5"),
    (':local myVar "world"; :put "Hello $myVar"', "Hello world"),
    (':local a 5; :local b 6; :put " 5x6 = $($a * $b)"', " 5x6 = 30"),
    (':put [ :len "length=8" ]', "8"),
    (':local a {a=1;b=2}; :put ($a->"a"); :put ($a->"b")', "1\n2"),
    (':put [:find "abc" "a" -1]', "0"),
    (':put [:pick "abcde" 1 3]', "bc"),
    (":put [:typeof 4]", "num"),
    (':onerror errorName in={ :error "failure" } do={ :put "Critical $errorName" }', "Critical failure (:error; line 1)"),
    (':global myFunc [:parse ":put hello!"]; $myFunc', "hello!"),
    (":global myFunc do={:put \"arg a=$a\"; :put \"arg '1'=$1\"}\n$myFunc a=\"this is arg a value\" \"this is arg1 value\"",
     "arg a=this is arg a value\narg '1'=this is arg1 value"),
    (":global myFunc do={ :return ($a + $b)}\n:put [$myFunc a=6 b=2]", "8"),
    (':global my2 "123"\n:global myFunc do={ :global my2; :put $my2; :set my2 "lala"; :put $my2 }\n$myFunc my2=1234\n'
     ':put "global value $my2"', "1234\nlala\nglobal value 123"),
    (":global funcA do={ :return 5 }\n:global funcB do={\n:global funcA;\n:return ([$funcA] + 4)\n}\n:put [$funcB]", "9"),
    (':foreach k,v in={2; "aX"=1; y=2; 5} do={:put ("$k=$v")}', "0=2\n1=5\naX=1\ny=2"),
    (':foreach v in={2; "aX"=1; y=2; 5} do={:put ("$v")}', "2\n5\n1\n2"),
    (':global a {x=1; y=2}\n:set ($a->"x") 5\n:put $a', "x=5;y=2"),
    ("{\n:local a 3;\n{\n:global b 4;\n}\n:put ($a+$b);\n}", "3"),
    ("{\n:local a 3;\n{\n:global b 4;\n}\n:global b;\n:put ($a+$b);\n}", "7"),
    (':onerror e in={:put [:resolve a.example]} do={:put "resolver failed"}\n:put "lalala"', "resolver failed\nlalala"),
    (":put [:serialize value=a,b,c to=json]", '["a","b","c"]'),
    (':put [:convert transform=lc "AAA"]', "aaa"),
    (":put [:convert 001 to=hex]", "31"),
]  # fmt: skip
LAB = [
    ("{ :global f do={ :return 1 }; :put [:typeof $f] }", "array"),
    (':put [:typeof [:parse ":return 1"]]', "code"),
    (":put [:typeof []]; :put [:len []]", "nil\n0"),
    (':put [:typeof [:tonum "23.8"]]', "nil"),
    (':put [:typeof [:tonum " 100 "]]', "nil"),
    (":put [:typeof [:tonum true]]", "nil"),
    (':put [:tonum "-456"]', "-456"),
    (":put [:tostr 1h30m]", "01:30:00"),
    (":put [:tostr {1;2;3}]", "1;2;3"),
    (":put [:toip 10.0.0.0/24]", "10.0.0.0"),
    (':put [:typeof [:toip "256.1.1.1"]]', "nil"),
    (':put [:tobool 1]; :put [:typeof [:tobool "yes"]]', "true\nnil"),
    (':put [:len [:toarray "a,b,c" delimiter=","]]', "3"),
    (':put [:totime "1h30m"]; :put [:typeof [:totime "nottime"]]', "01:30:00\nnil"),
    (":put [:tonsec 1s]", "1000000000"),
    (':put [:typeof [[:parse ":return 1.1.1.1"]]]', "ip"),
    (':put [:convert "abc" to=base64]; :put [:convert from=base64 "YWJj"]', "YWJj\nabc"),
    (':put [:convert from=base64 "YWJjZA==" transform=reverse to=hex]', "64636261"),
    (':put [:len [:convert "test" transform=md5]]; :put [:len [:convert "test" transform=sha512]]', "16\n64"),
    (':local s "5"; :put ($s + 10)', "15"),
    (':put (true . "-suffix")', "true-suffix"),
    (':local n; :put ($n . "text"); :put ($n + 1)', "text\n1"),
    (":put (10 / 3)", "3"),
    (":put (0xFF & 0x0F); :put (1 << 4)", "15\n16"),
    (":put (9223372036854775807 + 1)", "-9223372036854775808"),
    (':put (5 = "5"); :put (true = 1)', "true\nfalse"),
    (":put (192.168.1.0/24 in 192.168.0.0/16)", "true"),
    (":put (192.168.1.1 + 1)", "192.168.1.2"),
    (":local m ({1;2},{3;4}); :put [:len $m]", "4"),
    (":put (23:00:00 + 3:00:00)", "1d02:00:00"),
    (":put (1s > 500ms); :put (1m = 60s)", "true\ntrue"),
    (':local r [:if (true) do={ :return "yes" } else={ :return "no" }]; :put $r', "yes"),
    (":if (1) do={ :put one }", "one"),
    (":local n 0; :for i from=10 to=5 do={ :set n ($n + 1) }; :put $n", "6"),
    (":for i from=0 to=4 step=2 do={ :put $i }", "0\n2\n4"),
    (":local n 0; :for i from=1 to=3 do={ :set i 999; :set n ($n + 1) }; :put $n", "3"),
    (":local n 0; :do { :set n 1 } while=(false); :put $n", "1"),
    (":global c 0; :global f do={ :global c; :set c ($c + 1); :return true }; :if (true || [$f]) do={}; :put $c", "1"),
    (":global f do={ :global f; :if ($1 <= 1) do={ :return 1 }; :return ($1 * [$f ($1 - 1)]) }; :put [$f 5]", "120"),
    (":local a [:onerror e in={ :error x } do={}]; :put $a", "true"),
    (":local a [:onerror e in={ :put ok } do={}]; :put $a", "ok\nfalse"),
    (":local x outer; { :local x in; :put $x }; :put $x", "in\nouter"),
    (":global g1 g; { :local g1 l; :set g1 m; :put $g1 }; :put $g1", "m\ng"),
    (":for i from=1 to=1 do={}; :put [:typeof $i]", "nothing"),
    (':local a {1;2}; :put [:typeof ($a->99)]; :put [:typeof ($a->"x"->"y")]', "nothing\nnothing"),
    (':put [:typeof [:execute ":put 1"]]; :put [:execute script=":put 456" as-string]', "id\n456\n"),
    (':onerror e in={ :execute script=":error x" as-string } do={ :put caught }; :put after', "after"),
    (":interface set [find name=nonexistent] disabled=yes; :put fine".replace(":interface", "/interface"), "fine"),
    (":put [:typeof [/system clock get date]]; :put [:typeof [/system clock get time]]", "str\ntime"),
    (":put [:typeof [:timestamp]]", "time"),
    (':global arr []; :set ($arr->0) {"ip"="1.1.1.1"}; :put ($arr->0->"ip")', "1.1.1.1"),
    (":put [:typeof [:put sometext]]", "sometext\nstr"),
    (':put "\\E2\\9C\\85"', "✅"),
    (':put [:totime "2023-08-18 00:00:00"]', "2798w1d00:00:00"),
    (":put [:tonum 1s]", "1"),
    (':put [:convert from=byte-array to=num [:convert to=byte-array from=hex "0BA4"]]', "2980"),
    (":put [:convert from=num to=byte-array 257]", "1;1"),
]  # fmt: skip
REFERENCE = [
    (":local a 1; :set a; :put [:typeof $a]", "nothing"),
    (':put ("x" . {1;2})', "x1;x2"),
    (":put 200ms", "00:00:00.200"),
    (":put (1w2d + 3h4m5s)", "1w2d03:04:05"),
    (":put yes", "true"),
    (':put [:toarray ""]; :put [:typeof [:toarray ""]]', "\narray"),
    (':local f do={ :return [:len $1] }; :put [$f "\\C3\\A9"]', "2"),
    (':local t "äö"; :put [:pick $t 0 2]', "ä"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), [*MANUAL, *LAB, *REFERENCE])
async def test_a_script_prints_what_routeros_prints(source: str, expected: str) -> None:
    router = SmallRouter("7.22.1", clock=HastyClock())

    shown = (await router.run(source)).shown

    assert shown == expected + "\n"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (":error boom", "boom (:error; line 1)"),
        ("\n\n:error boom", "boom (:error; line 3)"),
        (":foo", "bad command name foo (line 1 column 2)"),
        (":put (", "missing closing parenthesis (line 1 column 7)"),
        (':put ("abc" < "xyz")', "cannot compare if string is less than string (:put; line 1)"),
        (":put (true + 1)", "cannot add integer number to boolean (:put; line 1)"),
        (':if ("text") do={}', "conditional not boolean (:if; line 1)"),
        (':put (!"a")', "cannot invert string (:put; line 1)"),
        (":return", "missing value(s) of argument(s) value (:return; line 1)"),
        ("/ip address add interface=ether1", None),
        ("/interface get nonexistent name", "no such item (/interface/get; line 1)"),
        ("/file/get nonexistent contents", "no such item (/file/get; line 1)"),
        (":onerror e in={ :error a } do={ :error b }", "b (:error; line 1)"),
        (":onerror e in={ :quit } do={ :put caught }; :put after", ""),
    ],
)
async def test_an_error_reads_as_routeros_writes_it(source: str, error: str | None) -> None:
    outcome = await SmallRouter("7.22.1").run(source)

    assert outcome.printed == ""
    assert (outcome.error or "") == error if error is not None else outcome.error


async def test_version_6_says_nothing_of_places(router_of: type[SmallRouter]) -> None:
    assert (await router_of("6.49.10").run(":error boom")).error == "boom"


@pytest.mark.parametrize(
    ("source", "before", "since"),
    [
        (":put [:serialize to=json value={1}]", "7.12.1", "7.13.5"),
        (':put [:deserialize from=json value="[1]"]', "7.12.1", "7.13.5"),
        (":onerror e in={:error x} do={:put $e}", "7.12.1", "7.13.5"),
        (":put [:convert abc to=hex]", "7.10.2", "7.11.3"),
        (":put [:tonsec 1s]", "7.11.3", "7.12.1"),
        (":put [:jobname]", "7.11.3", "7.12.1"),
        (':put [:tolf "a"]', "7.13.5", "7.14.3"),
        (":lock", "7.15.3", "7.16"),
        (":put [:range 1 3]", "7.16", "7.17"),
        (":while (true) do={ :break }", "7.21", "7.22"),
        (":put [:timestamp]", "6.49.10", "7.9"),
        (":put [:rndstr length=4]", "6.49.10", "7.9"),
    ],
)
async def test_a_command_comes_with_its_release(source: str, before: str, since: str) -> None:
    assert "(line 1 column" in ((await SmallRouter(before).run(source)).error or "")
    assert (await SmallRouter(since).run(source)).error is None


async def test_an_argument_comes_with_its_release() -> None:
    source = ":put [:serialize to=json value=1 options=json.pretty]"

    assert "(line 1 column" in ((await SmallRouter("7.15.3").run(source)).error or "")
    assert await SmallRouter("7.16").shown(source) == "1"


async def test_an_unknown_command_is_an_error_only_when_it_runs(router: SmallRouter) -> None:
    assert await router.shown(":if (false) do={ :nosuch }; :put fine") == "fine"
    assert await router.shown(":do { :nosuch } on-error={ :put caught }") == "caught"


async def test_break_and_continue_leave_a_round(router_of: type[SmallRouter]) -> None:
    router = router_of("7.22.1")
    source = ":for i from=1 to=9 do={ :if ($i = 2) do={ :continue }; :if ($i = 4) do={ :break }; :put $i }"

    assert await router.shown(source) == "1\n3"


async def test_retry_waits_between_its_turns() -> None:
    clock = HastyClock()
    router = SmallRouter(clock=clock)
    begun_s = clock.now_s()
    turn = ":global n; :set n ($n + 1); :if ($n < 3) do={ :error x }"
    source = f":global n 0; :retry command={{ {turn} }} delay=2 max=5; :put $n"

    assert await router.shown(source) == "3"
    assert clock.now_s() - begun_s == 4


async def test_globals_live_until_a_reboot_and_belong_to_a_user(router: SmallRouter) -> None:
    await router.run(":global kept {1;2}")

    assert await router.shown(":global kept; :put $kept") == "1;2"
    assert await router.shown("/system script environment print") != ""
    router.console.reboot()
    assert await router.shown(":global kept; :put [:typeof $kept]") == "nothing"


async def test_a_global_can_be_removed_from_the_environment(router: SmallRouter) -> None:
    await router.run(":global one 1; :global two 2")

    await router.run('/system script environment remove [/system script environment find where name="one"]')

    assert await router.shown(":put [/system script environment get [find] name]".replace("[find]", "two")) == "two"
    assert await router.shown(":global one; :put [:typeof $one]") == "nothing"


async def test_an_array_is_passed_by_value(router: SmallRouter) -> None:
    source = ':local a {x=1}; :local b $a; :set ($b->"x") 2; :put "$a $b"'

    assert await router.shown(source) == "x=1 x=2"


async def test_a_property_shadows_a_variable_inside_where(router: SmallRouter) -> None:
    assert await router.shown(":local type ether1; :put [:len [/interface find where name=$type]]") == "0"
    assert await router.shown(":local wanted ether1; :put [:len [/interface find where name=$wanted]]") == "1"


async def test_an_unquoted_block_is_kept_as_it_was_written(router: SmallRouter) -> None:
    await router.run('/system script add name=s source={:put "a $1"; /log info [:len "x"]}')

    assert await router.shown(":put [/system script get s source]") == ':put "a $1"; /log info [:len "x"]'


async def test_a_session_stays_in_a_menu_and_forgets_its_locals(router: SmallRouter) -> None:
    session = router.console.session(Caller())

    assert session.run("/ip address") == ""
    assert session.menu == "/ip/address"
    assert session.run(":put [:len [find]]") == "0\n"
    assert session.run(":local a 1") == ""
    assert session.run(":put [:typeof $a]") == "nothing\n"
    assert session.run("nosuch") == "bad command name nosuch (line 1 column 1)\n"
