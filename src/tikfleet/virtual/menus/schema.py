"""How a menu behaves, as facts that the engine follows. The facts themselves are in `menus/facts`."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a property holds: how text given to it is checked and normalised, and which type a script sees."""

    TEXT = "str"
    NUMBER = "num"
    BOOLEAN = "bool"
    DURATION = "time"
    ADDRESS = "ip"
    PREFIX = "ip-prefix"
    ADDRESS6 = "ip6"
    PREFIX6 = "ip6-prefix"
    MAC = "mac"
    SIZE = "size"
    RATE = "rate"
    MOMENT = "date"
    CHOICE = "choice"
    LIST = "list"
    ID = "id"
    # Matchers of firewall rules and the like: free text with an optional leading `!`.
    MATCHER = "matcher"


class Shape(StrEnum):
    """A list of items, one set of values, or nothing but commands."""

    TABLE = "table"
    SINGLE = "single"
    COMMANDS = "commands"


@dataclass(frozen=True, slots=True)
class Property:
    """One property. A `default` of `None` means that an item without it does not show it.

    `choices` are the words it may hold. `refers` names menus: the value has to be the `name` of one of their items, or
    one of `choices`. `since` and `until` bound the releases that have it, both inclusive, as `7.16`. A number that has
    `bounds` lies between them, both inclusive.
    """

    name: str
    kind: Kind = Kind.TEXT
    default: str | None = None
    required: bool = False
    read_only: bool = False
    unique: bool = False
    choices: tuple[str, ...] = ()
    refers: tuple[str, ...] = ()
    sensitive: bool = False
    since: str = ""
    until: str = ""
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class MenuFacts:
    """One menu. Properties that the catalogue knows and this does not are free text without a default.

    `ordered`: the order of items counts and `move` changes it. `fixed`: items come from the hardware or the system;
    they can be set and neither added nor removed. `unique_together`: no two items hold the same values of these.
    `required_text`: RouterOS's own words where a required property is missing. `initial`: what a reset router holds.
    `duplicate_text`: RouterOS's own words where a unique property, or a name, is taken.
    """

    path: str
    shape: Shape = Shape.TABLE
    properties: tuple[Property, ...] = ()
    ordered: bool = False
    fixed: bool = False
    unique_together: tuple[tuple[str, ...], ...] = ()
    required_text: str = ""
    duplicate_text: str = ""
    initial: tuple[tuple[tuple[str, str], ...], ...] = ()
    since: str = ""
    until: str = ""
