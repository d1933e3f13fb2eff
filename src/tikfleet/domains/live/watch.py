"""Background entry point of live mode: what other parts, and other processes, want of a router at once."""

from typing import Any, Final

from tikfleet.domains.live.hub import LiveHub
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.bus import Bus, News

# Between the processes alone: it belongs to no organisation, so nobody is shown it.
_WANTED: Final = "live.wanted"
_SPARING: Final = "live.sparing"


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
                elif item.kind == _SPARING:
                    self._hub.sparing_elsewhere(DeviceId(item.data["device_id"]), sparing=item.data["sparing"])


class Telling:
    """Tells the other processes over the bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def wanted(self, device_id: DeviceId, for_s: float) -> None:
        self._publish(_WANTED, {"device_id": device_id, "for_s": for_s})

    def sparing(self, device_id: DeviceId, *, sparing: bool) -> None:
        self._publish(_SPARING, {"device_id": device_id, "sparing": sparing})

    def _publish(self, kind: str, data: dict[str, Any]) -> None:
        self._bus.publish(News(kind, OrganisationId(""), data))
