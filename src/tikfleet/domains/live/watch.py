"""Background entry point of live mode: a job that was just made reaches a router in live mode at once."""

from tikfleet.domains.live.hub import LiveHub
from tikfleet.kernel.ids import DeviceId
from tikfleet.ports.bus import Bus


class LiveWatch:
    """Run beside the listeners, in each process that holds requests."""

    def __init__(self, hub: LiveHub, bus: Bus) -> None:
        self._hub = hub
        self._bus = bus

    async def run(self) -> None:
        """Follow the news for ever."""
        async with self._bus.subscribe(capacity=10_000) as news:
            async for item in news:
                if item.kind == "job.changed" and item.data["status"] == "queued":
                    self._hub.wake(DeviceId(item.data["device_id"]))
