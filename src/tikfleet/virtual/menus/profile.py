"""Which router this is: the release it runs, the board it runs on, and what its device mode allows."""

from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import blake2b
from typing import Final

from tikfleet.routeros.values import RouterOSVersion

# Asked with the same few releases for every row that is shown.
_parsed = cache(RouterOSVersion.parse)
# What routers have in tests, where nobody gave them a number of their own.
_UNNUMBERED: Final = "QMLS-64F2"
# Digits and the letters that are not mistaken for them.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


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
    software_id: str = _UNNUMBERED
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


def numbered(profile: Profile, seed: str) -> Profile:
    """The router with the numbers that follow from a seed, in the place of those that it does not have.

    A board gets a serial number of eleven characters and a software id (`QMLS-64F2`), a CHR, which has no serial
    number, a software id of eleven. The same seed gives the same numbers.
    """
    digest = blake2b(seed.encode("utf-8", "surrogateescape"), digest_size=19).digest()
    letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)
    unnumbered = profile.software_id in ("", _UNNUMBERED)
    if not profile.model:
        return replace(profile, software_id=letters[:11]) if unnumbered else profile
    software_id = f"{letters[11:15]}-{letters[15:]}"
    return replace(
        profile,
        serial=profile.serial or letters[:11],
        software_id=software_id if unnumbered else profile.software_id,
    )
