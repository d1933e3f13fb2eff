"""What other domains and the application may use of live mode."""

from tikfleet.domains.live.hub import SMALL_FREE_BYTES, DeviceCrowded, DeviceSilent, LiveHub, Said, Work
from tikfleet.domains.live.watch import LiveWatch, Telling

__all__ = ["SMALL_FREE_BYTES", "DeviceCrowded", "DeviceSilent", "LiveHub", "LiveWatch", "Said", "Telling", "Work"]
