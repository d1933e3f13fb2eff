"""Which agent a RouterOS release gets.

The tiers follow what a script can do in a release, as the first appearances in RouterOS's own command trees show:
`:onerror`, `:serialize` and `/file/read` came in 7.13, their lossless options in 7.16; RouterOS 6 has none of them.
"""

from enum import StrEnum
from typing import Final

from tikfleet.routeros.values import RouterOSVersion


class Tier(StrEnum):
    """A group of releases that run the same script."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


_FLOORS: Final = (((7, 16), Tier.A), ((7, 13), Tier.B), ((7, 1), Tier.C), ((6, 45), Tier.D))


class UnsupportedVersion(ValueError):
    """The router's release cannot run the agent, or the text is no version at all."""

    def __init__(self, version: str) -> None:
        super().__init__(f"{version!r} cannot run the agent: it needs RouterOS 6.45 to 6.49, or 7.1 or later")


def tier_of(version: str) -> Tier:
    """The tier for a version as RouterOS writes it: `7.16.2`, `7.22.3 (stable)`, `7.17rc1`.

    A pre-release counts as its release. Raises `UnsupportedVersion`, whose text says what is supported.
    """
    try:
        parsed = RouterOSVersion.parse(version)
    except ValueError as cause:
        raise UnsupportedVersion(version) from cause
    release = (parsed.major, parsed.minor)
    for floor, tier in _FLOORS:
        # 7.0 never left beta, so what lies between the last 6.x and 7.1 is nothing we know.
        if release >= floor and floor[0] == release[0]:
            return tier
    raise UnsupportedVersion(version)
