"""The writing side of devices' history, for other domains that learn what happened to one."""

from typing import Any

from tikfleet.domains.inventory.model import DeviceEvent, shown_name
from tikfleet.domains.inventory.service import news_of
from tikfleet.domains.inventory.states import DeviceStates, write_events
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import DeviceId, new_id
from tikfleet.ports.bus import Bus
from tikfleet.ports.database import Database


class DeviceHistory:
    """Adds events. Works over all organisations: whoever calls knows the device already."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock

    async def note(self, device_id: DeviceId, kind: str, text: str, data: dict[str, Any]) -> None:
        """One event, told on the bus when it is durable. `text` is a sentence without its subject, the device's name.

        A device that has left has no history to add to.
        """
        for found in await DeviceStates(self._database).senders_of([device_id]):
            name = shown_name(found.name, found.identity, device_id)
            event = DeviceEvent(
                id=new_id("evt"), at=to_text(self._clock()), kind=kind, org_id=found.org_id, device_id=device_id,
                device_name=name, site_id=found.site_id or None, text=f"{name} {text}", data=data,
            )  # fmt: skip
            async with self._database.write() as tx:
                await write_events(tx, [event])
            self._bus.publish(news_of(event))
