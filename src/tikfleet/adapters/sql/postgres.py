"""PostgreSQL: the same statements over a server."""

from typing import Any

from sqlalchemy.ext.asyncio import create_async_engine

from tikfleet.adapters.sql.database import SqlDatabase

# One writing transaction at a time, as in SQLite: what it read cannot change before it commits, and nobody has to
# repeat a transaction because another one came between. The number is ours among the locks of the database.
_WRITERS_QUEUE = "select pg_advisory_xact_lock(7305804402)"


def open_postgres(url: str, *, connections: int = 10, patience_s: float = 30) -> SqlDatabase:
    """The database at `postgresql+asyncpg://…`. Connections are made when first needed.

    `patience_s` bounds the wait for a connection and for the writers before.
    """
    shared: dict[str, Any] = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": patience_s,
        "pool_pre_ping": True,
        "connect_args": {
            "server_settings": {"lock_timeout": str(int(patience_s * 1000)), "application_name": "tikfleet"}
        },
    }
    writer = create_async_engine(url, isolation_level="READ COMMITTED", **shared)
    reader = create_async_engine(url, isolation_level="REPEATABLE READ", **shared)
    reader = reader.execution_options(postgresql_readonly=True)
    return SqlDatabase(writer, reader, "select pg_database_size(current_database())", _WRITERS_QUEUE)
