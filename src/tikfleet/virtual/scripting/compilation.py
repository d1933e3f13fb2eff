"""Source to code, as one release reads it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from tikfleet.routeros.check import releases
from tikfleet.routeros.script import commands, parser
from tikfleet.routeros.script.catalogue import CommandSpec, Menu
from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.tree import Script
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.menus import legacy
from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.values import Code

# RouterOS 6 has no command trees on record: what is known to be of 7 is taken from the oldest that there is.
# [unverified: the list is from the manual's and the field's dates]
_NOT_IN_6: Final = frozenset(
    {"convert", "retry", "rndnum", "rndstr", "timestamp", "tonsec", "grep", "jobname", "onerror", "serialize"}
    | {"deserialize", "tocrlf", "tolf", "lock", "range"}
)
_LENIENT: Final = RouterOSVersion.parse("7.23alpha1")
_V7: Final = RouterOSVersion(7, 0)


def root(version: RouterOSVersion) -> Menu:
    """The menus, commands and arguments of a release, for the parser."""
    if version < _V7:
        return _root_of_6()
    return releases.root(releases.known().sample(version))


@lru_cache(maxsize=1)
def _root_of_6() -> Menu:
    oldest = releases.root(0)
    top = Menu("", {name: entry for name, entry in oldest.entries.items() if name not in _NOT_IN_6})
    for path, names in legacy.PROPERTIES.items():
        top = _taking(top, path.split("/")[1:], names)
    return top


def _taking(menu: Menu, words: Sequence[str], names: Sequence[str]) -> Menu:
    """A copy of a menu in which `add` and `set` of the menu below take these arguments too."""
    entries = dict(menu.entries)
    if words:
        below = entries.get(words[0])
        if isinstance(below, Menu):
            entries[words[0]] = _taking(below, words[1:], names)
        return Menu(menu.path, entries, menu.properties)
    copy = Menu(menu.path, entries, tuple(dict.fromkeys((*menu.properties, *names))))
    for command in ("add", "set"):
        spec = entries.get(command)
        if isinstance(spec, CommandSpec):
            taken = dict.fromkeys(names, "") | spec.arguments
            entries[command] = CommandSpec(spec.path, taken, spec.positional, copy)
    return copy


def compiled(source: str, version: RouterOSVersion, menu: str = "") -> Code:
    """The code of a script that starts in a menu. `source` is latin-1 text, one character a byte.

    Raises `RosError` with RouterOS's text and the place: `expected end of command (line 1 column 5)`.
    """
    try:
        return Code(_script(source, version, menu).statements, source)
    except ScriptError as cause:
        error = RosError(str(cause))
        error.placed = True
        raise error from cause
    except RecursionError as cause:
        raise RosError("nested too deeply") from cause


@lru_cache(maxsize=256)
def _script(source: str, version: RouterOSVersion, menu: str) -> Script:
    top = root(version)
    if not menu:
        return parser.parse(source.encode("latin-1"), str(version), top)
    reader = commands.Commands(source, strict=version < _LENIENT, root=top)
    reader.menu = place(top, menu)
    return Script(reader.statements("") if source else [])


def place(top: Menu, path: str) -> Menu:
    """The menu of a path; the root for a path that names none."""
    here: Menu | CommandSpec = top
    for word in path.split("/")[1:]:
        found = here.entries.get(word) if isinstance(here, Menu) else None
        if not isinstance(found, Menu):
            return top
        here = found
    return here if isinstance(here, Menu) else top


class _Blocks(commands.Commands):
    """Reads on from the middle of a script, where it does not know what was declared before."""

    def declared(self, name: str) -> bool:
        return True


def block_text(source: str, at: int, version: RouterOSVersion) -> str:
    """The text between the braces of the block that begins at or behind a place of a script.

    A script given as `source={ ... }` is kept as it was written, and the tree does not hold that.
    """
    begin = source.find("{", at)
    reader = _Blocks(source, strict=version < _LENIENT, root=root(version))
    reader.pos = begin
    try:
        reader.block()
    except ScriptError:
        return ""
    return source[begin + 1 : reader.pos - 1]
