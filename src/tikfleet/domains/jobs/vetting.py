"""The last look at a job before it leaves: whether the job service made it, for this device, with this script.

It knows public keys only. A row that somebody wrote into the database, or changed there, ends here.
"""

from collections import Counter
from collections.abc import Mapping
from enum import Enum
from typing import Final

import structlog

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.jobs.envelope import envelope
from tikfleet.domains.jobs.model import Job
from tikfleet.kernel.errors import TikfleetError
from tikfleet.kernel.scopes import SYSTEM
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.signing import Verifier

_log = structlog.get_logger("tikfleet.jobs")


class Standing(Enum):
    """What a job's signature says: it covers the script, it covers what the script is written of, or nothing."""

    WHOLE = "whole"
    LATE = "late"
    UNSIGNED = "job.unsigned"
    WRONG = "job.signature-wrong"
    ALTERED = "job.script-altered"

    @property
    def is_good(self) -> bool:
        """Whether the job may leave."""
        return self in {Standing.WHOLE, Standing.LATE}


SENTENCES: Final[Mapping[Standing, str]] = {
    Standing.UNSIGNED: "it carries no signature of the job service and was not handed out",
    Standing.WRONG: "its signature is not the job service's for this device and these contents; it was not handed out",
    Standing.ALTERED: "its script is not the one that was signed; it was not handed out",
}


class Vetting:
    """Says how a job stands, and tells people of one that was refused. `refused` counts those, by code."""

    def __init__(self, verifier: Verifier, audit: AuditTrail, bus: Bus) -> None:
        self._verifier = verifier
        self._audit = audit
        self._bus = bus
        self.refused: Counter[str] = Counter()

    def standing(self, job: Job) -> Standing:
        """By the signature alone: no script was looked at."""
        if not job.signature:
            return Standing.UNSIGNED
        if self._verifier.vouches(job.signature, envelope(job)):
            return Standing.WHOLE if job.script_digest else Standing.LATE
        late = bool(job.script_digest or job.script_bytes)
        if late and self._verifier.vouches(job.signature, envelope(job, late=True)):
            return Standing.LATE
        return Standing.WRONG

    async def tell(self, job: Job, standing: Standing) -> None:
        """Count, log, audit and publish a refusal. The check-in that found it goes on, also when none of it works."""
        self.refused[standing.value] += 1
        _log.error("a job was not handed out", job=job.id, device=job.device_id, code=standing.value)
        data = {"id": job.id, "device_id": job.device_id, "device_name": job.device_name, "code": standing.value}
        self._bus.publish(News("job.refused", job.org_id, data))
        target = Target("job", job.id, f"{job.kind} on {job.device_name}")
        try:
            await self._audit.record(job.org_id, SYSTEM, "job.refused", target, None, {"code": standing.value, **data})
        except TikfleetError as error:
            _log.warning("a refusal is missing in the audit trail", job=job.id, code=error.code)
