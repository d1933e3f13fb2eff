"""What a transaction costs, through SQLAlchemy's asynchronous engine and straight: `python -m bench.database [URL]`.

Straight are the product's adapters; through SQLAlchemy is what they were until ADR 14 and 15: text statements on
aiosqlite or asyncpg, a connection of a pool each time. SQLite is a file of its own; `URL` names a PostgreSQL to write
into. Processor time of this process, in turns; the best of five.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tikfleet.app.databases import open_database, sqlite_url
from tikfleet.ports.database import Database

_ROWS: Final = 10_000
_ROUNDS: Final = 5
_TIMES: Final = 300
_ONE: Final = "select name, n from bench_thing where id = :id"
_CHANGE: Final = "update bench_thing set n = n + 1 where id = :id"
_LOCK: Final = "select pg_advisory_xact_lock(7305804402)"

Transaction = Callable[[str, list[str]], Awaitable[None]]
# By question: the statement, how often it is asked in one transaction, and whether it writes.
QUESTIONS: Final = {"read_one": (_ONE, 1, False), "read_twenty": (_ONE, 20, False), "change_one": (_CHANGE, 1, True)}


def straight(database: Database, *, writes: bool) -> Transaction:
    """As the product does it."""

    async def run(sql: str, ids: list[str]) -> None:
        async with database.write() if writes else database.read() as tx:
            for id_ in ids:
                await (tx.execute(sql, id=id_) if writes else tx.fetch(sql, id=id_))

    return run


def through_sqlalchemy(engine: AsyncEngine, *, locks: bool) -> Transaction:
    """As it was."""

    async def run(sql: str, ids: list[str]) -> None:
        async with engine.connect() as connection:
            await connection.begin()
            if locks:
                await connection.exec_driver_sql(_LOCK)
            for id_ in ids:
                result = await connection.execute(text(sql), {"id": id_})
                _ = [tuple(row) for row in result] if result.returns_rows else result.rowcount
            await connection.commit()

    return run


def engine_for(url: str, *, writes: bool) -> AsyncEngine:
    """With the settings of then."""
    if not url.startswith("sqlite"):
        level: Any = "READ COMMITTED" if writes else "REPEATABLE READ"
        return create_async_engine(url, isolation_level=level, pool_size=10, pool_pre_ping=True)
    made = create_async_engine(url, pool_size=1 if writes else 4, max_overflow=0)

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = wal", "synchronous = full"):
            cursor.execute(f"pragma {pragma}")
        cursor.close()

    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(made.sync_engine, "connect", on_connect)
    event.listen(made.sync_engine, "begin", on_begin)
    return made


async def measured(url: str) -> dict[str, dict[str, float]]:
    """By question and way, µs of processor time a transaction."""
    database = open_database(url)
    async with database.write() as tx:
        await tx.execute("drop table if exists bench_thing")
        await tx.execute("create table bench_thing (id text primary key, name text not null, n integer not null)")
        rows = [{"id": f"t{number}", "name": f"name {number}", "n": 0} for number in range(_ROWS)]
        await tx.execute_many("insert into bench_thing (id, name, n) values (:id, :name, :n)", rows)
    engines = {writes: engine_for(url, writes=writes) for writes in (False, True)}
    best: dict[str, dict[str, float]] = {question: {} for question in QUESTIONS}
    for _ in range(_ROUNDS):
        for question, (sql, asked_n, writes) in QUESTIONS.items():
            locks = writes and not url.startswith("sqlite")
            ways = {
                "sqlalchemy": through_sqlalchemy(engines[writes], locks=locks),
                "straight": straight(database, writes=writes),
            }
            for way, run in ways.items():
                began_s = time.process_time()
                for number in range(_TIMES):
                    await run(sql, [f"t{number * 7 + more}" for more in range(asked_n)])
                took_us = round((time.process_time() - began_s) / _TIMES * 1e6, 1)
                best[question][way] = min(took_us, best[question].get(way, took_us))
    for engine in engines.values():
        await engine.dispose()
    await database.close()
    return best


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tf-") as made:
        found = {"sqlite": asyncio.run(measured(sqlite_url(Path(made) / "state.sqlite")))}
    if sys.argv[1:]:
        found["postgresql"] = asyncio.run(measured(sys.argv[1]))
    print(json.dumps(found, indent=2))
