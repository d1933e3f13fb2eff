"""Relational state in PostgreSQL, by asyncpg: each transaction on a connection of a pool."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresConnectionError

from tikfleet.adapters.postgres.failures import in_our_words
from tikfleet.adapters.postgres.statements import numbered
from tikfleet.ports.database import DatabaseUnavailable, Row, refuse_nul

_SCHEME: Final = "postgresql+asyncpg"
# One writing transaction at a time, as in SQLite: what it read cannot change before it commits, and nobody has to
# repeat a transaction because another one came between. The number is ours among the locks of the database.
_WRITE: Final = "begin isolation level read committed; select pg_advisory_xact_lock(7305804402)"
_READ: Final = "begin isolation level repeatable read, read only"
_CONNECT_S: Final = 60.0
# Prepared ones, of each connection.
_STATEMENTS: Final = 512
_GONE: Final = (PostgresConnectionError, InterfaceError, OSError)


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    """Every transaction leaves its connection as it found it, so that there is nothing to reset: a round trip less."""

    def get_reset_query(self) -> str:
        return ""


class PostgresDatabase:
    """The database port on a server. Connections are made when first needed."""

    def __init__(self, url: str, *, connections: int = 10, patience_s: float = 30) -> None:
        """`url` is `postgresql+asyncpg://…`; of its query `ssl` counts (such as `require` or `verify-full`).

        `patience_s` bounds the wait for a connection and for the writers before. Raises ValueError for another URL.
        """
        self._place = _place(url)
        self._patience_s = patience_s
        self._most = connections
        self._pools: dict[str, asyncpg.Pool[asyncpg.Record]] = {}
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator["PostgresTransaction"]:
        async with self._begun("reader", _READ) as connection:
            yield PostgresTransaction(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator["PostgresTransaction"]:
        async with self._begun("writer", _WRITE) as connection:
            yield PostgresTransaction(connection)
            with in_our_words():
                await connection.execute("commit")

    async def size_bytes(self) -> int:
        async with self.read() as transaction:
            return int((await transaction.fetch("select pg_database_size(current_database())"))[0][0])

    def connections(self) -> Mapping[str, tuple[int, int]]:
        """Of each pool, how many connections are in use and how many may be."""
        used = {name: pool.get_size() - pool.get_idle_size() for name, pool in self._pools.items()}
        return {name: (used.get(name, 0), self._most) for name in ("reader", "writer")}

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()

    @asynccontextmanager
    async def _begun(self, kind: str, begin: str) -> AsyncIterator[Any]:
        """A connection in a transaction, which is rolled back at the end unless it was committed."""
        with in_our_words():
            pool = self._pools.get(kind) or await self._opened(kind)
            connection = await self._acquired(pool)
        try:
            with in_our_words():
                try:
                    await connection.execute(begin)
                except _GONE:
                    # It was idle while the server went away and came back: what has not begun is begun on a new one.
                    await pool.release(connection)
                    connection = await self._acquired(pool)
                    await connection.execute(begin)
            yield connection
        finally:
            # Also when the caller is cancelled: a connection that is not given back is one less for ever.
            await asyncio.shield(_given_back(pool, connection))

    async def _acquired(self, pool: "asyncpg.Pool[asyncpg.Record]") -> Any:
        try:
            return await pool.acquire(timeout=self._patience_s)
        except TimeoutError as cause:
            raise DatabaseUnavailable("the database is too busy", retry_after_s=5) from cause

    async def _opened(self, kind: str) -> "asyncpg.Pool[asyncpg.Record]":
        async with self._opening:
            if kind not in self._pools:
                self._pools[kind] = await asyncpg.create_pool(
                    **self._place,
                    min_size=0,
                    max_size=self._most,
                    timeout=_CONNECT_S,
                    statement_cache_size=_STATEMENTS,
                    connection_class=_Connection,
                    server_settings={
                        "lock_timeout": str(int(self._patience_s * 1000)),
                        "application_name": "tikfleet",
                    },
                )
        return self._pools[kind]


async def _given_back(pool: "asyncpg.Pool[asyncpg.Record]", connection: Any) -> None:
    # A connection on which even this fails is closed, and the pool makes another.
    with suppress(*_GONE, asyncpg.PostgresError):
        if connection.is_in_transaction():
            await connection.execute("rollback")
    with suppress(*_GONE, asyncpg.PostgresError):
        await pool.release(connection)


class PostgresTransaction:
    """One transaction on one connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, /, **values: Any) -> list[Row]:
        refuse_nul(values.values())
        with in_our_words():
            text, given = numbered(sql, values)
            return [tuple(row) for row in await self._connection.fetch(text, *given)]

    async def execute(self, sql: str, /, **values: Any) -> int:
        refuse_nul(values.values())
        with in_our_words():
            text, given = numbered(sql, values)
            # The server's words for it end in how many rows changed, such as `UPDATE 3`.
            told = str(await self._connection.execute(text, *given)).rpartition(" ")[2]
            return int(told) if told.isdigit() else 0

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Any]], /) -> None:
        if not rows:
            return
        for row in rows:
            refuse_nul(row.values())
        with in_our_words():
            text = numbered(sql, rows[0])[0]
            await self._connection.executemany(text, [numbered(sql, row)[1] for row in rows])


def _place(url: str) -> dict[str, Any]:
    """What the driver has to know, of an address as SQLAlchemy writes it."""
    parts = urlsplit(url)
    if parts.scheme != _SCHEME:
        raise ValueError(f"the database's address begins with {_SCHEME}://")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := given.keys() - {"ssl"}:
        raise ValueError(f"the database's address has a parameter that is not known: {min(unknown)}")
    return {
        "host": parts.hostname,
        "port": parts.port,
        "user": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.removeprefix("/")) or None,
        "ssl": given.get("ssl"),
    }
