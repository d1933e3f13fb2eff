"""Jobs that another part of the platform makes under ids that it chose and kept before.

The id is what makes an order happen once: placed again after a crash, or by another process, a job that exists is left
as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from tikfleet.domains.jobs import model, repository
from tikfleet.domains.jobs.desk import has_secrets, parameters_of, render, with_script
from tikfleet.domains.jobs.devices import JobScripts, JobTarget
from tikfleet.domains.jobs.issuing import JobIssuer
from tikfleet.domains.jobs.kinds.secrets import masked
from tikfleet.domains.jobs.model import HistoryEntry, Job, JobClass, JobRecord, Kind, Status, Step, after_backup
from tikfleet.domains.jobs.request import EXPORT_S
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import JobId, OrganisationId, id_before, new_id
from tikfleet.kernel.scopes import Actor, OrgScope

_CHUNK: Final = 500


class JobOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One job for one device; `script` is given for the kind script and only for it. Secret `parameters` are sealed.

    With `backup_first` an export is made with it, and has to succeed before it is handed out.
    """

    id: JobId
    batch_id: str
    device: JobTarget
    kind: Kind
    job_class: JobClass
    script: str | None = None
    parameters: Mapping[str, Any] = {}
    description: str = ""
    note: str = ""
    timeout_s: int = 60
    confirm_s: int = 0
    expires_in_s: int = 86_400
    retry_attempts: int = 0
    retry_pause_s: int = 0
    backup_first: bool = False


class JobStanding(msgspec.Struct, frozen=True):
    """How a job stands. `error` is the device's, or the reason of an end that it did not report."""

    status: Status
    error: str


class Placed(msgspec.Struct, frozen=True):
    """What came of orders: by id why one can't be made, and those that may not be made yet."""

    refused: dict[JobId, str]
    postponed: set[JobId]


class JobOrders:
    """What runs need of jobs: make, look, call back; for many at a time."""

    def __init__(self, issuer: JobIssuer, scripts: JobScripts, clock: Clock) -> None:
        self._issuer = issuer
        self._ledger = issuer.ledger
        self._scripts = scripts
        self._clock = clock

    async def place(self, orders: Sequence[JobOrder], actor: Actor) -> Placed:
        """Make the jobs that are not there yet, durably, as many as may be made now: place the postponed ones again."""
        refused: dict[JobId, str] = {}
        postponed: set[JobId] = set()
        now = self._clock()
        for start in range(0, len(orders), _CHUNK):
            chunk = orders[start : start + _CHUNK]
            async with self._ledger.read() as transaction:
                known = await repository.statuses_of(transaction, [order.id for order in chunk])
            missing = [order for order in chunk if order.id not in known]
            backups, texts = self._backups(missing, actor, now, refused)
            records, more = self._written(missing, actor, now, refused)
            texts |= more
            if not records:
                continue
            orgs = tuple(dict.fromkeys(record.job.org_id for record in records))
            async with self._issuer.write() as issue:
                # Another process may have placed them meanwhile: this look is inside the transaction that writes.
                known = await repository.statuses_of(issue.transaction, [record.job.id for record in records])
                fresh = [_after(one, backups.get(one.job.id)) for one in records if one.job.id not in known]
                await repository.add_scripts(issue.transaction, texts)
                waiting = await issue.add_fitting(OrgScope(orgs[0], orgs), fresh, actor)
                before = [backups[one.job.id] for one in fresh if one.job.id in backups.keys() - waiting]
                await issue.add(OrgScope(orgs[0], orgs), before, actor)
                postponed |= waiting
        return Placed(refused, postponed)

    async def standings(self, job_ids: Sequence[JobId]) -> dict[JobId, JobStanding]:
        """How these jobs stand; one that was never made is left out."""
        found: dict[JobId, JobStanding] = {}
        async with self._ledger.read() as transaction:
            for start in range(0, len(job_ids), _CHUNK):
                rows = await repository.statuses_of(transaction, job_ids[start : start + _CHUNK])
                found |= {job_id: JobStanding(status, error) for job_id, (status, error) in rows.items()}
        return found

    async def recall(self, job_ids: Sequence[JobId], note: str, actor: Actor) -> None:
        """Cancel those that their devices have not begun; a desired state that is being set is left to end, too.

        The backups that were to come before them are called back with them.
        """
        now = self._clock()
        for start in range(0, len(job_ids), _CHUNK):
            async with self._ledger.write() as entries:
                jobs = await repository.jobs_by_id(entries.transaction, job_ids[start : start + _CHUNK])
                before = [JobId(job.backup_job_id) for job in jobs if job.backup_job_id and not job.ended]
                jobs += await repository.jobs_by_id(entries.transaction, before)
                for job in jobs:
                    step = _recalled(job, note, now)
                    if step is not None:
                        await entries.change(job, step, actor, now)

    def _backups(
        self, orders: Sequence[JobOrder], actor: Actor, now: datetime, refused: dict[JobId, str]
    ) -> tuple[dict[JobId, JobRecord], dict[tuple[OrganisationId, str], str]]:
        """The exports that come before orders, by the order's id, and the texts to keep."""
        exports = {order.id: _export_before(order) for order in orders if order.backup_first}
        faults: dict[JobId, str] = {}
        records, texts = self._written(list(exports.values()), actor, now, faults)
        written = {record.job.id: record for record in records}
        for order_id, export in exports.items():
            if export.id in faults:
                refused[order_id] = f"its backup: {faults[export.id]}"
        return {one: written[export.id] for one, export in exports.items() if export.id in written}, texts

    def _written(
        self, orders: Sequence[JobOrder], actor: Actor, now: datetime, refused: dict[JobId, str]
    ) -> tuple[list[JobRecord], dict[tuple[OrganisationId, str], str]]:
        """The jobs with their scripts, and the texts to keep."""
        records: list[JobRecord] = []
        texts: dict[tuple[OrganisationId, str], str] = {}
        for order in orders:
            if order.id in refused:
                continue
            job = _job(order, actor, now)
            if order.script is not None:
                job = msgspec.structs.replace(job, source_digest=repository.digest_of(order.script))
                texts[(job.org_id, job.source_digest)] = order.script
            text = None
            if order.device.tier is not None:
                try:
                    text = render(self._scripts, _harmless(job), order.device, order.script)
                except ValueError as cause:
                    refused[order.id] = str(cause)
                    continue
                if not has_secrets(job):
                    job = with_script(job, text)
                    texts[(job.org_id, job.script_digest)] = text
            history = [HistoryEntry(job.created_at, job.status, order.note)]
            records.append(JobRecord(job, order.script or text, history))
        return records, texts


def _harmless(job: Job) -> Job:
    """The job as it may be tried before its secrets are needed."""
    shown = masked(job.kind, parameters_of(job))
    return msgspec.structs.replace(job, parameters=msgspec.json.encode(shown).decode())


def _recalled(job: Job, note: str, now: datetime) -> Step | None:
    return None if job.status == "running" else model.cancel(job, note, now)


def _job(order: JobOrder, actor: Actor, now: datetime) -> Job:
    return Job(
        id=order.id,
        org_id=order.device.org_id,
        batch_id=order.batch_id,
        device_id=order.device.id,
        device_name=order.device.name,
        kind=order.kind,
        job_class=order.job_class,
        description=order.description,
        parameters=msgspec.json.encode(order.parameters).decode(),
        created_at=to_text(now),
        created_by_kind=actor.kind,
        created_by_id=actor.id,
        created_by_name=actor.name,
        expires_at=to_text(now + timedelta(seconds=order.expires_in_s)),
        timeout_s=order.timeout_s,
        confirm_s=order.confirm_s,
        retry_attempts=order.retry_attempts,
        retry_pause_s=order.retry_pause_s,
    )


def _export_before(order: JobOrder) -> JobOrder:
    # A device takes its jobs by their ids: this one sorts before.
    return JobOrder(
        id=JobId(id_before(order.id)), batch_id=new_id("bat"), device=order.device, kind="export", job_class="query",
        description=f"before {order.description or order.kind}"[:500], timeout_s=EXPORT_S,
        expires_in_s=order.expires_in_s,
    )  # fmt: skip


def _after(record: JobRecord, backup: JobRecord | None) -> JobRecord:
    return record if backup is None else after_backup(record, backup)
