"""The devices' side over a real database: order, effect, outcomes, output."""

import asyncio

import pytest

from tikfleet.domains.jobs.model import Kind
from tikfleet.domains.jobs.output import EXPORT_NOT_WHOLE
from tikfleet.domains.jobs.public import JobOutcome, JobReport, JobTarget
from tikfleet.kernel.secrets import DEVICE_TOKEN, new_secret

from .conftest import ADA, ORG, Bench


async def test_jobs_go_out_first_in_first_out_one_at_a_time(bench: Bench, router: JobTarget) -> None:
    made = [(await bench.ask(router)).id for _ in range(3)]
    for job_id in made:
        handed = await bench.desk.next_for(router.id, "boot1", bench.clock.now)
        assert handed
        assert handed.id == job_id
        assert handed.size_bytes == len("# script for A: :put done")
        assert await bench.desk.started(router.id, job_id, "boot1")
        assert await bench.desk.next_for(router.id, "boot1", bench.clock.now) is None
        assert await bench.desk.result(router.id, job_id, JobOutcome("succeeded"))
    assert await bench.desk.next_for(router.id, "boot1", bench.clock.now) is None
    assert not bench.desk.has_work(router.id)


async def test_the_index_follows_the_work_and_is_loaded_at_the_start(bench: Bench, router: JobTarget) -> None:
    other = bench.shelf.add("branch-2")
    assert not bench.desk.has_work(router.id)
    await bench.ask(router)
    assert bench.desk.has_work(router.id)
    assert not bench.desk.has_work(other.id)
    bench.ledger.work.clear(router.id, bench.ledger.work.mark_of(router.id))
    assert await bench.desk.load() == 1
    assert bench.desk.has_work(router.id)


async def test_a_once_job_whose_answer_was_lost_is_handed_out_again(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    first = await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    again = await bench.desk.next_for(router.id, "boot2", bench.clock.now)
    assert first == again
    assert [status for status, _ in await bench.notes(job.id)] == ["queued", "delivered"]


async def test_a_once_job_that_falls_silent_becomes_unknown_and_is_not_run_again(
    bench: Bench, router: JobTarget
) -> None:
    job = await bench.ask(router)
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.desk.started(router.id, job.id, "boot1")
    bench.clock.move(359)
    assert await bench.sweep.sweep(bench.clock.now) == 0
    bench.clock.move(1)
    assert await bench.sweep.sweep(bench.clock.now) == 1
    assert (await bench.notes(job.id))[-1] == ("unknown", "no outcome came within 360 s; it may have run")
    assert await bench.desk.next_for(router.id, "boot1", bench.clock.now) is None
    assert await bench.desk.script_for(router.id, job.id) is None


async def test_a_router_that_rebooted_inside_a_once_job_makes_it_unknown_and_goes_on(
    bench: Bench, router: JobTarget
) -> None:
    job, following = await bench.ask(router), await bench.ask(router)
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.desk.started(router.id, job.id, "boot1")
    acknowledged = await bench.desk.note_report(router.id, "boot2", JobReport(job.id, "started"), bench.clock.now)
    assert acknowledged == job.id
    assert await bench.status(job.id) == "unknown"
    handed = await bench.desk.next_for(router.id, "boot2", bench.clock.now)
    assert handed
    assert handed.id == following.id


async def test_a_reboot_succeeds_when_the_router_is_back_even_if_it_forgot(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, "reboot")
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.desk.started(router.id, job.id, "boot1")
    assert await bench.desk.next_for(router.id, "boot1", bench.clock.now) is None
    assert await bench.desk.next_for(router.id, "boot2", bench.clock.now) is None
    assert await bench.status(job.id) == "succeeded"


async def test_a_start_that_was_not_confirmed_did_not_happen(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    assert await bench.desk.note_report(router.id, "boot1", JobReport(job.id, "started"), bench.clock.now) is None
    assert (await bench.desk.next_for(router.id, "boot1", bench.clock.now)) is not None


async def test_started_is_repeatable_in_its_boot_and_refused_in_another(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    assert not await bench.desk.started(router.id, job.id, "boot1")
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    assert not await bench.desk.started(router.id, job.id, "boot2")
    assert await bench.desk.started(router.id, job.id, "boot1")
    assert await bench.desk.started(router.id, job.id, "boot1")
    assert not await bench.desk.started(router.id, job.id, "boot2")


async def test_desired_state_is_handed_out_until_it_is_acknowledged(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, "identity", parameters={"name": "branch-9"})
    for _ in range(3):
        assert await bench.desk.next_for(router.id, "boot1", bench.clock.now)
        assert await bench.desk.started(router.id, job.id, "boot1")
        assert await bench.desk.next_for(router.id, "boot1", bench.clock.now) is None
        bench.clock.move(1000)
        await bench.sweep.sweep(bench.clock.now)
        assert await bench.status(job.id) == "queued"
    acknowledged = await bench.desk.note_report(router.id, "boot1", JobReport(job.id, "succeeded"), bench.clock.now)
    assert acknowledged == job.id
    assert await bench.status(job.id) == "succeeded"


async def test_a_repeated_result_is_acknowledged_and_changes_nothing(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.desk.started(router.id, job.id, "boot1")
    assert await bench.desk.result(router.id, job.id, JobOutcome("succeeded", output="first"))
    seen = await bench.jobs.get(ORG, job.id)
    bench.clock.move(60)
    assert await bench.desk.result(router.id, job.id, JobOutcome("failed", "no", "second"))
    report = JobReport(job.id, "failed", "no")
    assert await bench.desk.note_report(router.id, "boot1", report, bench.clock.now) == job.id
    assert await bench.jobs.get(ORG, job.id) == seen


async def test_a_late_result_of_a_cancelled_job_is_a_note(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, "export")
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.jobs.cancel(ORG, ADA, job.id)
    assert await bench.desk.result(router.id, job.id, JobOutcome("failed", "no such item", "half"))
    assert await bench.desk.result(router.id, job.id, JobOutcome("failed", "no such item", "half"))
    shown = await bench.jobs.get(ORG, job.id)
    assert (shown.status, shown.output) == ("cancelled", "half")
    assert [(entry.status, entry.note) for entry in shown.history][2:] == [
        ("cancelled", "called back by Ada Example"),
        ("cancelled", "the device reported later: failed, no such item"),
    ]


async def test_a_cancelled_or_expired_job_is_neither_fetched_nor_begun(bench: Bench, router: JobTarget) -> None:
    called_back, expired = await bench.ask(router), await bench.ask(router, expires_in_s=60)
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.jobs.cancel(ORG, ADA, called_back.id)
    assert await bench.desk.script_for(router.id, called_back.id) is None
    assert not await bench.desk.started(router.id, called_back.id, "boot1")
    handed = await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    assert handed
    assert handed.id == expired.id
    bench.clock.move(60)
    assert await bench.desk.script_for(router.id, expired.id) is None
    assert not await bench.desk.started(router.id, expired.id, "boot1")
    assert await bench.status(expired.id) == "expired"


async def test_what_expired_while_the_device_was_away_is_passed_over(bench: Bench, router: JobTarget) -> None:
    for _ in range(3):
        await bench.ask(router, expires_in_s=60)
    lasting = await bench.ask(router)
    bench.clock.move(61)
    handed = await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    assert handed
    assert handed.id == lasting.id


async def test_a_job_of_another_device_does_not_exist(bench: Bench, router: JobTarget) -> None:
    other = bench.shelf.add("branch-2")
    job = await bench.ask(router)
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    assert await bench.desk.script_for(router.id, job.id) == "# script for A: :put done"
    assert await bench.desk.script_for(other.id, job.id) is None
    assert not await bench.desk.started(other.id, job.id, "boot1")
    assert not await bench.desk.result(other.id, job.id, JobOutcome("succeeded"))
    for unknown in (job.id, "job_0000000000000000", "\x00"):
        report = JobReport(unknown, "failed")
        assert await bench.desk.note_report(other.id, "boot1", report, bench.clock.now) == unknown
    assert await bench.status(job.id) == "delivered"


async def test_a_script_is_written_at_hand_out_when_the_tier_was_not_known(bench: Bench) -> None:
    fresh = bench.shelf.add("fresh", tier=None)
    job = await bench.ask(fresh, "reboot")
    assert job.script is None
    bench.shelf.devices[fresh.id] = JobTarget(fresh.id, fresh.name, fresh.org_id, "C", "online")
    assert await bench.desk.next_for(fresh.id, "boot1", bench.clock.now)
    assert await bench.desk.script_for(fresh.id, job.id) == "# reboot for C: "


async def test_a_script_that_cannot_be_written_rejects_the_job(bench: Bench) -> None:
    fresh = bench.shelf.add("fresh", tier=None)
    job, following = await bench.ask(fresh, "export"), await bench.ask(fresh)
    bench.shelf.devices[fresh.id] = JobTarget(fresh.id, fresh.name, fresh.org_id, "D", "online")
    assert await bench.desk.next_for(fresh.id, "boot1", bench.clock.now) is None
    assert (await bench.notes(job.id))[-1] == ("rejected", "RouterOS 6 does not export that")
    handed = await bench.desk.next_for(fresh.id, "boot1", bench.clock.now)
    assert handed
    assert handed.id == following.id


async def test_output_is_hostile_and_bounded(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router)
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.desk.started(router.id, job.id, "boot1")
    hostile = b"<script>\x00\xff\x1b[2J" + "é".encode() * 5_300_000
    assert await bench.desk.result(router.id, job.id, JobOutcome("succeeded", b"\xff\x00", hostile))
    shown = await bench.jobs.get(ORG, job.id)
    assert shown.output
    assert shown.output.startswith("<script>\ufffd\ufffd\x1b[2Jé")
    assert shown.error == "\ufffd\ufffd"
    assert shown.output_truncated
    assert len(shown.output.encode()) == 65_536
    whole = await bench.jobs.output(ORG, job.id)
    assert whole.startswith(shown.output)
    assert shown.output_bytes == len(whole.encode()) <= 10 * 1024 * 1024
    assert await bench.blobs.names(ORG.org_id) == [f"{ORG.org_id}/jobs/{job.id}"]


@pytest.mark.parametrize(
    "outcome",
    [
        JobOutcome("succeeded", output=b"# by RouterOS 7.8\n/ip add", truncated=True),
        JobOutcome("succeeded", truncated=True),
        JobOutcome("succeeded", output=b"\n"),
    ],
    ids=["cut", "unread", "empty"],
)
async def test_an_export_that_is_not_whole_has_failed_and_says_what_to_do(
    bench: Bench, router: JobTarget, outcome: JobOutcome
) -> None:
    job = await bench.ask(router, "export")
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)

    assert await bench.desk.result(router.id, job.id, outcome)

    shown = await bench.jobs.get(ORG, job.id)
    assert (shown.status, shown.error) == ("failed", EXPORT_NOT_WHOLE)
    assert shown.output == bytes(outcome.output).decode()
    assert await bench.desk.next_for(router.id, "boot1", bench.clock.now) is None


async def test_an_export_that_failed_by_itself_keeps_its_reason(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, "export")
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)

    assert await bench.desk.result(router.id, job.id, JobOutcome("failed", "no room", truncated=True))

    assert (await bench.jobs.get(ORG, job.id)).error == "no room"


async def test_our_credentials_are_taken_out_of_what_a_router_sends(bench: Bench, router: JobTarget) -> None:
    token = new_secret(DEVICE_TOKEN)
    broken = "\\\n    ".join([token[:2], token[2:30], token[30:]])
    job = await bench.ask(router, "export")
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    sent = f'source="token={token}"\nsource="token={broken}"\n# {token[:20]}'
    assert await bench.desk.result(router.id, job.id, JobOutcome("failed", f"bad token {token}", sent))
    shown = await bench.jobs.get(ORG, job.id)
    assert shown.error == "bad token tfd_[redacted]"
    assert shown.output == ('source="token=tfd_[redacted]"\nsource="token=tf\\\n    d_[redacted]"\n# tfd_[redacted]')


async def test_the_same_check_in_twice_at_once_hands_out_one_job(bench: Bench, router: JobTarget) -> None:
    first, _ = await bench.ask(router), await bench.ask(router)
    handed = await asyncio.gather(*(bench.desk.next_for(router.id, "boot1", bench.clock.now) for _ in range(5)))
    assert {job.id for job in handed if job} == {first.id}


async def test_a_device_that_leaves_takes_its_waiting_jobs_along(bench: Bench, router: JobTarget) -> None:
    running, waiting = await bench.ask(router), await bench.ask(router)
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.desk.started(router.id, running.id, "boot1")
    assert await bench.desk.withdraw(router.id, "the device was removed") == 1
    assert await bench.status(running.id) == "running"
    assert await bench.status(waiting.id) == "cancelled"


async def test_each_change_is_told_when_it_is_durable(bench: Bench, router: JobTarget) -> None:
    async with bench.bus.subscribe() as news:
        job = await bench.ask(router)
        await bench.desk.next_for(router.id, "boot1", bench.clock.now)
        await bench.desk.started(router.id, job.id, "boot1")
        await bench.desk.result(router.id, job.id, JobOutcome("failed", "no such item"))
        heard = [await anext(news) for _ in range(5)]
    assert [item.data["status"] for item in heard] == ["queued", "delivered", "running", "failed", "failed"]
    assert {item.kind for item in heard[:4]} == {"job.changed"}
    assert heard[0].data == {"id": job.id, "device_id": router.id, "batch_id": job.batch_id, "status": "queued"}
    assert heard[4].kind == "job.finished"
    assert heard[4].data["text"] == "script failed: no such item"


async def test_the_sweep_ends_what_is_over_in_batches(bench: Bench) -> None:
    kinds: list[Kind] = ["script", "reboot", "export"]
    for number in range(210):
        await bench.ask(bench.shelf.add(f"branch-{number}"), kinds[number % 3], expires_in_s=60)
    bench.clock.move(60)
    assert await bench.sweep.sweep(bench.clock.now) == 210
    assert await bench.sweep.sweep(bench.clock.now) == 0


async def test_a_device_that_was_cut_off_inside_a_job_is_freed_though_the_answer_that_said_so_was_lost(
    bench: Bench, router: JobTarget
) -> None:
    job = await bench.ask(router, "identity", parameters={"name": "branch-9"})
    await bench.desk.next_for(router.id, "boot1", bench.clock.now)
    await bench.desk.started(router.id, job.id, "boot1")
    cut_off = JobReport(job.id, "started")
    # The new boot's first check-in finds the job silent for long and has it handed out; its answer is lost.
    bench.clock.move(7_200)
    await bench.sweep.sweep(bench.clock.now)
    assert await bench.desk.note_report(router.id, "boot2", cut_off, bench.clock.now) == job.id
    assert await bench.desk.next_for(router.id, "boot2", bench.clock.now)

    assert await bench.desk.note_report(router.id, "boot2", cut_off, bench.clock.now) == job.id
