"""The function that a deployment calls before the others: `tikfleet.app.lambdas.migrate.handler`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tikfleet.app.fact_tables import fact_tables
from tikfleet.app.lambdas.start import Function
from tikfleet.app.processes.place import Place
from tikfleet.app.settings import Settings, SettingsWrong
from tikfleet.app.upgrade import bring_up_to_date, newest
from tikfleet.app.warehouses import open_served


@asynccontextmanager
async def _opened(settings: Settings, place: Place) -> AsyncIterator[Settings]:
    yield settings


async def _migrated(settings: Settings) -> dict[str, str]:
    if not settings.database_url or settings.warehouse_server is None:
        raise SettingsWrong("functions need database_url and warehouse_url: they have no disk of their own")
    await bring_up_to_date(settings.database_url)
    warehouse = await open_served(settings, settings.warehouse_server)
    try:
        await warehouse.prepare(fact_tables(settings))
    finally:
        await warehouse.close()
    return {"database": newest(), "warehouse": str(settings.warehouse_server)}


_function = Function("migrate", _opened, lambda settings: None)


def handler(event: Mapping[str, Any], context: object) -> Any:
    """Database and telemetry store at this version's form. Harmless to repeat; what is newer is left alone and told."""
    return _function.run(_migrated)
