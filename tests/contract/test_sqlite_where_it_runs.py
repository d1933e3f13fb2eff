"""Where statements to SQLite run: short ones on the event loop's thread, long ones beside it; nobody waits there."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.adapters.sqlite.habits import Habits
from tikfleet.ports.database import DatabaseUnavailable

_ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
_LONG = f"{_ENDLESS.removesuffix(' select max(i) from n')} select max(i) from (select i from n limit 3000000)"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    made = SqliteDatabase(tmp_path / "state.sqlite")
    async with made.write() as tx:
        await tx.execute("create table thing (id text primary key, n integer not null)")
    yield made
    await made.close()


class Threads:
    """On which threads a database's statements ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        connected = sqlite3.connect

        def connect(*given: object, **named: object) -> sqlite3.Connection:
            connection: sqlite3.Connection = connected(*given, **named)  # type: ignore[call-overload]
            connection.create_function("where_am_i", 0, lambda: self.seen.append(threading.current_thread().name))
            return connection

        monkeypatch.setattr(sqlite3, "connect", connect)


async def test_a_short_read_runs_at_once_and_a_long_one_aside_while_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = Threads(monkeypatch)
    database = SqliteDatabase(tmp_path / "state.sqlite")
    async with database.read() as tx:
        await tx.fetch("select where_am_i()")
        assert threads.seen == ["MainThread"]
        turns = asyncio.create_task(_turns())
        await asyncio.sleep(0)
        [(found,)] = await tx.fetch(_LONG)
        assert found == 3_000_000
        assert await _ended(turns) > 3
        # It is known now: it is not tried at once a second time.
        await tx.fetch(_LONG.replace("max(i) from (", "max(i), where_am_i() from ("))
        threads.seen.clear()
        await tx.fetch(_LONG.replace("max(i) from (", "max(i), where_am_i() from ("))
    assert all(name.startswith("database") for name in threads.seen)
    await database.close()


async def test_many_short_reads_in_a_row_let_others_have_their_turn(database: SqliteDatabase) -> None:
    turns = asyncio.create_task(_turns())
    async with database.read() as tx:
        for _ in range(20_000):
            await tx.fetch("select count(*) from thing where id = :id", id="x")
    assert await _ended(turns) > 3


async def test_a_cancelled_read_is_stopped_and_its_connection_is_used_again(database: SqliteDatabase) -> None:
    async def endless() -> None:
        async with database.read() as tx:
            await tx.fetch(_ENDLESS)

    for _ in range(6):
        task = asyncio.create_task(endless())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def ask() -> None:
        async with database.read() as tx:
            assert await tx.fetch("select 1") == [(1,)]

    # More than there are readers: each of the six has to have given its connection back.
    await asyncio.wait_for(asyncio.gather(*(ask() for _ in range(10))), 20)


async def test_a_writer_that_waits_for_another_process_keeps_nobody_waiting(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "state.sqlite", isolation_level=None)
    other.execute("begin immediate")
    turns = asyncio.create_task(_turns())
    writing = asyncio.create_task(_add(database, "a"))
    await asyncio.sleep(0.3)
    assert not writing.done()
    other.execute("rollback")
    other.close()
    await asyncio.wait_for(writing, 20)
    assert await _ended(turns) > 3


async def test_a_write_runs_at_once_when_it_has_been_short_and_fails_there_as_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = Threads(monkeypatch)
    database = SqliteDatabase(tmp_path / "state.sqlite")
    async with database.write() as tx:
        await tx.execute("create table thing (id text primary key, n integer not null)")
        for number in range(30):
            await tx.execute("insert into thing (id, n) values (:id, coalesce(where_am_i(), 1))", id=f"t{number}")
    assert threads.seen[0].startswith("database")
    assert threads.seen[-1] == "MainThread"
    with pytest.raises(DatabaseUnavailable):
        async with database.read() as tx:
            await tx.execute("insert into thing (id, n) values (:id, coalesce(where_am_i(), 1))", id="reader")
    async with database.read() as tx:
        assert await tx.fetch("select count(*) from thing") == [(30,)]
    await database.close()


def test_a_write_that_was_long_is_aside_again() -> None:
    habits = Habits()
    for _ in range(20):
        habits.written_aside("delete", 0.0001)
    assert habits.is_short_write("delete")
    habits.written_at_once("delete", 0.2)
    for _ in range(100):
        habits.written_aside("delete", 0.0001)
    assert not habits.is_short_write("delete")
    for _ in range(20):
        habits.written_aside("update", 0.0001)
    habits.written_aside("update", 0.01)
    assert not habits.is_short_write("update")


async def _add(database: SqliteDatabase, id_: str) -> None:
    async with database.write() as tx:
        await tx.execute("insert into thing (id, n) values (:id, 0)", id=id_)


async def _turns() -> int:
    """How many times the event loop came by, until it is cancelled."""
    turns_n, ends_s = 0, time.monotonic() + 60
    while time.monotonic() < ends_s:
        try:
            await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            break
        turns_n += 1
    return turns_n


async def _ended(turns: "asyncio.Task[int]") -> int:
    turns.cancel()
    return await turns
