"""The database port on SQLAlchemy's asynchronous engines: one class, two dialects (`sqlite` and `postgres` here)."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from tikfleet.adapters.sql.failures import in_our_words
from tikfleet.ports.database import Row, refuse_nul


class SqlDatabase:
    """Transactions on two engines that reach the same store: one that writes, one that only reads."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, size_sql: str, lock_sql: str = "") -> None:
        """`size_sql` gives the size of the store in bytes; `lock_sql` is what each writing transaction begins with."""
        self._writer = writer
        self._reader = reader
        self._size_sql = size_sql
        self._lock_sql = lock_sql

    @asynccontextmanager
    async def read(self) -> AsyncIterator["SqlTransaction"]:
        async with _connected(self._reader) as connection:
            yield SqlTransaction(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator["SqlTransaction"]:
        async with _connected(self._writer) as connection:
            if self._lock_sql:
                with in_our_words():
                    await connection.exec_driver_sql(self._lock_sql)
            yield SqlTransaction(connection)
            with in_our_words():
                await connection.commit()

    async def size_bytes(self) -> int:
        async with self.read() as transaction:
            return int((await transaction.fetch(self._size_sql))[0][0])

    def connections(self) -> Mapping[str, tuple[int, int]]:
        """Of each pool, how many connections are in use and how many may be."""
        pools = {"reader": self._reader.pool, "writer": self._writer.pool}
        return {name: (pool.checkedout(), pool.size()) for name, pool in pools.items() if isinstance(pool, QueuePool)}

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction, which is rolled back at the end unless it was committed."""
    with in_our_words():
        connection = await engine.connect()
    try:
        with in_our_words():
            await connection.begin()
        yield connection
    finally:
        # Also when the caller is cancelled: a connection that is not given back is one less for ever.
        await asyncio.shield(connection.close())


class SqlTransaction:
    """One transaction on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, /, **values: Any) -> list[Row]:
        refuse_nul(values.values())
        with in_our_words():
            result = await self._connection.execute(_statement(sql, _lists(values)), _given(values))
            return [tuple(row) for row in result]

    async def execute(self, sql: str, /, **values: Any) -> int:
        refuse_nul(values.values())
        with in_our_words():
            result = await self._connection.execute(_statement(sql, _lists(values)), _given(values))
            return int(result.rowcount)

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Any]], /) -> None:
        if not rows:
            return
        for row in rows:
            refuse_nul(row.values())
        with in_our_words():
            # Given to the driver as it takes them: SQLAlchemy's own way costs several times as much a row.
            text_sql, names = _driver_statement(sql, self._connection.dialect)
            await self._connection.exec_driver_sql(text_sql, [tuple([row[name] for name in names]) for row in rows])


def _lists(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in values.items() if isinstance(value, list | tuple))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing is in a list of null alone: an empty one has no type, which PostgreSQL wants to know."""
    return {name: [None] if isinstance(value, list | tuple) and not value else value for name, value in values.items()}


@lru_cache(maxsize=256)
def _driver_statement(sql: str, dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """A statement with the driver's own marks, and the parameters' names in the order of those."""
    compiled = text(sql).compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())


@lru_cache(maxsize=1024)
def _statement(sql: str, lists: tuple[str, ...]) -> TextClause:
    """A parsed statement. A parameter whose value is a list is written `in :name` and expands to its items."""
    return text(sql).bindparams(*(bindparam(name, expanding=True) for name in lists))
