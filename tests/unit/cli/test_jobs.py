import json
from typing import Any

import pytest
from api_stub import Stub


def job(number: int, status: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {
        "id": f"job_{number}",
        "device_name": f"router-{number}",
        "status": status,
        "output": "  name: x\r\n",
        **more,
    }


def test_a_script_is_asked_of_named_devices(run, stub: Stub) -> None:
    result = run("run", "/system identity print", "--device", "router-1", "-d", "serial2", "--class", "query")
    assert result.exit_code == 0, result.output
    asked = stub.asked("POST", "/jobs")[0]
    assert asked["device_ids"] == ["dev_0000000000000001", "dev_0000000000000002"]
    assert (asked["kind"], asked["script"], asked["job_class"]) == ("script", "/system identity print", "query")


def test_a_selection_is_asked_by_filters(run, stub: Stub) -> None:
    run("run", ":put 1", "--tag", "core", "--status", "online")
    assert stub.asked("POST", "/jobs")[0]["selection"] == {"status": ["online"], "tag": ["core"]}


def test_the_whole_fleet_must_be_said(run, stub: Stub) -> None:
    assert run("run", ":put 1").exit_code == 2
    assert run("run", ":put 1", "--all", "--tag", "core").exit_code == 2
    assert not stub.asked("POST", "/jobs")
    assert run("run", ":put 1", "--all").exit_code == 0
    assert stub.asked("POST", "/jobs")[0]["selection"] == {}


def test_typed_kinds_take_no_script(run, stub: Stub) -> None:
    assert run("run", ":put 1", "--kind", "export", "--all").exit_code == 2
    assert run("run", "--kind", "identity", "--name", "new", "-d", "router-1").exit_code == 0
    assert stub.asked("POST", "/jobs")[0]["parameters"] == {"name": "new"}


def test_a_reboot_asks_first(run, stub: Stub) -> None:
    assert run("run", "--kind", "reboot", "--all", given="n\n").exit_code == 1
    assert not stub.asked("POST", "/jobs")
    assert run("run", "--kind", "reboot", "--all", "--yes").exit_code == 0


def test_waiting_prints_each_device_and_ends_well_when_all_did(run, stub: Stub) -> None:
    stub.jobs = [job(1), job(2)]
    result = run("run", ":put 1", "--all", "--wait")
    assert result.exit_code == 0
    assert "router-1: succeeded\n    name: x\nrouter-2: succeeded" in result.stdout


def test_waiting_fails_when_one_did(run, stub: Stub) -> None:
    stub.jobs = [job(1), job(2, "failed", error="bad command name", output="\x1b[2J")]
    result = run("run", ":put 1", "--all", "--wait")
    assert result.exit_code == 1
    assert "bad command name" in result.stdout
    assert "\x1b" not in result.stdout
    assert "1 of 2 jobs did not succeed" in result.stderr


def test_waiting_outlives_a_restart_of_the_server(run, terminal, stub: Stub) -> None:
    stub.jobs = [job(1)]
    stub.answers["GET", "/jobs"] = (503, {})

    def sleep(_: float) -> None:
        stub.answers.clear()

    terminal.sleep = sleep
    assert run("run", ":put 1", "--all", "--wait").exit_code == 0


def test_waiting_does_not_outlive_a_refusal(run, stub: Stub) -> None:
    stub.jobs = [job(1)]
    stub.answers["GET", "/jobs"] = (403, {})
    assert run("run", ":put 1", "--all", "--wait").exit_code == 3


def test_waiting_with_json_is_one_document(run, stub: Stub) -> None:
    stub.jobs = [job(1)]
    found = json.loads(run("run", ":put 1", "--all", "--wait", "--json").stdout)
    assert found["items"][0]["status"] == "succeeded"


def test_output_is_harmless_unless_raw(run, stub: Stub) -> None:
    stub.answers["GET", "/jobs/job_1/output"] = (200, "a\x1b[31mb\r\nc\n")
    assert run("jobs", "output", "job_1").stdout == "a\\x1b[31mb\nc\n"
    assert run("jobs", "output", "job_1", "--raw").stdout_bytes.replace(b"\r\n", b"\n") == b"a\x1b[31mb\nc\n"


def test_jobs_are_listed_shown_and_cancelled(run, stub: Stub) -> None:
    stub.jobs = [job(1, "queued")]
    assert "router-1" in run("jobs", "list", "--status", "queued").stdout
    stub.answers["GET", "/jobs/job_1"] = (200, job(1, history=[{"at": "2026", "status": "queued", "note": ""}]))
    assert "2026  queued" in run("jobs", "show", "job_1").stdout
    stub.answers["POST", "/jobs/job_1/cancel"] = (200, job(1, "cancelled"))
    assert run("jobs", "cancel", "job_1").stdout == "job_1 is cancelled.\n"


@pytest.mark.parametrize("arguments", [["jobs"], ["devices"], ["people"], []])
def test_a_group_without_a_command_shows_its_help(run, arguments: list[str]) -> None:
    assert "Usage" in run(*arguments).output


def test_a_script_that_routeros_would_refuse_is_shown_with_its_place(run, stub: Stub) -> None:
    reason = "line 2 column 8: bad command name foo (RouterOS 7.16.2)"
    detail = "RouterOS 7.16.2 on router-1 would refuse line 2 column 8: bad command name foo"
    errors = [{"pointer": "/script", "message": reason}]
    stub.answers["POST", "/jobs"] = (409, {"code": "script.invalid", "detail": detail, "errors": errors, "remedy": "?"})
    result = run("run", ":put 1\n\tfoo", "-d", "router-1")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"{detail} [script.invalid]",
        f"  {reason}",
        "              foo",
        "              ^",
        "Correct the script, or give --unchecked where the router knows better than the check.",
    ]


def test_a_place_beyond_the_script_is_told_without_a_line(run, stub: Stub) -> None:
    errors = [{"pointer": "/script", "message": "line 7 column 1: expected end of command"}]
    stub.answers["POST", "/jobs"] = (409, {"code": "script.invalid", "detail": "No.", "errors": errors})
    assert run("run", ":put 1", "-d", "router-1").stderr.splitlines()[1:2] == [
        "  line 7 column 1: expected end of command"
    ]


def test_unchecked_is_passed_on_and_warnings_are_told_beside_the_result(run, stub: Stub) -> None:
    remark = {"severity": "warning", "line": 1, "column": 1, "code": "risk.reboot", "message": "the router restarts"}
    answer = {"batch_id": "bat_1", "count": 1, "items": [], "checks": [{"version": "7.16.2", "remarks": [remark]}]}
    stub.answers["POST", "/jobs"] = (201, answer)
    result = run("run", "/system/reboot", "-d", "router-1", "--unchecked", "--json")
    assert stub.asked("POST", "/jobs")[0]["unchecked"] is True
    assert json.loads(result.stdout)["count"] == 1
    assert result.stderr == "warning: line 1 column 1: the router restarts (RouterOS 7.16.2)\n"
