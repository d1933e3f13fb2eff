import json
from pathlib import Path
from typing import Any

import pytest
from api_stub import Stub

LIB = "lib_01m3k5x0v7q2a9bc"
SCRIPT: dict[str, Any] = {
    "id": LIB, "name": "Zone", "description": "", "visibility": "shared", "tags": ["clock"], "latest": 2,
    "created_by": {"name": "Ada"}, "updated_at": "2026-11-23T04:20:11.000Z",
}  # fmt: skip
VERSION: dict[str, Any] = {
    "number": 2, "note": "better", "source": "/system clock set time-zone-name=${zone}\n",
    "parameters": [
        {"name": "zone", "type": "string", "description": "IANA name", "default": None},
        {"name": "count", "type": "integer", "description": "", "default": 3},
    ],
    "samples": [], "checks": [{"release": "7.20", "error_count": 0, "warning_count": 1, "remarks": []}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def library(stub: Stub) -> None:
    stub.answers |= {
        ("GET", "/library"): (200, {"items": [SCRIPT], "next_cursor": None, "total": 1}),
        ("GET", f"/library/{LIB}"): (200, SCRIPT),
        ("GET", f"/library/{LIB}/versions"): (200, {"items": [VERSION]}),
        ("POST", "/library"): (201, SCRIPT | {"latest": 1}),
        ("POST", f"/library/{LIB}/versions"): (201, VERSION | {"number": 3}),
        ("PATCH", f"/library/{LIB}"): (200, SCRIPT),
        ("DELETE", f"/library/{LIB}"): (204, None),
    }


def test_scripts_are_listed_and_shown(run) -> None:
    assert "Zone" in run("library", "list", "--tag", "clock").stdout
    shown = run("library", "show", LIB).stdout
    assert "zone (string, required) IANA name" in shown
    assert "time-zone-name=${zone}" in shown


def test_a_script_is_kept_with_its_tests(run, stub: Stub, tmp_path: Path) -> None:
    source, tests = tmp_path / "zone.rsc", tmp_path / "tests.json"
    source.write_text("/system clock set time-zone-name=${zone}")
    tests.write_text(
        json.dumps({"parameters": [{"name": "zone"}], "samples": [{"name": "x", "values": {"zone": "a"}}]})
    )

    result = run(
        "library", "add", str(source), "--name", "Zone", "--tests", str(tests), "--release", "6.49", "--shared",
        "--tag", "clock",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    asked = stub.asked("POST", "/library")[0]
    assert (asked["visibility"], asked["releases"], asked["tags"]) == ("shared", ["6.49"], ["clock"])
    assert (asked["parameters"], asked["samples"][0]["values"]) == ([{"name": "zone"}], {"zone": "a"})
    assert run("library", "update", LIB, str(source)).stdout.strip() == "Kept as version 3."
    assert run("library", "add", str(source), "--name", "x", "--tests", str(source)).exit_code == 2


def test_a_script_is_run_with_typed_values(run, stub: Stub) -> None:
    result = run("library", "run", LIB, "router-1", "-s", "zone=Europe/Riga", "-s", "count=5")

    assert result.exit_code == 0, result.output
    asked = stub.asked("POST", "/jobs")[0]
    assert (asked["library_id"], asked["version"]) == (LIB, 2)
    assert asked["values"] == {"zone": "Europe/Riga", "count": 5}
    assert asked["device_ids"] == ["dev_0000000000000001"]
    assert run("library", "run", LIB, "router-1", "-s", "surprise=1").exit_code == 2


def test_a_script_is_changed_and_deleted(run, stub: Stub) -> None:
    assert run("library", "change", LIB, "--visibility", "shared").exit_code == 0
    assert stub.asked("PATCH", f"/library/{LIB}")[0] == {"visibility": "shared"}
    assert run("library", "delete", LIB).exit_code == 0
