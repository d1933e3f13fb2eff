"""Inbox and bus with several processes on them: here each is an object of its own on the same files."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tikfleet.adapters.feed.bus import FeedBus
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.postgres.database import PostgresDatabase
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.adapters.sqlite.shared import SharedInbox
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.bus import News
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import Envelope, InboxUnavailable

ACME = OrganisationId("org_acme")


def envelope(number: int) -> Envelope:
    return Envelope(ACME, DeviceId(f"dev_{number}"), 1_700_000_000_000 + number, "checkin", "text/plain", "::1", b"x")


@asynccontextmanager
async def inboxes(path: Path, count: int, high_water: int = 100_000) -> AsyncIterator[list[SharedInbox]]:
    made = [SharedInbox(path, high_water=high_water) for _ in range(count)]
    yield made
    for inbox in made:
        await inbox.close()


async def until(condition: Callable[[], bool], patience_s: float = 5) -> None:
    ends_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < ends_s, "it did not come true in time"
        await asyncio.sleep(0.02)


async def test_a_reader_beside_three_writers_sees_each_report_once_and_positions_that_grow(tmp_path: Path) -> None:
    async with inboxes(tmp_path / "inbox.sqlite", 4) as (reader, *writers):
        sending = asyncio.gather(*(writers[n % 3].append(envelope(n)) for n in range(600)))
        found: list[str] = []
        after, ends_s = 0, time.monotonic() + 20
        while len(found) < 600 and time.monotonic() < ends_s:
            batch = await reader.read(after, 50)
            if batch is None:
                await reader.wait(0.05)
                continue
            assert after < batch.first <= batch.last
            after = batch.last
            found += [item.device_id for item in batch.envelopes]
            await reader.forget(after)
        await sending
        assert sorted(found) == sorted(f"dev_{n}" for n in range(600))


async def test_who_waits_is_woken_by_what_another_process_stores(tmp_path: Path) -> None:
    async with inboxes(tmp_path / "inbox.sqlite", 2) as (reader, writer):
        await asyncio.sleep(0.3)
        await reader.wait(0.01)
        waiting = asyncio.create_task(reader.wait(30))
        await writer.append(envelope(1))
        await asyncio.wait_for(waiting, 5)


async def test_depth_and_age_count_what_others_store_and_take_away(tmp_path: Path) -> None:
    async with inboxes(tmp_path / "inbox.sqlite", 2) as (reader, writer):
        await asyncio.gather(*(writer.append(envelope(n)) for n in range(30)))
        await until(lambda: reader.depth() == 30)
        assert reader.age_s() > 1_000_000
        batch = await reader.read(0, 1000)
        assert batch is not None
        await reader.forget(batch.last)
        await until(lambda: writer.depth() == 0)
        assert writer.age_s() == 0


async def test_the_high_water_mark_is_that_of_all_together(tmp_path: Path) -> None:
    async with inboxes(tmp_path / "inbox.sqlite", 2, high_water=20) as (one, other):
        await asyncio.gather(*(one.append(envelope(n)) for n in range(20)))
        await until(lambda: other.depth() == 20)
        with pytest.raises(InboxUnavailable):
            await other.append(envelope(99))


class HeldClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        await migrate(sqlite_url(tmp_path / "state.sqlite"))
        made = SqliteDatabase(tmp_path / "state.sqlite")
    else:
        url = request.getfixturevalue("new_postgres_url")()
        await migrate(url)
        made = PostgresDatabase(url)
    yield made
    await made.close()


@asynccontextmanager
async def buses(database: Database, *names: str) -> AsyncIterator[list[FeedBus]]:
    made = [FeedBus(MemoryBus(), database, name, utc_now) for name in names]
    for bus in made:
        await bus.begin()
    tasks = [asyncio.create_task(bus.run()) for bus in made]
    yield made
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_news_reach_every_process_once_in_order_and_within_two_seconds(database: Database) -> None:
    async with buses(database, "one", "other") as (one, other), one.subscribe() as here, other.subscribe() as there:
        began_s = time.monotonic()
        for number in range(5):
            one.publish(News("device.approved", ACME, {"n": number}))
        told = [await asyncio.wait_for(anext(there), 5) for _ in range(5)]
        assert time.monotonic() - began_s < 2
        assert [item.data["n"] for item in told] == list(range(5))
        assert [(await anext(here)).data["n"] for _ in range(5)] == list(range(5))
        other.publish(News("job.changed", ACME, {"n": 9}))
        # Nothing comes back to its sender twice.
        assert (await asyncio.wait_for(anext(here), 5)).data["n"] == 9


async def test_news_from_before_a_process_began_are_not_told_to_it(database: Database) -> None:
    async with buses(database, "one") as (one,):
        one.publish(News("before", ACME, {}))
        await asyncio.sleep(0.6)
        async with buses(database, "other") as (other,), other.subscribe() as there:
            one.publish(News("after", ACME, {}))
            assert (await asyncio.wait_for(anext(there), 5)).kind == "after"


async def test_who_slept_longer_than_news_are_kept_is_told_that_some_are_missing(database: Database) -> None:
    clock = HeldClock()
    one, other = (FeedBus(MemoryBus(), database, name, clock) for name in ("one", "other"))
    one.publish(News("first", ACME, {}))
    await one.flush()
    await other.begin()
    one.publish(News("missed", ACME, {}))
    await one.flush()
    clock.now += timedelta(minutes=11)
    assert await one.sweep() == 2
    one.publish(News("last", ACME, {}))
    await one.flush()
    async with other.subscribe() as there:
        running = asyncio.create_task(other.run())
        assert [(await asyncio.wait_for(anext(there), 5)).kind for _ in range(2)] == ["bus.overflow", "last"]
        running.cancel()
