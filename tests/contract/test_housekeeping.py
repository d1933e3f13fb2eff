"""What is kept no longer goes, and what something still needs stays; on SQLite and PostgreSQL."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import create_async_engine

from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.postgres.database import PostgresDatabase
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.app.housekeeping import Expired, Housekeeping, Kind
from tikfleet.domains.audit import tables as audit_tables
from tikfleet.domains.enrolment import tables as enrolment_tables
from tikfleet.domains.inventory import tables as inventory_tables
from tikfleet.domains.jobs import tables as job_tables
from tikfleet.domains.jobs.expiry import ExpiredJobs
from tikfleet.domains.library import tables as library_tables
from tikfleet.domains.library.expiry import ExpiredVersions
from tikfleet.domains.runs import tables as run_tables
from tikfleet.domains.runs.expiry import ExpiredRuns, JobsOfRuns
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.database import Database
from tikfleet.ports.expiry import OldestFirst

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ACME, GLOBEX = OrganisationId("org_acme"), OrganisationId("org_globex")
_PARTS = (audit_tables, enrolment_tables, inventory_tables, job_tables, run_tables, library_tables)


def ago(days: float) -> str:
    return to_text(NOW - timedelta(days=days))


class Store:
    """A database with the tables of history, and the way to fill and to sweep it."""

    def __init__(self, database: Database, blobs: FileBlobs) -> None:
        self.database = database
        self.blobs = blobs
        self.removed: Counter[str] = Counter()

    async def add(self, table: Table, *rows: dict[str, Any], **same: Any) -> None:
        """Rows, one without any given; what is not given is empty, none or 0, as the column takes it."""
        empty = {
            column.name: None if column.nullable else 0 if column.type.python_type is int else ""
            for column in table.columns
        }
        marks = ", ".join(f":{name}" for name in empty)
        async with self.database.write() as tx:
            await tx.execute_many(
                f"insert into {table.name} ({', '.join(empty)}) values ({marks})",
                [empty | same | row for row in rows or ({},)],
            )

    async def job(self, job_id: str, days: float | None, **given: Any) -> None:
        """A job that ended so many days ago; None: that has not ended."""
        ended = {"status": "queued"} if days is None else {"status": "succeeded", "finished_at": ago(days)}
        values = {"org_id": ACME, "device_id": job_id[4:], "created_at": ago(200), "told": 0} | ended | given
        await self.add(job_tables.job, id=job_id, **values)
        await self.add(job_tables.job_history, id=job_id[4:], job_id=job_id)

    async def ids(self, table: Table, column: str = "id") -> list[str]:
        async with self.database.read() as tx:
            return sorted(row[0] for row in await tx.fetch(f"select {column} from {table.name}"))

    async def sweep(self, expired: Expired, days: int, shorter: Mapping[OrganisationId, int] | None = None) -> int:
        async def chosen() -> Mapping[OrganisationId, int]:
            return shorter or {}

        kind = Kind("it", expired, days, chosen)
        return await Housekeeping(self.database, [kind], lambda: NOW, self.removed).sweep()

    async def sweep_jobs(self, days: int = 90) -> int:
        return await self.sweep(ExpiredJobs(self.database, self.blobs, JobsOfRuns(self.database)), days)


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    path = tmp_path / "state.sqlite"
    url = request.getfixturevalue("new_postgres_url")() if request.param == "postgres" else ""
    engine = create_async_engine(url or sqlite_url(path))
    async with engine.begin() as connection:
        for part in _PARTS:
            await connection.run_sync(part.metadata.create_all)
    await engine.dispose()
    database = PostgresDatabase(url, connections=2) if url else SqliteDatabase(path)
    yield Store(database, FileBlobs(tmp_path / "blobs"))
    await database.close()


async def test_events_go_by_what_their_organisation_chose(store: Store) -> None:
    for org in (ACME, GLOBEX):
        for days in (500, 30, 1):
            await store.add(inventory_tables.device_event, id=f"evt_{org}_{1000 - days}", org_id=org, at=ago(days))
    assert await store.sweep(OldestFirst(store.database, "device_event"), 400, {ACME: 7}) == 3
    assert await store.ids(inventory_tables.device_event) == [
        "evt_org_acme_999",
        "evt_org_globex_970",
        "evt_org_globex_999",
    ]
    assert store.removed == {"it": 3}
    assert await store.sweep(OldestFirst(store.database, "device_event"), 400, {ACME: 7}) == 0


async def test_old_attempts_to_enrol_go(store: Store) -> None:
    for days in (401, 399):
        await store.add(enrolment_tables.enrolment, id=f"enr_{1000 - days}", org_id=ACME, at=ago(days))
    assert await store.sweep(OldestFirst(store.database, "enrolment"), 400) == 1
    assert await store.ids(enrolment_tables.enrolment) == ["enr_601"]


async def test_nothing_goes_that_is_kept_for_ever(store: Store) -> None:
    await store.add(audit_tables.audit_entry, id="aud_1", org_id=ACME, at=ago(9000))
    assert await store.sweep(OldestFirst(store.database, "audit_entry"), 0) == 0
    assert await store.ids(audit_tables.audit_entry) == ["aud_1"]
    assert await store.sweep(OldestFirst(store.database, "audit_entry"), 365) == 1


async def test_many_go_in_one_sweep_a_part_at_a_time(store: Store) -> None:
    entries = [{"id": f"aud_{n:04}", "at": ago(10 if n < 1100 else 1)} for n in range(1201)]
    await store.add(audit_tables.audit_entry, *entries, org_id=ACME)
    assert [n async for n in OldestFirst(store.database, "audit_entry").batches(ACME, ago(5))] == [500, 500, 100]
    assert len(await store.ids(audit_tables.audit_entry)) == 101


async def test_a_job_goes_with_its_history_its_output_and_its_script(store: Store) -> None:
    for digest in ("alone", "shared", "source"):
        await store.add(job_tables.job_script, org_id=ACME, digest=digest, script=digest)
    await store.job("job_old", 91, script_digest="alone", source_digest="shared", output_bytes=5000)
    await store.job("job_older", 120, script_digest="source")
    await store.job("job_new", 89, script_digest="shared")
    await store.job("job_waits", None, source_digest="source")
    await store.blobs.put(f"{ACME}/jobs/job_old", b"x" * 5000)
    assert await store.sweep_jobs() == 2
    assert await store.ids(job_tables.job) == ["job_new", "job_waits"]
    assert await store.ids(job_tables.job_history) == ["new", "waits"]
    assert await store.ids(job_tables.job_script, "digest") == ["shared", "source"]
    assert await store.blobs.get(f"{ACME}/jobs/job_old") is None


async def test_a_job_stays_while_somebody_is_owed_word_of_it_or_a_job_waits_for_its_backup(store: Store) -> None:
    await store.job("job_untold", 100, notify="https://hooks.example")
    await store.job("job_told", 100, notify="https://hooks.example", told=1)
    await store.job("job_backup", 100)
    await store.job("job_change", None, backup_job_id="job_backup")
    await store.job("job_backup_of_done", 100)
    await store.job("job_done", 100, backup_job_id="job_backup_of_done")
    await store.job("job_backup_of_young", 100)
    await store.job("job_young", 3, backup_job_id="job_backup_of_young")
    await store.sweep_jobs()
    left = ["job_backup", "job_backup_of_young", "job_change", "job_untold", "job_young"]
    assert await store.ids(job_tables.job) == left


@pytest.mark.parametrize(
    ("run", "stays"),
    [
        ({"state": "running"}, True),
        ({"state": "paused"}, True),
        ({"state": "cancelled", "busy": 1}, True),
        ({"state": "finished", "owed": "finished"}, True),
        ({"state": "finished"}, False),
    ],
)
async def test_a_job_stays_as_long_as_its_run_goes_on(store: Store, run: dict[str, Any], stays: bool) -> None:
    await store.add(run_tables.run, id="run_1", org_id=ACME, created_at=ago(200), **run)
    await store.add(run_tables.run_target, run_id="run_1", device_id="dev_1", org_id=ACME, job_id="job_1")
    await store.job("job_1", 100)
    await store.sweep_jobs()
    assert await store.ids(job_tables.job) == (["job_1"] if stays else [])


async def test_a_run_goes_with_all_that_belongs_to_it_once_it_is_over(store: Store) -> None:
    over = {"org_id": ACME, "created_at": ago(800), "state": "finished", "finished_at": ago(500)}
    runs = {
        "run_over": over,
        "run_young": over | {"finished_at": ago(300)},
        "run_owing": over | {"owed": "finished"},
        "run_goes_on": over | {"state": "paused", "finished_at": None},
    }
    for run_id, values in runs.items():
        await store.add(run_tables.run, id=run_id, **values)
        await store.add(run_tables.run_history, id=f"h_{run_id}", run_id=run_id)
        targets = [{"device_id": f"dev_{n}"} for n in range(600 if run_id == "run_over" else 1)]
        await store.add(run_tables.run_target, *targets, run_id=run_id, org_id=ACME)
    assert await store.sweep(ExpiredRuns(store.database), 400) == 1
    left = ["run_goes_on", "run_owing", "run_young"]
    assert await store.ids(run_tables.run) == left
    assert await store.ids(run_tables.run_target, "run_id") == left
    assert await store.ids(run_tables.run_history, "run_id") == left


async def test_the_newest_version_of_a_script_stays_however_old(store: Store) -> None:
    await store.add(library_tables.library_script, id="lib_1", org_id=ACME, latest=4)
    for number, days in ((1, 900), (2, 800), (3, 10), (4, 5)):
        await store.add(library_tables.library_version, script_id="lib_1", number=number, created_at=ago(days))
    await store.add(library_tables.library_script, id="lib_2", org_id=ACME, latest=1)
    await store.add(library_tables.library_version, script_id="lib_2", number=1, created_at=ago(900))
    # Version 2 was the newest until ten days ago.
    assert await store.sweep(ExpiredVersions(store.database), 365) == 1
    async with store.database.read() as tx:
        rows = await tx.fetch("select script_id, number from library_version order by script_id, number")
    assert rows == [("lib_1", 2), ("lib_1", 3), ("lib_1", 4), ("lib_2", 1)]
