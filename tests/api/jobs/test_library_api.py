"""The script library over HTTP: versions that stay as they are, tests before anything is kept, two organisations."""

from typing import Any

import pytest

from tikfleet.domains.audit.model import Filter
from tikfleet.kernel.paging import PageRequest

from .conftest import ACME, House

ZONE: dict[str, Any] = {
    "name": "Set the time zone",
    "visibility": "shared",
    "tags": ["clock", "branch"],
    "source": "/system clock set time-zone-name=${zone}",
    "parameters": [{"name": "zone", "description": "IANA name", "default": "Europe/Riga"}],
    "samples": [{"name": "Riga", "values": {"zone": "Europe/Riga"}}],
    "releases": ["7.20", "6.49"],
}


async def keep(house: House, who: str = "acme-operator", **change: Any) -> dict[str, Any]:
    answer = await house.ask(who, "POST", "/library", ZONE | change)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_script_is_kept_with_what_the_check_said_of_it(house: House) -> None:
    script = await keep(house)

    shown = (await house.ask("acme-viewer", "GET", f"/library/{script['id']}")).json()
    version = (await house.ask("acme-viewer", "GET", f"/library/{script['id']}/versions", None, number=1)).json()[
        "items"
    ][0]

    assert (shown["name"], shown["tags"], shown["latest"]) == ("Set the time zone", ["clock", "branch"], 1)
    assert version["source"] == ZONE["source"]
    assert [(one["release"], one["error_count"]) for one in version["checks"]] == [("7.20", 0), ("6.49", 0)]
    assert version["checks"][1]["warning_count"] > 0


async def test_a_version_never_changes_and_the_next_has_the_next_number(house: House) -> None:
    script = await keep(house)
    fresh = {"source": "/system clock set time-zone-autodetect=no", "releases": ["7.20"], "note": "no zone any more"}

    added = await house.ask("acme-operator", "POST", f"/library/{script['id']}/versions", fresh)
    versions = (await house.ask("acme-viewer", "GET", f"/library/{script['id']}/versions")).json()["items"]

    assert (added.status_code, added.json()["number"]) == (201, 2)
    assert [(one["number"], one["source"]) for one in versions] == [(2, fresh["source"]), (1, ZONE["source"])]
    assert (await house.ask("acme-viewer", "GET", f"/library/{script['id']}")).json()["latest"] == 2
    gone = await house.ask("acme-viewer", "GET", f"/library/{script['id']}/versions", None, number=3)
    assert (gone.status_code, gone.json()["code"]) == (404, "library.not-found")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"source": "/system clock set time-zone=${zone}"}, "library.tests-failed"),
        ({"source": "/ip address add interface=${zone}"}, "library.tests-failed"),
        ({"source": ':put "${zone}"'}, "library.contradictory"),
        ({"source": ":put ${zone} ; :put ${other}"}, "library.contradictory"),
        ({"source": ":put hello"}, "library.contradictory"),
        ({"samples": []}, "library.contradictory"),
        ({"samples": [{"name": "x", "values": {"surprise": 1}}]}, "library.contradictory"),
        ({"samples": [{"name": "x", "values": {"zone": 5}}]}, "library.contradictory"),
        ({"parameters": ZONE["parameters"] * 2}, "library.contradictory"),
    ],
)
async def test_a_script_that_fails_its_tests_is_not_kept(house: House, change: dict[str, Any], code: str) -> None:
    answer = await house.ask("acme-operator", "POST", "/library", ZONE | change)

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert (await house.ask("acme-viewer", "GET", "/library")).json()["items"] == []


async def test_a_job_runs_a_version_with_values(house: House) -> None:
    script = await keep(house)
    device = house.device("branch-1")

    job = await house.job(device, script=None, library_id=script["id"], version=1, values={"zone": "Asia/Tokyo"})
    default = await house.job(device, script=None, library_id=script["id"])
    entries = await house.audit.page(ACME, Filter(action="job.created"), PageRequest())

    assert job["script"] == '/system clock set time-zone-name="Asia/Tokyo"'
    assert default["script"] == '/system clock set time-zone-name="Europe/Riga"'
    assert {entry.after["version"] for entry in entries.items if entry.after} == {1}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"values": {"zone": 5}}, 409, "library.values-unfit"),
        ({"values": {"surprise": "x"}}, 409, "library.values-unfit"),
        ({"version": 9}, 404, "library.not-found"),
        ({"script": ":put 1"}, 409, "library.contradictory"),
        ({"kind": "reboot"}, 409, "library.contradictory"),
        ({"library_id": None, "version": 1, "script": ":put 1"}, 409, "library.contradictory"),
        ({"library_id": "lib_01m3k5x0v7q2a9bc"}, 404, "library.not-found"),
    ],
)
async def test_what_does_not_fit_the_script_makes_no_job(
    house: House, change: dict[str, Any], status: int, code: str
) -> None:
    script = await keep(house)
    body = {"device_ids": [house.device("branch-1")], "kind": "script", "library_id": script["id"]} | change

    answer = await house.ask("acme-operator", "POST", "/jobs", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_hostile_value_stays_one_value(house: House) -> None:
    script = await keep(house)
    values = {"zone": '"; /system reboot; "'}

    job = await house.job(house.device("branch-1"), script=None, library_id=script["id"], values=values)

    assert job["script"] == '/system clock set time-zone-name="\\"; /system reboot; \\""'


async def test_a_private_script_exists_for_who_made_it_alone(house: House) -> None:
    script = await keep(house, visibility="private")
    other = "provider-owner"

    for who in ("globex-owner", other):
        assert (await house.ask(who, "GET", "/library")).json()["items"] == []
        for method, path in (
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("GET", "/versions"),
            ("GET", "/versions?number=1"),
        ):
            body = {"name": "mine"} if method == "PATCH" else None
            answer = await house.ask(who, method, f"/library/{script['id']}{path}", body)
            assert (answer.status_code, answer.json()["code"]) == (404, "library.not-found")


async def test_another_organisation_never_sees_a_shared_script(house: House) -> None:
    script = await keep(house)

    answer = await house.ask("globex-owner", "GET", f"/library/{script['id']}")
    absent = await house.ask("globex-owner", "GET", "/library/lib_01m3k5x0v7q2a9bc")

    assert answer.status_code == absent.status_code == 404
    assert {**answer.json(), "instance": ""} == {**absent.json(), "instance": ""}
    job = {"device_ids": [house.device("branch-1")], "kind": "script", "library_id": script["id"]}
    assert (await house.ask("globex-operator", "POST", "/jobs", job)).status_code == 404


async def test_scripts_are_found_by_name_and_tag_a_page_at_a_time(house: House) -> None:
    for number in range(3):
        await keep(house, name=f"Script {number}", tags=["even"] if number % 2 == 0 else ["odd_1"])

    async def names(**query: Any) -> list[str]:
        return [
            one["name"] for one in (await house.ask("acme-viewer", "GET", "/library", None, **query)).json()["items"]
        ]

    assert await names(tag="even") == ["Script 0", "Script 2"]
    assert await names(tag="odd_1") == ["Script 1"]
    assert await names(tag="odd%1") == []
    assert await names(q="SCRIPT 2") == ["Script 2"]
    first = (await house.ask("acme-viewer", "GET", "/library", None, limit=2)).json()
    assert (len(first["items"]), first["total"]) == (2, 3)
    assert await names(limit=2, cursor=first["next_cursor"]) == ["Script 2"]


async def test_a_script_is_renamed_and_deleted_and_both_are_in_the_audit_trail(house: House) -> None:
    script = await keep(house)

    renamed = await house.ask("acme-operator", "PATCH", f"/library/{script['id']}", {"name": "Zone"})
    deleted = await house.ask("acme-operator", "DELETE", f"/library/{script['id']}")
    entries = await house.audit.page(ACME, Filter(), PageRequest())

    assert (renamed.json()["name"], renamed.json()["tags"]) == ("Zone", ["clock", "branch"])
    assert deleted.status_code == 204
    assert (await house.ask("acme-viewer", "GET", f"/library/{script['id']}")).status_code == 404
    assert sorted(entry.action for entry in entries.items) == ["library.changed", "library.created", "library.deleted"]


async def test_who_only_reads_keeps_nothing(house: House) -> None:
    script = await keep(house)

    for method, path, body in (
        ("POST", "/library", ZONE),
        ("PATCH", f"/library/{script['id']}", {"name": "x"}),
        ("DELETE", f"/library/{script['id']}", None),
        ("POST", f"/library/{script['id']}/versions", {"source": ":put 1"}),
    ):
        assert (await house.ask("acme-viewer", method, path, body)).status_code == 403
