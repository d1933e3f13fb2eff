import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_stub import parse_lines

from tikfleet.virtual.light.encoding import decode_answer, encode_json, encode_lines

names = st.sampled_from(["identity", "comment", "board-name"])
values = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=40)


@given(st.dictionaries(names, values), st.lists(st.dictionaries(names, values, min_size=1), max_size=3))
def test_lines_carry_any_text_back(top: dict[str, str], rows: list[dict[str, str]]) -> None:
    assert parse_lines(encode_lines(top, {"interfaces": list(rows)})) == top | {"interfaces": rows}


@given(st.dictionaries(names, values))
def test_json_carries_any_text_back(top: dict[str, str]) -> None:
    assert json.loads(encode_json(top, {})) == top


def test_what_has_no_value_is_left_out() -> None:
    assert encode_json({"a": "", "b": "1"}, {"job": {"id": "x", "error": ""}}) == b'{"b":"1","job":{"id":"x"}}'
    assert encode_lines({"a": ""}, {"wireless": []}) == b"tikfleet/1\n+\n-wireless\n"


def test_both_forms_of_an_answer_say_the_same() -> None:
    in_json = decode_answer(b'{"ok":true,"next":58,"plan":{"tag":"p","interfaces":2},"want":"inventory"}')
    in_lines = decode_answer(b"ok=1\nnext=58\nplan.tag=p\nplan.interfaces=2\nwant=inventory\n")
    assert in_json == in_lines
    assert in_json["ok"] == "true"


@pytest.mark.parametrize("body", [b"<html>", b'{"ok":', b"\xff\xfe nonsense"])
def test_what_is_no_answer_is_not_taken_for_one(body: bytes) -> None:
    with pytest.raises(ValueError):
        decode_answer(body)
