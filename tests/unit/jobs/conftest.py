"""A bench of jobs over a real SQLite file, with a clock that stands still until it is moved."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.signing import MemoryKey
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.audit.tables import metadata as audit_tables
from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.public import (
    JobDesk,
    JobIssuer,
    Jobs,
    JobSweep,
    JobTarget,
    Kind,
    Ledger,
    OneLimit,
    OpenWork,
    Reach,
    ScriptChecks,
    Vetting,
)
from tikfleet.domains.jobs.schemas import JobCreate, JobView
from tikfleet.domains.jobs.tables import metadata as job_tables
from tikfleet.kernel.ids import DeviceId, OrganisationId, new_id
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database

ORG = OrgScope.only(OrganisationId(new_id("org")))
ADA = Actor("person", "per_01m3k5x0v7q2a9bc", "Ada Example")


class Hands:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 4, 20, 11, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Shelf:
    """Devices, and scripts that say what they are."""

    def __init__(self) -> None:
        self.devices: dict[DeviceId, JobTarget] = {}

    def add(
        self, name: str, tier: str | None = "A", status: str = "online", org: OrgScope = ORG, version: str = "7.20.1"
    ) -> JobTarget:
        device = JobTarget(DeviceId(new_id("dev")), name, org.org_id, tier, status, version)
        self.devices[device.id] = device
        return device

    async def find(self, org: OrgScope, wanted: Sequence[DeviceId] | Selection, limit: int) -> Sequence[JobTarget]:
        seen = [device for device in self.devices.values() if device.org_id in org]
        if isinstance(wanted, Selection):
            return [device for device in seen if wanted.q in device.name][:limit]
        return [device for device in seen if device.id in wanted][:limit]

    async def versions(self, org: OrgScope, selection: Selection) -> Mapping[str, int]:
        return Counter(device.version for device in await self.find(org, selection, 50_000))

    def render(self, kind: Kind, parameters: Mapping[str, str], device: JobTarget) -> str:
        if kind == "export" and device.tier == "D":
            raise ValueError("RouterOS 6 does not export that")
        if "}" in parameters.get("source", ""):
            raise ValueError("stray brace (line 1 column 1)")
        return f"# {kind} for {device.tier}: {parameters.get('name', '')}{parameters.get('source', '')}"

    def guarded(self, script: str, device: JobTarget, within_s: int, timeout_s: int) -> str:
        return f"guarded {within_s} {timeout_s}\n{script}"


@dataclass
class Bench:
    """Everything of jobs, wired."""

    database: Database
    blobs: FileBlobs
    bus: MemoryBus
    clock: Hands
    shelf: Shelf
    ledger: Ledger
    jobs: Jobs
    desk: JobDesk
    sweep: JobSweep
    vetting: Vetting
    limits: OneLimit

    async def ask(self, device: JobTarget, kind: Kind = "script", **more: object) -> JobView:
        """One job for one device."""
        if kind == "script":
            more.setdefault("script", ":put done")
        create = JobCreate(kind=kind, device_ids=[device.id], **more)  # type: ignore[arg-type]
        return (await self.jobs.create(ORG, ADA, create)).items[0]

    async def status(self, job_id: str) -> str:
        return (await self.jobs.get(ORG, job_id)).status

    async def notes(self, job_id: str) -> list[tuple[str, str]]:
        return [(entry.status, entry.note) for entry in (await self.jobs.get(ORG, job_id)).history]


def wired(database: Database, tmp_path: Path) -> Bench:
    clock, shelf, bus, blobs = Hands(), Shelf(), MemoryBus(), FileBlobs(tmp_path / "blobs")
    ledger = Ledger(database, bus, OpenWork())
    audit, key, limits = AuditTrail(database, clock), MemoryKey(), OneLimit()
    jobs = Jobs(JobIssuer(ledger, key, Reach(limits, clock)), blobs, shelf, shelf, audit, clock, ScriptChecks(shelf))
    vetting = Vetting(key, audit, bus)
    desk = JobDesk(ledger, blobs, shelf, shelf, clock, vetting)
    return Bench(database, blobs, bus, clock, shelf, ledger, jobs, desk, JobSweep(ledger), vetting, limits)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    path = tmp_path / "state.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    job_tables.create_all(engine)
    audit_tables.create_all(engine)
    engine.dispose()
    database = SqliteDatabase(path)
    yield wired(database, tmp_path)
    await database.close()


@pytest.fixture
def router(bench: Bench) -> JobTarget:
    return bench.shelf.add("branch-1")
