"""Query words of the API and of REST: the examples of the manual, and a machine that is written out plainly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.virtual.menus.request import Refused
from tikfleet.virtual.servers.queries import compiled, projected

ETHER = {".id": "*1", "name": "ether1", "type": "ether", "running": "true", "mtu": "1500", "comment": "uplink"}
VLAN = {".id": "*2", "name": "vlan7", "type": "vlan", "running": "false", "mtu": "1496"}
BRIDGE = {".id": "*3", "name": "bridge", "type": "bridge", "running": "true", "mtu": "9000", "comment": ""}
ROWS = [ETHER, VLAN, BRIDGE]


def names(*words: str) -> list[str]:
    passes = compiled(words)
    return [row["name"] for row in ROWS if passes is None or passes(row)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), ["ether1", "vlan7", "bridge"]),
        (("comment",), ["ether1", "bridge"]),
        (("-comment",), ["vlan7"]),
        (("type=vlan",), ["vlan7"]),
        (("=type=vlan",), ["vlan7"]),
        (("comment=",), ["bridge"]),
        (("running=yes",), ["ether1", "bridge"]),
        ((">mtu=1500",), ["bridge"]),
        (("<mtu=1500",), ["vlan7"]),
        (("type=ether", "running=true"), ["ether1"]),
        (("type=ether", "type=vlan", "#|"), ["ether1", "vlan7"]),
        (("type=ether", "type=vlan", "#|!"), ["bridge"]),
        (("type=ether", "#!"), ["vlan7", "bridge"]),
        (("comment", "type=ether", "#!&"), ["bridge"]),
        (("nothing-has-this", "type=ether", "#0"), ["ether1"]),
        (("nothing-has-this", "type=ether", "#1"), []),
        (("type=ether", "type=bridge", "#1.|"), ["ether1"]),
        (("type=ether", "#.!|"), ["ether1", "vlan7", "bridge"]),
    ],
)
def test_query_words_keep_what_the_manual_says(words: tuple[str, ...], expected: list[str]) -> None:
    assert names(*words) == expected


@pytest.mark.parametrize(
    ("value", "other"),
    [("9", "10"), ("59s", "1m"), ("10.0.0.9", "10.0.0.10"), ("9", "word"), ("1d", "1w")],
)
def test_values_compare_by_what_they_are_and_not_by_their_letters(value: str, other: str) -> None:
    less, more = compiled([f"<value={other}"]), compiled([f">value={other}"])
    assert less is not None
    assert more is not None
    assert less({"value": value})
    assert not more({"value": value})
    assert not less({"value": other})
    assert not less({})


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(Refused):
        compiled(["type=ether", "#x"])


def test_below_the_stack_there_is_nothing_but_truth() -> None:
    assert names("#&") == names()
    assert names("#|&|&") == names()
    assert names("#!") == []
    assert names("#7") == names()


@given(st.lists(st.sampled_from(["a", "-b", "a=1", "#!", "#|", "#&", "#.", "#0", "#1.", "#1"]), max_size=8))
def test_the_compiled_query_agrees_with_the_stack_of_the_manual(words: list[str]) -> None:
    for row in ({}, {"a": "1"}, {"b": "2"}, {"a": "2", "b": "1"}):
        stack = [True] * 40
        for word in words:
            match word:
                case "a":
                    stack.append("a" in row)
                case "-b":
                    stack.append("b" not in row)
                case "a=1":
                    stack.append(row.get("a") == "1")
                case "#!":
                    stack.append(not stack.pop())
                case "#|":
                    first, second = stack.pop(), stack.pop()
                    stack.append(first or second)
                case "#&":
                    first, second = stack.pop(), stack.pop()
                    stack.append(first and second)
                case "#.":
                    stack.append(stack[-1])
                case "#0":
                    stack = [True] * 40 + [stack[-1]]
                case "#1":
                    stack = [True] * 40 + [stack[-2]]
                case _:
                    stack.append(stack[-2])
        passes = compiled(words)
        assert (passes is None or passes(row)) == all(stack)


def test_a_proplist_keeps_its_order_and_passes_over_what_is_not_there() -> None:
    assert list(projected(ETHER, ["type", "absent", "name"]).items()) == [("type", "ether"), ("name", "ether1")]
