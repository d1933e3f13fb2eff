"""Telling people that a router took a change back by itself: the audit trail, and the device's own history."""

from typing import Final

import structlog

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.inventory.public import DeviceHistory
from tikfleet.domains.jobs.ledger import device_actor
from tikfleet.domains.jobs.model import Job, Step
from tikfleet.kernel.errors import TikfleetError

UNDONE: Final = "rolled-back"
_EVENT: Final = "device.change-undone"

_log = structlog.get_logger("tikfleet.jobs")


class Undoings:
    """Tells of each undoing once. The job's own history says the same, and is what counts."""

    def __init__(self, audit: AuditTrail, history: DeviceHistory) -> None:
        self._audit = audit
        self._history = history

    async def tell(self, job: Job) -> None:
        """What the device has just said: it has its configuration of before. Goes on, also when none of it works."""
        reason = job.error.removeprefix("undone: ")
        data = {"job_id": job.id, "batch_id": job.batch_id, "status": job.status, "reason": reason}
        target = Target("job", job.id, f"{job.kind} on {job.device_name}")
        try:
            await self._audit.record(job.org_id, device_actor(job), "job.rolled-back", target, None, data)
            said = "took a change back by itself" + (f": {reason}" if reason else "")
            await self._history.note(job.device_id, _EVENT, said, data)
        except TikfleetError as error:
            _log.warning("an undoing is told in its job only", job=job.id, code=error.code)


def says_undone(job: Job, step: Step | None) -> bool:
    """Whether a step is the first that says so; also when the job had ended before."""
    return step is not None and step.job.reported == UNDONE and job.reported != UNDONE
