"""A job on a router: once, whole, told, and not forgotten."""

from typing import Any

import pytest

from tikfleet.agent.jobs import JobKind, render_job
from tikfleet.agent.tiers import Tier

from .conftest import Server
from .router import Router


def job(server: Server, script: str, **more: Any) -> None:
    server.script = script
    server.extra = {"job": {"id": "j1", "class": "once", "timeout": 30, **more}}


def test_a_job_is_started_run_and_answered_once(enrolled: Router, server: Server) -> None:
    job(server, ':put "hello"; :put "world"')
    enrolled.check_in()
    enrolled.check_in()

    assert [name for name, _ in server.heard].count("started") == 1
    (result,) = server.of("result")
    assert (result["state"], result["output"]) == ("succeeded", "hello\nworld")
    assert "error" not in result
    assert all("job" not in report for report in server.of("checkin"))
    assert "job=j1 outcome=closed" in enrolled.item("/system/scheduler", "tikfleet-startup")["comment"]
    assert enrolled.files == {}


def test_a_job_that_fails_says_why_where_routeros_says_it(enrolled: Router, server: Server) -> None:
    job(server, ':put "before"; :error "no such interface"')
    enrolled.check_in()

    (result,) = server.of("result")
    assert (result["state"], result["output"].strip()) == ("failed", "before")
    assert result["error"] == (
        "no such interface" if server.tier in {Tier.A, Tier.B} else "this RouterOS gives no error text"
    )


def test_an_outcome_goes_out_until_it_is_answered(enrolled: Router, server: Server) -> None:
    job(server, ':put "x"')
    server.lost.add("result")
    enrolled.check_in()
    enrolled.check_in()
    assert server.of("checkin")[-1]["job"] == {"id": "j1", "state": "succeeded"}
    server.lost.clear()
    enrolled.check_in()

    assert len(server.of("result")) == 3
    assert server.of("result")[0] == server.of("result")[-1]
    assert "job" not in server.of("checkin")[-1]
    assert len(server.of("started")) == 1


def test_an_acknowledged_outcome_is_forgotten_and_the_next_job_runs(enrolled: Router, server: Server) -> None:
    job(server, ':put "x"')
    server.lost.add("result")
    enrolled.check_in()
    server.extra = {"job-ack": "j1", "job": {"id": "j2", "class": "query"}}
    enrolled.check_in()

    assert "job=j2" in enrolled.item("/system/scheduler", "tikfleet-startup")["comment"]


@pytest.mark.parametrize(("kind", "runs"), [("once", False), ("query", True), ("desired-state", True)])
@pytest.mark.parametrize("lost", [True, False])
def test_a_once_job_runs_only_if_its_start_was_heard(
    enrolled: Router, server: Server, kind: str, runs: bool, lost: bool
) -> None:
    job(server, ':put "ran"', **{"class": kind})
    server.started = False
    server.lost = {"started"} if lost else set()
    enrolled.check_in()

    (result,) = server.of("result")
    assert (result.get("output") == "ran") is runs
    assert result["state"] == ("succeeded" if runs else "failed")


def test_a_reboot_inside_a_job_is_told_as_started_and_not_run_again(enrolled: Router, server: Server) -> None:
    enrolled.check_in()
    enrolled.item("/system/scheduler", "tikfleet-startup")["comment"] = "tikfleet: state boots=1 job=j1 outcome=started"
    enrolled.reboot()
    job(server, ':put "again"')
    enrolled.check_in()
    server.extra = {"job-ack": "j1"}
    enrolled.check_in()
    enrolled.check_in()

    reports = server.of("checkin")
    assert reports[1]["job"] == {"id": "j1", "state": "started"}
    assert server.of("result") == []
    assert "job" not in reports[-1]


def test_a_job_that_was_cut_off_without_a_reboot_has_failed(enrolled: Router, server: Server) -> None:
    enrolled.check_in()
    enrolled.item("/system/scheduler", "tikfleet-startup")["comment"] = "tikfleet: state boots=1 job=j1 outcome=started"
    enrolled.console.globals["tikfleetMemory"]["running"] = "j1"
    enrolled.check_in()

    assert server.of("checkin")[-1]["job"]["state"] == "failed"


def test_half_a_script_is_never_run(enrolled: Router, server: Server) -> None:
    job(server, ':put "whole"', size=9_999)
    enrolled.check_in()

    assert server.of("started") == []
    assert any("came with" in line for line in enrolled.console.logged) == (server.tier in {Tier.A, Tier.B})


@pytest.mark.parametrize("length", [40_000, 63_990, 64_000])
def test_a_long_output_is_cut_and_says_so_or_goes_in_parts_where_files_cannot(
    enrolled: Router, server: Server, length: int
) -> None:
    job(server, f':put "{"y" * length}"')
    enrolled.check_in()

    (result,) = server.of("result")
    if server.tier is Tier.C and length < 64_000:
        assert [len(part.rstrip("\n")) for part in server.parts] == [32_768, length - 32_768]
        assert (result["parts"], result.get("truncated"), result.get("output", "")) == ("2", None, "")
        return
    assert (result["truncated"], server.parts) == ("yes", [])
    assert len(result.get("output", "")) == (0 if server.tier is Tier.D else 32_768)


def test_a_part_that_is_not_taken_fails_the_job(enrolled: Router, server: Server) -> None:
    server.lost.add("parts")
    enrolled.files["tikfleet-output.rsc"] = "y"
    job(server, f':put "{"y" * 40_000}"')
    enrolled.check_in()

    (result,) = server.of("result")
    assert (result["state"] == "failed") == (server.tier is not Tier.D)
    assert "truncated" in result


@pytest.mark.parametrize("awkward", ['\\"', "\\01"])
def test_an_output_that_grows_on_the_way_still_fits(enrolled: Router, server: Server, awkward: str) -> None:
    job(server, f':put "{awkward * 32_000}"')
    enrolled.check_in()

    (result,) = server.of("result")
    assert result["state"] == "succeeded"
    assert (result.get("truncated") == "yes") is (server.tier in {Tier.A, Tier.D})


def test_a_new_job_waits_until_the_last_one_is_closed(enrolled: Router, server: Server) -> None:
    job(server, ':put "x"')
    server.lost.add("result")
    enrolled.check_in()
    job(server, ':put "y"', id="j2")
    enrolled.check_in()
    assert len(server.of("started")) == 1
    server.lost.clear()
    enrolled.check_in()

    assert [result["output"] for result in server.of("result")] == ["x", "x", "x", "y"]


def test_a_long_export_goes_in_parts_where_a_file_can_be_read(enrolled: Router, server: Server) -> None:
    text = "".join(f"/ip address add address=192.0.2.{place % 250}/24\n" for place in range(2_000))
    job(server, ':put "exported"')
    enrolled.files["tikfleet-output.rsc"] = text
    enrolled.check_in()

    (result,) = server.of("result")
    if server.tier in {Tier.A, Tier.B}:
        assert "".join(server.parts) == text
        assert result["parts"] == str(len(server.parts))
        assert enrolled.files == {}
    else:
        assert server.parts == []


def test_a_typed_reboot_reports_before_it_reboots(enrolled: Router, server: Server) -> None:
    job(server, render_job(JobKind.REBOOT, {}, server.tier))
    enrolled.check_in()

    assert server.of("result")[0]["state"] == "succeeded"
    assert enrolled.background[-1].startswith(":delay 15s; /system")


@pytest.mark.parametrize("sensitive", [True, "true", "yes"])
def test_an_export_shows_secrets_only_when_asked(sensitive: bool | str) -> None:
    asked = {tier: render_job(JobKind.EXPORT, {"sensitive": sensitive}, tier) for tier in Tier}
    plain = {tier: render_job(JobKind.EXPORT, {"sensitive": "false"}, tier) for tier in Tier}

    assert plain == {tier: render_job(JobKind.EXPORT, {}, tier) for tier in Tier}
    assert all("show-sensitive" in asked[tier] and "show-sensitive" not in plain[tier] for tier in Tier if tier != "D")
    assert "hide-sensitive" in plain[Tier.D]
    assert "hide-sensitive" not in asked[Tier.D]


@pytest.mark.parametrize("delay_s", [20, "20"])
def test_a_reboot_waits_as_long_as_it_is_told(delay_s: int | str) -> None:
    assert ":delay 20s; " in render_job(JobKind.REBOOT, {"delay_s": delay_s}, Tier.A)
