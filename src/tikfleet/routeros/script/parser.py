"""Parse RouterOS script source as a router does.

Learned from recorded answers to `:put [:parse ...]` of RouterOS 7.20 to 7.23 and from the console's inspect trees;
`tests/conformance/run.py` measures how closely it agrees.
"""

from typing import Final

from tikfleet.routeros.script import catalogue
from tikfleet.routeros.script.catalogue import Menu
from tikfleet.routeros.script.commands import Commands
from tikfleet.routeros.script.tree import Script
from tikfleet.routeros.values import RouterOSVersion

_DEFAULT: Final = RouterOSVersion(7, 22)
# Recorded: 7.22.1 refuses, 7.23rc1 does not.
_LENIENT: Final = RouterOSVersion.parse("7.23alpha1")


def parse(source: str | bytes, version: str | None = None, root: Menu | None = None) -> Script:
    """The tree of a script; raises `ScriptError` where RouterOS would refuse it.

    Positions count bytes, so text is taken as UTF-8. An unknown command is no error: RouterOS finds out when it runs
    it, and the tree has an `UnknownCommand` there. `version` is the release that is to read the script, by default
    7.22: from 7.23 on unknown arguments are no error either. The catalogue of menus is that of
    7.22, unless `root` is the root menu of another.
    """
    release = RouterOSVersion.parse(version) if version is not None else _DEFAULT
    data = _bytes(source) if isinstance(source, str) else source
    if not data:
        return Script([])
    commands = Commands(data.decode("latin-1"), strict=release < _LENIENT, root=root or catalogue.root())
    return Script(commands.statements(""))


def _bytes(source: str) -> bytes:
    try:
        return source.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return source.encode("utf-8", "surrogatepass")
