"""People's side of jobs over HTTP."""

import time
from typing import Any

import pytest

from tikfleet.domains.audit.model import Filter
from tikfleet.domains.jobs.public import JobLimits, JobOutcome
from tikfleet.kernel.paging import PageRequest

from .conftest import ACME, GLOBEX, House


async def test_a_job_is_as_the_contract_says(house: House) -> None:
    device = house.device("branch-1")
    made = await house.job(device, description="Say hello", timeout_s=30)
    job_id = await house.run(device, JobOutcome("succeeded", output="hello\r\n"))
    shown = (await house.ask("acme-viewer", "GET", f"/jobs/{job_id}")).json()
    at = "2026-11-23T04:20:11.000Z"
    assert shown == {
        "id": made["id"],
        "batch_id": made["batch_id"],
        "device_id": device,
        "device_name": "branch-1",
        "kind": "script",
        "job_class": "once",
        "status": "succeeded",
        "description": "Say hello",
        "script": ":put hello",
        "parameters": {},
        "created_at": at,
        "created_by": {"kind": "token", "id": "tok_01m3k5x0v7q2a9bc", "name": "acme"},
        "delivered_at": at,
        "started_at": at,
        "finished_at": at,
        "expires_at": "2026-11-24T04:20:11.000Z",
        "timeout_s": 30,
        "confirm": None,
        "retry": None,
        "window": None,
        "backup_job_id": None,
        "notifies": None,
        "output": "hello\r\n",
        "output_bytes": 7,
        "output_truncated": False,
        "error": None,
        "history": [
            {"at": at, "status": "queued", "note": ""},
            {"at": at, "status": "delivered", "note": ""},
            {"at": at, "status": "running", "note": ""},
            {"at": at, "status": "succeeded", "note": ""},
        ],
    }


async def test_the_class_follows_the_kind_unless_it_is_given(house: House) -> None:
    device = house.device("branch-1")
    bodies: list[dict[str, Any]] = [
        {},
        {"kind": "reboot", "script": None},
        {"kind": "identity", "script": None, "parameters": {"name": "branch-2"}},
        {"kind": "export", "script": None},
        {"job_class": "desired-state"},
    ]
    classes = [(await house.job(device, **body))["job_class"] for body in bodies]
    assert classes == ["once", "once", "desired-state", "query", "desired-state"]


@pytest.mark.parametrize(
    "change",
    [
        {"selection": {}},
        {"device_ids": None},
        {"script": None},
        {"kind": "reboot"},
        {"kind": "reboot", "script": None, "job_class": "desired-state"},
        {"kind": "identity", "script": None},
        {"parameters": {"name": "branch-2"}},
    ],
)
async def test_parts_that_do_not_fit_each_other_are_a_conflict(house: House, change: dict[str, Any]) -> None:
    body = {"device_ids": [house.device("branch-1")], "kind": "script", "script": ":put hello"} | change
    answer = await house.ask("acme-operator", "POST", "/jobs", {key: value for key, value in body.items() if value})
    if change == {"selection": {}}:
        answer = await house.ask("acme-operator", "POST", "/jobs", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "job.contradictory")


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "format"},
        {"script": ""},
        {"script": "a\x00b"},
        {"script": "x" * 16_385},
        {"timeout_s": 4},
        {"timeout_s": 3_601},
        {"expires_in_s": 59},
        {"device_ids": []},
        {"device_ids": ["dev_"]},
        {"surprise": 1},
        {"kind": "ping", "script": None, "parameters": {"host": "192.0.2.1", "surprise": 1}},
        {"parameters": {"Surprise": 1}},
        {"selection": {"surprise": 1}},
        {"description": "x" * 501},
    ],
)
async def test_a_request_outside_the_schema_is_refused(house: House, change: dict[str, Any]) -> None:
    body = {"device_ids": [house.device("branch-1")], "kind": "script", "script": ":put hello"} | change
    assert (await house.ask("acme-operator", "POST", "/jobs", body)).status_code == 400


async def test_a_script_that_cannot_be_written_for_a_device_is_told_before_any_job_is_made(house: House) -> None:
    body = {"device_ids": [house.device("branch-1")], "kind": "script", "script": ':put "not for this tier"'}
    answer = await house.ask("acme-operator", "POST", "/jobs", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "job.not-renderable")
    assert answer.json()["detail"] == "for branch-1: the agent cannot run it"
    assert (await house.ask("acme-operator", "GET", "/jobs")).json()["total"] == 0


async def test_a_selection_asks_every_device_that_takes_jobs(house: House) -> None:
    wanted = {house.device("branch-1"), house.device("branch-2", tier=None)}
    house.device("branch-3", status="pending")
    house.device("branch-4", status="removing")
    house.device("branch-5", GLOBEX)
    body = {"selection": {"q": "branch"}, "kind": "reboot"}
    made = (await house.ask("acme-operator", "POST", "/jobs", body)).json()
    assert made["count"] == 2
    assert {job["device_id"] for job in made["items"]} == wanted
    assert {job["batch_id"] for job in made["items"]} == {made["batch_id"]}


async def test_no_device_that_fits_is_a_conflict_with_a_remedy(house: House) -> None:
    house.device("branch-1", GLOBEX)
    answer = await house.ask("acme-operator", "POST", "/jobs", {"selection": {"q": "branch"}, "kind": "reboot"})
    assert (answer.status_code, answer.json()["code"]) == (409, "job.no-devices")
    assert "GET /devices" in answer.json()["remedy"]


async def test_a_device_that_waits_for_approval_takes_no_job(house: House) -> None:
    device = house.device("branch-1", status="pending")
    answer = await house.ask("acme-operator", "POST", "/jobs", {"device_ids": [device], "kind": "reboot"})
    assert (answer.status_code, answer.json()["code"]) == (409, "job.devices-not-ready")
    assert answer.json()["errors"][0]["pointer"] == "/device_ids/0"


async def test_devices_of_others_and_of_nobody_are_unknown_alike(house: House) -> None:
    own, other = house.device("branch-1"), house.device("branch-9", GLOBEX)
    answers = [
        await house.ask("acme-operator", "POST", "/jobs", {"device_ids": [own, unknown], "kind": "reboot"})
        for unknown in (other, "dev_0000000000000000")
    ]
    assert answers[0].status_code == 404
    assert answers[0].content == answers[1].content
    assert (await house.ask("acme-operator", "GET", "/jobs")).json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/jobs/{}"), ("GET", "/jobs/{}/output"), ("POST", "/jobs/{}/cancel")]
)
async def test_jobs_of_others_and_of_nobody_are_unknown_alike(house: House, method: str, path: str) -> None:
    job = await house.job(house.device("branch-9", GLOBEX), "globex-operator")
    absent = "job_0000000000000000"
    answers = [await house.ask("acme-operator", method, path.format(job_id)) for job_id in (job["id"], absent)]
    assert answers[0].status_code == 404
    assert answers[0].content.replace(job["id"].encode(), absent.encode()) == answers[1].content
    for malformed in ("job", "%00", "job_%00", "x" * 300):
        assert (await house.ask("acme-operator", method, path.format(malformed))).status_code == 404
    assert (await house.ask("globex-operator", "GET", f"/jobs/{job['id']}")).json()["status"] == "queued"


async def test_a_collection_never_shows_another_organisation(house: House) -> None:
    own = await house.job(house.device("branch-1"))
    other = await house.job(house.device("branch-9", GLOBEX), "globex-operator")
    for query in ({}, {"batch_id": other["batch_id"]}, {"device_id": other["device_id"]}):
        seen = (await house.ask("acme-viewer", "GET", "/jobs", **query)).json()
        assert [job["id"] for job in seen["items"]] == ([] if query else [own["id"]])


async def test_a_provider_acts_for_its_customer_and_the_customer_sees_it(house: House) -> None:
    job = await house.job(house.device("branch-1"), "provider-operator")
    assert (await house.ask("acme-viewer", "GET", f"/jobs/{job['id']}")).json()["created_by"]["name"] == "provider"
    entries = await house.audit.page(ACME, Filter(action="job.created"), PageRequest())
    assert [(entry.actor.name, entry.target.id) for entry in entries.items] == [("provider", job["batch_id"])]


async def test_pages_filters_and_order(house: House) -> None:
    device, other = house.device("branch-1"), house.device("branch-2")
    made = []
    for number in range(5):
        made.append((await house.job(device if number % 2 else other))["id"])
        house.pass_(1)
    seen, cursor = [], None
    while True:
        page = (
            await house.ask("acme-viewer", "GET", "/jobs", limit=2, **({"cursor": cursor} if cursor else {}))
        ).json()
        assert page["total"] == 5
        seen += [job["id"] for job in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]
    oldest = (await house.ask("acme-viewer", "GET", "/jobs", sort="created_at", fields="id")).json()
    assert oldest["items"] == [{"id": job_id} for job_id in made]
    await house.ask("acme-operator", "POST", f"/jobs/{made[0]}/cancel")
    for query, wanted in (
        ({"status": ["cancelled", "running"]}, made[:1]),
        ({"device_id": device}, [made[3], made[1]]),
        ({"kind": "reboot"}, []),
        ({"device_id": ["dev_x", other], "status": "queued"}, [made[4], made[2]]),
    ):
        answer = await house.ask("acme-viewer", "GET", "/jobs", **query)
        assert [job["id"] for job in answer.json()["items"]] == wanted
    assert (await house.ask("acme-viewer", "GET", "/jobs", status="done")).status_code == 400
    assert (await house.ask("acme-viewer", "GET", "/jobs", cursor="bm8")).status_code == 404


async def test_a_job_is_called_back_once_and_audited(house: House) -> None:
    job = await house.job(house.device("branch-1"))
    answers = [await house.ask("acme-operator", "POST", f"/jobs/{job['id']}/cancel") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["history"][-1]["note"] == "called back by acme"
    entries = await house.audit.page(ACME, Filter(action="job.cancelled"), PageRequest())
    assert [(entry.before, entry.after) for entry in entries.items] == [({"status": "queued"}, {"status": "cancelled"})]


async def test_what_has_begun_or_ended_is_not_called_back(house: House) -> None:
    device = house.device("branch-1")
    begun = await house.job(device)
    await house.desk.next_for(device, "boot1", house.now)
    await house.desk.started(device, begun["id"], "boot1")
    answer = await house.ask("acme-operator", "POST", f"/jobs/{begun['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "job.begun")
    await house.desk.result(device, begun["id"], JobOutcome("succeeded"))
    answer = await house.ask("acme-operator", "POST", f"/jobs/{begun['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "job.ended")


async def test_output_is_plain_text_whatever_the_router_sends(house: House) -> None:
    device = house.device("branch-1")
    await house.job(device)
    job_id = await house.run(device, JobOutcome("succeeded", output=b"<script>alert(1)</script>\xff" + b"x" * 100_000))
    answer = await house.ask("acme-viewer", "GET", f"/jobs/{job_id}/output")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("<script>alert(1)</script>\ufffdxxx")
    assert len(answer.text) == 100_026
    shown = (await house.ask("acme-viewer", "GET", f"/jobs/{job_id}")).json()
    assert len(shown["output"].encode()) == 65_536
    listed = (await house.ask("acme-viewer", "GET", "/jobs")).json()["items"][0]
    assert len(listed["output"].encode()) == 4_096
    assert shown["output_bytes"] == listed["output_bytes"] == len(answer.content)
    await house.blobs.delete(f"{ACME.org_id}/jobs/{job_id}")
    gone = await house.ask("acme-viewer", "GET", f"/jobs/{job_id}/output")
    assert (gone.status_code, gone.json()["code"]) == (404, "job.output-missing")


async def test_a_job_without_output_yet_has_an_empty_one(house: House) -> None:
    job = await house.job(house.device("branch-1"))
    answer = await house.ask("acme-viewer", "GET", f"/jobs/{job['id']}/output")
    assert (answer.status_code, answer.text) == (200, "")


async def test_reading_and_asking_need_their_permissions(house: House) -> None:
    job = await house.job(house.device("branch-1"))
    body = {"device_ids": [job["device_id"]], "kind": "reboot"}
    assert (await house.ask("acme-viewer", "POST", "/jobs", body)).status_code == 403
    assert (await house.ask("acme-viewer", "POST", f"/jobs/{job['id']}/cancel")).status_code == 403
    for method, path in (("GET", "/jobs"), ("POST", "/jobs"), ("GET", f"/jobs/{job['id']}")):
        assert (await house.ask("", method, path, body if method == "POST" else None)).status_code == 401


async def test_ten_thousand_devices_are_asked_in_one_transaction(house: House) -> None:
    house.limits.limits = JobLimits(devices_per_request=10_000)
    for number in range(10_000):
        house.device(f"branch-{number}")
    began = time.perf_counter()
    answer = await house.ask("acme-operator", "POST", "/jobs", {"selection": {}, "kind": "reboot"})
    took_s = time.perf_counter() - began
    assert answer.json()["count"] == 10_000
    assert len(answer.json()["items"]) == 200
    assert (await house.ask("acme-viewer", "GET", "/jobs", batch_id=answer.json()["batch_id"])).json()[
        "total"
    ] == 10_000
    # Not a limit of this test: the figure is for people who read its output.
    print(f"10,000 jobs in {took_s:.2f} s")


async def test_over_a_limit_the_problem_says_when_and_what_else(house: House) -> None:
    house.limits.limits = JobLimits(devices_per_minute=2, devices_per_request=2)
    three = [house.device(f"branch-{number}") for number in range(3)]
    body = {"kind": "script", "script": ":put hello"}
    assert (await house.ask("acme-operator", "POST", "/jobs", body | {"device_ids": three[:2]})).status_code == 201
    house.pass_(18.5)

    refused = await house.ask("acme-operator", "POST", "/jobs", body | {"device_ids": three[2:]})
    assert (refused.status_code, refused.json()["code"]) == (429, "job.devices-per-minute")
    assert refused.headers["Retry-After"] == "42"
    assert "POST /runs" in refused.json()["remedy"]
    many = await house.ask("acme-operator", "POST", "/jobs", body | {"device_ids": three})
    assert (many.status_code, many.json()["code"]) == (409, "job.too-many-devices")
    assert "POST /runs" in many.json()["remedy"]
    other = house.device("theirs", GLOBEX)
    assert (await house.ask("globex-operator", "POST", "/jobs", body | {"device_ids": [other]})).status_code == 201
    house.pass_(41.5)
    assert (await house.ask("acme-operator", "POST", "/jobs", body | {"device_ids": three[2:]})).status_code == 201


async def test_jobs_are_found_by_who_asked_when_and_by_a_text(house: House) -> None:
    device, other = house.device("branch-1"), house.device("branch-2")
    first = await house.job(device, description="100% of the DNS")
    second = await house.job(other)

    async def found(query: str, who: str = "acme-viewer") -> list[str]:
        answer = await house.ask(who, "GET", f"/jobs?{query}")
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert shown["total"] == len(shown["items"])
        return [job["id"] for job in shown["items"]]

    asker = first["created_by"]["id"]
    assert set(await found(f"created_by={asker}")) == {first["id"], second["id"]}
    assert await found("created_by=per_01m3k5x0v7q2a9bc") == []
    assert await found("q=100%25+of") == [first["id"]]
    assert await found("q=1_0%25") == []
    assert await found("q=BRANCH-2") == [second["id"]]
    assert set(await found("q=acme")) == {first["id"], second["id"]}
    assert await found("q=acme", "globex-viewer") == []
    assert set(await found("from=2026-11-23T04:20:11Z&to=2026-11-23T04:20:12Z")) == {first["id"], second["id"]}
    assert await found("from=2026-11-23T04:20:12Z") == []
    assert await found("to=2026-11-23T04:20:11Z") == []
    assert (await house.ask("acme-viewer", "GET", "/jobs?from=yesterday")).status_code == 400
