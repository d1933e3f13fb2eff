"""The relational schema: all domains' tables, and the migrations that bring a database to them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.ext.asyncio import create_async_engine

from tikfleet.domains.audit import tables as audit
from tikfleet.domains.callbacks import tables as callbacks
from tikfleet.domains.enrolment import tables as enrolment
from tikfleet.domains.flows import tables as flows
from tikfleet.domains.identity import tables as identity
from tikfleet.domains.inventory import tables as inventory
from tikfleet.domains.jobs import tables as jobs
from tikfleet.domains.library import tables as library
from tikfleet.domains.logs import tables as logs
from tikfleet.domains.queries import tables as queries
from tikfleet.domains.runs import tables as runs
from tikfleet.domains.sources import tables as sources
from tikfleet.kernel.errors import TikfleetError

own = MetaData()
idempotency = Table(
    "idempotency",
    own,
    Column("key", String(64), primary_key=True),
    Column("expires_at", String(24), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)
news = Table(
    "news",
    own,
    # Never given twice, also when all rows were swept: a listener knows by its last one what is new.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("sender", String(40), nullable=False),
    Column("told_at", String(24), nullable=False),
    Column("content", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
Table(
    "inbox_reader", own, Column("reader", String(80), primary_key=True), Column("position", BigInteger, nullable=False)
)
Table(
    "inbox_shard",
    own,
    Column("reader", String(80), primary_key=True),
    Column("shard", String(128), primary_key=True),
    Column("sequence", String(128), nullable=False),
    Column("ended", Integer, nullable=False),
)
Table(
    "inbox_stretch",
    own,
    Column("reader", String(80), primary_key=True),
    Column("first_position", BigInteger, primary_key=True, autoincrement=False),
    Column("last_position", BigInteger, nullable=False),
    Column("parts", Text, nullable=False),
)

METADATA = (
    own,
    audit.metadata,
    identity.metadata,
    inventory.metadata,
    enrolment.metadata,
    jobs.metadata,
    runs.metadata,
    library.metadata,
    queries.metadata,
    sources.metadata,
    callbacks.metadata,
    logs.metadata,
    flows.metadata,
)


class DatabaseNewer(TikfleetError):
    """The database was written by a newer version of Tikfleet; nothing was changed."""

    code = "database.newer"
    title = "The database belongs to a newer version"
    remedy = "Start the newer version of Tikfleet, or restore the backup made before it was installed."


async def migrate(url: str) -> None:
    """Bring a database to the present schema. Raises DatabaseNewer when it is beyond it."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


def all_tables() -> MetaData:
    """Every table of the platform in one metadata."""
    together = MetaData()
    for metadata in METADATA:
        for table in metadata.tables.values():
            table.to_metadata(together)
    return together


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, without a file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    config = configuration(connection)
    present = MigrationContext.configure(connection).get_current_heads()
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if beyond := set(present) - known:
        raise DatabaseNewer(
            f"the database is at revision {', '.join(sorted(beyond))}, which this version does not know"
        )
    command.upgrade(config, "head")
