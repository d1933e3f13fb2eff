"""What the agent reports, when, and what it makes of the answers, in every tier."""

from datetime import timedelta

import pytest

from tikfleet.agent.tiers import Tier

from .conftest import TOKEN, Server
from .router import Router


def test_a_first_report_has_everything_and_a_second_only_what_is_due(enrolled: Router, server: Server) -> None:
    server.extra = {"tags": {"inventory": "i1", "neighbors": "n1"}, "plan": {"tag": "p1", "interfaces": 1, "health": 3}}

    enrolled.check_in()
    server.extra = {}
    enrolled.check_in()

    first, second = server.of("checkin")
    assert [row["name"] for row in first["interfaces"]] == ["ether1", "bridge1"]
    assert first["interfaces"][0]["rx-byte"] == "1234"
    assert first["interfaces"][0]["comment"] == "up, link"
    assert first["inventory"]["version"].endswith(")")
    assert first["neighbors"][0]["identity"] == "switch"
    assert first["wan-address"] == "192.0.2.7/24"
    assert first["dhcp-leases"] == "2"
    assert first["ppp-active"] == "0"
    assert first["agent"] == f"1.0.0/{server.tier}"
    assert "errors" not in first
    assert "tags" not in first
    assert "plan" not in first
    assert {"inventory", "neighbors", "health", "dhcp-leases"}.isdisjoint(second)
    assert second["tags"] == {"inventory": "i1", "neighbors": "n1"}
    assert second["plan"] == "p1"
    assert (first["seq"], second["seq"]) == ("1", "2")
    assert first["boot"] == second["boot"]


def test_what_the_server_wants_comes_next_time_even_if_unchanged(enrolled: Router, server: Server) -> None:
    server.extra = {"want": "inventory neighbors"}
    enrolled.check_in()
    server.extra = {}
    enrolled.check_in()
    enrolled.check_in()

    _, second, third = server.of("checkin")
    assert {"inventory", "neighbors"} <= second.keys()
    assert {"inventory", "neighbors"}.isdisjoint(third)


def test_a_section_that_cannot_be_read_is_an_error_and_never_an_empty_table(enrolled: Router, server: Server) -> None:
    del enrolled.lists["/ip/neighbor"]
    enrolled.lists["/system/health"] = []

    enrolled.check_in()

    (report,) = server.of("checkin")
    assert "neighbors" not in report
    assert report["health"] == []
    assert [row["section"] for row in report["errors"]] == ["neighbors"]
    assert ("no such command" in report["errors"][0]["error"]) == (server.tier in {Tier.A, Tier.B})


def test_a_lost_answer_repeats_the_number_and_a_reboot_begins_anew(enrolled: Router, server: Server) -> None:
    server.lost.add("checkin")
    enrolled.check_in()
    server.lost.clear()
    enrolled.check_in()
    enrolled.reboot()
    enrolled.check_in()

    reports = server.of("checkin")
    assert [report["seq"] for report in reports] == ["1", "1", "1"]
    assert reports[0]["boot"] == reports[1]["boot"] != reports[2]["boot"]
    assert "inventory" in reports[2]
    assert all(len(report["boot"]) <= 64 for report in reports)


def test_one_run_at_a_time_and_a_hung_run_is_forgotten(enrolled: Router, server: Server) -> None:
    enrolled.check_in()
    enrolled.console.globals["tikfleetMemory"]["until"] = timedelta(seconds=enrolled.uptime_s + 120)
    enrolled.check_in()
    assert len(server.of("checkin")) == 1
    enrolled.check_in()
    enrolled.check_in()

    assert len(server.of("checkin")) == 3


@pytest.mark.parametrize(("asked", "applied"), [(0, 60), (1, 10), (66, 60), (54, 60), (120, 120), (10**9, 86_400)])
def test_the_server_sets_the_pace_within_bounds(enrolled: Router, server: Server, asked: int, applied: int) -> None:
    enrolled.check_in()
    server.extra = {"next": asked}
    enrolled.check_in()

    assert enrolled.item("/system/scheduler", "tikfleet")["interval"] == timedelta(seconds=applied)


def test_a_fleet_that_asks_fast_slows_down_when_nobody_answers(enrolled: Router, server: Server) -> None:
    server.extra = {"next": 10}
    enrolled.check_in()
    server.lost.add("checkin")
    for _ in range(3):
        enrolled.check_in()

    assert enrolled.item("/system/scheduler", "tikfleet")["interval"] == timedelta(seconds=60)


def test_a_new_token_replaces_the_old_one_only_when_it_has_worked(enrolled: Router, server: Server) -> None:
    fresh = "tfd_" + "b" * 49
    server.extra = {"token": fresh}
    enrolled.check_in()
    held = enrolled.item("/system/script", "tikfleet-token")
    assert held["source"] == f"# token={fresh} previous={TOKEN}"

    # The server lost the new one: a failure, then the old one works, and it is told again.
    enrolled.check_in()
    assert len(server.of("checkin")) == 1
    enrolled.check_in()
    assert len(server.of("checkin")) == 2

    server.tokens.add(fresh)
    enrolled.check_in()
    server.extra = {}
    enrolled.check_in()

    assert held["source"] == f"# token={fresh}"


def test_a_new_token_that_has_not_worked_never_costs_the_old_one(enrolled: Router, server: Server) -> None:
    fresh = "tfd_" + "b" * 49
    server.extra = {"token": fresh}
    enrolled.check_in()
    server.extra = {}
    for _ in range(6):
        enrolled.check_in()

    assert enrolled.item("/system/script", "tikfleet-token")["source"] == f"# token={fresh} previous={TOKEN}"
    # One run was lost with the new token; the old one has worked since.
    assert len(server.of("checkin")) == 6


def test_neighbours_that_are_as_the_server_has_them_stay_home(enrolled: Router, server: Server) -> None:
    server.extra = {"plan": {"tag": "p", "neighbors": 1, "inventory": 1}}
    enrolled.check_in()
    enrolled.check_in()
    enrolled.lists["/ip/neighbor"].append({"identity": "new"})
    enrolled.single["/system/identity"]["name"] = "renamed"
    enrolled.check_in()

    assert [{"neighbors", "inventory"} & report.keys() for report in server.of("checkin")] == [
        {"neighbors", "inventory"}, set(), {"neighbors", "inventory"},
    ]  # fmt: skip


@pytest.mark.parametrize("junk", ["", "tft_" + "b" * 49, "tfd_" + "b" * 200])
def test_what_is_no_token_is_not_stored(enrolled: Router, server: Server, junk: str) -> None:
    server.extra = {"token": junk}
    enrolled.check_in()

    assert enrolled.item("/system/script", "tikfleet-token")["source"] == f"# token={TOKEN}"


def test_a_huge_router_sheds_what_matters_least(enrolled: Router, server: Server) -> None:
    model = enrolled.lists["/interface"][0]
    enrolled.lists["/interface"] = [
        model | {"name": f"vlan{place}", ".id": f"*F{place}", "comment": "c" * 60} for place in range(400)
    ]
    enrolled.lists["/ip/neighbor"] = [{"identity": f"n{place}" * 20} for place in range(300)]
    enrolled.check_in()

    (report,) = server.of("checkin")
    told = {row["section"] for row in report["errors"]}
    assert "neighbors" not in report
    assert {"neighbors", "interfaces"} <= told
    assert "comment" in report["interfaces"][0]
    assert "comment" not in report["interfaces"][-1]
    assert "inventory" in report
