"""What a transaction on SQLite costs, through SQLAlchemy and aiosqlite and straight. Run: `python -m bench.database`.

Both are the product's adapters: `adapters/sql` on an engine for a file, as it was until ADR 14, and `adapters/sqlite`.
Processor time of the whole process, in turns; the best of five.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tikfleet.adapters.sql.database import SqlDatabase
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.ports.database import Database

_ROWS: Final = 10_000
_ROUNDS: Final = 5
_TIMES: Final = 300


async def read_one(database: Database, number: int) -> None:
    async with database.read() as tx:
        await tx.fetch("select name, n from thing where id = :id", id=f"t{number}")


async def read_twenty(database: Database, number: int) -> None:
    async with database.read() as tx:
        for more in range(20):
            await tx.fetch("select name, n from thing where id = :id", id=f"t{number + more}")


async def change_one(database: Database, number: int) -> None:
    async with database.write() as tx:
        await tx.execute("update thing set n = n + 1 where id = :id", id=f"t{number}")


QUESTIONS: Final[dict[str, Callable[[Database, int], Awaitable[None]]]] = {
    "read_one": read_one,
    "read_twenty": read_twenty,
    "change_one": change_one,
}


def through_sqlalchemy(path: Path) -> SqlDatabase:
    """As the product did: one connection that writes, four that read."""

    def engine(size: int, begin: str) -> AsyncEngine:
        made = create_async_engine(sqlite_url(path), pool_size=size, max_overflow=0)

        def on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in ("journal_mode = wal", "synchronous = full"):
                cursor.execute(f"pragma {pragma}")
            cursor.close()

        event.listen(made.sync_engine, "connect", on_connect)
        event.listen(made.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return made

    return SqlDatabase(engine(1, "BEGIN IMMEDIATE"), engine(4, "BEGIN"), "select 1")


async def measured(directory: Path) -> dict[str, dict[str, float]]:
    """By question and way, µs of processor time a transaction."""
    path = directory / "state.sqlite"
    straight = SqliteDatabase(path)
    async with straight.write() as tx:
        await tx.execute("create table thing (id text primary key, name text not null, n integer not null)")
        rows = [{"id": f"t{number}", "name": f"name {number}", "n": 0} for number in range(_ROWS)]
        await tx.execute_many("insert into thing (id, name, n) values (:id, :name, :n)", rows)
    ways: dict[str, Database] = {"sqlalchemy_aiosqlite": through_sqlalchemy(path), "straight": straight}
    best: dict[str, dict[str, float]] = {question: {} for question in QUESTIONS}
    for _ in range(_ROUNDS):
        for question, ask in QUESTIONS.items():
            for way, database in ways.items():
                began_s = time.process_time()
                for number in range(_TIMES):
                    await ask(database, number * 7)
                took_us = round((time.process_time() - began_s) / _TIMES * 1e6, 1)
                best[question][way] = min(took_us, best[question].get(way, took_us))
    for database in ways.values():
        await database.close()
    return best


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tf-") as made:
        print(json.dumps(asyncio.run(measured(Path(made))), indent=2))
