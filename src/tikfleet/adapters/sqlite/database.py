"""Relational state in a SQLite file: one writer at a time, readers beside it (write-ahead log), each commit synced."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tikfleet.adapters.sqlite.connection import Connection
from tikfleet.adapters.sqlite.failures import in_our_words
from tikfleet.adapters.sqlite.habits import Habits
from tikfleet.ports.database import DatabaseUnavailable, Row, filled, refuse_nul

_READERS: Final = 4
_ANY_CASE: Final = " ilike "


class SqliteDatabase:
    """The database port on one file, made when there is none (its tables are the migrations' work)."""

    def __init__(self, path: Path, *, patience_s: float = 30) -> None:
        """`patience_s` bounds the wait for the writers before, or for one of the readers to be done."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._threads = ThreadPoolExecutor(_READERS + 1, thread_name_prefix="database")
        habits = Habits()

        def pool(size: int, *, query_only: bool) -> _Pool:
            return _Pool(size, lambda: Connection(path, self._threads, habits, query_only=query_only), patience_s)

        self._writer = pool(1, query_only=False)
        self._readers = pool(_READERS, query_only=True)

    @asynccontextmanager
    async def read(self) -> AsyncIterator["SqliteTransaction"]:
        async with self._readers.begun() as connection:
            yield SqliteTransaction(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator["SqliteTransaction"]:
        async with self._writer.begun() as connection:
            yield SqliteTransaction(connection)
            with in_our_words():
                await connection.commit()

    async def size_bytes(self) -> int:
        async with self.read() as transaction:
            sql = "select page_count * page_size from pragma_page_count(), pragma_page_size()"
            return int((await transaction.fetch(sql))[0][0])

    def connections(self) -> Mapping[str, tuple[int, int]]:
        """Of each pool, how many connections are in use and how many may be."""
        return {"reader": self._readers.usage(), "writer": self._writer.usage()}

    async def close(self) -> None:
        await self._readers.close()
        await self._writer.close()
        await asyncio.to_thread(self._threads.shutdown)


class _Pool:
    """Connections that are made when they are needed, and used again; who comes when all are in use waits in line."""

    def __init__(self, size: int, made: Callable[[], Connection], patience_s: float) -> None:
        self._size = size
        self._made = made
        self._patience_s = patience_s
        self._places = asyncio.Semaphore(size)
        self._free: list[Connection] = []
        self._used_n = 0
        self._finishing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def begun(self) -> AsyncIterator[Connection]:
        """A connection in a transaction, which is rolled back at the end unless it was committed."""
        await self._take_place()
        connection = None
        try:
            with in_our_words():
                if self._free:
                    connection = self._free.pop()
                else:
                    connection = self._made()
                    await connection.open()
                await connection.begin()
            yield connection
        finally:
            self._give_back(connection)

    def usage(self) -> tuple[int, int]:
        """How many connections are in use, and how many may be."""
        return self._used_n, self._size

    async def close(self) -> None:
        """Close what is not in use, after what cancelled callers left at work."""
        await asyncio.gather(*self._finishing, return_exceptions=True)
        while self._free:
            await asyncio.to_thread(self._free.pop().close)

    async def _take_place(self) -> None:
        if self._places.locked():
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._places.acquire()
            except TimeoutError as cause:
                raise DatabaseUnavailable("the database is too busy", retry_after_s=5) from cause
        else:
            await self._places.acquire()
        self._used_n += 1

    def _give_back(self, connection: Connection | None) -> None:
        if connection is None or connection.is_free():
            self._free_again(connection)
            return
        task = asyncio.get_running_loop().create_task(self._finished(connection))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _finished(self, connection: Connection) -> None:
        await connection.finish()
        self._free_again(connection)

    def _free_again(self, connection: Connection | None) -> None:
        self._used_n -= 1
        self._places.release()
        if connection is not None and connection.roll_back():
            self._free.append(connection)


class SqliteTransaction:
    """One transaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, /, **values: Any) -> list[Row]:
        refuse_nul(values.values())
        with in_our_words():
            return await self._connection.fetch(*_spread(sql, values))

    async def execute(self, sql: str, /, **values: Any) -> int:
        refuse_nul(values.values())
        with in_our_words():
            return await self._connection.execute(*_spread(sql, values))

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Any]], /) -> None:
        if not rows:
            return
        for row in rows:
            refuse_nul(row.values())
        with in_our_words():
            await self._connection.execute_many(sql, rows)


def _spread(sql: str, values: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The statement with a mark for each item of a list, and the values by mark.

    A list is filled up with its last item, so that lists of all lengths make few statements.
    """
    if _ANY_CASE in sql:
        sql = _in_own_words(sql)
    lists = {name: value for name, value in values.items() if isinstance(value, list | tuple)}
    if not lists:
        return sql, values
    spread = {name: value for name, value in values.items() if name not in lists}
    lengths = []
    for name, given in lists.items():
        items = filled(given)
        lengths.append((name, len(items)))
        spread |= {f"{name}_{number}_": item for number, item in enumerate(items)}
    return _marked(sql, tuple(lengths)), spread


@lru_cache(maxsize=1024)
def _in_own_words(sql: str) -> str:
    # SQLite's `like` takes no notice of the case of ASCII letters.
    return sql.replace(_ANY_CASE, " like ")


@lru_cache(maxsize=1024)
def _marked(sql: str, lengths: tuple[tuple[str, int], ...]) -> str:
    for name, length in lengths:
        marks = ", ".join(f":{name}_{number}_" for number in range(length))
        sql = re.sub(rf":{name}\b", f"({marks})", sql)
    return sql
