"""Paths of REST against the menus that a release has.

RouterOS 6 never had REST and no command tree of it exists: there a path that no release knows is taken for a menu, and
the router itself says whether it is one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tikfleet.routeros.check import releases
from tikfleet.routeros.rest.call import RestRefused
from tikfleet.routeros.script import catalogue
from tikfleet.routeros.script.catalogue import CommandSpec, Menu
from tikfleet.routeros.values import RouterOSVersion

_SEVEN: Final = 7
_WORD: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
ITEM_ID: Final = re.compile(r"\*[0-9A-F]{1,16}")


@dataclass(frozen=True, slots=True)
class Menus:
    """The menus of one release; `guessing` takes what it does not know for a menu."""

    top: Menu
    guessing: bool

    def menu(self, words: tuple[str, ...]) -> Menu | None:
        """The menu of a whole path."""
        place: Menu | CommandSpec | None = self.top
        for word in words:
            place = place.entries.get(word) if isinstance(place, Menu) else None
        if place is None and self.guessing and words and all(_WORD.fullmatch(word) for word in words):
            return _guessed("/" + "/".join(words)) if words[-1] not in _COMMANDS else None
        return place if isinstance(place, Menu) else None

    def command(self, words: tuple[str, ...]) -> CommandSpec | None:
        """The command of a whole path."""
        menu = self.menu(words[:-1]) if words else None
        found = menu.entries.get(words[-1]) if menu is not None else None
        return found if isinstance(found, CommandSpec) else None

    def refusal(self, words: tuple[str, ...]) -> RestRefused:
        """Why a path does not do: its first word that names nothing, or a command where a menu is wanted."""
        if not words or self.command(words) is not None:
            return RestRefused(400, "no such command")
        for count in range(1, len(words)):
            if self.menu(words[:count]) is None:
                return RestRefused(400, f"no such command or directory ({words[count - 1]})")
        return RestRefused(400, f"no such command or directory ({words[-1]})")


def menus_of(version: str) -> Menus:
    """The menus of a release as a router names it; those of the newest known for what is no version."""
    try:
        parsed = RouterOSVersion.parse(version)
    except ValueError:
        return Menus(releases.root(None), guessing=False)
    if parsed.major < _SEVEN:
        return Menus(releases.root(None), guessing=True)
    return Menus(releases.root(releases.known().sample(parsed)), guessing=False)


def is_single(menu: Menu) -> bool:
    """Whether a menu is one set of values and not a list."""
    return "find" not in menu.entries and "add" not in menu.entries


def has_names(menu: Menu) -> bool:
    """Whether its records can be named."""
    return "name" in menu.properties or not menu.properties


_COMMANDS: Final = ("add", "comment", "disable", "enable", "find", "get", "move", "print", "remove", "set", "unset")


class _Any(dict[str, str]):
    """Arguments of which nothing is known: any goes."""

    def __contains__(self, name: object) -> bool:
        return True

    def get(self, name: str, default: str | None = None) -> str:  # type: ignore[override]
        return catalogue.FREE


@lru_cache(maxsize=256)
def _guessed(path: str) -> Menu:
    menu = Menu(path)
    for name in _COMMANDS:
        menu.entries[name] = CommandSpec(f"{path}/{name}", _Any(), ("numbers",), menu)
    return menu
