"""The RouterOS releases of a virtual fleet, in about the mix that fleets have, and what each changes on the wire."""

from dataclasses import dataclass
from typing import Final

from tikfleet.routeros.values import RouterOSVersion

_ISO_DATES: Final = RouterOSVersion(7, 10)
_ROWS_OF_HEALTH: Final = RouterOSVersion(7, 0)
_TIERS: Final = (
    (RouterOSVersion(7, 16), "A"),
    (RouterOSVersion(7, 13), "B"),
    (RouterOSVersion(7, 1), "C"),
)


@dataclass(frozen=True, slots=True)
class Release:
    version: str
    channel: str
    tier: str
    iso_dates: bool

    @property
    def text(self) -> str:
        """As `/system resource` prints it."""
        return f"{self.version} ({self.channel})"

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def release(version: str, channel: str = "stable") -> Release:
    parsed = RouterOSVersion.parse(version)
    tier = next((tier for oldest, tier in _TIERS if parsed >= oldest), "D")
    return Release(version, channel, tier, parsed >= _ISO_DATES)


VERSION_7: Final = (
    (release("7.1.5"), 1.0),
    (release("7.6"), 2.0),
    (release("7.8"), 3.0),
    (release("7.11.3"), 3.0),
    (release("7.12.1"), 6.0),
    (release("7.13.5"), 4.0),
    (release("7.14.3"), 5.0),
    (release("7.15.3"), 8.0),
    (release("7.16.2"), 10.0),
    (release("7.17.2"), 5.0),
    (release("7.18.2"), 8.0),
    (release("7.19.6"), 9.0),
    (release("7.20.8", "long-term"), 9.0),
    (release("7.21.3"), 6.0),
    (release("7.22.3"), 8.0),
    (release("7.23"), 5.0),
    (release("7.23rc1", "testing"), 0.5),
    (release("7.24"), 3.0),
)
VERSION_6: Final = (
    (release("6.48.6", "long-term"), 3.0),
    (release("6.49.10", "long-term"), 2.0),
    (release("6.49.13"), 2.0),
    (release("6.49.18", "long-term"), 4.0),
)
SHARE_OF_VERSION_6: Final = 0.18  # of the boards that can run it
