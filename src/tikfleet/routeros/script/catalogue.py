"""Menus, commands and arguments of RouterOS, as its parser knows them.

The grammar of the console is not context-free: whether `x` is a command, an argument or a value depends on the
menu. The facts are in `catalogue.txt.xz`, whose format and origin `tests/conformance/build_catalogue.py` documents.
They are those of one release without extra packages, since RouterOS itself refuses commands of absent packages.
"""

import lzma
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

# Value kinds, one letter each, as the data file holds them.
ADDRESS: Final = "i"
ANYTHING: Final = "v"
BLOCK: Final = "b"
BOOLEAN: Final = "y"
CLASSIFIER: Final = "p"
DURATION: Final = "t"
FREE: Final = "f"
FLAG: Final = "o"
FLAGS: Final = "g"
LIST: Final = "l"
MATCHER: Final = "m"
MATCHERS: Final = "e"
NAME: Final = "n"
TEXT: Final = "s"
WHERE: Final = "w"

# Values that may stand without a name, in their order. The console does not tell; these follow from the manual's
# scripting page and from the recorded forms.
_POSITIONAL: Final = {
    "/beep": ("frequency", "length"),
    "/convert": ("value",),
    "/delay": ("delay-time",),
    "/deserialize": ("value",),
    "/do": ("command",),
    "/error": ("message",),
    "/execute": ("script",),
    "/find": ("in", "key", "from"),
    "/for": ("counter",),
    "/foreach": ("counter",),
    "/global": ("name", "value"),
    "/grep": ("pattern",),
    "/if": ("condition",),
    "/import": ("file-name",),
    "/local": ("name", "value"),
    "/onerror": ("error",),
    "/pick": ("counter", "begin", "end"),
    "/ping": ("address",),
    "/put": ("message",),
    "/range": ("from", "to"),
    "/retry": ("command",),
    "/resolve": ("domain-name",),
    "/return": ("value",),
    "/serialize": ("value",),
    "/set": ("name", "value"),
    "/time": ("command",),
    "/tocrlf": ("input",),
    "/tolf": ("input",),
    "/tool/ping": ("address",),
    "/while": ("condition",),
    "/terminal/style": ("style",),
}
# Names from before a renaming that RouterOS still follows.
RENAMED: Final = (("/interface", "wifiwave2", "wifi"),)
_POSITIONAL_NAMES: Final = ("numbers", "number", "value-name", "destination")
_ALONE: Final = frozenset({"message", "value"})
# Tools of the terminal take what they are aimed at without a name; most by examples of the manual, none recorded.
_TARGETED: Final = {
    "/interface/monitor-traffic": ("interface",),
    "/interface/pppoe-client/scan": ("interface",),
    "/system/serial-terminal": ("port",),
    "/system/ssh": ("address",),
    "/system/telnet": ("address",),
    "/tool/bandwidth-test": ("address",),
    "/tool/flood-ping": ("address",),
    "/tool/mac-scan": ("interface",),
    "/tool/mac-telnet": ("host",),
    "/tool/ping-speed": ("address",),
    "/tool/romon/ping": ("id",),
    "/tool/romon/ssh": ("address",),
    "/tool/sms/send": ("port", "phone-number"),
    "/tool/snmp-get": ("address",),
    "/tool/snmp-walk": ("address",),
    "/tool/speed-test": ("address",),
    "/tool/torch": ("interface",),
    "/tool/traceroute": ("address",),
}


@dataclass(slots=True)
class CommandSpec:
    """One command: its arguments with their value kinds, and which values may stand without a name."""

    path: str
    arguments: dict[str, str]
    positional: tuple[str, ...]
    menu: "Menu"
    _abbreviations: dict[str, str | None] = field(default_factory=dict)

    def argument(self, name: str) -> str | None:
        """The full name for a name or an unambiguous beginning of one."""
        if name in self.arguments:
            return name
        if name not in self._abbreviations:
            self._abbreviations[name] = _only([full for full in self.arguments if full.startswith(name)])
        return self._abbreviations[name]


@dataclass(slots=True)
class Menu:
    """One menu: what can be named in it, and its properties in the order in which `where` binds them."""

    path: str
    entries: "dict[str, Menu | CommandSpec]" = field(default_factory=dict)
    properties: tuple[str, ...] = ()
    _aliases: "dict[str, Menu | CommandSpec]" = field(default_factory=dict)
    _abbreviations: "dict[str, Menu | CommandSpec | None]" = field(default_factory=dict)

    def alias(self, old: str, name: str) -> None:
        """Let an older name stand for an entry; it is not offered, so it abbreviates nothing."""
        self._aliases[old] = self.entries[name]

    def entry(self, name: str) -> "Menu | CommandSpec | None":
        """What a name or an unambiguous beginning of one stands for."""
        found = self.entries.get(name) or self._aliases.get(name)
        if found is None and name:
            if name not in self._abbreviations:
                full = _only([entry for entry in self.entries if entry.startswith(name)])
                self._abbreviations[name] = self.entries[full] if full is not None else None
            found = self._abbreviations[name]
        return found


@cache
def root() -> Menu:
    """The whole catalogue, from the root menu; read once a process."""
    packed = files("tikfleet.routeros.script").joinpath("catalogue.txt.xz").read_bytes()
    return read(lzma.decompress(packed).decode())


def read(text: str) -> Menu:
    """The root menu of a catalogue in the format of the data file."""
    top = Menu("")
    menus = {"": top}
    sets: list[dict[str, str]] = []
    for line in text.splitlines():
        kind, _, rest = line.partition("\t")
        if kind == "a":
            sets.append(dict(_pair(word) for word in rest.split()))
            continue
        path, _, value = rest.partition("\t")
        parent, _, name = path.rpartition("/")
        if kind == "d":
            menus[path] = menus[parent].entries[name] = Menu(path)
        elif kind == "c":
            arguments = sets[int(value)]
            menu = menus[parent]
            menu.entries[name] = CommandSpec(path, arguments, positional(path, arguments), menu)
        else:
            menus[path].properties = tuple(value.split())
    for place, old, new in RENAMED:
        menus[place].alias(old, new)
    return top


def _pair(word: str) -> tuple[str, str]:
    name, _, kind = word.partition(":")
    return name, kind


def positional(path: str, arguments: dict[str, str]) -> tuple[str, ...]:
    """The arguments of a command that may stand without a name, in their order."""
    if path in _POSITIONAL or path in _TARGETED:
        return _POSITIONAL.get(path) or _TARGETED[path]
    names = tuple(name for name in _POSITIONAL_NAMES if name in arguments)
    if path.endswith("/comment") and "comment" in arguments:
        return (*names, "comment")
    if path.endswith("/find"):
        return ("where",)
    return names or tuple(name for name in arguments if name in _ALONE and path.count("/") <= 2)  # noqa: PLR2004


def _only(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else None
