"""The database port on SQLAlchemy's asynchronous engines: one class, two dialects (see `sqlite` and `postgres` beside it)."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from tikfleet.ports.database import AlreadyExists, DatabaseUnavailable, Row


class SqlDatabase:
    """Transactions on two engines that reach the same store: one that writes, one that only reads."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine, size_sql: str) -> None:
        """`size_sql` gives the size of the store in bytes as its only value."""
        self._writer = writer
        self._reader = reader
        self._size_sql = size_sql

    @asynccontextmanager
    async def read(self) -> AsyncIterator["SqlTransaction"]:
        with _translated():
            async with self._reader.connect() as connection:
                yield SqlTransaction(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator["SqlTransaction"]:
        with _translated():
            async with self._writer.begin() as connection:
                yield SqlTransaction(connection)

    async def size_bytes(self) -> int:
        async with self.read() as transaction:
            return int((await transaction.fetch(self._size_sql))[0][0])

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()


class SqlTransaction:
    """One transaction on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, /, **values: Any) -> list[Row]:
        result = await self._connection.execute(_statement(sql, _lists(values)), values)
        return [tuple(row) for row in result]

    async def execute(self, sql: str, /, **values: Any) -> int:
        result = await self._connection.execute(_statement(sql, _lists(values)), values)
        return int(result.rowcount)

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Any]], /) -> None:
        if rows:
            await self._connection.execute(_statement(sql, ()), [dict(row) for row in rows])


def _lists(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, value in values.items() if isinstance(value, list | tuple))


@lru_cache(maxsize=1024)
def _statement(sql: str, lists: tuple[str, ...]) -> TextClause:
    """A parsed statement. A parameter whose value is a list is written `in :name` and expands to its items."""
    return text(sql).bindparams(*(bindparam(name, expanding=True) for name in lists))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError as cause:
        if "unique" in str(cause.orig).lower():
            raise AlreadyExists("something of that name or key exists already") from cause
        raise
    except (OperationalError, InterfaceError, OSError) as cause:
        raise DatabaseUnavailable("the database did not complete the transaction", retry_after_s=5) from cause
    except DBAPIError as cause:
        if cause.connection_invalidated:
            raise DatabaseUnavailable("the connection to the database was lost", retry_after_s=5) from cause
        raise
    except SQLAlchemyError as cause:
        if isinstance(cause, TimeoutError):
            raise DatabaseUnavailable("the database is too busy", retry_after_s=5) from cause
        raise
