"""A configuration as `/export` shows it: menus, and in each the items that differ from a router's defaults."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

# Which item a `set` means: conditions of `[ find default-name=ether1 ]`, or one pair without a name for `set 0`.
Selector: TypeAlias = tuple[tuple[str, str], ...]
# The value of an argument; `None` for one that stands without a value, such as `blackhole`.
Value: TypeAlias = str | None

NOTHING: Final[Selector] = ()


class Verb(StrEnum):
    """The two commands that an export consists of."""

    ADD = "add"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Header:
    """What the comments at the top of an export say; a field is empty where they do not."""

    written: str = ""
    version: str = ""
    software_id: str = ""
    model: str = ""
    serial: str = ""


@dataclass(slots=True)
class Item:
    """One line: an item that was added, or values set in a menu (`selector` is empty) or in an item that is there.

    `values` holds text after RouterOS's escapes, by full name. A value that the export says to be unset is absent.
    """

    verb: Verb
    selector: Selector
    values: dict[str, Value]
    line: int = field(default=0, compare=False)

    @property
    def identity(self) -> tuple[tuple[str, Value], ...]:
        """Equal for items that say the same, in whichever order."""
        return tuple(sorted(self.values.items()))


@dataclass(frozen=True, slots=True)
class Unexported:
    """A menu that the router could not export: `#error exporting "/ip/route" (timeout)`. It is not empty."""

    menu: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that is nothing an export has: a prompt, a cut line, a statement of a script."""

    line: int
    text: str


@dataclass(slots=True)
class Configuration:
    """Menus by path (`/ip/address`) in the order of the export. Two are equal when they configure the same way."""

    header: Header = field(default_factory=Header, compare=False)
    menus: dict[str, list[Item]] = field(default_factory=dict)
    unexported: list[Unexported] = field(default_factory=list)
    # The router stopped before the end: what follows the last menu, and its own end, are not here.
    interrupted: bool = False
    unread: list[Unread] = field(default_factory=list, compare=False)

    def items(self, menu: str) -> list[Item]:
        """The items of a menu; none for a menu that the export does not name."""
        return self.menus.get(menu, [])
