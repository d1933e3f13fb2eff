"""The two sides of a move: the platform's own store, with every report in it, and the server it moves to."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from tikfleet.app.compose import build
from tikfleet.app.fact_tables import fact_tables
from tikfleet.app.settings import Settings
from tikfleet.app.warehouse_address import WarehouseServer
from tikfleet.app.warehouses import open_served
from tikfleet.ports.relocation import RelocationSource, RelocationTarget
from tikfleet.ports.warehouse import FactTable, WarehouseUnavailable


@asynccontextmanager
async def drained(settings: Settings) -> AsyncIterator[tuple[RelocationSource, Sequence[FactTable]]]:
    """The embedded store, after the reports that still waited in the inbox went into it.

    A batch is known again only by the store that it went to: one that was begun must end where it began. Raises
    `WarehouseUnavailable` where a running platform holds the directory.
    """
    async with build(settings) as platform:
        while await platform.consumer.step():
            pass
        while platform.logs is not None and await platform.logs.consumer.step():
            pass
        if platform.infra.store is None:
            raise WarehouseUnavailable("telemetry is not kept in the data directory")
        yield platform.infra.store.source(), fact_tables(settings)


@asynccontextmanager
async def opened_target(settings: Settings, server: WarehouseServer) -> AsyncIterator[RelocationTarget]:
    """The server, before any platform was started on it."""
    warehouse = await open_served(settings, server)
    try:
        yield warehouse.target()
    finally:
        await warehouse.close()
