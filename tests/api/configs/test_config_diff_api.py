"""Two exports are compared over the API, in RouterOS's terms."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conformance.house import House, Tenant

ADDRESSES = "/ip address\nadd address=192.0.2.1/24 interface=ether1\n"
RULES = [f"add action=accept chain=input dst-port={port}\n" for port in (1, 2, 3)]
FILTER = "/ip firewall filter\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    found = House(tmp_path_factory.mktemp("house"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def acme(house: House) -> Tenant:
    return house.tenant("Acme")


@pytest.fixture
def diff(acme: Tenant) -> Any:
    def ask(old: str, new: str, **more: object) -> httpx.Response:
        return acme.ask("POST", "/configs/diff", {"old": old, "new": new, **more})

    return ask


def test_an_address_that_came_is_told_with_its_properties(diff: Any) -> None:
    answer = diff("", ADDRESSES)

    assert answer.status_code == 200
    assert answer.json() == {
        "change_count": 1,
        "changes": [
            {
                "kind": "added",
                "menu": "/ip/address",
                "item": "address=192.0.2.1/24 interface=ether1",
                "old_place": None,
                "new_place": 1,
                "fields": [],
                "values": {"address": "192.0.2.1/24", "interface": "ether1"},
                "sentence": "added address=192.0.2.1/24 interface=ether1",
            }
        ],
        "problem_count": 0,
        "problems": [],
        "notes": [],
        "script": None,
        "script_notes": [],
    }


def test_a_rule_that_moved_a_property_that_changed_and_an_address_that_went_are_told(diff: Any) -> None:
    old = ADDRESSES + FILTER + "".join(RULES) + "/system identity\nset name=a\n"
    new = FILTER + RULES[2] + RULES[0] + RULES[1] + "/system identity\nset name=b\n"

    changes = {change["menu"]: change for change in diff(old, new).json()["changes"]}

    moved = changes["/ip/firewall/filter"]
    assert (moved["kind"], moved["old_place"], moved["new_place"]) == ("moved", 3, 1)
    assert changes["/system/identity"]["fields"] == [{"name": "name", "old": "a", "new": "b"}]
    assert changes["/ip/address"]["kind"] == "removed"


def test_the_same_configuration_has_no_changes(diff: Any) -> None:
    found = diff("# 2026-01-02 03:04:05 by RouterOS 7.18.2\n" + ADDRESSES, ADDRESSES.replace("\n", "\r\n")).json()

    assert (found["change_count"], found["changes"]) == (0, [])


@pytest.mark.parametrize(
    ("version", "path"), [(None, "/ip/address"), ("6.49.10", "/ip address"), ("7.16", "/ip/address")]
)
def test_the_script_that_goes_there_is_written_for_the_version_that_is_asked_for(
    diff: Any, version: str | None, path: str
) -> None:
    found = diff(ADDRESSES, ADDRESSES.replace("/24", "/25"), script=True, version=version).json()

    assert path in found["script"]
    assert 'address="192.0.2.1/25"' in found["script"]


def test_lines_that_are_none_of_an_export_are_named_and_the_rest_is_compared(diff: Any) -> None:
    found = diff(ADDRESSES, "[admin@desk] > /export\n" + ADDRESSES + "Script Error: no\n").json()

    assert found["change_count"] == 0
    assert found["problems"] == [{"side": "new", "line": 1}, {"side": "new", "line": 4}]
    assert any("no configuration" in note for note in found["notes"])


def test_a_text_that_is_no_export_is_refused_with_its_side_and_line(diff: Any) -> None:
    answer = diff(ADDRESSES, "\nhello\nthere\n")

    assert answer.status_code == 400
    problem = answer.json()
    assert problem["code"] == "config.unreadable"
    assert [error["pointer"] for error in problem["errors"]] == ["/new"]
    assert "line 2 is no line of an export, and 1 more are none" in str(problem["errors"])


def test_secrets_are_named_and_never_shown(diff: Any) -> None:
    user = "/ppp secret\nadd name=ada password={}\n"

    answer = diff(user.format("oldsecret"), user.format("newsecret"))

    assert answer.json()["changes"][0]["fields"][0]["name"] == "password"
    assert "oldsecret" not in answer.text
    assert "newsecret" not in answer.text


def test_many_changes_are_counted_and_the_first_thousand_told(diff: Any) -> None:
    many = "/ip firewall address-list\n" + "".join(
        f"add list=a address=10.0.{n // 250}.{n % 250}\n" for n in range(1_500)
    )

    found = diff("", many).json()

    assert (found["change_count"], len(found["changes"])) == (1_500, 1_000)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 400_000,
        '"' * 400_000,
        "/ip address\nadd " + "a=1 " * 99_000,
        '/a\nadd x="\\FF\\00\\C3"\n',
        "/a\nadd [ find [ find [\n" * 10_000,
        "\\\n" * 190_000,
        "\ufeff\u202e\u2028\x00",
        "\n" * 400_000,
        "#error exporting /ip/address\n" * 13_000,
    ],
    ids=lambda text: ascii(text[:10]),
)
def test_a_hostile_text_gets_an_answer(diff: Any, text: str) -> None:
    for old, new in ((text, ADDRESSES), (ADDRESSES, text)):
        answer = diff(old, new, script=True)
        assert answer.status_code in (200, 400)
        if answer.status_code == 400:
            assert answer.json()["code"] == "config.unreadable"
        else:
            assert len(answer.json()["problems"]) <= 100


@pytest.mark.parametrize(
    "change",
    [{"old": "x" * 400_001}, {"new": None}, {"version": "seven"}, {"script": "yes"}, {"surprise": 1}],
    ids=["too long", "no text", "no version", "no flag", "unknown"],
)
def test_a_request_outside_the_schema_is_refused(acme: Tenant, change: dict[str, object]) -> None:
    answer = acme.ask("POST", "/configs/diff", {"old": "", "new": ""} | change)

    assert answer.status_code == 400


def test_who_may_not_run_scripts_may_not_compare(house: House, acme: Tenant) -> None:
    secret = house.run(house.token(acme.org_id, ["jobs:read"]))

    assert house.ask("POST", "/configs/diff", {"old": "", "new": ""}, secret).status_code == 403
    assert house.ask("POST", "/configs/diff", {"old": "", "new": ""}).status_code == 401
