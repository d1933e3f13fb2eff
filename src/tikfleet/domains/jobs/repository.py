"""All relational SQL of jobs.

People's side takes an `OrgScope`. The device's side takes the device id that its credential proved, which is narrower:
one device, one organisation. The sweep has no asker; it touches only what time itself has decided.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.jobs.model import HistoryEntry, Job, JobRecord, Kind, Status
from tikfleet.kernel.clock import from_text
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId, is_id, new_id
from tikfleet.kernel.paging import Cursor, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Transaction

_COLUMNS: Final = """
    id, org_id, batch_id, device_id, device_name, kind, job_class, status, description, parameters,
    source_digest, script_digest, script_bytes, created_at, created_by_kind, created_by_id, created_by_name,
    expires_at, timeout_s, confirm_s, delivered_at, started_at, finished_at, deadline_at, boot_id, deliveries, reported,
    error, output, output_bytes, output_truncated, notify,
    retry_attempts, retry_pause_s, window_json, backup_job_id, failures, not_before, signature
"""
_NAMES: Final = tuple(name.strip() for name in _COLUMNS.split(","))


class JobFilters(msgspec.Struct, frozen=True):
    """Which jobs are wanted; each list is any of its values, and what is empty is no condition.

    `since` and `until` are about when they were made; `text` is in what is written about them, the device's name, or
    the name of who asked.
    """

    device_id: Sequence[str] = ()
    status: Sequence[Status] = ()
    kind: Sequence[Kind] = ()
    batch_id: Sequence[str] = ()
    created_by: Sequence[str] = ()
    since: str = ""
    until: str = ""
    text: str = ""


# -- people's side: scoped by organisation ---------------------------------------------------------------------------


async def find_job(transaction: Transaction, org: OrgScope, job_id: str) -> Job | None:
    """One job, when it is within the scope. Text that is no job's id names none."""
    if not is_id(job_id, "job"):
        return None
    rows = await transaction.fetch(
        f"select {_COLUMNS} from job where id = :id and org_id in :orgs", id=job_id, orgs=org.org_ids
    )
    return _job(rows[0]) if rows else None


async def page_of_jobs(transaction: Transaction, org: OrgScope, filters: JobFilters, page: PageRequest) -> list[Job]:
    """The page's jobs and one more when there is another page, by the time they were made."""
    where, values = _conditions(org, filters)
    if page.after:
        where += f" and (created_at, id) {'<' if page.descending else '>'} (:after_at, :after_id)"
        values |= {"after_at": page.after.value, "after_id": page.after.id}
    order = "desc" if page.descending else "asc"
    rows = await transaction.fetch(
        f"select {_COLUMNS} from job where {where} order by created_at {order}, id {order} limit :most",
        most=page.limit + 1,
        **values,
    )
    return [_job(row) for row in rows]


async def count_jobs(transaction: Transaction, org: OrgScope, filters: JobFilters) -> int:
    """How many jobs fit the filters."""
    where, values = _conditions(org, filters)
    return int((await transaction.fetch(f"select count(*) from job where {where}", **values))[0][0])


async def scripts_of(transaction: Transaction, org: OrgScope, jobs: Sequence[Job]) -> dict[tuple[str, str], str]:
    """The script texts that jobs are shown with, by organisation and digest."""
    digests = sorted({digest for job in jobs if (digest := job.source_digest or job.script_digest)})
    if not digests:
        return {}
    rows = await transaction.fetch(
        "select org_id, digest, script from job_script where org_id in :orgs and digest in :digests",
        orgs=org.org_ids,
        digests=digests,
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def histories_of(transaction: Transaction, org: OrgScope, jobs: Sequence[Job]) -> dict[str, list[HistoryEntry]]:
    """The histories of jobs within the scope, oldest first."""
    found: dict[str, list[HistoryEntry]] = {job.id: [] for job in jobs if job.org_id in org}
    if found:
        rows = await transaction.fetch(
            "select job_id, at, status, note from job_history where job_id in :ids order by id", ids=sorted(found)
        )
        for job_id, at, status, note in rows:
            found[job_id].append(HistoryEntry(at, status, note))
    return found


async def add_jobs(transaction: Transaction, org: OrgScope, records: Sequence[JobRecord], actor: Actor) -> None:
    """Insert fresh jobs with the first entry of their history. Raises ValueError for one outside the scope."""
    jobs = [record.job for record in records]
    if any(job.org_id not in org for job in jobs):
        raise ValueError("a job belongs to an organisation within the scope that makes it")
    await transaction.execute_many(
        f"insert into job ({_COLUMNS}) values ({', '.join(':' + name for name in _NAMES)})",
        [msgspec.structs.asdict(job) for job in jobs],
    )
    await transaction.execute_many(
        _ADD_ENTRY, [_entry(record.job, record.history[0].note, actor, record.job.created_at) for record in records]
    )


async def add_scripts(transaction: Transaction, scripts: Mapping[tuple[OrganisationId, str], str]) -> None:
    """Keep script texts under their organisation and digest; one that is there already stays."""
    await transaction.execute_many(
        """
        insert into job_script (org_id, digest, script) values (:org_id, :digest, :script)
        on conflict (org_id, digest) do nothing
        """,
        [{"org_id": org_id, "digest": digest, "script": text} for (org_id, digest), text in scripts.items()],
    )


# -- the device's side: the device id that the credential proved -----------------------------------------------------


async def job_of_device(transaction: Transaction, device_id: DeviceId, job_id: str) -> Job | None:
    """One job, when it is this device's. Text that is no job's id names none."""
    if not is_id(job_id, "job"):
        return None
    rows = await transaction.fetch(
        f"select {_COLUMNS} from job where id = :id and device_id = :device_id", id=job_id, device_id=device_id
    )
    return _job(rows[0]) if rows else None


async def waiting_for(transaction: Transaction, device_id: DeviceId, limit: int) -> list[Job]:
    """A device's jobs that have not ended: the one it has been given, then the others first in, first out."""
    rows = await transaction.fetch(
        f"""
        select {_COLUMNS} from job
        where device_id = :device_id and status in ('queued', 'delivered', 'running')
        order by case when status = 'queued' then 1 else 0 end, id
        limit :most
        """,
        device_id=device_id,
        most=limit,
    )
    return [_job(row) for row in rows]


async def script_of_device(transaction: Transaction, device_id: DeviceId, job: Job) -> str | None:
    """The script text of a device's own job."""
    rows = await transaction.fetch(
        """
        select script from job_script
        join job on job.org_id = job_script.org_id and job.script_digest = job_script.digest
        where job.id = :id and job.device_id = :device_id
        """,
        id=job.id,
        device_id=device_id,
    )
    return str(rows[0][0]) if rows else None


async def source_of_device(transaction: Transaction, device_id: DeviceId, job: Job) -> str | None:
    """The operator's own script of a device's job, when it has one."""
    rows = await transaction.fetch(
        """
        select script from job_script
        join job on job.org_id = job_script.org_id and job.source_digest = job_script.digest
        where job.id = :id and job.device_id = :device_id
        """,
        id=job.id,
        device_id=device_id,
    )
    return str(rows[0][0]) if rows else None


async def devices_with_work(transaction: Transaction) -> list[DeviceId]:
    """Every device that has a job that has not ended."""
    rows = await transaction.fetch(
        "select distinct device_id from job where status in ('queued', 'delivered', 'running')"
    )
    return [row[0] for row in rows]


# -- orders: ids that the asker kept, over all organisations ----------------------------------------------------------


async def statuses_of(transaction: Transaction, job_ids: Sequence[JobId]) -> dict[JobId, tuple[Status, str]]:
    """Status and error of the jobs of these ids that exist."""
    if not job_ids:
        return {}
    rows = await transaction.fetch("select id, status, error from job where id in :ids", ids=list(job_ids))
    return {row[0]: (row[1], row[2]) for row in rows}


async def jobs_by_id(transaction: Transaction, job_ids: Sequence[JobId]) -> list[Job]:
    """The jobs of these ids that have not ended."""
    rows = await transaction.fetch(
        f"select {_COLUMNS} from job where id in :ids and status in ('queued', 'delivered', 'running')",
        ids=list(job_ids),
    )
    return [_job(row) for row in rows]


# -- signatures: what waits from before there were any, and which keys are in use -------------------------------------


async def unsigned_jobs(transaction: Transaction, after: str, limit: int) -> list[Job]:
    """Jobs that have not ended and carry no signature, by id."""
    rows = await transaction.fetch(
        f"""
        select {_COLUMNS} from job
        where status in ('queued', 'delivered', 'running') and signature = '' and id > :after
        order by id limit :most
        """,
        after=after,
        most=limit,
    )
    return [_job(row) for row in rows]


async def write_signatures(transaction: Transaction, signatures: Mapping[JobId, str]) -> None:
    """Give jobs their signatures."""
    await transaction.execute_many(
        "update job set signature = :signature where id = :id",
        [{"id": job_id, "signature": signature} for job_id, signature in signatures.items()],
    )


async def keys_in_use(transaction: Transaction) -> set[str]:
    """The ids of the keys that signed a job that has not ended."""
    rows = await transaction.fetch(
        "select distinct substr(signature, 1, 16) from job where status in ('queued', 'delivered', 'running')"
    )
    return {str(row[0]) for row in rows}


# -- callbacks: what ended and is to be told ---------------------------------------------------------------------------


async def untold_jobs(transaction: Transaction, limit: int) -> list[Job]:
    """Jobs that have ended, whose end somebody wants to be told, and of which nobody was."""
    rows = await transaction.fetch(
        f"""
        select {_COLUMNS} from job where notify <> '' and told = 0 and finished_at is not null
        order by finished_at limit :most
        """,
        most=limit,
    )
    return [_job(row) for row in rows]


async def mark_told(transaction: Transaction, job_ids: Sequence[str]) -> None:
    """The end of these was told."""
    await transaction.execute("update job set told = 1 where id in :ids", ids=list(job_ids))


# -- the passing of time ----------------------------------------------------------------------------------------------


async def overdue_jobs(transaction: Transaction, moment: str, limit: int) -> list[Job]:
    """Jobs that time has ended: expired before they began, or silent past their deadline."""
    rows = await transaction.fetch(
        f"""
        select {_COLUMNS} from job
        where status in ('queued', 'delivered', 'running') and status <> 'running' and expires_at <= :moment
        order by expires_at limit :most
        """,
        moment=moment,
        most=limit,
    )
    rows += await transaction.fetch(
        f"""
        select {_COLUMNS} from job
        where status in ('delivered', 'running') and deadline_at <= :moment
        order by deadline_at limit :most
        """,
        moment=moment,
        most=limit - len(rows),
    )
    return [_job(row) for row in rows]


# -- changes ----------------------------------------------------------------------------------------------------------


async def change_job(transaction: Transaction, before: Job, after: Job) -> bool:
    """Compare and set: write `after` over `before`. False, and nothing written, when it is not as `before` any more."""
    changed = await transaction.execute(
        """
        update job set
            status = :status, script_digest = :script_digest, script_bytes = :script_bytes,
            delivered_at = :delivered_at, started_at = :started_at, finished_at = :finished_at,
            deadline_at = :deadline_at, boot_id = :boot_id, deliveries = :deliveries, reported = :reported,
            error = :error, output = :output, output_bytes = :output_bytes, output_truncated = :output_truncated,
            failures = :failures, not_before = :not_before
        where id = :id and status = :expected and deliveries = :expected_deliveries and reported = :expected_reported
        """,
        expected=before.status,
        expected_deliveries=before.deliveries,
        expected_reported=before.reported,
        **{name: getattr(after, name) for name in _CHANGED},
    )
    return changed == 1


async def add_entry(transaction: Transaction, job: Job, note: str, actor: Actor, moment: str) -> None:
    """Write a change into the job's history."""
    await transaction.execute(_ADD_ENTRY, **_entry(job, note, actor, moment))


def digest_of(script: str) -> str:
    """The name under which a script text is kept."""
    return hashlib.sha256(script.encode()).hexdigest()


def is_place(cursor: Cursor) -> bool:
    """Whether a page of jobs can start there."""
    try:
        return isinstance(cursor.value, str) and bool(from_text(cursor.value)) and is_id(cursor.id, "job")
    except ValueError:
        return False


_CHANGED: Final = (
    "id", "status", "script_digest", "script_bytes", "delivered_at", "started_at", "finished_at", "deadline_at",
    "boot_id", "deliveries", "reported", "error", "output", "output_bytes", "output_truncated",
    "failures", "not_before",
)  # fmt: skip
_ADD_ENTRY: Final = """
    insert into job_history (id, job_id, at, status, note, actor_kind, actor_id, actor_name)
    values (:id, :job_id, :at, :status, :note, :actor_kind, :actor_id, :actor_name)
"""


def _entry(job: Job, note: str, actor: Actor, moment: str) -> dict[str, Any]:
    return {
        "id": new_id("jch"),
        "job_id": job.id,
        "at": moment,
        "status": job.status,
        "note": note,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
    }


_SEARCHED: Final = tuple(f"{name} ilike :text escape '!'" for name in ("description", "device_name", "created_by_name"))


def _conditions(org: OrgScope, filters: JobFilters) -> tuple[str, dict[str, Any]]:
    where = "org_id in :orgs"
    values: dict[str, Any] = {"orgs": org.org_ids}
    for name, wanted in (
        ("device_id", filters.device_id),
        ("status", filters.status),
        ("kind", filters.kind),
        ("batch_id", filters.batch_id),
        ("created_by_id", filters.created_by),
    ):
        if wanted:
            where += f" and {name} in :{name}"
            values[name] = list(wanted)
    for name, compared, moment in (("since", ">=", filters.since), ("until", "<", filters.until)):
        if moment:
            where += f" and created_at {compared} :{name}"
            values[name] = moment
    if filters.text:
        where += f" and ({' or '.join(_SEARCHED)})"
        escaped = filters.text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values["text"] = f"%{escaped}%"
    return where, values


def _job(row: Sequence[Any]) -> Job:
    return Job(**dict(zip(_NAMES, row, strict=True)))


async def count_unended(transaction: Transaction) -> dict[str, int]:
    """How many jobs that have not ended there are of each status, over all organisations."""
    rows = await transaction.fetch(
        "select status, count(*) from job where status in ('queued', 'delivered', 'running') group by status"
    )
    return {str(status): int(count) for status, count in rows}
