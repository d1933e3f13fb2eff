"""What signed jobs cost: signatures made and looked at in a CPU-second, and a check-in with and without a job.

Run `python -m bench.signing`.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.files.signing import FileVerifier, open_signer
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.jobs.envelope import envelope
from tikfleet.domains.jobs.issuing import signed_job
from tikfleet.domains.jobs.model import Job
from tikfleet.domains.jobs.public import JobDesk, Ledger, OpenWork, Vetting
from tikfleet.domains.jobs.vetting import Standing
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId, new_id
from tikfleet.ports.signing import Signer

_ROUNDS = 5
_TIMES = 3_000


def a_job() -> Job:
    """One as the API makes it."""
    return Job(
        id=JobId(new_id("job")), org_id=OrganisationId(new_id("org")), batch_id=new_id("bat"),
        device_id=DeviceId(new_id("dev")), device_name="branch-0042", kind="script", job_class="once",
        source_digest="5" * 64, script_digest="e" * 64, script_bytes=412, created_at="2026-11-23T04:20:11.000Z",
        created_by_kind="person", created_by_id=new_id("per"), created_by_name="Ada Example",
        expires_at="2026-11-24T04:20:11.000Z", timeout_s=60,
    )  # fmt: skip


def per_cpu_s(work: Callable[[], object], times: int = _TIMES) -> int:
    """How often in a CPU-second; the best of several rounds, since others use the machine too."""
    best = 0.0
    for _ in range(_ROUNDS):
        began = time.process_time()
        for _ in range(times):
            work()
        best = max(best, times / (time.process_time() - began))
    return round(best)


async def _nothing(_: Signer) -> None:
    pass


async def measured() -> dict[str, int]:
    """The figures."""
    with tempfile.TemporaryDirectory() as directory:
        keys, path = Path(directory) / "keys", Path(directory) / "state.sqlite"
        await migrate(sqlite_url(path))
        database, bus = SqliteDatabase(path), MemoryBus()
        signer = await open_signer(keys / "job-signing.pem", keys, _nothing)
        vetting = Vetting(FileVerifier(keys), AuditTrail(database, utc_now), bus)
        job = signed_job(a_job(), signer)
        forged = msgspec.structs.replace(job, device_id=DeviceId(new_id("dev")))
        if vetting.standing(job) is not Standing.WHOLE or vetting.standing(forged) is not Standing.WRONG:
            raise RuntimeError("what is measured is wrong")
        ledger = Ledger(database, bus, OpenWork())
        desk = JobDesk(ledger, FileBlobs(Path(directory)), None, None, utc_now, vetting)  # type: ignore[arg-type]
        try:
            return {
                "jobs_signed_per_cpu_s": per_cpu_s(lambda: signed_job(job, signer)),
                "jobs_looked_at_per_cpu_s": per_cpu_s(lambda: vetting.standing(job)),
                "forged_jobs_looked_at_per_cpu_s": per_cpu_s(lambda: vetting.standing(forged)),
                "of_it_envelopes_per_cpu_s": per_cpu_s(lambda: envelope(job)),
                "check_ins_without_work_asked_per_cpu_s": per_cpu_s(lambda: desk.has_work(job.device_id), 100_000),
            }
        finally:
            await database.close()


if __name__ == "__main__":
    json.dump(asyncio.run(measured()), sys.stdout, indent=2)
