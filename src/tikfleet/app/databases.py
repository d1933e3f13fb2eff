"""Which adapter keeps the relational state: a file's, or a server's."""

from pathlib import Path
from typing import Final

from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.ports.database import Database

_FILE: Final = "sqlite+aiosqlite:///"


def sqlite_url(path: Path) -> str:
    """The address of a database file, as Alembic takes it."""
    return f"{_FILE}{path}"


def open_database(url: str) -> Database:
    """The database at an address, which is a file's (`sqlite_url`) or a server's."""
    if url.startswith(_FILE):
        return SqliteDatabase(Path(url.removeprefix(_FILE)))
    # The driver takes a part of a second to import, and who keeps a file needs none of it.
    from tikfleet.adapters.postgres.database import PostgresDatabase

    return PostgresDatabase(url)
