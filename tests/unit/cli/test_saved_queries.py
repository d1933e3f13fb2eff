"""`tikfleet queries`: what is kept, asked again, and read."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from api_stub import Stub
from typer.testing import Result

Run = Callable[..., Result]
QRY = "qry_01m3k5x0v7q2a9bc"
SAVED: dict[str, Any] = {
    "id": QRY, "name": "NAT rules", "ask": {"query": "/ip/firewall/nat where chain=dstnat"}, "shared": True,
    "interval_s": 3600, "keep": 10, "next_at": "2026-11-23T05:20:11.000Z", "created_at": "2026-11-23T04:20:11.000Z",
}  # fmt: skip
RESULT: dict[str, Any] = {
    "id": "qrs_01m3k5x0v7q2a9bc", "query_id": QRY, "state": "ended", "started_at": "2026-11-23T04:20:11.000Z",
    "tally": {"rows": 31, "failed": 2}, "error": "",
}  # fmt: skip
ROW = {"kind": "row", "device_id": "dev_1", "device_name": "riga", "values": {"chain": "dstnat"}}
END = {
    "kind": "end", "devices": 2, "asked": 2, "answered": 1, "failed": 1, "waiting": 0, "rows": 1, "complete": False,
    "seconds": 0.1, "stopped": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def queries(stub: Stub) -> None:
    stub.answers |= {
        ("GET", "/queries"): (200, {"items": [SAVED], "next_cursor": None}),
        ("POST", "/queries/saved"): (201, SAVED),
        ("POST", f"/queries/{QRY}/ask"): (200, "".join(json.dumps(line) + "\n" for line in (ROW, END))),
        ("POST", f"/queries/{QRY}/results"): (202, RESULT | {"state": "running"}),
        ("GET", f"/queries/{QRY}/results"): (200, {"items": [RESULT], "next_cursor": None}),
        ("GET", f"/queries/{QRY}/rows.csv"): (200, "device,chain\r\nriga\x1b[2J,dstnat\r\n"),
        ("POST", f"/queries/{QRY}/sql"): (200, {"columns": ["n"], "rows": [[31]]}),
        ("DELETE", f"/queries/{QRY}"): (204, {}),
    }


def test_a_query_is_kept_with_its_devices_and_its_pace(run: Run, stub: Stub) -> None:
    done = run("queries", "save", "NAT rules", "/ip/firewall/nat", "--tag", "core", "--every", "3600", "--keep", "3")
    assert done.stdout.strip() == f"Kept as {QRY}.", done.output
    assert stub.asked("POST", "/queries/saved") == [
        {
            "name": "NAT rules", "shared": True, "interval_s": 3600, "keep": 3,
            "ask": {
                "query": "/ip/firewall/nat", "fields": [], "wait_s": 30, "rows_each": 10_000,
                "selection": {"tag": ["core"]},
            },
        }
    ]  # fmt: skip


def test_kept_queries_and_results_are_listed(run: Run) -> None:
    listed = run("queries", "list").stdout
    assert "NAT rules" in listed
    assert "3600 s" in listed
    assert "31" in run("queries", "results", QRY).stdout
    assert "running" in run("queries", "begin", QRY).stdout


def test_asking_one_shows_its_rows_and_fails_when_a_router_is_silent(run: Run) -> None:
    done = run("queries", "ask", QRY)
    assert "riga: chain=dstnat" in done.stdout
    assert done.exit_code == 1


def test_rows_come_as_csv_without_what_a_terminal_obeys(run: Run) -> None:
    assert "\x1b" not in run("queries", "rows", QRY).stdout
    assert "riga" in run("queries", "rows", QRY, "--result", RESULT["id"]).stdout


def test_a_result_is_asked_with_sql_and_a_query_deleted(run: Run, stub: Stub) -> None:
    assert "31" in run("queries", "sql", QRY, "select count(*) n from rows").stdout
    assert stub.asked("POST", f"/queries/{QRY}/sql") == [{"sql": "select count(*) n from rows"}]
    assert run("queries", "forget", QRY).stdout.strip() == f"{QRY} is deleted."
