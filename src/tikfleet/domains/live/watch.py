"""Background entry point of live mode: what other parts, and other processes, want of a router at once."""

from tikfleet.domains.live.hub import LiveHub, Tell
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.bus import Bus, News

# Between the processes alone: it belongs to no organisation, so nobody is shown it.
_WANTED = "live.wanted"


class LiveWatch:
    """Run beside the listeners, in each process that answers routers."""

    def __init__(self, hub: LiveHub, bus: Bus) -> None:
        self._hub = hub
        self._bus = bus

    async def run(self) -> None:
        """Follow the news for ever."""
        async with self._bus.subscribe(capacity=10_000) as news:
            async for item in news:
                if item.kind == "job.changed" and item.data["status"] == "queued":
                    self._hub.wake(DeviceId(item.data["device_id"]))
                elif item.kind == _WANTED:
                    self._hub.wanted_elsewhere(DeviceId(item.data["device_id"]), item.data["for_s"])


def telling(bus: Bus) -> Tell:
    """Tells the other processes that live mode is wanted."""

    def tell(device_id: DeviceId, for_s: float) -> None:
        bus.publish(News(_WANTED, OrganisationId(""), {"device_id": device_id, "for_s": for_s}))

    return tell
