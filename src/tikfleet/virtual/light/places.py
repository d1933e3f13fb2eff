"""Names as people give them to sites and routers, and some that nobody should."""

from typing import Final

from tikfleet.virtual.light.dice import Dice

TOWNS: Final = (
    "Riga", "Jūrmala", "Ogre", "Cēsis", "Liepāja", "Tartu", "Pärnu", "Vilnius", "Kaunas", "Gdańsk", "Kraków",
    "Łódź", "Brno", "Ostrava", "Graz", "Linz", "Malmö", "Göteborg", "Aarhus", "Bergen", "Tromsø", "Oulu", "Turku",
    "Porto", "Braga", "Sevilla", "Málaga", "Bari", "Lecce", "Pécs", "Győr", "Cluj", "Iași", "Plovdiv", "Varna",
    "Patras", "Ioannina", "Izmir", "Bursa", "Haifa", "Nakuru", "Mombasa", "Kumasi", "Ibadan", "Durban", "Polokwane",
    "Pune", "Indore", "Da Nang", "Bandung", "Medan", "Davao", "Cebu", "Curitiba", "Córdoba", "Cuenca", "Mérida",
    "Boise", "Fargo", "Halifax", "Hobart", "Napier",
)  # fmt: skip
OFFSETS_H: Final = (-8, -6, -5, -3, 0, 1, 2, 2, 3, 5, 7, 8, 10)

# The first ones are odd rather than hostile: a fleet of a few dozen is what a demonstration shows.
HOSTILE: Final = (
    "tower 🛰 Jūrmala",
    "שלום راوتر",
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m\x07",
    "\u202egnp.rotuor",
    "\"quoted\" and 'quoted'",
    "x" * 64,
    '=HYPERLINK("http://203.0.113.9","open")',
    "[bold red]not markup[/]",
    "1234",
    "'; drop table device; --",
    "{{ 7 * 7 }} ${7*7}",
    "back\\slash\\",
    "<img src=x onerror=alert(1)>",
    "zero\u200bwidth\u2060name",
    "../../etc/passwd",
    "a,b;c=d+e",
    "  spaces  ",
)
HOSTILE_EVERY: Final = 67  # one router in so many
_HOSTILE_AT: Final = 13
DEFAULT_IDENTITY: Final = "MikroTik"
_SHARE_OF_DEFAULT: Final = 0.05
_PREFIXES: Final = {
    "core": ("core", "bras", "gw", "edge"),
    "branch": ("rtr", "office", "gw", "shop"),
    "switch": ("sw", "switch"),
    "access-point": ("ap", "wifi", "cap"),
    "subscriber": ("cpe", "client", "link"),
    "cellular": ("lte", "mobile", "kiosk"),
}
COMMENTS: Final = ("", "", "", "", "uplink", "to rack 2", "camera", "printer", "WAN <b>ISP</b>", "reserved; do not use")


def identity(dice: Dice, index: int, role: str, town: str) -> str:
    """What `/system identity` says: mostly tidy, sometimes the default, sometimes hostile."""
    if index % HOSTILE_EVERY == _HOSTILE_AT:
        return HOSTILE[index // HOSTILE_EVERY % len(HOSTILE)]
    if dice.chance(_SHARE_OF_DEFAULT):
        return DEFAULT_IDENTITY
    prefix = dice.choice(_PREFIXES[role])
    number = dice.whole(1, 48)
    if dice.chance(0.2):
        return f"{town} {prefix.upper()} {number}"
    return f"{prefix}-{town.lower().replace(' ', '')}-{number:02}"
