"""Whose turn it is: which of a device's jobs is handed out, which waits, and which is done again. Pure, as `model` is.

First in, first out, but for one thing: a job whose maintenance window is closed lets the others pass. One that waits
for its next attempt does not, so that what was asked after it never takes effect before it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from tikfleet.domains.jobs import model
from tikfleet.domains.jobs.model import Job, Reported, Status, Step
from tikfleet.domains.jobs.windows import is_open, window_of
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import JobId


class Asking(msgspec.Struct, frozen=True):
    """A device that asks for work. `confirms`: whether its agent knows of changes that are undone unless confirmed."""

    boot_id: str
    now: datetime
    confirms: bool = True


def plan(
    waiting: Sequence[Job],
    asking: Asking,
    refuse: Callable[[Job], Step | None] = lambda _: None,
    backups: Mapping[JobId, Status] | None = None,
) -> list[tuple[Job, Step]]:
    """What a device that asks for work brings about, in order: ends, then at most one hand-out, which is the last.

    `waiting` are its jobs that have not ended, the one that it was given first, then first in, first out. `refuse`
    ends one that would be handed out and may not be; one that is to be confirmed waits for an agent that knows of it.
    `backups` are how those stand that jobs wait for.
    """
    steps: list[tuple[Job, Step]] = []
    for job in waiting:
        closed = _closed(job, asking.now)
        step = (
            closed
            or _not_backed_up(job, backups or {}, asking.now)
            or model.at_check_in(job, asking.boot_id, asking.now)
        )
        if step is None or _too_early(job, asking.now) or _needs_another_agent(step, asking):
            break
        if step.job.status == "queued":
            # Its window is closed: written only where the device had been told of it.
            if job.status != "queued":
                steps.append((job, step))
            continue
        if not step.job.ended:
            step = refuse(job) or step
        steps.append((job, step))
        if not step.job.ended:
            break
    return steps


def settle(job: Job, state: Reported, error: str, now: datetime) -> Step | None:
    """The device reports an outcome: its end, unless it failed and may be done again. None changes nothing."""
    if state != "failed" or job.ended or not job.retry_attempts or job.job_class == "once":
        return model.settle(job, state, error, now)
    if job.status == "queued" and job.failures:
        # The same failure again, whose answer was lost.
        return None
    failures = job.failures + 1
    if failures >= job.retry_attempts or job.status == "queued":
        return model.settle(msgspec.structs.replace(job, failures=failures), state, error, now)
    not_before = to_text(now + timedelta(seconds=job.retry_pause_s))
    again = msgspec.structs.replace(
        job, status="queued", failures=failures, not_before=not_before, error=error, deadline_at=None
    )
    note = f"attempt {failures} of {job.retry_attempts} failed{f': {error}' if error else ''}"
    return Step(again, f"{note}; again in {job.retry_pause_s} s")


def _too_early(job: Job, now: datetime) -> bool:
    if model.overdue(job, now) is not None:
        return False
    return job.status == "queued" and job.not_before is not None and job.not_before > to_text(now)


def _needs_another_agent(step: Step, asking: Asking) -> bool:
    return step.job.status == "delivered" and bool(step.job.confirm_s) and not asking.confirms


def _closed(job: Job, now: datetime) -> Step | None:
    """A job whose window is closed, as it is then; None for one that may go, or has begun, or is over."""
    if job.status not in ("queued", "delivered") or is_open(window_of(job.window_json), now):
        return None
    if late := model.overdue(job, now):
        return late
    return Step(msgspec.structs.replace(job, status="queued"), "its maintenance window closed before it began")


def _not_backed_up(job: Job, backups: Mapping[JobId, Status], now: datetime) -> Step | None:
    """The end of a job whose backup came to nothing."""
    if job.status != "queued" or not job.backup_job_id or model.overdue(job, now):
        return None
    standing = backups.get(JobId(job.backup_job_id))
    if standing == "succeeded":
        return None
    return model.refuse(job, f"not run: the backup before it is {(standing or 'gone').replace('_', ' ')}", now)
