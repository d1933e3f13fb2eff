"""Whether a database has to be migrated: asked at every start, so it must be quick."""

import asyncio
import time
from pathlib import Path
from typing import Final

from tikfleet.app.databases import open_database
from tikfleet.kernel.errors import TikfleetError
from tikfleet.ports.database import DatabaseUnavailable

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


async def bring_up_to_date(url: str) -> None:
    """Migrate the database where it is not at the newest revision. Raises DatabaseNewer when it is beyond it."""
    if await _present(url) == newest():
        return
    # The migration machinery takes half a second to import, and nearly no start needs it.
    from tikfleet.app.schema import migrate

    await migrate(url)


async def wait_until_up_to_date(url: str, patience_s: float = 120) -> None:
    """Return when the process whose task it is has migrated the database. Raises DatabaseUnavailable."""
    ends_s = time.monotonic() + patience_s
    while await _present(url) != newest():
        if time.monotonic() > ends_s:
            raise DatabaseUnavailable(
                "nobody has prepared the database for this version",
                remedy="Start `tikfleet worker` of this version on the same data directory.",
            )
        await asyncio.sleep(0.25)


def newest() -> str:
    """The newest revision of this program: its migrations are numbered."""
    return max(path.name[:4] for path in _VERSIONS.glob("[0-9]*.py"))


async def _present(url: str) -> str | None:
    """The database's revision, or None where it has none that can be read."""
    database = open_database(url)
    try:
        async with database.read() as transaction:
            rows = await transaction.fetch("select version_num from alembic_version")
        return str(rows[0][0]) if rows else None
    except TikfleetError:
        return None
    finally:
        await database.close()
