"""Scripts are checked before they are sent: the route that only checks, and the jobs that are refused."""

from typing import Any

import pytest

from tikfleet.domains.audit.model import Filter
from tikfleet.kernel.paging import PageRequest
from tikfleet.routeros.check.checker import DEFAULT_VERSION

from .conftest import ACME, GLOBEX, House

MISTAKE = ":put 1\n/ip/address/add interface=ether1"
REASON = "line 2 column 1: missing value(s) of argument(s) address (/ip/address/add; line 2)"
RANGE = ":foreach i in=[:range 1 3] do={:put $i}"  # since 7.17


async def check(house: House, source: str, who: str = "acme-operator", **more: object) -> Any:
    return await house.ask(who, "POST", "/scripts/check", {"source": source, **more})


async def jobs(house: House, device: str, script: str, **more: object) -> Any:
    return await house.ask(
        "acme-operator", "POST", "/jobs", {"device_ids": [device], "kind": "script", "script": script, **more}
    )


async def test_a_check_says_line_column_reason_and_which_devices_run_the_version(house: House) -> None:
    device = house.device("branch-1", version="7.16.2 (stable)")
    answer = await check(house, MISTAKE, device_ids=[device])
    assert answer.status_code == 200
    assert answer.json() == {
        "ok": False,
        "versions_left_out": 0,
        "checks": [
            {
                "version": "7.16.2",
                "is_assumed": False,
                "device_count": 1,
                "devices": [{"id": device, "name": "branch-1"}],
                "error_count": 1,
                "warning_count": 0,
                "remarks": [
                    {
                        "severity": "error",
                        "line": 2,
                        "column": 1,
                        "code": "missing-argument",
                        "message": "missing value(s) of argument(s) address (/ip/address/add; line 2)",
                        "since": None,
                    }
                ],
            }
        ],
    }


async def test_a_check_tells_which_version_brought_what_is_missing(house: House) -> None:
    found = (await check(house, RANGE, versions=["7.16.2", "7.17", "7.16.2"])).json()
    assert [(one["version"], one["error_count"]) for one in found["checks"]] == [("7.16.2", 1), ("7.17", 0)]
    assert found["checks"][0]["remarks"][0]["since"] == "7.17"


async def test_a_check_of_a_selection_counts_the_devices_of_each_version(house: House) -> None:
    for number, version in enumerate(["7.20.1", "7.16.2", "7.20.1 (stable)", ""]):
        house.device(f"branch-{number}", version=version)
    house.device("branch-9", GLOBEX, version="7.1")
    found = (await check(house, ":put 1", selection={"q": "branch"})).json()
    counts = [(one["version"], one["is_assumed"], one["device_count"]) for one in found["checks"]]
    assert counts == [("7.20.1", False, 2), ("7.16.2", False, 1), (DEFAULT_VERSION, True, 1)]


async def test_devices_of_others_and_of_nobody_are_unknown_to_the_check_alike(house: House) -> None:
    own, other = house.device("branch-1"), house.device("branch-9", GLOBEX)
    answers = [await check(house, ":put 1", device_ids=[own, unknown]) for unknown in (other, "dev_0000000000000000")]
    assert answers[0].status_code == 404
    assert answers[0].content == answers[1].content


async def test_who_may_not_run_scripts_may_not_check_them(house: House) -> None:
    assert (await check(house, ":put 1", "acme-viewer")).status_code == 403
    assert (await check(house, ":put 1", "")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"source": "x" * 65_537},
        {"versions": ["7.16.2"] * 11},
        {"versions": ["seven"]},
        {"versions": [""]},
        {"device_ids": []},
        {"device_ids": ["dev_"]},
        {"device_ids": ["dev_0000000000000000"] * 1_001},
        {"selection": {"surprise": 1}},
        {"surprise": 1},
    ],
)
async def test_a_check_outside_the_schema_is_refused(house: House, change: dict[str, Any]) -> None:
    answer = await house.ask("acme-operator", "POST", "/scripts/check", {"source": ":put 1"} | change)
    assert answer.status_code == 400


async def test_devices_and_a_selection_at_once_are_a_conflict(house: House) -> None:
    answer = await check(house, ":put 1", device_ids=[house.device("branch-1")], selection={})
    assert (answer.status_code, answer.json()["code"]) == (409, "job.contradictory")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "\x00",
        "\x00" * 65_536,
        "\xff" * 65_536,
        "\U0001f525" * 65_536,
        "[" * 65_536,
        "{" * 65_536,
        "(" * 65_536,
        '"' * 65_536,
        '"$[' * 21_845,
        "{" * 32_768 + "}" * 32_768,
        ":if (1) do={" * 5_461,
        ";" * 65_536,
        "foo\n" * 16_384,
        "/ip/address/add\r\n" * 3_855,
        "# " + "x" * 65_534,
        '/system/script/add name=a source="' + "/ip address add\\n" * 3_800 + '"',
        ":put (1" + "+1" * 32_000 + ")",
        "\\\n" * 32_768,
        "\ufeff\u202e\u2028",
    ],
    ids=lambda source: ascii(source[:8]),
)
async def test_a_hostile_script_gets_an_answer_with_a_bounded_number_of_remarks(house: House, source: str) -> None:
    answer = await check(house, source, versions=["7.16.2", "6.49.10", "7.24"])
    assert answer.status_code == 200
    for one in answer.json()["checks"]:
        assert len(one["remarks"]) <= 100
        assert all(remark["line"] >= 1 and remark["column"] >= 1 for remark in one["remarks"])


async def test_bytes_that_are_no_text_are_refused(house: House) -> None:
    for body in (b'{"source": "\xff"}', b'{"source": "\\ud800"}', b'{"source": "'):
        headers = {"authorization": "Bearer acme-operator", "content-type": "application/json"}
        answer = await house.http.post("/api/v1/scripts/check", content=body, headers=headers)
        assert answer.status_code == 400


async def test_a_script_with_a_mistake_makes_no_job_and_the_refusal_says_where_and_why(house: House) -> None:
    device = house.device("branch-1", version="7.16.2 (stable)")
    answer = await jobs(house, device, MISTAKE)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "script.invalid")
    assert problem["detail"] == f"RouterOS 7.16.2 on branch-1 would refuse {REASON}"
    assert problem["errors"] == [{"pointer": "/script", "message": f"{REASON} (RouterOS 7.16.2)"}]
    assert "unchecked" in problem["remedy"]
    assert (await house.ask("acme-viewer", "GET", "/jobs")).json()["total"] == 0


async def test_each_device_is_checked_for_its_own_version(house: House) -> None:
    old, new = house.device("branch-1", version="7.16.2"), house.device("branch-2", version="7.17")
    assert (await jobs(house, new, RANGE)).status_code == 201
    refused = await house.ask(
        "acme-operator", "POST", "/jobs", {"device_ids": [old, new], "kind": "script", "script": RANGE}
    )
    assert refused.json()["detail"].startswith("RouterOS 7.16.2 on branch-1 would refuse line 1 column 17")
    selected = {"selection": {"q": "branch"}, "kind": "script", "script": RANGE}
    assert (await house.ask("acme-operator", "POST", "/jobs", selected)).json()["code"] == "script.invalid"


async def test_a_device_that_says_no_version_is_checked_for_the_newest_that_is_known(house: House) -> None:
    device = house.device("branch-1", tier=None, version="")
    assert (await jobs(house, device, RANGE)).status_code == 201
    refused = (await jobs(house, device, MISTAKE)).json()
    assert f"RouterOS {DEFAULT_VERSION}, assumed" in refused["detail"]


async def test_a_warning_makes_the_job_and_is_told_and_written_down(house: House) -> None:
    made = (await jobs(house, house.device("branch-1"), "/system/reboot")).json()
    assert [remark["code"] for remark in made["checks"][0]["remarks"]] == ["risk.reboot"]
    shown = (await house.ask("acme-viewer", "GET", f"/jobs/{made['items'][0]['id']}")).json()
    assert shown["history"][0]["note"].startswith("warned for RouterOS 7.20.1: line 1 column 1: the router restarts")
    assert (await house.job(house.device("branch-2")))["history"][0]["note"] == ""


async def test_unchecked_leaves_the_decision_to_the_router_and_is_written_down(house: House) -> None:
    device = house.device("branch-1", version="7.16.2")
    made = (await jobs(house, device, MISTAKE, unchecked=True)).json()
    assert (made["count"], made["checks"]) == (1, [])
    assert made["items"][0]["history"][0]["note"] == "sent without a check"
    entries = await house.audit.page(ACME, Filter(action="job.created"), PageRequest())
    assert entries.items[0].after is not None
    assert entries.items[0].after["unchecked"] is True
    wrong = {"device_ids": [device], "kind": "reboot", "unchecked": True}
    assert (await house.ask("acme-operator", "POST", "/jobs", wrong)).json()["code"] == "job.contradictory"


async def test_a_refusal_points_at_no_more_than_twenty_places(house: House) -> None:
    problem = (await jobs(house, house.device("branch-1"), "foo\n" * 300)).json()
    assert len(problem["errors"]) == 20
    assert problem["detail"].endswith("bad command name foo, and 299 more")
