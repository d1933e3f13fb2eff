"""`/console/inspect`: shapes of the public captures, names of the catalogue."""

import json
import os
from pathlib import Path

import pytest

from tikfleet.virtual.menus.request import Refused
from tikfleet.virtual.servers.rest_highlight import highlighted
from tikfleet.virtual.servers.rest_inspection import inspected

CORPORA = Path(os.environ.get("TIKFLEET_CORPORA", Path(__file__).parents[5] / "shared/corpora"))


def asked(request: str, path: str = "", text: str = "") -> list[dict[str, str]]:
    return [dict(row) for row in inspected({"request": request, "path": path, "input": text})]


def test_children_of_a_command_are_itself_and_its_arguments() -> None:
    rows = asked("child", "ip,address,add")
    assert rows[0] == {"name": "add", "node-type": "cmd", "type": "self"}
    assert [row["name"] for row in rows[1:]] == sorted(row["name"] for row in rows[1:])
    assert {"name": "address", "node-type": "arg", "type": "child"} in rows


def test_an_argument_is_a_leaf_and_an_unknown_path_is_nothing() -> None:
    assert asked("child", "ip,address,add,address") == [{"name": "address", "node-type": "arg", "type": "self"}]
    for path in ("ip/address", "/ip/address", "nowhere", "ip,address,add,nothing", "ip,address,add,address,x"):
        assert asked("child", path) == []


def test_syntax_explains_each_argument_of_a_command_and_the_kind_of_one() -> None:
    rows = asked("syntax", "ip,address,add")
    assert rows[0]["symbol-type"] == "collection"
    assert {row["symbol-type"] for row in rows[1:]} == {"explanation"}
    assert asked("syntax", "ip,address,add,address")[0]["text"] == "A.B.C.D    (IP address)"


@pytest.mark.parametrize(
    ("text", "offset", "offered", "sentinel"),
    [
        ("/ip/ad", "4", ["address"], False),
        ("/i", "1", ["if", "import", "interface", "ip", "ipv6"], True),
        ("/ip/address/add addr", "16", ["address"], False),
        ("/ip address add bogusarg", "16", [], True),
        ("/ip/address/add disabled=", "25", ["no", "yes"], False),
        (":put [/system/id", "14", ["identity"], False),
        ("é; /ip/ad", "8", ["address"], False),
    ],
)
def test_completion_offers_names_at_the_byte_of_the_last_word(
    text: str, offset: str, offered: list[str], sentinel: bool
) -> None:
    rows = asked("completion", text=text)
    shown = [row["completion"] for row in rows if row["show"] == "true"]
    assert [name for name in offered if name not in shown] == []
    assert len(shown) == len(offered)
    assert {row["offset"] for row in rows} == {offset}
    assert any(row["preference"] == "-20" for row in rows) is sentinel


def test_completion_behind_a_path_that_is_not_there_is_empty() -> None:
    assert asked("completion", text="/foo/bar") == []


def test_an_unknown_request_and_an_endless_input_are_refused() -> None:
    with pytest.raises(Refused):
        asked("nothing")
    with pytest.raises(Refused):
        asked("highlight", text="x" * 32_768)


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        (":put 1", "dir cmd cmd cmd none none"),
        ("/ip", "dir dir dir"),
        ("# no", "comment comment comment comment"),
        ('"a', None),
        ("$x", "syntax-meta variable-parameter"),
        (":local a;$a", "dir" + " cmd" * 5 + " none variable-local syntax-meta syntax-meta variable-local"),
        ("", ""),
    ],
)
def test_every_byte_has_a_class(text: str, classes: str | None) -> None:
    found = highlighted(text)
    assert len(found) == len(text.encode())
    if classes is not None:
        assert found == classes.split()


def test_one_byte_is_the_error_and_nothing_is_classified_behind_it() -> None:
    found = highlighted(':put "x" }\n:put 2')
    assert found.count("error") == 1
    assert set(found[found.index("error") + 1 :]) == {"none"}
    inside = highlighted("set x= ]", "ip,address")
    assert inside.count("error") == 1


def test_every_recorded_script_has_one_class_a_byte_and_at_most_one_error() -> None:
    path = CORPORA / "rsc-parse" / "scripts.jsonl"
    if not path.exists():
        pytest.skip("no copy of the recorded scripts (TIKFLEET_CORPORA)")
    for line in path.read_text().splitlines():
        source = json.loads(line)["source"]
        found = highlighted(source)
        assert len(found) == len(source.encode("utf-8", "surrogateescape"))
        assert found.count("error") <= 1
