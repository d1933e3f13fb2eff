"""`tikfleet query`: what is asked of the API, and what is shown as it comes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from api_stub import Stub
from typer.testing import Result

Run = Callable[..., Result]
COUNTS = {"devices": 2, "asked": 2, "answered": 2, "failed": 0, "waiting": 0, "rows": 2}
ROWS = [
    {"kind": "row", "device_id": "dev_1", "device_name": "riga", "values": {"chain": "dstnat", "comment": "=1+1"}},
    {"kind": "row", "device_id": "dev_2", "device_name": "ogre\x1b[2J", "values": {"chain": "srcnat", "port": "80"}},
]
END = {"kind": "end", **COUNTS, "complete": True, "seconds": 0.1, "stopped": ""}
ASLEEP = {
    "kind": "unanswered", "device_id": "dev_3", "device_name": "cesis", "reason": "asleep",
    "detail": "it did not come into live mode within 30 s",
}  # fmt: skip


def said(stub: Stub, *lines: dict[str, Any]) -> None:
    stub.answers["POST", "/queries"] = (200, "".join(json.dumps(line) + "\n" for line in lines))


def test_the_question_goes_out_with_the_selection(run: Run, stub: Stub) -> None:
    said(stub, {"kind": "progress", **COUNTS}, *ROWS, END)
    done = run("query", "/ip/firewall/nat where chain=dstnat", "--tag", "core", "--fields", "chain,port", "--wait", "5")
    assert done.exit_code == 0, done.output
    assert stub.asked("POST", "/queries") == [
        {
            "query": "/ip/firewall/nat where chain=dstnat", "fields": ["chain", "port"], "wait_s": 5.0,
            "rows_each": 10_000, "selection": {"tag": ["core"]},
        }
    ]  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["DEVICE", "CHAIN", "PORT"]
    assert lines[1].split() == ["riga", "dstnat"]
    assert lines[2].split() == ["ogre\\x1b[2J", "srcnat", "80"]
    assert "2 of 2 routers answered, with 2 rows." in done.stderr


def test_rows_of_any_properties_are_lines(run: Run, stub: Stub) -> None:
    said(stub, *ROWS, END)
    done = run("query", "/ip/firewall/nat", "--all")
    assert done.stdout.splitlines()[0] == "riga: chain=dstnat comment==1+1"


@pytest.mark.parametrize("fields", [[], ["--fields", "chain,comment,port"]])
def test_csv_has_one_line_for_each_row_and_no_formulas(run: Run, stub: Stub, fields: list[str]) -> None:
    said(stub, *ROWS, END)
    done = run("query", "/ip/firewall/nat", "--all", "--csv", *fields)
    assert done.stdout.splitlines() == [
        "device_id,device,chain,comment,port",
        "dev_1,riga,dstnat,'=1+1,",
        "dev_2,ogre\\x1b[2J,srcnat,,80",
    ]


def test_json_is_a_document_for_each_row(run: Run, stub: Stub) -> None:
    said(stub, *ROWS, END)
    done = run("query", "/ip/firewall/nat", "--all", "--json")
    assert [json.loads(line)["device_id"] for line in done.stdout.splitlines()] == ["dev_1", "dev_2"]


def test_who_did_not_answer_is_named_and_the_exit_code_says_so(run: Run, stub: Stub) -> None:
    said(stub, ROWS[0], ASLEEP, END | {"answered": 1, "failed": 1, "complete": False})
    done = run("query", "/ip/firewall/nat", "--all")
    assert done.exit_code == 1
    assert "riga" in done.stdout
    assert "cesis: asleep: it did not come into live mode within 30 s" in done.stderr


def test_no_device_at_all_is_a_failure(run: Run, stub: Stub) -> None:
    said(stub, END | {"devices": 0, "answered": 0, "rows": 0})
    done = run("query", "/ip/address", "--tag", "nowhere")
    assert (done.exit_code, "no device fits" in done.stderr) == (1, True)


def test_an_answer_that_is_cut_off_is_no_success(run: Run, stub: Stub) -> None:
    said(stub, ROWS[0])
    assert run("query", "/ip/firewall/nat", "--all").exit_code == 5


def test_a_query_that_can_not_be_read_is_a_usage_error(run: Run, stub: Stub) -> None:
    stub.answers["POST", "/queries"] = (
        409,
        {"code": "query.unreadable", "title": "x", "detail": "there are no variables here", "remedy": "y"},
    )
    done = run("query", "/ip/address where comment=$x", "--all")
    assert done.exit_code == 2
    assert "there are no variables here [query.unreadable]" in done.stderr


def test_devices_have_to_be_named_somehow(run: Run) -> None:
    assert run("query", "/ip/address").exit_code == 2
    assert run("query", "/ip/address", "--all", "--csv", "--json").exit_code == 2
