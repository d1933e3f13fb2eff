"""Both wire forms: what a writer wrote is read back, and arbitrary bytes are refused in one way only."""

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tikfleet.kernel.wireforms import Form, Malformed, Reader, form_of, parse_lines, write_answer

TABLES = frozenset({"rows", "others"})


class Row(msgspec.Struct):
    name: str = ""
    count: int | None = None


class Body(msgspec.Struct, rename="kebab"):
    text: str = ""
    some_number: int | None = None
    flag: bool | None = None
    group: Row | None = None
    rows: list[Row] | None = None


BODIES = Reader(Body, TABLES)


def written(value: dict[str, Any]) -> bytes:
    """The lines form of plain values."""
    out = [b"tikfleet/1\n"]

    def pairs(row: dict[str, bytes]) -> None:
        out.extend(b"%s=%d:%s\n" % (key.encode(), len(raw), raw) for key, raw in row.items())

    pairs({key: item for key, item in value.items() if isinstance(item, bytes)})
    for key, item in value.items():
        if isinstance(item, dict):
            out.append(b"+%s\n" % key.encode())
            pairs(item)
        elif isinstance(item, list):
            for row in item:
                out.append(b"+%s\n" % key.encode())
                pairs(row)
            if not item:
                out.append(b"-%s\n" % key.encode())
    return b"".join(out)


def plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value]


keys = st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True).filter(lambda key: key not in TABLES)
flat = st.dictionaries(keys, st.binary(max_size=60), max_size=4)
bodies = st.builds(
    lambda top, groups, tables: {**tables, **groups, **top},
    flat,
    st.dictionaries(keys, flat.filter(bool), max_size=3),
    st.dictionaries(st.sampled_from(sorted(TABLES)), st.lists(flat, max_size=4), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(bodies)
def test_what_was_written_is_read_back(value: dict[str, Any]) -> None:
    assert parse_lines(written(value), TABLES) == plain(value)


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(Form),
    st.one_of(st.binary(max_size=300), st.binary(max_size=200).map(lambda b: b"tikfleet/1\n" + b)),
)
def test_arbitrary_bytes_are_a_value_or_malformed(form: Form, body: bytes) -> None:
    found: object = None
    with suppress(Malformed):
        found = BODIES.read(form, body)

    assert found is None or isinstance(found, Body)


@settings(max_examples=400, deadline=None)
@given(bodies, st.integers(0, 400), st.integers(0, 255), st.booleans())
def test_a_changed_or_cut_body_never_breaks_the_parser(value: dict[str, Any], at: int, byte: int, cut: bool) -> None:
    body = written(value)
    at %= len(body)
    broken = body[:at] if cut else body[:at] + bytes([byte]) + body[at + 1 :]
    with suppress(Malformed):
        assert isinstance(parse_lines(broken, TABLES), dict)


def test_a_value_may_hold_anything() -> None:
    hostile = b"+rows\nname=4:evil\n=:\r\n\x00\xff"
    found = parse_lines(b"tikfleet/1\ntext=%d:%s\n" % (len(hostile), hostile), TABLES)

    assert found == {"text": hostile.decode("utf-8", "replace")}


def test_line_ends_of_either_kind_and_a_missing_last_one_are_fine() -> None:
    body = b"tikfleet/1\r\ntext=1:x\r\n\r\n+group\r\nname=1:n\r\n+\r\nsome-number=2:42"

    assert BODIES.read(Form.LINES, body) == Body("x", 42, group=Row("n"))


def test_plus_alone_returns_to_the_top_and_a_group_may_go_on() -> None:
    body = b"tikfleet/1\n+group\nname=1:n\n+\ntext=1:t\n+group\ncount=1:7\n"

    assert BODIES.read(Form.LINES, body) == Body("t", group=Row("n", 7))


def test_an_empty_table_differs_from_one_that_was_not_sent() -> None:
    assert BODIES.read(Form.LINES, b"tikfleet/1\n-rows\n").rows == []
    assert BODIES.read(Form.LINES, b"tikfleet/1\n").rows is None
    assert BODIES.read(Form.LINES, b"tikfleet/1").rows is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"tikfleet/1x\n",
        b"TIKFLEET/1\n",
        b"tikfleet/1\ntext=5:abc\n",
        b"tikfleet/1\ntext=1:abc\n",
        b"tikfleet/1\ntext=x:abc\n",
        b"tikfleet/1\ntext=999999999:a\n",
        b"tikfleet/1\ntext\n",
        b"tikfleet/1\n=1:a\n",
        b"tikfleet/1\n-\n",
        b"tikfleet/1\nte xt=1:a\n",
        b"tikfleet/1\n" + b"k" * 65 + b"=1:a\n",
        b"tikfleet/1\n+ro ws\n",
        b"tikfleet/1\nrows=1:a\n+rows\n",
        b"tikfleet/1\nsome-number=3:abc\n",
        b"tikfleet/1\n" + b"+rows\n" * 20_001,
        b"tikfleet/1\n" + b"-rows\n" * 20_001,
    ],
)
def test_what_is_not_of_the_form_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        BODIES.read(Form.LINES, body)


def test_json_and_lines_become_the_same_value() -> None:
    as_json = b'{"text":"x","some-number":"42","flag":"true","rows":[{"name":"a","count":1}]}'
    as_lines = b"tikfleet/1\ntext=1:x\nsome-number=2:42\nflag=4:true\n+rows\nname=1:a\ncount=1:1\n"

    assert (
        BODIES.read(Form.JSON, as_json) == BODIES.read(Form.LINES, as_lines) == Body("x", 42, True, None, [Row("a", 1)])
    )


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("application/json", Form.JSON),
        ("Application/JSON; charset=utf-8", Form.JSON),
        ("text/plain", Form.LINES),
        ("application/x-www-form-urlencoded", Form.LINES),
        ("", Form.LINES),
        ("application/jsonp", Form.LINES),
    ],
)
def test_the_content_type_names_the_form(content_type: str, form: Form) -> None:
    assert form_of(content_type) is form


def test_answers_in_lines_hold_one_value_a_line_whatever_it_says() -> None:
    answer = {
        "ok": True,
        "next": 58,
        "detail": "two\r\nlines=1",
        "plan": {"tag": "p7", "interval": 60},
        "findings": ["a\nb", "c"],
    }

    assert write_answer(Form.LINES, answer).decode().splitlines() == [
        "ok=1",
        "next=58",
        "detail=two  lines=1",
        "plan.tag=p7",
        "plan.interval=60",
        "findings=a b",
        "findings=c",
    ]
    assert msgspec.json.decode(write_answer(Form.JSON, answer)) == answer
