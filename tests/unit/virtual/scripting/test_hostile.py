"""Scripts that nobody means well with: a clear error, in bounded time and memory, and never a fault of ours."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.parser import parse
from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.json_form import Reader, Writer
from tikfleet.virtual.scripting.limits import Limits
from tikfleet.virtual.scripting.operators import BINARY, UNARY
from tikfleet.virtual.scripting.regex import Pattern, compiled
from tikfleet.virtual.scripting.values import NIL, NOTHING, Array, Id, Time, Value, literal, text, typename

from .small_router import HastyClock, SmallRouter

SMALL = Limits(steps=200_000, busy_s=10)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def shown(source: str, limits: Limits = SMALL) -> str:
    return (await SmallRouter(clock=HastyClock(), limits=limits).run(source)).shown


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("(" * 5_000, "nested too deeply"),
        (":put " + "[:put " * 3_000, "nested too deeply"),
        ("{" * 5_000 + "}" * 5_000, "nested too deeply"),
        (":global f do={ :global f; $f }; $f", "nested too deeply"),
        (":global f do={ :global f; :do { $f } on-error={ :error again } }; $f", "again (:error; line 1)"),
        (':local a "x"; :while (true) do={ :set a ($a . $a) }', "a string may hold 65536 bytes"),
        (":local a {1;2}; :while (true) do={ :set a ($a, $a) }", "an array may hold 65536 items"),
        (":local a {1;2}; :while (true) do={ :set a {$a;$a} }; :put x", "the script took more than"),
        (":local a {1;2}; :for i from=1 to=40 do={ :set a {$a;$a} }; :put $a", "a string may hold 65536 bytes"),
        (":local a {1;2}; :for i from=1 to=40 do={ :set a {$a;$a} }; :put [:serialize to=json value=$a]", "65536"),
        (":local a; :set ($a->999999999) 1", "an array may hold 65536 items"),
        (":put [:range 1 99999999]", "an array may hold 65536 items"),
        (":put [:rndstr length=99999999]", "invalid value for argument length"),
        (":while (true) do={ :put [:rndstr length=60000] }", "the script printed more than"),
        (":while (true) do={}", "the script took more than 200000 steps"),
        (":do {} while=(true)", "the script took more than 200000 steps"),
        (":for i from=1 to=9223372036854775807 do={}", "the script took more than 200000 steps"),
        (':execute script="' + "x" * 65_537 + '"', "too long"),
        (':put [:deserialize from=json value="' + "[" * 5_000 + '"]', "nested too deeply"),
        (':put ("a" ~ "((a{255}){255}){255}")', "the regular expression is too long"),
        (':put ("a" ~ "' + "(" * 500 + '")', "nested too deeply"),
        (':put ("a" ~ "[")', "invalid regular expression"),
    ],
)  # fmt: skip
async def test_too_much_is_a_clear_error(source: str, error: str) -> None:
    assert error in await shown(source)


async def test_a_string_of_64_kb_is_held_and_one_byte_more_is_not() -> None:
    assert await shown(":local a [:rndstr length=65536]; :put [:len $a]") == "65536\n"
    assert "65536 bytes" in await shown(':local a [:rndstr length=65536]; :put [:len ($a . "x")]')


async def test_nul_and_ff_survive_in_strings() -> None:
    assert await shown(':local a "\\00\\FF"; :put [:len $a]; :put [:convert $a to=hex]') == "2\n00ff\n"
    assert "line 1" in await shown("\0\xff :put")


async def test_a_pattern_that_backtracks_elsewhere_takes_no_time_here() -> None:
    assert (
        await shown(':local a ""; :for i from=1 to=5000 do={ :set a ($a . "a") }; :put ($a ~ "^(a+)+b")') == "false\n"
    )


async def test_every_recorded_script_runs_to_an_end_of_its_own(corpora: Path) -> None:
    """No network, small limits: each ends by itself, in an error of RouterOS's kind, or at a limit."""
    file = corpora / "rsc-parse" / "scripts.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is not there: set TIKFLEET_CORPORA to the directory of corpora")
    ran = 0
    for line in file.read_text().splitlines():
        source = json.loads(line)["source"]
        try:
            parse(source, "7.22.1")
        except ScriptError:
            continue
        router = SmallRouter("7.22.1", clock=HastyClock(), limits=Limits(steps=20_000, busy_s=5, output_bytes=1 << 20))
        await router.run(source)
        await router.jobs.stop()
        ran += 1
    assert ran > 200


WORDS = some.sampled_from(
    [
        ":put ", ":local a ", ":set a ", "$a", "(", ")", "[", "]", "{", "}", ";", "\n", '"x"', "1", "->", "=", " and ",
        ":foreach i in=", " do={", ":if (", "true", "/interface ", "find ", "print ", "where ", "name=", ",",
        ":error x", "1.2.3.4", "5s", ":len ", ":pick ", ":parse ", "on-error={",
        ":do {", ":onerror e in={", ":serialize to=json ",
        "value=", "*1", "~", "-", "!", "\\", "$", ":tonum ", ":toarray ", "<%%", ">", "as-value", "add ", "\0", "\xff",
    ]
)  # fmt: skip


@SLOW
@given(some.lists(WORDS, max_size=25).map("".join))
async def test_no_words_of_the_language_upset_the_interpreter(source: str) -> None:
    router = SmallRouter(clock=HastyClock(), limits=Limits(steps=5_000, busy_s=5))

    await router.run(source)
    await router.jobs.stop()


def simple() -> some.SearchStrategy[Value]:
    return some.one_of(
        some.sampled_from([NOTHING, NIL, True, False, Id("*1A"), literal("1.2.3.4"), literal("10.0.0.0/8")]),
        some.sampled_from([literal("2001:db8::1"), literal("2001:db8::/32"), "", "5", "x", "1.1.1.1", "-"]),
        some.integers(-(2**63), 2**63 - 1),
        some.integers(-(2**63), 2**63 - 1).map(Time),
        some.text(alphabet=some.characters(max_codepoint=255), max_size=6),
    )


def any_value() -> some.SearchStrategy[Value]:
    return some.recursive(
        simple(),
        lambda inner: some.builds(
            Array,
            some.lists(inner, max_size=3),
            some.dictionaries(some.text(alphabet=some.characters(max_codepoint=255), max_size=4), inner, max_size=3),
        ),
        max_leaves=8,
    )


@given(any_value(), any_value(), some.sampled_from(sorted(BINARY)))
def test_any_operator_on_any_values_gives_a_value_or_a_script_error(left: Value, right: Value, operator: str) -> None:
    try:
        typename(BINARY[operator](left, right))
    except RosError:
        return


@given(any_value(), some.sampled_from(sorted(UNARY)))
def test_any_sign_on_any_value_gives_a_value_or_a_script_error(value: Value, operator: str) -> None:
    try:
        result = UNARY[operator](value)
    except RosError:
        return
    assert not isinstance(result, int) or -(2**63) <= result < 2**63


def plain() -> some.SearchStrategy[Value]:
    leaves = some.one_of(
        some.booleans(),
        some.just(NIL),
        some.integers(-(2**63), 2**63 - 1),
        some.text(alphabet=some.characters(max_codepoint=255), max_size=9),
    )
    key = some.text(alphabet=some.characters(max_codepoint=255), max_size=4)
    return some.recursive(
        leaves,
        lambda inner: some.one_of(
            some.builds(Array, some.lists(inner, max_size=4)),
            some.builds(lambda keyed: Array([], keyed), some.dictionaries(key, inner, max_size=4)),
        ),
        max_leaves=12,
    )


@given(plain(), some.booleans())
def test_json_that_is_not_converted_reads_back_as_it_was(value: Value, pretty: bool) -> None:
    written = Writer(convert=False, pretty=pretty).written(value)

    assert Reader(written, convert=False, split=False).read() == value


@given(plain())
def test_other_readers_of_json_read_it_too(value: Value) -> None:
    json.loads(Writer(convert=True, pretty=False).written(value))


@given(some.text(alphabet='[]{}",:0123456789.eE+-\\u ntrfalsenull', max_size=30))
def test_no_text_upsets_the_reading_of_json(source: str) -> None:
    try:
        text(Reader(source, convert=True, split=True).read())
    except RosError:
        return


@given(some.text(alphabet="ab.*+?()[]|^$\\{}1,-", max_size=14), some.text(alphabet="ab1-", max_size=20))
def test_no_pattern_upsets_the_matcher(pattern: str, subject: str) -> None:
    try:
        compiled(pattern).found(subject)
    except RosError:
        return


@pytest.mark.parametrize(
    ("pattern", "subject", "held"),
    [
        ("^ether[0-9]+$", "ether12", True),
        ("^ether[0-9]+$", "xether12", False),
        ("a|b", "xbx", True),
        ("^(ab){2,3}$", "ababab", True),
        ("^(ab){2,3}$", "abababab", False),
        ("^a{2}$", "aa", True),
        ("[[:digit:]]+", "abc", False),
        ("[^a-c]", "abcd", True),
        ("[]x]", "]", True),
        ("a\\.b", "axb", False),
        ("", "", True),
        ("^$", "", True),
        ("^$", "x", False),
        ("x*", "", True),
        ("a.c", "abc", True),
        ("(a|b)*c$", "ababc", True),
        ("-in$", "ppp-in", True),
        ("^[0-9 \\.]*202$", "10.0.0.202", True),
        ("a{,3", "a{,3", True),
    ],
)
def test_a_pattern_means_what_posix_says(pattern: str, subject: str, held: bool) -> None:
    assert Pattern(pattern).found(subject) is held
