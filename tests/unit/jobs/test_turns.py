"""When a job's turn comes: windows, second attempts, backups before; by examples, by properties, by a bad network."""

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tikfleet.domains.jobs import model
from tikfleet.domains.jobs.conditions import JobConfirm, JobRetry, MaintenanceWindow
from tikfleet.domains.jobs.errors import JobContradictory
from tikfleet.domains.jobs.model import Job, legal
from tikfleet.domains.jobs.public import HandOut, JobOutcome, JobReport, JobTarget
from tikfleet.domains.jobs.turns import Asking, plan, settle
from tikfleet.domains.jobs.windows import Window, is_open, window_of, window_text
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId

from .conftest import ADA, ORG, Bench
from .lossy_router import Router, Wrongs, trial

# A Monday; the bench's clock begins at 04:20 of it.
BEGINNING = datetime(2026, 11, 23, tzinfo=UTC)
NIGHT = MaintenanceWindow("22:00", "05:00")
DAY = MaintenanceWindow("09:00", "17:00")


def a_job(**more: object) -> Job:
    values: dict[str, object] = {
        "id": JobId("job_01m3k5x0v7q2a9bc"), "org_id": OrganisationId("org_1"), "batch_id": "bat_1",
        "device_id": DeviceId("dev_1"), "device_name": "x", "kind": "script", "job_class": "desired-state",
        "created_at": to_text(BEGINNING), "created_by_kind": "person", "created_by_id": "per_1",
        "created_by_name": "Ada", "expires_at": to_text(BEGINNING + timedelta(days=2)), "timeout_s": 60,
    }  # fmt: skip
    return Job(**values | more)  # type: ignore[arg-type]


async def handed(bench: Bench, router: JobTarget) -> HandOut | None:
    return await bench.desk.next_for(router.id, "boot1", bench.clock.now)


async def done(bench: Bench, router: JobTarget, state: str = "succeeded") -> str:
    """The device takes its next job and reports how it went."""
    job = await handed(bench, router)
    assert job
    assert await bench.desk.started(router.id, job.id, "boot1")
    error = "" if state == "succeeded" else "no such item"
    assert await bench.desk.result(router.id, job.id, JobOutcome(state, error))  # type: ignore[arg-type]
    return job.id


# -- windows --------------------------------------------------------------------------------------------------------


async def test_a_job_waits_for_its_window_and_lets_the_others_pass(bench: Bench, router: JobTarget) -> None:
    windowed = await bench.ask(router, window=DAY)
    plain = await bench.ask(router)
    assert await done(bench, router) == plain.id
    assert await handed(bench, router) is None
    assert bench.desk.has_work(router.id)
    assert not bench.desk.has_news(router.id)

    bench.clock.move(5 * 3600)
    assert await done(bench, router) == windowed.id


async def test_within_the_window_the_order_holds(bench: Bench, router: JobTarget) -> None:
    first = await bench.ask(router, window=NIGHT)
    second = await bench.ask(router)
    assert [await done(bench, router), await done(bench, router)] == [first.id, second.id]


async def test_what_was_not_begun_when_the_window_closed_is_called_back(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, window=NIGHT, expires_in_s=86_400)
    assert await handed(bench, router)
    bench.clock.move(3600)
    assert await handed(bench, router) is None
    assert await bench.desk.script_for(router.id, job.id) is None
    assert not await bench.desk.started(router.id, job.id, "boot1")
    assert (await bench.notes(job.id))[-1] == ("queued", "its maintenance window closed before it began")
    other = await bench.ask(router)
    assert await done(bench, router) == other.id

    bench.clock.move(17 * 3600)
    assert await done(bench, router) == job.id


async def test_a_job_that_has_begun_runs_past_the_end_of_its_window(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, window=NIGHT, timeout_s=3_600)
    assert await handed(bench, router)
    assert await bench.desk.started(router.id, job.id, "boot1")
    bench.clock.move(3600)
    assert await bench.desk.result(router.id, job.id, JobOutcome("succeeded"))
    assert await bench.status(job.id) == "succeeded"


async def test_a_window_that_does_not_come_in_time_lets_the_job_expire(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, window=DAY, expires_in_s=3600)
    bench.clock.move(3700)
    assert await handed(bench, router) is None
    assert await bench.status(job.id) == "expired"


async def test_a_timezone_that_is_none_makes_no_job(bench: Bench, router: JobTarget) -> None:
    with pytest.raises(JobContradictory):
        await bench.ask(router, window=MaintenanceWindow("22:00", "05:00", timezone="Mars/Base"))


# -- attempts -------------------------------------------------------------------------------------------------------


async def test_a_failure_is_tried_again_after_its_pause_and_in_order(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, job_class="desired-state", retry=JobRetry(3, 60))
    after = await bench.ask(router)
    assert await done(bench, router, "failed") == job.id
    assert await handed(bench, router) is None
    assert not bench.desk.has_news(router.id)
    bench.clock.move(61)
    assert await done(bench, router, "failed") == job.id
    bench.clock.move(61)
    assert await done(bench, router) == job.id

    shown = await bench.jobs.get(ORG, job.id)
    assert (shown.status, shown.retry and shown.retry.failures) == ("succeeded", 2)
    assert "attempt 1 of 3 failed: no such item; again in 60 s" in [note for _, note in await bench.notes(job.id)]
    assert await done(bench, router) == after.id


async def test_after_the_last_attempt_it_has_failed(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, job_class="query", retry=JobRetry(2, 5))
    await done(bench, router, "failed")
    bench.clock.move(6)
    await done(bench, router, "failed")
    shown = await bench.jobs.get(ORG, job.id)
    assert (shown.status, shown.error) == ("failed", "no such item")


async def test_a_failure_that_is_told_twice_counts_once_and_is_acknowledged(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, job_class="desired-state", retry=JobRetry(2, 60))
    await done(bench, router, "failed")
    said = JobReport(job.id, "failed", "no such item")
    assert await bench.desk.result(router.id, job.id, JobOutcome("failed", "no such item"))
    assert await bench.desk.note_report(router.id, "boot1", said, bench.clock.now) == job.id
    assert await bench.status(job.id) == "queued"


async def test_what_takes_effect_once_is_never_repeated(bench: Bench, router: JobTarget) -> None:
    for more in ({}, {"kind": "reboot"}, {"confirm": JobConfirm(300)}, {"job_class": "once"}):
        with pytest.raises(JobContradictory):
            await bench.ask(router, retry=JobRetry(2, 60), **more)  # type: ignore[arg-type]


async def test_a_job_that_waits_for_its_next_attempt_can_be_called_back(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, job_class="desired-state", retry=JobRetry(2, 3_600))
    await done(bench, router, "failed")
    bench.clock.move(10)
    expired = await bench.ask(router)
    await bench.jobs.cancel(ORG, ADA, job.id)
    assert await done(bench, router) == expired.id


# -- backups before -------------------------------------------------------------------------------------------------


async def test_a_backup_comes_first_and_lets_the_job_go(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, backup_first=True)
    assert job.backup_job_id
    export = await bench.jobs.get(ORG, job.backup_job_id)
    assert (export.kind, export.description) == ("export", "before script")
    assert export.batch_id != job.batch_id

    first = await handed(bench, router)
    assert first
    assert first.id == export.id
    assert await handed(bench, router) == first
    assert await bench.desk.started(router.id, first.id, "boot1")
    whole = b"# 2026-11-23 by RouterOS 7.20.1\n/ip address\n"
    assert await bench.desk.result(router.id, first.id, JobOutcome("succeeded", output=whole))
    assert await done(bench, router) == job.id


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "cut"])
async def test_without_a_whole_backup_the_job_never_runs(bench: Bench, router: JobTarget, outcome: str) -> None:
    job = await bench.ask(router, backup_first=True)
    after = await bench.ask(router)
    assert job.backup_job_id
    if outcome == "cancelled":
        await bench.jobs.cancel(ORG, ADA, job.backup_job_id)
    elif outcome == "failed":
        await done(bench, router, "failed")
    else:
        export = await handed(bench, router)
        assert export
        assert await bench.desk.started(router.id, export.id, "boot1")
        assert await bench.desk.result(router.id, export.id, JobOutcome("succeeded", output=b"x", truncated=True))
    assert await done(bench, router) == after.id
    shown = await bench.jobs.get(ORG, job.id)
    assert shown.status == "failed"
    assert (shown.error or "").startswith("not run: the backup before it is ")


async def test_a_backup_waits_for_the_window_too(bench: Bench, router: JobTarget) -> None:
    job = await bench.ask(router, backup_first=True, window=DAY)
    assert await handed(bench, router) is None
    bench.clock.move(5 * 3600)
    first = await handed(bench, router)
    assert first
    assert first.id == job.backup_job_id


async def test_what_changes_nothing_needs_no_backup(bench: Bench, router: JobTarget) -> None:
    with pytest.raises(JobContradictory):
        await bench.ask(router, "export", backup_first=True)


# -- properties -----------------------------------------------------------------------------------------------------

EVENTS = st.tuples(
    st.sampled_from(["check-in", "begin", "says-started", "succeeded", "failed", "cancel", "overdue"]),
    st.sampled_from(["boot1", "boot2"]),
    st.integers(0, 7_200),
)
CLOCKS = st.times().map(lambda one: f"{one:%H:%M}")
WINDOWS = st.none() | st.builds(Window, CLOCKS, CLOCKS)


@given(st.sampled_from(["query", "desired-state", "once"]), WINDOWS, st.integers(0, 4), st.lists(EVENTS, max_size=40))
def test_whatever_happens_only_legal_changes_come_of_it(
    job_class: str, window: Window | None, attempts: int, events: list[tuple[str, str, int]]
) -> None:
    job = a_job(job_class=job_class, window_json=window_text(window), retry_attempts=attempts, retry_pause_s=60)
    now, failed = BEGINNING, 0
    for event, boot, seconds in events:
        now += timedelta(seconds=seconds)
        before = job
        job = happen(job, event, boot, now)
        if job.status != before.status:
            assert legal(job.job_class, before.status, job.status), (before.status, event, job.status)
        if before.ended:
            assert job.status == before.status
        if job.status == "delivered" and job.deliveries > before.deliveries:
            assert is_open(window, now)
            assert before.status != "queued" or before.not_before is None or before.not_before <= to_text(now)
            # What takes effect once is handed out again only when its start was never confirmed.
            assert job_class != "once" or before.started_at is None
        assert job.failures <= max(attempts, 0)
        failed += event == "failed" and job.failures > before.failures
    assert job.failures == failed


def happen(job: Job, event: str, boot: str, now: datetime) -> Job:
    if event == "check-in":
        steps = [] if job.ended else plan([job], Asking(boot, now))
        return steps[-1][1].job if steps else job
    step = {
        "begin": lambda: model.begin(job, boot, now),
        "says-started": lambda: model.says_started(job, boot, now),
        "succeeded": lambda: settle(job, "succeeded", "", now),
        "failed": lambda: settle(job, "failed", "no", now),
        "cancel": lambda: model.cancel(job, "", now),
        "overdue": lambda: model.overdue(job, now),
    }[event]()
    return step.job if step else job


@given(WINDOWS)
def test_a_window_is_kept_as_it_was_asked_for(window: Window | None) -> None:
    assert window_of(window_text(window)) == window


class Flaky(Router):
    """Fails at every third job that may be repeated, after its effect or before."""

    async def effect(self, job: HandOut, script: str) -> None:
        await super().effect(job, script)
        if job.job_class != "once" and self.chance.random() < 0.35:
            self.outcome, self.error = "failed", "no such item"


@pytest.mark.parametrize("seed", range(2))
async def test_attempts_windows_and_backups_hold_on_a_bad_network(bench: Bench, seed: int) -> None:
    wrongs, chance = Wrongs(), random.Random(seed)
    plain = bench.jobs.create

    async def dressed(org: object, actor: object, create: object, notify: str = "") -> object:
        kind = create.kind  # type: ignore[attr-defined]
        more: dict[str, object] = {}
        if kind in ("identity", "export"):
            more["retry"] = JobRetry(3, 60)
        if kind == "script" and chance.random() < 0.3:
            more["backup_first"] = True
        return await plain(org, actor, msgspec.structs.replace(create, **more), notify)  # type: ignore[arg-type, type-var]

    bench.jobs.create = dressed  # type: ignore[method-assign, assignment]
    await trial(bench, Flaky(bench, bench.shelf.add("branch-1"), random.Random(seed)), 80, wrongs)

    assert wrongs.doubled + wrongs.unconfirmed + wrongs.after_the_end + wrongs.said_and_not_done == 0, wrongs
    assert wrongs.never_ended + wrongs.out_of_order == 0, wrongs
