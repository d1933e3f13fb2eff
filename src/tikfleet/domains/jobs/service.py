"""People's side of jobs: ask, look, call back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from tikfleet.domains.audit.public import AuditNotes, AuditTrail, Target
from tikfleet.domains.jobs import model, repository
from tikfleet.domains.jobs.callbacks import notified_host
from tikfleet.domains.jobs.checks import ScriptChecks
from tikfleet.domains.jobs.desk import with_script
from tikfleet.domains.jobs.devices import JobScripts, JobTarget, JobTargets
from tikfleet.domains.jobs.errors import JobBegun, JobEnded, JobNotFound, JobOutputMissing, JobWithoutAnswer
from tikfleet.domains.jobs.issuing import Issue, JobIssuer
from tikfleet.domains.jobs.kinds.catalogue import default_class, parameters_of
from tikfleet.domains.jobs.limits import only_reads
from tikfleet.domains.jobs.model import HistoryEntry, Job, JobClass, JobRecord, after_backup
from tikfleet.domains.jobs.output import SHOWN_BYTES, blob_name, cut
from tikfleet.domains.jobs.repository import JobFilters
from tikfleet.domains.jobs.request import MOST_DEVICES, Asked, Writing, backup_of, check, devices_of
from tikfleet.domains.jobs.schemas import BatchView, JobCreate, JobView, job_view, job_views
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import JobId, new_id
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.database import Transaction

_CHUNK: Final = 500
_SHOWN: Final = 200
_AUDITED_DEVICES: Final = 50


class Written(msgspec.Struct, frozen=True):
    """A script of ours for one device. `parameters` tell later what was asked; `audited`: None for what only reads."""

    script: str
    job_class: JobClass
    description: str
    parameters: Mapping[str, str]
    expires_in_s: int
    audited: Mapping[str, Any] | None = None


class Jobs:
    """The use cases of the API."""

    def __init__(
        self,
        issuer: JobIssuer,
        blobs: Blobs,
        targets: JobTargets,
        scripts: JobScripts,
        audit: AuditTrail,
        clock: Clock,
        checks: ScriptChecks,
    ) -> None:
        self._issuer = issuer
        self._ledger = issuer.ledger
        self._blobs = blobs
        self._targets = targets
        self._scripts = scripts
        self._audit = audit
        self._clock = clock
        self._checks = checks

    async def create(self, org: OrgScope, actor: Actor, create: JobCreate, notify: str = "") -> BatchView:
        """One job for each device that is meant, all or none, under one batch id. `notify`: see `Aims`.

        A script is checked for the version that each device runs, unless the request says not to.
        """
        check(create)
        reads = only_reads(create.kind, create.job_class or default_class(create.kind))
        most = MOST_DEVICES if reads else await self._issuer.reach.of_one_request(org.org_id)
        devices = await devices_of(self._targets, org, create, most)
        if not reads:
            await self._issuer.reach.require_possible(device.org_id for device in devices)
        checks = []
        if create.script is not None and not create.unchecked:
            checks = await self._checks.permit(create.script, devices)
        parameters = await self._parameters(org, create)
        asked = Asked(create, new_id("bat"), actor, self._clock(), checks, parameters, notify)
        shown: list[JobRecord] = []
        writing, backing_up = Writing(self._scripts), Writing(self._scripts)
        before = backup_of(asked) if create.backup_first else None
        async with self._issuer.write() as issue:
            for start in range(0, len(devices), _CHUNK):
                some = devices[start : start + _CHUNK]
                backups = [backing_up.write(device, before) for device in some] if before else []
                records = [writing.write(device, asked) for device in some]
                if backups:
                    await self._add(issue, org, backups, backing_up, actor)
                    records = [after_backup(*pair) for pair in zip(records, backups, strict=True)]
                await self._add(issue, org, records, writing, actor)
                shown += records[: _SHOWN - len(shown)]
            await self._audit_batch(self._audit.within(issue.transaction), devices, asked)
        return BatchView(asked.batch_id, len(devices), job_views(shown), checks)

    async def write(self, actor: Actor, device: JobTarget, written: Written) -> Job:
        """One job of a script that we wrote ourselves, for a request of RouterOS's REST.

        The audit trail holds what was asked, and not the script: values of it may be secrets.
        """
        now = self._clock()
        job = with_script(
            Job(
                id=JobId(new_id("job")),
                org_id=device.org_id,
                batch_id=new_id("bat"),
                device_id=device.id,
                device_name=device.name,
                kind="routeros",
                job_class=written.job_class,
                description=written.description[:200],
                parameters=msgspec.json.encode(written.parameters).decode(),
                created_at=to_text(now),
                created_by_kind=actor.kind,
                created_by_id=actor.id,
                created_by_name=actor.name,
                expires_at=to_text(now + timedelta(seconds=written.expires_in_s)),
                timeout_s=60,
            ),
            written.script,
        )
        record = JobRecord(job, None, [HistoryEntry(job.created_at, job.status, "")])
        async with self._issuer.write() as issue:
            await repository.add_scripts(issue.transaction, {(job.org_id, job.script_digest): written.script})
            await issue.add(OrgScope.only(job.org_id), [record], actor)
            if written.audited is not None:
                audit, target = self._audit.within(issue.transaction), Target("device", device.id, device.name)
                await audit.record(device.org_id, actor, "routeros.write", target, None, dict(written.audited))
        return job

    async def outcome(self, org: OrgScope, job_id: str) -> tuple[Job, str]:
        """A job of a request of REST as it is now, with its whole output. For who asked, not for every reader."""
        async with self._ledger.read() as transaction:
            job = await self._found(transaction, org, job_id)
        if job.kind != "routeros":
            raise JobWithoutAnswer(f"the job is of the kind {job.kind}")
        whole = await self._apart(job)
        return job, job.output if whole is None else whole

    async def page(self, org: OrgScope, filters: JobFilters, asked: PageRequest) -> Page[JobView]:
        """Jobs by the time they were made."""
        if asked.after and not repository.is_place(asked.after):
            raise JobNotFound("no page of jobs starts at this cursor", remedy="Start again without `cursor`.")
        async with self._ledger.read() as transaction:
            jobs = await repository.page_of_jobs(transaction, org, filters, asked)
            total = await repository.count_jobs(transaction, org, filters)
            records = await _records(transaction, org, jobs[: asked.limit])
        last = jobs[: asked.limit][-1] if len(jobs) > asked.limit else None
        return Page(job_views(records), Cursor(last.created_at, last.id).encode() if last else None, total)

    async def get(self, org: OrgScope, job_id: str) -> JobView:
        """One job with its output, up to 64 KiB of it."""
        async with self._ledger.read() as transaction:
            job = await self._found(transaction, org, job_id)
            record = (await _records(transaction, org, [job]))[0]
        whole = await self._apart(job)
        return job_view(record, None if whole is None else cut(whole.encode(), SHOWN_BYTES).decode())

    async def output(self, org: OrgScope, job_id: str) -> str:
        """All that is kept of what the device sent back; nothing when it sent nothing yet."""
        async with self._ledger.read() as transaction:
            job = await self._found(transaction, org, job_id)
        if job.kind == "routeros":
            return ""
        whole = await self._apart(job)
        if whole is None and job.output_bytes > len(job.output.encode()):
            raise JobOutputMissing("the job's output is not in the object store")
        return job.output if whole is None else whole

    async def cancel(self, org: OrgScope, actor: Actor, job_id: str) -> JobView:
        """Call a job back before the device begins it. Cancelling a cancelled job changes nothing."""
        now = self._clock()

        async def find(transaction: Transaction) -> Job | None:
            return await self._found(transaction, org, job_id)

        async def told(transaction: Transaction, before: Job, after: Job) -> None:
            target = Target("job", after.id, f"{after.kind} on {after.device_name}")
            was, became = {"status": before.status}, {"status": after.status}
            await self._audit.within(transaction).record(after.org_id, actor, "job.cancelled", target, was, became)

        job = await self._ledger.move(
            find, lambda job: model.cancel(job, f"called back by {actor.name}", now), lambda _: actor, now, told
        )
        if job is None or job.status != "cancelled":
            ended = job is None or job.ended
            raise JobEnded("the job has ended") if ended else JobBegun("the device has begun the job")
        return await self.get(org, job_id)

    async def _parameters(self, org: OrgScope, create: JobCreate) -> Mapping[str, Any]:
        """Those of a typed kind that were given, its secrets sealed. Raises JobParametersInvalid."""
        if create.kind == "script":
            return {}
        given = {name: value for name, value in (create.parameters or {}).items() if value is not None}
        parameters_of(create.kind, given)
        return await self._ledger.secrets.sealed(org.org_id, create.kind, given)

    async def _found(self, transaction: Transaction, org: OrgScope, job_id: str) -> Job:
        job = await repository.find_job(transaction, org, job_id)
        if job is None:
            raise JobNotFound("there is no such job")
        return job

    async def _apart(self, job: Job) -> str | None:
        """The whole output, when it lies in the object store and is there."""
        if job.output_bytes <= len(job.output.encode()):
            return None
        content = await self._blobs.get(blob_name(job))
        return None if content is None else content.decode(errors="replace")

    async def _add(
        self, issue: Issue, org: OrgScope, records: Sequence[JobRecord], writing: Writing, actor: Actor
    ) -> None:
        await repository.add_scripts(issue.transaction, writing.fresh)
        writing.fresh.clear()
        await issue.add(org, records, actor)

    async def _audit_batch(self, audit: AuditNotes, devices: Sequence[JobTarget], asked: Asked) -> None:
        """One entry for each organisation whose devices are asked."""
        create = asked.create
        for org_id, count in Counter(device.org_id for device in devices).items():
            ids = [device.id for device in devices if device.org_id == org_id][:_AUDITED_DEVICES]
            after = {
                "kind": create.kind,
                "job_class": asked.job_class,
                "count": count,
                "device_ids": ids,
                "script": create.script,
                "library_id": create.library_id,
                "version": create.version,
                "unchecked": create.unchecked,
                "parameters": asked.shown,
                "expires_in_s": create.expires_in_s,
                "confirm_within_s": asked.confirm_s or None,
                "notifies": notified_host(asked.notify),
                "retry": create.retry,
                "window": create.window,
                "backup_first": create.backup_first,
            }
            target = Target("batch", asked.batch_id, create.description or create.kind)
            await audit.record(org_id, asked.actor, "job.created", target, None, after)


async def _records(transaction: Transaction, org: OrgScope, jobs: Sequence[Job]) -> list[JobRecord]:
    scripts = await repository.scripts_of(transaction, org, jobs)
    histories = await repository.histories_of(transaction, org, jobs)
    return [
        JobRecord(job, scripts.get((job.org_id, job.source_digest or job.script_digest)), histories[job.id])
        for job in jobs
    ]
