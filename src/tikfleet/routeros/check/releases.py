"""Which release has which menu, command, argument and value.

The facts are in `releases.txt.xz`, whose format and origin `tests/conformance/build_releases.py` documents: inspect
trees of 48 releases from 7.9 to 7.24 on x86, with extra packages. What lies between two samples is taken from the
later one, and the first sample of a minor release stands for all of it.
"""

import lzma
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from tikfleet.routeros.script import catalogue
from tikfleet.routeros.script.catalogue import CommandSpec, Menu
from tikfleet.routeros.values import RouterOSVersion

# Menus of hardware and packages that x86 does not have, or did not have before 7.13: the trees cannot tell.
HARDWARE: Final = (
    "/caps-man",
    "/interface/ethernet/poe",
    "/interface/ethernet/switch",
    "/interface/wireless",
    "/interface/w60g",
    "/interface/wifiwave2",
    "/iot",
    "/lcd",
    "/lora",
    "/partitions",
    "/system/fan",
    "/system/gps",
    "/system/health",
    "/system/leds",
    "/system/routerboard",
    "/system/swos",
    "/zerotier",
)
# What such menus are taken to hold where no sample has them, and what may stand there without a name. Any argument
# goes, but for those of `edit`, `find` and `get`, whose few are the same in every menu.
_GENERIC: Final = {
    **dict.fromkeys(("add", "export", "print", "upgrade", "usb-power-reset"), ()),
    **dict.fromkeys(("disable", "enable", "monitor", "power-cycle", "remove"), ("numbers",)),
    **dict.fromkeys(("reset", "reset-counters", "set"), ("numbers",)),
    **dict.fromkeys(("edit", "get"), ("number", "value-name")),
    "comment": ("numbers", "comment"),
    "find": ("where",),
    "move": ("numbers", "destination"),
    "unset": ("numbers", "value-name"),
}
_ONE: Final = dict.fromkeys(("as-string", "as-string-value", "number", "value-name"), catalogue.FREE)
_SAME: Final = {"edit": _ONE, "find": {"where": catalogue.WHERE}, "get": _ONE}
_GENERIC_MENUS: Final = (
    "host", "mode-button", "port", "port-isolation", "reset-button", "rule", "settings", "usb", "vlan", "wps-button",
)  # fmt: skip
# Beginnings of arguments of hardware, by menu: of a port's power, of offloading.
HARDWARE_ARGUMENTS: Final = {
    "/interface/bridge/port": ("hw",),
    "/interface/ethernet": ("poe-", "sfp-", "power-cycle-", "bandwidth", "switch"),
    "/ip/firewall/filter": ("hw-offload",),
    "/ipv6/firewall/filter": ("hw-offload",),
}
# Kinds of arguments that are lists: of others only the first word before a comma is a choice (`ipsec-policy=in,ipsec`).
LISTS: Final = frozenset({catalogue.LIST, catalogue.MATCHERS, catalogue.FLAGS})


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last sample that has something."""

    first: int
    last: int

    def holds(self, sample: int) -> bool:
        return self.first <= sample <= self.last


@dataclass(slots=True)
class _Argument:
    kind: str
    span: Span
    choice: int | None


@dataclass(slots=True)
class Releases:
    """The whole file in memory."""

    samples: list[RouterOSVersion] = field(default_factory=list)
    choices: list[tuple[str, ...]] = field(default_factory=list)
    sets: list[dict[str, _Argument]] = field(default_factory=list)
    menus: dict[str, Span] = field(default_factory=dict)
    commands: dict[str, tuple[int, Span]] = field(default_factory=dict)
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def sample(self, version: RouterOSVersion) -> int:
        """The sample that stands for a release: the oldest for all before it, the newest for all after."""
        # Betas of a minor release have what its first sample has, as far as is known.
        final = replace(version, stage=RouterOSVersion(0, 0).stage, stage_number=0)
        before = [place for place, _ in enumerate(self.samples) if self._starts(place) <= final]
        return before[-1] if before else 0

    def since(self, span: Span) -> str:
        """The release that brought something: `7.13` where the first sample of a minor release has it."""
        return str(self._starts(span.first))

    def until(self, span: Span) -> str:
        """The last release that was seen to have it."""
        return str(self.samples[span.last])

    def span(self, path: str) -> Span | None:
        """When a menu or command was there; `None` if it never was."""
        command = self.commands.get(path)
        return command[1] if command is not None else self.menus.get(path)

    def argument_span(self, path: str, name: str) -> Span | None:
        argument = self._argument(path, name)
        return None if argument is None else argument.span

    def kind(self, path: str, name: str) -> str:
        """How the parser reads the value of an argument; empty for an argument that never was."""
        argument = self._argument(path, name)
        return "" if argument is None else argument.kind

    def choice(self, path: str, name: str) -> tuple[str, ...]:
        """The words that an argument takes and no others; none if it is no closed choice, or not known to be."""
        argument = self._argument(path, name)
        return () if argument is None or argument.choice is None else self.choices[argument.choice]

    def _argument(self, path: str, name: str) -> _Argument | None:
        command = self.commands.get(path)
        return None if command is None else self.sets[command[0]].get(name)

    def _starts(self, place: int) -> RouterOSVersion:
        version = self.samples[place]
        new_minor = place == 0 or self.samples[place - 1].minor != version.minor
        return RouterOSVersion(version.major, version.minor) if new_minor else version


@cache
def known() -> Releases:
    """What the data file holds; read once a process."""
    packed = files("tikfleet.routeros.check").joinpath("releases.txt.xz").read_bytes()
    found = Releases()
    for line in lzma.decompress(packed).decode().splitlines():
        kind, value, *rest = line.split("\t")
        if kind == "d":
            found.menus[value] = _span(rest[0], found)
        elif kind == "c":
            found.commands[value] = (int(rest[0]), _span(rest[1], found))
        elif kind == "a":
            found.sets.append(dict(_read_argument(word, found) for word in value.split()))
        elif kind == "e":
            found.choices.append(tuple(value.split(" ")))
        elif kind == "p":
            found.properties[value] = tuple(rest[0].split())
        else:
            found.samples = [RouterOSVersion.parse(word) for word in value.split()]
    return found


@lru_cache(maxsize=6)
def root(sample: int | None) -> Menu:
    """The catalogue of a sample for the parser; `None` for all that any release had."""
    facts = known()
    top = Menu("")
    menus = {"": top}
    for path, span in facts.menus.items():
        parent, _, name = path.rpartition("/")
        if parent in menus and (sample is None or span.holds(sample)):
            menus[path] = menus[parent].entries[name] = Menu(path, properties=facts.properties.get(path, ()))
    sets = [_arguments(arguments, sample) for arguments in facts.sets]
    for path, (number, span) in facts.commands.items():
        parent, _, name = path.rpartition("/")
        menu = menus.get(parent)
        if menu is not None and (sample is None or span.holds(sample)):
            arguments = sets[number]
            menu.entries[name] = CommandSpec(path, arguments, catalogue.positional(path, arguments), menu)
    _complete(menus)
    for head in HARDWARE:
        parent, _, name = head.rpartition("/")
        if head not in menus and parent in menus:
            menus[parent].entries[name] = _hardware(head, sample)
    return top


class _AnyArgument(dict[str, str]):
    """Takes every name. One without a value is a flag, unless the command takes items without a name."""

    def __init__(self, *, items: bool) -> None:
        super().__init__({"where": catalogue.WHERE, "once": catalogue.FLAG, "as-value": catalogue.FLAG})
        self._kind = catalogue.TEXT if items else catalogue.FREE

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return self._kind


def _hardware(head: str, sample: int | None) -> Menu:
    """A menu as other samples have it, or one in which anything goes."""
    if sample is not None and head in known().menus:
        place: Menu | CommandSpec = root(None)
        for word in head.split("/")[1:]:
            assert isinstance(place, Menu)
            place = place.entries[word]
        assert isinstance(place, Menu)
        return place
    menu = _generic(head)
    menu.entries |= {name: _generic(f"{head}/{name}") for name in _GENERIC_MENUS}
    return menu


def _generic(path: str) -> Menu:
    menu = Menu(path)
    for name, unnamed in _GENERIC.items():
        arguments = _SAME.get(name) or _AnyArgument(items=bool(unnamed))
        menu.entries[name] = CommandSpec(f"{path}/{name}", arguments, unnamed, menu)
    return menu


def full_path(menu: str, name: str) -> str:
    """The path of a name or of an unambiguous beginning of one, in any release; as it is if there never was one."""
    place: Menu | CommandSpec | None = root(None)
    for word in menu.split("/")[1:]:
        place = place.entries.get(word) if isinstance(place, Menu) else None
    entry = place.entry(name) if isinstance(place, Menu) else None
    return f"{menu}/{name}" if entry is None else entry.path


def _arguments(arguments: dict[str, _Argument], sample: int | None) -> dict[str, str]:
    return {name: fact.kind for name, fact in arguments.items() if sample is None or fact.span.holds(sample)}


def _complete(menus: dict[str, Menu]) -> None:
    """Take what the parser's own catalogue knows better: the order of properties, and names from before renamings."""
    waiting = [catalogue.root()]
    while waiting:
        menu = waiting.pop()
        ours = menus.get(menu.path)
        if ours is not None and menu.properties:
            ours.properties = menu.properties
        waiting += [entry for entry in menu.entries.values() if isinstance(entry, Menu)]
    for place, old, new in catalogue.RENAMED:
        if place in menus and new in menus[place].entries:
            menus[place].alias(old, new)


def _span(text: str, found: Releases) -> Span:
    if not text:
        return Span(0, len(found.samples) - 1)
    first, _, last = text.partition("-")
    return Span(int(first), int(last))


def _read_argument(word: str, found: Releases) -> tuple[str, _Argument]:
    name, _, rest = word.partition(":")
    rest, _, choice = rest.partition("=")
    kind, _, span = rest.partition("@")
    return name, _Argument(kind, _span(span, found), int(choice) if choice else None)
