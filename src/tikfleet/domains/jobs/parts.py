"""Outputs larger than one request of a router: they come in parts, then the result says how many there were."""

from typing import Final

from tikfleet.domains.jobs.desk import JobDesk, JobOutcome
from tikfleet.domains.jobs.ledger import Ledger
from tikfleet.domains.jobs.model import Job
from tikfleet.domains.jobs.output import blob_name
from tikfleet.domains.jobs.repository import job_of_device
from tikfleet.kernel.ids import DeviceId
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.vault import Vault

PART_BYTES: Final = 65_536
# The agent sends 32 KiB at a time: 10 MiB.
MOST_PARTS: Final = 320
_PURPOSE: Final = "job-part"


class JobParts:
    """Keeps parts sealed until they are whole: a credential of ours that lies across two can only then be taken out."""

    def __init__(self, desk: JobDesk, ledger: Ledger, blobs: Blobs, vault: Vault) -> None:
        self.desk = desk
        self._ledger = ledger
        self._blobs = blobs
        self._vault = vault

    async def take(self, device_id: DeviceId, job_id: str, number: int, content: bytes) -> bool:
        """Keep part `number` (from 0) of a job's output; the same part again replaces it.

        False when the job is not this device's or has its outcome, or the part is none of 320, or over 64 KiB.
        """
        job = await self._job(device_id, job_id)
        if job is None or job.reported or not job.deliveries:
            return False
        if not 0 <= number < MOST_PARTS or len(content) > PART_BYTES:
            return False
        sealed = await self._vault.seal(job.org_id, _PURPOSE, content)
        await self._blobs.put(_part_name(job, number), sealed)
        return True

    async def result(self, device_id: DeviceId, job_id: str, outcome: JobOutcome, count: int) -> bool:
        """`JobDesk.result`, with `count` parts before the output proper. A part that is missing makes it truncated."""
        job = await self._job(device_id, job_id)
        if job is None or job.reported or count <= 0:
            return await self.desk.result(device_id, job_id, outcome)
        found = [await self._part(job, number) for number in range(min(count, MOST_PARTS))]
        console = outcome.output.encode(errors="replace") if isinstance(outcome.output, str) else outcome.output
        whole = JobOutcome(
            outcome.state,
            outcome.error,
            b"".join(part for part in found if part is not None) + console,
            truncated=outcome.truncated or None in found or count > MOST_PARTS,
        )
        taken = await self.desk.result(device_id, job_id, whole)
        for number in range(len(found)):
            await self._blobs.delete(_part_name(job, number))
        return taken

    async def _job(self, device_id: DeviceId, job_id: str) -> Job | None:
        async with self._ledger.read() as transaction:
            return await job_of_device(transaction, device_id, job_id)

    async def _part(self, job: Job, number: int) -> bytes | None:
        sealed = await self._blobs.get(_part_name(job, number))
        return None if sealed is None else await self._vault.open(job.org_id, _PURPOSE, sealed)


def _part_name(job: Job, number: int) -> str:
    return f"{blob_name(job)}.part-{number}"
