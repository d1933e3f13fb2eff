"""Which router this is: the release it runs, the board it runs on, and what its device mode allows."""

from dataclasses import dataclass, field
from functools import cache

from tikfleet.routeros.values import RouterOSVersion

# Asked with the same few releases for every row that is shown.
_parsed = cache(RouterOSVersion.parse)


@dataclass(frozen=True, slots=True)
class Profile:
    """A release and a board. `ports` are its Ethernet interfaces by default name, `radios` its wireless ones.

    `device_mode` is `advanced`, `basic`, `home` or `rose`; features that it forbids are refused as RouterOS does.
    """

    version: RouterOSVersion = field(default_factory=lambda: RouterOSVersion.parse("7.20.8"))
    board: str = "CHR"
    model: str = ""
    architecture: str = "x86_64"
    serial: str = ""
    software_id: str = "QMLS-64F2"
    ports: tuple[str, ...] = ("ether1", "ether2", "ether3", "ether4")
    radios: tuple[str, ...] = ()
    cpu_count: int = 1
    cpu_mhz: int = 1_400
    memory_bytes: int = 256 << 20
    disk_bytes: int = 128 << 20
    device_mode: str = "advanced"
    # Where files that outlive a reboot lie: a board with a `flash` folder loses what is outside of it.
    flash_folder: bool = False

    def at_least(self, release: str) -> bool:
        """Whether this router runs the release or a later one."""
        return self.version >= _parsed(release)
