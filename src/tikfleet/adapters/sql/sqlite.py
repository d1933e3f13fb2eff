"""SQLite, embedded: one writer at a time, readers beside it (write-ahead log), each commit synced."""

from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from tikfleet.adapters.sql.database import SqlDatabase

_BUSY_MS = 10_000
_READERS = 4
# A reader's own pages, in KiB: what is asked of a fleet is read from memory, and not from the kernel page by page.
_CACHE_KIB = 16 * 1024


def sqlite_url(path: Path) -> str:
    """The address of a database file, as SQLAlchemy and Alembic take it."""
    return f"sqlite+aiosqlite:///{path}"


def open_sqlite(path: Path, *, patience_s: float = 30) -> SqlDatabase:
    """The database in a file, made when there is none (its tables are the migrations' work).

    `patience_s` bounds the wait for the writers before, or for one of the readers to be done.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = create_async_engine(sqlite_url(path), pool_size=1, max_overflow=0, pool_timeout=patience_s)
    reader = create_async_engine(sqlite_url(path), pool_size=_READERS, max_overflow=0, pool_timeout=patience_s)
    _prepare(writer, "BEGIN IMMEDIATE", query_only=False)
    _prepare(reader, "BEGIN", query_only=True)
    return SqlDatabase(writer, reader, "select page_count * page_size from pragma_page_count(), pragma_page_size()")


def _prepare(engine: AsyncEngine, begin: str, *, query_only: bool) -> None:
    """Settings for each new connection; transactions begin by our word, not when the driver thinks fit."""

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {_BUSY_MS}",
            "journal_mode = wal",
            "synchronous = full",
            "foreign_keys = on",
            f"query_only = {int(query_only)}",
            f"cache_size = -{_CACHE_KIB}",
        ):
            cursor.execute(f"pragma {pragma}")
        cursor.close()

    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
