"""The database port straight on SQLite, on the caller's own thread: the SQL is the product's, its driver is not.

The product's driver hops to a thread and back some four times a statement, which is most of what a proof of the order
of events would spend. Nothing here is synced or shared between processes.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from tikfleet.ports.database import Row


class DirectDatabase:
    """Transactions one after another on one writer and as many readers as are open at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer = self._connect()
        self._readers: list[sqlite3.Connection] = []

    @asynccontextmanager
    async def read(self) -> AsyncIterator["DirectTransaction"]:
        connection = self._readers.pop() if self._readers else self._connect("query_only = on")
        connection.execute("begin")
        try:
            yield DirectTransaction(connection)
        finally:
            connection.execute("rollback")
            self._readers.append(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator["DirectTransaction"]:
        self._writer.execute("begin immediate")
        try:
            yield DirectTransaction(self._writer)
        except BaseException:
            self._writer.execute("rollback")
            raise
        self._writer.execute("commit")

    async def size_bytes(self) -> int:
        return self._path.stat().st_size

    def connections(self) -> Mapping[str, tuple[int, int]]:
        return {}

    async def close(self) -> None:
        for connection in (*self._readers, self._writer):
            connection.close()

    def _connect(self, *pragmas: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        for pragma in ("journal_mode = wal", "synchronous = off", "foreign_keys = on", *pragmas):
            connection.execute(f"pragma {pragma}")
        return connection


class DirectTransaction:
    """One transaction on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, /, **values: Any) -> list[Row]:
        return list(self._run(sql, values))

    async def execute(self, sql: str, /, **values: Any) -> int:
        return self._run(sql, values).rowcount

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Any]], /) -> None:
        self._connection.executemany(sql, rows)

    def _run(self, sql: str, values: Mapping[str, Any]) -> sqlite3.Cursor:
        lists = {name: value for name, value in values.items() if isinstance(value, list | tuple)}
        if not lists:
            return self._connection.execute(sql, values)
        lengths = tuple((name, len(value)) for name, value in lists.items())
        items = {f"{name}_{number}": item for name, value in lists.items() for number, item in enumerate(value)}
        plain = {name: value for name, value in values.items() if name not in lists}
        return self._connection.execute(_spread(sql, lengths), plain | items)


@lru_cache(maxsize=1024)
def _spread(sql: str, lengths: tuple[tuple[str, int], ...]) -> str:
    """The statement with each `in :name` written out for as many items."""
    for name, length in lengths:
        marks = ", ".join(f":{name}_{number}" for number in range(length))
        sql = re.sub(rf":{name}\b", f"({marks})", sql)
    return sql
