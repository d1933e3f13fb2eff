"""PostgreSQL: the same statements over a server."""

from sqlalchemy.ext.asyncio import create_async_engine

from tikfleet.adapters.sql.database import SqlDatabase


def open_postgres(url: str, *, connections: int = 10) -> SqlDatabase:
    """The database at `postgresql+asyncpg://…`. Connections are made when first needed."""
    shared = {"pool_size": connections, "max_overflow": 0, "pool_timeout": 30, "pool_pre_ping": True}
    writer = create_async_engine(url, isolation_level="SERIALIZABLE", **shared)
    reader = create_async_engine(url, isolation_level="REPEATABLE READ", **shared)
    return SqlDatabase(writer, reader, "select pg_database_size(current_database())")
