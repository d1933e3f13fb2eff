"""A fleet from a seed: sites with the routers that such sites have. The same seed and count give the same fleet."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tikfleet.virtual.light import places, releases
from tikfleet.virtual.light.dice import Dice
from tikfleet.virtual.light.hardware import BOARDS, Board
from tikfleet.virtual.light.releases import Release

if TYPE_CHECKING:
    from tikfleet.virtual.light.machine import Machine

_HEX: Final = "0123456789ABCDEF"
_SERIAL: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SITES: Final = (
    (("home", ("core", "switch", "access-point", "access-point", "access-point")), 1.0),
    (("home", ("core", "core", "switch", "access-point", "subscriber", "subscriber", "subscriber")), 0.7),
    (("work", ("branch",)), 4.0),
    (("work", ("branch", "access-point", "access-point")), 2.0),
    (("work", ("branch", "switch", "access-point", "access-point", "access-point")), 0.6),
    (("home", ("subscriber",)), 2.0),
    (("home", ("branch",)), 2.5),
    (("work", ("cellular",)), 1.2),
)
_UPLINK_BPS: Final = {
    "core": (200e6, 1_800e6),
    "branch": (8e6, 220e6),
    "switch": (50e6, 600e6),
    "access-point": (10e6, 150e6),
    "subscriber": (5e6, 60e6),
    "cellular": (2e6, 40e6),
}


@dataclass(slots=True, eq=False)
class Site:
    """A place whose routers see each other. `revision` counts what its neighbours would notice."""

    number: int
    town: str
    life: str
    offset_s: int
    revision: int = 0
    machines: list["Machine"] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Blueprint:
    """What a router is from the first day; what happens to it later is the machine's."""

    index: int
    role: str
    board: Board
    release: Release
    site: Site
    identity: str
    serial: str
    software_id: str
    mac: int  # of its first link; the others count up
    trait: int  # 16 random bits for what differs from board to board
    uplink_bps: float
    flapping: bool
    slow: bool
    down_ports: int  # bit n: the n-th link has no cable


def blueprints(seed: int, count: int) -> list[Blueprint]:
    dice = Dice(seed, "fleet")
    made: list[Blueprint] = []
    number = 0
    while len(made) < count:
        life, roles = dice.weighted(_SITES)
        number += 1
        site = Site(number, dice.choice(places.TOWNS), life, dice.choice(places.OFFSETS_H) * 3_600)
        for role in roles[: count - len(made)]:
            made.append(_router(Dice(seed, "router", len(made)), len(made), role, site))
    return made


def _router(dice: Dice, index: int, role: str, site: Site) -> Blueprint:
    board = dice.choice(BOARDS[role])
    low, high = _UPLINK_BPS[role]
    return Blueprint(
        index=index,
        role=role,
        board=board,
        release=_release(dice, board),
        site=site,
        identity=places.identity(dice, index, role, site.town),
        serial="" if board.is_cloud_hosted else dice.text(_HEX, 3) + dice.text(_SERIAL, 8),
        software_id=_software_id(dice, board),
        mac=0x48A98A000000 | (index & 0x3FFFF) << 6,
        trait=dice.bits() & 0xFFFF,
        uplink_bps=low * (high / low) ** dice.unit(),
        flapping=dice.chance(0.02),
        slow=dice.chance(0.01) or (role == "cellular" and dice.chance(0.1)),
        down_ports=dice.bits() & dice.bits() & ~3,
    )


def _release(dice: Dice, board: Board) -> Release:
    if board.oldest_major <= 6 and dice.chance(releases.SHARE_OF_VERSION_6):  # noqa: PLR2004 - RouterOS 6
        return dice.weighted(releases.VERSION_6)
    return dice.weighted(releases.VERSION_7)


def _software_id(dice: Dice, board: Board) -> str:
    if board.is_cloud_hosted:
        return dice.text(_SERIAL, 11)
    return dice.text(_SERIAL, 4) + "-" + dice.text(_SERIAL, 4)
