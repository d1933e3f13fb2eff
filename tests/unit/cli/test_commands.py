import json

import pytest
from api_stub import Stub, problem
from typer.testing import CliRunner

from tikfleet.cli import units
from tikfleet.cli.application import build
from tikfleet.cli.fleet import FleetArguments, fleet_command
from tikfleet.cli.safety import cell, harmless


def test_a_key_is_made_and_its_lines_printed(run, stub: Stub) -> None:
    lines = {"v7": "/tool fetch url=x", "v6": "/tool fetch url=y"}
    stub.answers["POST", "/enrolment-keys"] = (201, {"id": "key_1", "secret": "tfe_x", "lines": lines})
    result = run("enrol", "--name", "Shop", "--site", "Riga", "--tag", "shop", "--max-uses", "3")
    assert result.exit_code == 0, result.output
    assert result.stdout == "/tool fetch url=x\n/tool fetch url=y\n"
    assert stub.asked("POST", "/enrolment-keys")[0] == {
        "name": "Shop", "needs_approval": False, "tags": ["shop"], "max_uses": 3, "site_id": "sit_0000000000000001",
    }  # fmt: skip


def test_waiting_shows_routers_as_they_come(run, stub: Stub) -> None:
    stub.answers["POST", "/enrolment-keys"] = (201, {"id": "key_1", "lines": {}})
    stub.attempts = [
        {
            "id": "enr_2",
            "outcome": "enrolled",
            "identity": "b\x07",
            "board": "hEX",
            "serial": "S",
            "source_address": "::1",
        },
        {"id": "enr_1", "outcome": "refused", "identity": "a", "reason": "used up", "findings": []},
    ]
    result = run("enrol", "--wait", "--count", "1")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "enrolled: b\\x07 (hEX, S) from ::1"
    assert "used up" in result.stdout


def test_subcommands_of_enrol_make_no_key(run, stub: Stub) -> None:
    assert run("enrol", "attempts").exit_code == 0
    stub.answers["DELETE", "/enrolment-keys/key_1"] = (204, None)
    assert run("enrol", "revoke", "key_1").exit_code == 0
    assert not stub.asked("POST", "/enrolment-keys")


STREAM = (
    ": keep-alive\n\nid: 1\nevent: device.offline\n"
    'data: {"at":"2026","device_name":"a\\u001b[0m","text":"silent","device_id":"dev_1"}\n\n'
    'event: fleet.pulse\ndata: {"at":"2026","online":3}\n\n'
)


def test_events_are_followed(run, terminal, stub: Stub) -> None:
    stub.stream = STREAM
    terminal.sleep = stop
    assert run("events", "--follow").stdout == "2026  device.offline  a\\x1b[0m  silent\n"


def test_followed_events_are_lines_of_json(run, terminal, stub: Stub) -> None:
    stub.stream = STREAM
    terminal.sleep = stop
    rows = [json.loads(line) for line in run("events", "-f", "--json").stdout.splitlines()]
    assert [row["event"] for row in rows] == ["device.offline", "fleet.pulse"]


def stop(_: float) -> None:
    raise SystemExit(0)


def test_a_server_that_was_never_there_is_not_waited_for(run, stub: Stub) -> None:
    stub.answers["GET", "/events/stream"] = (502, "bad gateway")
    assert run("events", "--follow").exit_code == 5


def test_a_stream_that_is_forbidden_is_not_tried_again(run, stub: Stub) -> None:
    stub.answers["GET", "/events/stream"] = (403, problem(403, "forbidden", "no"))
    assert run("events", "--follow").exit_code == 3


def test_top_draws_leaders(run, stub: Stub) -> None:
    item = {"key": "dev_1", "label": "core-1", "value": 2.5e9, "sparkline": [0, None, 5, 10]}
    stub.answers["GET", "/telemetry/top"] = (200, {"unit": "bps", "items": [item]})
    shown = run("top", "rx_bps", "--last", "6h").stdout
    assert "2.5 Gbps" in shown
    assert "▁ ▄█" in shown


def test_series_is_a_line_or_all_points(run, stub: Stub) -> None:
    line = {"metric": "cpu_load", "unit": "percent", "device_id": None, "points": [[0, 1.0], [60, None], [120, 9.0]]}
    stub.answers["GET", "/telemetry/series"] = (200, {"series": [line]})
    assert "9.0%" in run("series", "cpu_load").stdout
    assert json.loads(run("series", "cpu_load", "-d", "router-1", "--json").stdout)["series"][0]["points"][1] == [
        60,
        None,
    ]
    assert stub.asked("GET", "/telemetry/series")[-1]["device_id"] == ["dev_0000000000000001"]


def test_sites_tokens_people_and_audit(run, stub: Stub) -> None:
    assert "Riga" in run("sites", "list").stdout
    assert run("sites", "add", "Ogre", "--latitude", "56.8", "--longitude", "24.6").exit_code == 0
    assert stub.asked("POST", "/sites")[0] == {"name": "Ogre", "latitude": 56.8, "longitude": 24.6}
    assert run("tokens", "create", "CI", "--scope", "devices:read").stdout.startswith("tft_")
    stub.answers["POST", "/people"] = (201, {"id": "per_1", "invitation_token": "tfi_x"})
    assert run("people", "invite", "a@b.example", "--name", "A").stdout == "http://fleet.test/join#token=tfi_x\n"
    assert "Nothing was changed" in run("audit", "--from", "2026-11-23T00:00:00Z").stdout
    assert stub.asked("GET", "/audit")[0]["from"] == ["2026-11-23T00:00:00Z"]


def test_settings_are_shown_with_whose_they_are_changed_and_given_back(run, stub: Stub) -> None:
    above = {"organisation_id": "org_1", "organisation_name": "Acme"}
    nobody = {"organisation_id": None, "organisation_name": None}
    found = {
        "timezone": "UTC",
        "runs_need_approval": True,
        "job_devices_per_minute": 5,
        "own": ["job_devices_per_minute"],
        "inherited": {
            "timezone": {"value": "UTC"} | nobody,
            "runs_need_approval": {"value": True} | above,
            "job_devices_per_minute": {"value": 0} | nobody,
        },
    }
    stub.answers["GET", "/settings"] = stub.answers["PATCH", "/settings"] = (200, found)
    lines = [" ".join(line.split()) for line in run("settings", "show").stdout.splitlines()]
    assert lines == [
        "timezone UTC (the default)",
        "runs_need_approval true (from Acme)",
        "job_devices_per_minute 5 (its own; 0 the default)",
    ]
    assert json.loads(run("settings", "set", "job_devices_per_minute=500", "timezone=UTC", "--json").stdout) == found
    assert run("settings", "reset", "timezone", "checkin_interval_s").exit_code == 0
    assert stub.asked("PATCH", "/settings") == [
        {"job_devices_per_minute": 500, "timezone": "UTC"},
        {"timezone": None, "checkin_interval_s": None},
    ]
    assert run("settings", "set", "timezone").exit_code == 2


def test_a_wrong_option_is_usage(run) -> None:
    assert run("devices", "list", "--nonsense").exit_code == 2
    assert run("login", "ftp://x", "--stdin", given="t\n").exit_code == 2


def test_completion_can_be_shown() -> None:
    result = CliRunner().invoke(build(), ["--help"])
    assert "--install-completion" in result.output


def test_the_fleet_is_run_by_whom_it_is_given() -> None:
    taken: list[FleetArguments] = []

    def run(arguments: FleetArguments) -> int:
        taken.append(arguments)
        return 1

    root = build()
    root.command("fleet")(fleet_command(run))
    result = CliRunner().invoke(root, ["fleet", "--url", "http://x", "--routers", "7", "--ca", "/ca.pem"])
    assert (result.exit_code, taken[0].routers, str(taken[0].ca_file)) == (1, 7, "/ca.pem")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1"])
def test_formulas_become_text(text: str) -> None:
    assert str(cell(text)).startswith("'")


@pytest.mark.parametrize("text", ["plain", "Jūrmala", "北京", "a-b=c"])
def test_ordinary_text_stays(text: str) -> None:
    assert cell(text) == text
    assert harmless(text) == text


def test_figures_read_well() -> None:
    assert units.rate(999) == "999 bps"
    assert units.size(3_400_000_000) == "3.4 GB"
    assert units.duration(93_784) == "1d 2h"
    assert units.bars([]) == ""
