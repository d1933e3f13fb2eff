"""A run goes out within the limits by waiting: no device of it fails for them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.runs import NobodyApproves, fill
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.signing import MemoryKey
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.bridges import RenderedScripts
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.inventory.public import DeviceReader, Selection
from tikfleet.domains.jobs.public import JobIssuer, JobLimits, JobOrders, Ledger, OneLimit, OpenWork, Reach
from tikfleet.domains.runs.public import Planner, RunLedger, Runs, Steering
from tikfleet.domains.runs.schemas import RunCreate, RunReason, RunWave
from tikfleet.kernel.ids import OrganisationId, RunId, new_id
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database

ORG = OrgScope.only(OrganisationId(new_id("org")))
ADA = Actor("person", new_id("per"), "Ada")


class Hands:
    """Runs on a clock that stands still, over a database."""

    def __init__(self, database: Database, limits: JobLimits) -> None:
        self.now = datetime(2026, 11, 23, 4, 20, 11, tzinfo=UTC)
        self._database = database
        ledger = RunLedger(database, AuditTrail(database, self), MemoryBus(), self)
        planner = Planner(DeviceReader(database), frozenset())
        self.runs = Runs(ledger, planner, NobodyApproves(), self)
        issuer = JobIssuer(Ledger(database, MemoryBus(), OpenWork()), MemoryKey(), Reach(OneLimit(limits), self))
        orders = JobOrders(issuer, RenderedScripts("https://fleet.example", ""), self)
        self.steering = Steering(ledger, planner, orders, self)

    def __call__(self) -> datetime:
        return self.now

    async def begin(self) -> RunId:
        wish = RunCreate(name="All", script=":put hello", selection=Selection(), waves=[RunWave(percent=100)])
        run = await self.runs.create(ORG, ADA, wish)
        await self.runs.start(ORG, ADA, run.id)
        return RunId(run.id)

    async def turn(self, run_id: RunId, seconds: int = 0) -> int:
        """What the steerer does by itself; gives how many jobs there are then."""
        self.now += timedelta(seconds=seconds)
        for _ in range(20):
            if not await self.steering.steer(run_id):
                break
        else:
            raise AssertionError("the steerer never rests")
        async with self._database.read() as tx:
            return int((await tx.fetch("select count(*) from job"))[0][0])


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "state.sqlite"
    await migrate(sqlite_url(path))
    found = SqliteDatabase(path)
    await fill(found, ORG, 25)
    yield found
    await found.close()


async def test_a_run_waits_for_the_limit_and_reaches_everybody_once(database: Database) -> None:
    hands = Hands(database, JobLimits(10, 100, 10))
    run_id = await hands.begin()

    assert [await hands.turn(run_id, 30) for _ in range(8)] == [8, 8, 16, 16, 24, 24, 25, 25]
    counts = (await hands.runs.get(ORG, run_id)).counts
    assert (counts.asked, counts.failed) == (25, 0)


async def test_a_person_limit_slows_their_run_too(database: Database) -> None:
    hands = Hands(database, JobLimits(100, 5, 100))
    run_id = await hands.begin()

    assert [await hands.turn(run_id, 60) for _ in range(3)] == [5, 10, 15]


async def test_a_restart_within_the_wait_changes_nothing(database: Database) -> None:
    limits = JobLimits(10, 100, 10)
    before = Hands(database, limits)
    run_id = await before.begin()
    assert await before.turn(run_id) == 8
    after = Hands(database, limits)

    assert await after.turn(run_id, 30) == 8
    assert await after.turn(run_id, 30) == 16


async def test_silence_is_counted_from_when_a_job_was_made(database: Database) -> None:
    hands = Hands(database, JobLimits(10, 100, 10))
    run_id = await hands.begin()
    await hands.turn(run_id)
    await hands.turn(run_id, 600)

    async with database.read() as tx:
        rows = await tx.fetch("select asked_at from run_target where placed = 1 order by asked_at")
    assert [row[0] for row in rows[:8]] == ["2026-11-23T04:20:11.000Z"] * 8
    assert [row[0] for row in rows[8:16]] == ["2026-11-23T04:30:11.000Z"] * 8


async def test_a_run_that_is_cancelled_while_it_waits_asks_nobody_else(database: Database) -> None:
    hands = Hands(database, JobLimits(10, 100, 10))
    run_id = await hands.begin()
    await hands.turn(run_id)
    await hands.runs.cancel(ORG, ADA, run_id, RunReason())
    for _ in range(6):
        await hands.turn(run_id, 60)

    async with database.read() as tx:
        rows = await tx.fetch("select status, count(*) from job group by status")
    assert [row[0] for row in rows] == ["cancelled"]
    counts = (await hands.runs.get(ORG, run_id)).counts
    assert counts.cancelled == 25
