"""What takes flows in, wired: ports, buffer, and the way to the warehouse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import msgspec

from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.adapters.udp.listener import open_udp
from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings
from tikfleet.app.source_parts import Attribution as Sources
from tikfleet.domains.flows.public import FlowCounts
from tikfleet.domains.flows.taking import Attribution, FlowCollector, FlowRows, Places, Privacy
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.inventory.public import DeviceStates
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
    counts: FlowCounts


@asynccontextmanager
async def taking_flows(parts: FlowParts) -> AsyncIterator[None]:
    """Flows are taken, buffered and brought to the warehouse until the block ends; what came is stored first.

    Raises PortUnavailable.
    """
    settings, infra = parts.settings, parts.infra
    file = settings.directory / _FILE
    if not settings.flow_port_numbers and not file.exists():
        yield
        return
    inbox = SqliteInbox(file, most_bytes=settings.flow_buffer_mb << 20)
    attribution = Attribution(parts.sources.directory, parts.sources.meter, parts.sources.tally)
    collector = FlowCollector(inbox, attribution, parts.counts)
    translate = FlowRows(SettingsPrivacies(parts.organisation_settings), Places(), parts.counts)
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
        try:
            yield
        finally:
            await collector.flush()


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
