"""Draft the migration from the newest revision to the tables as declared: `python scripts/draft_migration.py "why"`.

Read what it writes before it is committed; a draft knows nothing of data that has to move.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import all_tables, configuration, migrate


def draft(connection: Connection, message: str) -> None:
    config = configuration(connection)
    config.attributes["target_metadata"] = all_tables()
    number = len(list((Path(config.get_main_option("script_location") or "") / "versions").glob("*.py"))) + 1
    command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")


async def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        url = sqlite_url(Path(directory) / "draft.sqlite")
        await migrate(url)
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(draft, message)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
