"""What has happened and is to be told, as jobs and runs keep it."""

from collections.abc import Sequence
from typing import Protocol

from tikfleet.domains.callbacks.model import Event, Notice
from tikfleet.domains.jobs.public import Job, JobNotices
from tikfleet.domains.runs.public import RunNotice, RunNotices


class Source(Protocol):
    """Whoever has news. What `due` gave comes again until `told` was called for it."""

    async def due(self, limit: int) -> Sequence[Notice]: ...

    async def told(self, notices: Sequence[Notice]) -> None: ...


class JobSource:
    """Jobs that ended."""

    def __init__(self, jobs: JobNotices) -> None:
        self._jobs = jobs

    async def due(self, limit: int) -> Sequence[Notice]:
        return [_of_job(job) for job in await self._jobs.due(limit)]

    async def told(self, notices: Sequence[Notice]) -> None:
        await self._jobs.told([notice.subject_id for notice in notices])


class RunSource:
    """Runs that came to rest."""

    def __init__(self, runs: RunNotices) -> None:
        self._runs = runs

    async def due(self, limit: int) -> Sequence[Notice]:
        return [_of_run(notice) for notice in await self._runs.due(limit)]

    async def told(self, notices: Sequence[Notice]) -> None:
        await self._runs.told([(notice.subject_id, notice.key.partition(":")[2]) for notice in notices])


def _of_job(job: Job) -> Notice:
    """No output: it may be long, and what is in it is for who may read jobs."""
    at = job.finished_at or job.created_at
    about: dict[str, object] = {
        "id": job.id,
        "batch_id": job.batch_id,
        "device_id": job.device_id,
        "device_name": job.device_name,
        "kind": job.kind,
        "job_class": job.job_class,
        "status": job.status,
        "description": job.description,
        "error": job.error or None,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }
    return Notice(job.id, "job.finished", job.id, at, job.notify, {"job": about})


def _of_run(notice: RunNotice) -> Notice:
    run = notice.run
    events: dict[str, Event] = {"halted": "run.halted", "cancelled": "run.cancelled"}
    event = events.get(notice.state, "run.finished")
    return Notice(f"{run.id}:{run.owed}", event, run.id, notice.at, run.notify, run_about(notice))


def run_about(notice: RunNotice) -> dict[str, object]:
    """What is told of a run."""
    run = notice.run
    about: dict[str, object] = {
        "id": run.id,
        "name": run.name,
        "state": notice.state,
        "reason": run.reason,
        "wave": run.wave + 1,
        "waves": len(run.waves),
        "counts": notice.counts,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }
    return {"run": about}
