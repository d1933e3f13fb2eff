"""What takes flows in, wired: ports, buffer, and the way to the warehouse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from tikfleet.adapters.mmdb.places import MmdbPlaces, PlacesUnreadable
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.adapters.udp.listener import open_udp
from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings, SettingsWrong
from tikfleet.app.source_parts import Attribution as Sources
from tikfleet.domains.flows.taking import Attribution, FlowCollector, FlowRows, Nowhere, Places, Privacy
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.inventory.public import DeviceStates, StretchConsumer
from tikfleet.domains.sources.public import Drain
from tikfleet.kernel.ids import OrganisationId

_FILE: Final = "flows.sqlite"
# Envelopes: each holds what came in a second, of all senders.
_STRETCH: Final = 4
_PRIVACY: Final = {"full": Privacy.FULL, "networks": Privacy.NETWORKS, "totals": Privacy.TOTALS}


class SettingsPrivacies:
    """How much of addresses an organisation keeps, by its settings."""

    def __init__(self, settings: OrganisationSettings) -> None:
        self._settings = settings

    async def of(self, org_id: OrganisationId) -> Privacy:
        return _PRIVACY[(await self._settings.of(org_id)).traffic_addresses]


class FlowParts(msgspec.Struct, frozen=True):
    """What flows need of the platform."""

    settings: Settings
    infra: Infra
    sources: Sources
    states: DeviceStates
    organisation_settings: OrganisationSettings


@asynccontextmanager
async def taking_flows(parts: FlowParts) -> AsyncIterator[list[StretchConsumer]]:
    """Flows are taken, buffered and brought to the warehouse until the block ends; what came is stored first.

    Gives who brings them, none where nothing is taken.

    Raises PortUnavailable, and SettingsWrong for files of places that can't be read.
    """
    settings, infra = parts.settings, parts.infra
    file = settings.directory / _FILE
    if not settings.flow_port_numbers and not settings.device_port_range and not file.exists():
        yield []
        return
    places = _places(settings)
    inbox = SqliteInbox(file, most_bytes=settings.flow_buffer_mb << 20)
    attribution = Attribution(parts.sources.directory, parts.sources.meter, parts.sources.tally)
    collector = FlowCollector(inbox, attribution, parts.sources.flows)
    translate = FlowRows(SettingsPrivacies(parts.organisation_settings), places, parts.sources.flows)
    drain = Drain("flows", inbox, infra.warehouse, parts.states, translate, _STRETCH)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(inbox.close)
        tasks = [
            asyncio.create_task(collector.run(), name="flows"),
            asyncio.create_task(drain.run(), name="flow-drain"),
        ]
        stack.push_async_callback(_ended, tasks)
        for port in settings.flow_port_numbers:
            transport = await open_udp(settings.flow_host, port, partial(collector.take, port=port))
            stack.callback(transport.close)
        parts.sources.door.open(collector)
        try:
            yield [drain]
        finally:
            parts.sources.door.open(None)
            await collector.flush()


def _places(settings: Settings) -> Places:
    files = [Path(text.strip()) for text in settings.place_databases.split(",") if text.strip()]
    try:
        return MmdbPlaces(files) if files else Nowhere()
    except PlacesUnreadable as cause:
        raise SettingsWrong(f"place_databases: {cause}") from cause


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
