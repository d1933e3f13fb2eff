"""Typed kinds over HTTP: the catalogue, and secrets that come out nowhere."""

import pytest

from tikfleet.domains.audit.model import Filter
from tikfleet.domains.jobs.kinds.catalogue import KINDS
from tikfleet.domains.jobs.public import JobOutcome
from tikfleet.kernel.paging import PageRequest

from .conftest import ACME, House

PASSWORD = "correct horse battery"


async def test_the_catalogue_is_for_whoever_reads_jobs(house: House) -> None:
    found = (await house.ask("acme-viewer", "GET", "/job-kinds")).json()["items"]

    assert [one["kind"] for one in found] == ["script", *KINDS]
    ping = next(one for one in found if one["kind"] == "ping")
    assert (ping["classes"], ping["permission"], ping["has_secrets"]) == (["query", "once"], "jobs:write", False)
    assert ping["parameters"]["properties"]["count"] == {
        "type": "integer", "minimum": 1, "maximum": 100, "default": 4,
    }  # fmt: skip
    assert (await house.ask("", "GET", "/job-kinds")).status_code == 401


async def test_a_typed_job_has_the_class_of_its_kind_and_shows_what_it_was_told(house: House) -> None:
    job = await house.job(house.device("branch-1"), kind="dns", script=None, parameters={"servers": ["192.0.2.53"]})

    assert (job["kind"], job["job_class"], job["parameters"]) == ("dns", "desired-state", {"servers": ["192.0.2.53"]})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "ping", "parameters": {"host": "192.0.2.1", "count": 1000}}, "job.parameters-invalid"),
        ({"kind": "ping", "parameters": {"host": "192.0.2.1", "surprise": 1}}, "job.parameters-invalid"),
        ({"kind": "ping"}, "job.contradictory"),
        ({"kind": "ping", "parameters": {"host": "192.0.2.1"}, "script": ":put 1"}, "job.contradictory"),
        ({"kind": "dns", "parameters": {"servers": []}, "job_class": "query"}, "job.contradictory"),
        ({"kind": "export", "parameters": {"sensitive": True}}, "job.parameters-invalid"),
    ],
)
async def test_what_fits_no_kind_makes_no_job(house: House, change: dict[str, object], code: str) -> None:
    answer = await house.ask("acme-operator", "POST", "/jobs", {"device_ids": [house.device("branch-1")], **change})

    assert (answer.status_code in (400, 409), answer.json()["code"]) == (True, code)
    assert (await house.ask("acme-viewer", "GET", "/jobs")).json()["items"] == []


async def test_a_password_reaches_the_router_and_nobody_else(house: House) -> None:
    device = house.device("branch-1")
    told = {"user": "admin", "password": PASSWORD}

    answer = await house.ask(
        "acme-operator", "POST", "/jobs",
        {"device_ids": [device], "kind": "user-password", "parameters": told, "description": "rotation"},
    )  # fmt: skip
    job = answer.json()["items"][0]
    handed = await house.desk.next_for(device, "boot1", house.now)
    assert handed is not None
    script = await house.desk.script_for(device, handed.id)
    assert script is not None
    assert PASSWORD in script
    assert len(script.encode()) == handed.size_bytes
    await house.desk.started(device, handed.id, "boot1")
    said = f"value of password {PASSWORD} is too weak"
    await house.desk.result(device, handed.id, JobOutcome("failed", said, said))

    assert job["parameters"] == {"user": "admin", "password": "********"}
    shown = [
        answer.text,
        (await house.ask("acme-owner", "GET", f"/jobs/{job['id']}")).text,
        (await house.ask("acme-owner", "GET", f"/jobs/{job['id']}/output")).text,
        (await house.ask("acme-owner", "GET", "/jobs")).text,
        str(await house.audit.page(ACME, Filter(), PageRequest(100))),
        *house.stored(),
    ]
    assert all(PASSWORD not in text for text in shown)
    assert "[redacted]" in shown[1]


async def test_a_device_that_reports_the_error_itself_tells_no_password_either(house: House) -> None:
    device = house.device("branch-1")
    await house.job(device, kind="user-password", script=None, parameters={"user": "admin", "password": PASSWORD})
    handed = await house.desk.next_for(device, "boot1", house.now)
    assert handed is not None

    await house.desk.note_report(device, "boot1", house.report(handed.id, "failed", f"no {PASSWORD}"), house.now)

    job = (await house.ask("acme-owner", "GET", f"/jobs/{handed.id}")).json()
    assert (job["status"], job["error"]) == ("failed", "no [redacted]")


async def test_text_that_looks_sealed_is_a_password_like_any_other(house: House) -> None:
    device = house.device("branch-1")
    given = "sealed:org_01m3k5x0v7q2a9bc:AAAA"
    await house.job(device, kind="user-password", script=None, parameters={"user": "admin", "password": given})

    handed = await house.desk.next_for(device, "boot1", house.now)

    assert handed is not None
    assert given in str(await house.desk.script_for(device, handed.id))
