"""The rules of jobs, without I/O: whatever happens, in whatever order, only legal changes come of it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tikfleet.domains.jobs import model
from tikfleet.domains.jobs.model import ENDED, Job, Step, legal
from tikfleet.domains.jobs.turns import Asking, plan
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId

BEGINNING = datetime(2026, 11, 23, tzinfo=UTC)
CLASSES = st.sampled_from(["once", "query", "desired-state"])
EVENTS = st.tuples(
    st.sampled_from(
        ["check-in", "begin", "says-started", "succeeded", "failed", "cancel", "overdue", "reject-at-hand-out"]
    ),
    st.sampled_from(["boot1", "boot2"]),
    st.integers(0, 900),
)


def a_job(**changes: object) -> Job:
    values: dict[str, object] = {
        "id": JobId("job_01m3k5x0v7q2a9bc"),
        "org_id": OrganisationId("org_01m3k5x0v7q2a9bc"),
        "batch_id": "bat_01m3k5x0v7q2a9bc",
        "device_id": DeviceId("dev_01m3k5x0v7q2a9bc"),
        "device_name": "branch-1",
        "kind": "script",
        "job_class": "once",
        "created_at": to_text(BEGINNING),
        "created_by_kind": "person",
        "created_by_id": "per_01m3k5x0v7q2a9bc",
        "created_by_name": "Ada",
        "expires_at": to_text(BEGINNING + timedelta(hours=1)),
        "timeout_s": 60,
    }
    return Job(**(values | changes))  # type: ignore[arg-type]


def happen(job: Job, event: str, boot: str, now: datetime) -> Step | None:
    match event:
        case "check-in":
            return None if job.ended else model.at_check_in(job, boot, now)
        case "begin":
            return model.begin(job, boot, now)
        case "says-started":
            return model.says_started(job, boot, now)
        case "succeeded" | "failed" as state:
            return model.settle(job, state, "", now)
        case "cancel":
            return model.cancel(job, "", now)
        case "overdue":
            return model.overdue(job, now)
        case _:
            return model.reject(job, "no", now) if job.status == "queued" else None


@given(CLASSES, st.sampled_from(["script", "reboot"]), st.lists(EVENTS, max_size=40))
def test_any_sequence_of_events_leads_only_through_legal_changes(
    job_class: str, kind: str, events: list[tuple[str, str, int]]
) -> None:
    job, now = a_job(job_class=job_class, kind=kind), BEGINNING
    for event, boot, seconds in events:
        now += timedelta(seconds=seconds)
        step = happen(job, event, boot, now)
        if step is None:
            continue
        after = step.job
        if after.status == job.status:
            assert after.ended or after.status == "delivered"
        else:
            assert legal(job.job_class, job.status, after.status), (job.status, event, after.status)
        assert (after.finished_at is not None) == after.ended
        assert (after.deadline_at is not None) == (after.status == "running")
        job = after


@given(CLASSES, st.lists(EVENTS, max_size=40))
def test_an_end_state_is_final(job_class: str, events: list[tuple[str, str, int]]) -> None:
    job, now, ended = a_job(job_class=job_class), BEGINNING, None
    for event, boot, seconds in events:
        now += timedelta(seconds=seconds)
        step = happen(job, event, boot, now)
        job = step.job if step else job
        ended = ended or (job if job.ended else None)
        assert ended is None or (job.status, job.finished_at) == (ended.status, ended.finished_at)


@given(st.lists(EVENTS, max_size=60))
def test_a_once_job_whose_start_was_confirmed_is_never_handed_out_again(events: list[tuple[str, str, int]]) -> None:
    job, now, begun = a_job(), BEGINNING, False
    for event, boot, seconds in events:
        now += timedelta(seconds=seconds)
        step = happen(job, event, boot, now)
        assert not (begun and step and step.job.status in ("queued", "delivered", "running"))
        job = step.job if step else job
        begun = begun or job.status == "running"
        assert not (begun and model.may_fetch(job, now))


@given(CLASSES, st.lists(EVENTS, max_size=40))
def test_nothing_is_handed_out_or_begun_after_its_expiry(job_class: str, events: list[tuple[str, str, int]]) -> None:
    job, now = a_job(job_class=job_class), BEGINNING
    for event, boot, seconds in events:
        now += timedelta(seconds=seconds)
        step = happen(job, event, boot, now)
        handed_out = step is not None and step.job.deliveries > job.deliveries
        begun = step is not None and step.job.status == "running" != job.status
        assert not ((handed_out or begun or model.may_fetch(job, now)) and job.expires_at <= to_text(now))
        job = step.job if step else job


def test_no_end_state_is_followed_by_any_other() -> None:
    for job_class in ("once", "query", "desired-state"):
        assert not any(legal(job_class, before, after) for before in ENDED for after in [*ENDED, "queued", "running"])


def test_a_query_that_stays_silent_is_handed_out_three_times_then_timed_out() -> None:
    job, now, seen = a_job(job_class="query", kind="export"), BEGINNING, []
    for _ in range(10):
        step = model.at_check_in(job, "boot1", now)
        if step is None or step.job.ended:
            seen.append(step.job.status if step else None)
            break
        job = step.job
        seen.append(job.status)
        begun = model.begin(job, "boot1", now)
        assert begun
        job, now = begun.job, now + timedelta(minutes=10)
    assert seen == ["delivered", "delivered", "delivered", "timed_out"]


def test_patience_with_a_desired_state_that_kills_its_router_doubles() -> None:
    waits, job, now = [], a_job(job_class="desired-state", expires_at="2027-01-01T00:00:00.000Z"), BEGINNING
    for _ in range(4):
        handed = model.at_check_in(job, "boot1", now)
        assert handed
        begun = model.begin(handed.job, "boot1", now)
        assert begun
        assert begun.job.deadline_at
        begun_at = now
        while model.overdue(begun.job, now) is None:
            now += timedelta(seconds=30)
        waits.append((now - begun_at).total_seconds())
        job = begun.job
    assert waits == [360, 420, 540, 780]


def test_a_plan_ends_what_is_over_and_hands_out_the_first_that_is_not() -> None:
    past = to_text(BEGINNING)
    over, first, second = a_job(expires_at=past), a_job(description="first"), a_job(description="second")
    steps = plan([over, first, second], Asking("boot1", BEGINNING))
    assert [(step.job.status, step.job.description) for _, step in steps] == [("expired", ""), ("delivered", "first")]


def test_a_once_job_that_runs_keeps_the_others_waiting() -> None:
    handed = model.at_check_in(a_job(), "boot1", BEGINNING)
    assert handed
    running = model.begin(handed.job, "boot1", BEGINNING)
    assert running
    assert plan([running.job, a_job()], Asking("boot1", BEGINNING + timedelta(seconds=30))) == []
