"""Jobs whose device undoes the change unless it is confirmed: what is believed of whom, and when they end."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.domains.checkin.service import confirms
from tikfleet.domains.jobs import model
from tikfleet.domains.jobs.desk import JobReport
from tikfleet.domains.jobs.errors import JobContradictory
from tikfleet.domains.jobs.model import Job
from tikfleet.domains.jobs.schemas import JobConfirm, JobCreate

from .conftest import ADA, ORG, Bench
from .test_job_model import BEGINNING, a_job

EVENTS = st.sampled_from(
    ["changed", "undoing", "reach", "confirmed", "rolled-back", "succeeded", "failed", "reboot", "overdue"]
)


def running(**changes: object) -> Job:
    return a_job(**{"status": "running", "boot_id": "boot1", "confirm_s": 60, "deliveries": 1, **changes})


def after(job: Job, event: str, seconds: float = 0) -> Job:
    now = BEGINNING + timedelta(seconds=seconds)
    match event:
        case "changed" | "undoing" as state:
            step = model.hold(job, state, "no luck" if state == "undoing" else "", now)
        case "reach":
            step = model.reach(job)
        case "confirmed" | "rolled-back" | "succeeded" | "failed" as state:
            step = model.settle(job, state, "no luck" if state == "failed" else "", now)
        case "reboot":
            step = None if job.ended else model.at_check_in(job, "boot2", now)
        case _:
            step = model.overdue(job, now)
    return job if step is None else step.job


@given(st.lists(st.tuples(EVENTS, st.integers(0, 7_200)), max_size=12))
def test_whatever_happens_only_the_device_makes_it_a_success_and_an_end_is_final(events: list[tuple[str, int]]) -> None:
    job, ended = running(), None
    heard = set()
    for event, seconds in events:
        job = after(job, event, seconds)
        heard.add(event)
        ended = ended or (job.status if job.ended else None)
        assert ended is None or job.status == ended
    if job.status == "succeeded":
        assert "confirmed" in heard
    if job.status == "rolled_back":
        assert "rolled-back" in heard


@pytest.mark.parametrize(
    ("events", "status", "error"),
    [
        (["changed", "reach", "confirmed"], "succeeded", ""),
        (["reach", "confirmed"], "succeeded", ""),
        (["changed", "rolled-back"], "rolled_back", "undone: the device did not reach Tikfleet within 60 s"),
        (["changed", "reach", "rolled-back"], "rolled_back", "undone: the confirmation did not reach the device"),
        (["undoing", "rolled-back"], "rolled_back", "undone: no luck"),
        (["rolled-back"], "rolled_back", "undone: the device did not come to the end of the change"),
        (["failed"], "failed", "no luck"),
        (["undoing", "failed"], "failed", "no luck; what it had changed could not be undone"),
        (["changed", "succeeded"], "failed", "the change was neither confirmed nor undone: it stays"),
        (["changed", "reboot"], "running", ""),
    ],
)
def test_the_end_says_what_became_of_the_change(events: list[str], status: str, error: str) -> None:
    job = running()
    for event in events:
        job = after(job, event)

    assert job.status == status
    assert job.error.startswith(error)
    assert bool(job.error) == bool(error)


def test_a_device_that_went_silent_is_not_confirmed_any_more() -> None:
    job = after(running(), "changed")

    job = after(job, "overdue", 7_200)

    assert (job.status, model.reach(job)) == ("unknown", None)
    assert after(job, "rolled-back").reported == "rolled-back"


async def test_only_the_device_that_made_the_change_may_keep_it(bench: Bench) -> None:
    device, other = bench.shelf.add("one"), bench.shelf.add("two")
    job = (await bench.ask(device, confirm=JobConfirm(60))).id
    await bench.desk.next_for(device.id, "boot1", bench.clock())
    await bench.desk.started(device.id, job, "boot1")
    report = JobReport(job, "changed")

    assert not await bench.desk.confirms(device.id, report)
    assert await bench.desk.note_report(other.id, "boot1", report, bench.clock()) == job
    assert not await bench.desk.confirms(other.id, report)
    assert await bench.desk.note_report(device.id, "boot1", report, bench.clock()) is None
    assert await bench.desk.confirms(device.id, report)
    assert not await bench.desk.confirms(device.id, JobReport(job, "started"))


async def test_a_script_is_handed_out_after_its_guard_and_only_to_agents_that_know_of_it(bench: Bench) -> None:
    device = bench.shelf.add("one")
    await bench.ask(device, confirm=JobConfirm(90))

    assert await bench.desk.next_for(device.id, "boot1", bench.clock(), confirms=False) is None
    handed = await bench.desk.next_for(device.id, "boot1", bench.clock(), confirms=True)

    assert handed is not None
    assert str(await bench.desk.script_for(device.id, handed.id)).startswith("guarded 90 60\n")


@pytest.mark.parametrize(
    "wish",
    [{"kind": "reboot"}, {"kind": "export"}, {"kind": "script", "script": ":put 1", "job_class": "desired-state"}],
)
async def test_confirm_is_refused_where_it_means_nothing(bench: Bench, wish: dict[str, Any]) -> None:
    device = bench.shelf.add("one")

    with pytest.raises(JobContradictory):
        await bench.jobs.create(ORG, ADA, JobCreate(device_ids=[device.id], confirm=JobConfirm(60), **wish))


@pytest.mark.parametrize(
    ("agent", "knows"),
    [("1.1.0/A", True), ("1.10.2/D", True), ("2.0.0/B", True), ("1.0.9/A", False), ("", False), ("x/A", False)],
)
def test_an_agents_version_says_whether_it_knows_of_confirmations(agent: str, knows: bool) -> None:
    assert confirms(agent) is knows
