"""What every menu of items does: ids, order, names, defaults, refusals."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.virtual.clock import ManualClock
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Caller, Refused, Request

FILTER = "/ip/firewall/filter"


def rule(router: Any, chain: str = "input") -> str:
    added: str = router.add(FILTER, chain=chain)
    return added


def ids(router: Any, menu: str = FILTER) -> list[str]:
    return [row[".id"] for row in router.rows(menu) if row.get("dynamic") != "true"]


def test_ids_are_hexadecimal_and_grow(router: Any) -> None:
    assert [rule(router) for _ in range(12)] == [f"*{number:X}" for number in range(1, 13)]


def test_an_id_never_comes_again(router: Any) -> None:
    first = rule(router)
    router.ask(f"{FILTER}/remove", numbers=first)
    assert rule(router) != first


def test_a_missing_item_is_no_such_item(router: Any) -> None:
    assert router.refusal(f"{FILTER}/set", numbers="*99", chain="x") == "no such item"
    assert router.refusal(f"{FILTER}/remove", numbers="*99") == "no such item"
    assert router.refusal(f"{FILTER}/get", number="*99") == "no such item"


def test_an_unknown_menu_or_command_is_refused(router: Any) -> None:
    assert router.refusal("/ip/nothing/print") == "no such command prefix"
    assert router.refusal("/ip/address/flush") == "no such command"


def test_an_unknown_parameter_is_named(router: Any) -> None:
    assert router.refusal(f"{FILTER}/add", chain="input", colour="red") == "unknown parameter colour"


def test_a_word_that_is_no_choice_is_refused(router: Any) -> None:
    text = router.refusal(f"{FILTER}/add", chain="input", action="explode")
    assert text == "input does not match any value of action"


def test_several_items_are_set_at_once(router: Any) -> None:
    chosen = [rule(router), rule(router)]
    router.ask(f"{FILTER}/set", numbers=",".join(chosen), comment="both")
    assert [row["comment"] for row in router.rows(FILTER) if row[".id"] in chosen] == ["both", "both"]


def test_items_of_named_menus_are_named(router: Any) -> None:
    router.add("/interface/bridge", name="lan")
    router.ask("/interface/bridge/set", numbers="lan", comment="home")
    assert router.ask("/interface/bridge/get", number="lan", value_name="comment").ret == "home"


def test_an_item_without_a_name_gets_the_next_one(router: Any) -> None:
    router.add("/interface/bridge")
    router.add("/interface/bridge")
    assert [row["name"] for row in router.rows("/interface/bridge")] == ["bridge1", "bridge2"]


def test_a_name_of_an_interface_is_taken_once(router: Any) -> None:
    router.add("/interface/bridge", name="lan")
    text = router.refusal("/interface/vlan/add", name="lan", interface="lan", vlan_id="7")
    assert text == "failure: already have interface with such name"


def test_disable_and_enable(router: Any) -> None:
    added = rule(router)
    router.ask(f"{FILTER}/disable", numbers=added)
    assert router.row(FILTER, added)["disabled"] == "true"
    router.ask(f"{FILTER}/enable", numbers=added)
    assert router.row(FILTER, added)["disabled"] == "false"


def test_an_empty_comment_is_none(router: Any) -> None:
    added = rule(router)
    router.ask(f"{FILTER}/comment", numbers=added, comment="x")
    router.ask(f"{FILTER}/set", numbers=added, comment="")
    assert "comment" not in router.row(FILTER, added)


def test_unset_takes_a_value_away(router: Any) -> None:
    added = router.add(FILTER, chain="input", src_address="192.0.2.1")
    router.ask(f"{FILTER}/unset", numbers=added, value_name="src-address")
    assert "src-address" not in router.row(FILTER, added)


def test_a_copy_has_the_values_and_an_id_of_its_own(router: Any) -> None:
    first = router.add(FILTER, chain="forward", action="drop", comment="x")
    second = router.add(FILTER, copy_from=first, action="accept")
    row = router.row(FILTER, second)
    assert (row["chain"], row["comment"], row["action"]) == ("forward", "x", "accept")
    assert second != first


def test_an_item_is_placed_before_another(router: Any) -> None:
    last = rule(router)
    first = router.add(FILTER, chain="input", place_before=last)
    assert ids(router) == [first, last]


def test_properties_are_picked(router: Any) -> None:
    added = rule(router)
    assert router.ask(f"{FILTER}/print", {".proplist": ".id,chain"}).rows == [{".id": added, "chain": "input"}]


def test_items_are_counted(router: Any) -> None:
    rule(router)
    rule(router)
    assert router.ask(f"{FILTER}/print", {"count-only": ""}).ret == "2"


def test_find_returns_ids_of_rows_that_the_condition_keeps(router: Any) -> None:
    rule(router)
    second = rule(router, "forward")
    request = Request(FILTER, "find", where=lambda row: row["chain"] == "forward")
    assert router.menus.perform(request).ret == second


def test_a_value_is_shown_as_the_api_spells_it(router: Any) -> None:
    added = router.add("/ip/firewall/address-list", list="a", address="192.0.2.1", disabled="yes")
    assert router.row("/ip/firewall/address-list", added)["disabled"] == "true"


@pytest.mark.parametrize("command", ["print", "get", "find"])
def test_reading_needs_the_policy_read(router: Any, command: str) -> None:
    router.caller = Caller(policies=frozenset({"write"}))
    assert router.refusal(f"/ip/address/{command}") == "not enough permissions (9)"


def test_changing_needs_the_policy_write(router: Any) -> None:
    router.caller = Caller(policies=frozenset({"read"}))
    assert router.refusal(f"{FILTER}/add", chain="input") == "not enough permissions (9)"


def test_users_need_the_policy_policy(router: Any) -> None:
    router.caller = Caller(policies=frozenset({"read", "write"}))
    assert router.refusal("/user/add", name="x", group="read") == "not enough permissions (9)"


def test_subscribers_hear_of_additions_changes_and_removals(router: Any) -> None:
    heard: list[Any] = []
    end = router.menus.subscribe(FILTER, heard.append)
    added = rule(router)
    router.ask(f"{FILTER}/set", numbers=added, action="drop")
    router.ask(f"{FILTER}/remove", numbers=added)
    end()
    rule(router)
    assert [row.get("action", "") for row in heard][1] == "drop"
    assert heard[2] == {".id": added, ".dead": "yes"}
    assert len(heard) == 3


moves = st.lists(
    st.tuples(st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True), st.integers(0, 6)), max_size=12
)


@given(moves)
def test_moves_keep_every_item_and_put_them_before_their_destination(done: list[tuple[list[int], int]]) -> None:
    menus = Menus(Profile(), ManualClock())
    added = [menus.perform(Request(FILTER, "add", {"chain": "input"})).ret or "" for _ in range(6)]
    expected = list(added)
    for chosen, to in done:
        moved = [added[place] for place in chosen]
        arguments = {"numbers": ",".join(moved)}
        destination = added[to] if to < 6 else ""
        if destination:
            arguments["destination"] = destination
        menus.perform(Request(FILTER, "move", arguments))
        moved = [item for item in moved if item != destination]
        expected = [item for item in expected if item not in moved]
        place = expected.index(destination) if destination else len(expected)
        expected[place:place] = moved
    assert [row[".id"] for row in menus.perform(Request(FILTER, "print")).rows] == expected


@given(st.lists(st.sampled_from(["add", "remove", "set"]), max_size=40))
def test_ids_stay_unique_whatever_is_done(done: list[str]) -> None:
    menus = Menus(Profile(), ManualClock())
    seen: list[str] = []
    for command in done:
        last = seen[-1] if seen else "*1"
        arguments = {"chain": "input"} if command == "add" else {"numbers": last}
        with suppress(Refused):
            seen += [menus.perform(Request(FILTER, command, arguments)).ret or ""] if command == "add" else []
            menus.perform(Request(FILTER, "remove" if command == "remove" else "print", arguments))
    assert len(seen) == len(set(seen))
