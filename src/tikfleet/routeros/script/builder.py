"""Commands as values, rendered to RouterOS text with every argument quoted.

Code that needs a script composes these; nothing else on the platform concatenates RouterOS source. Names are
checked against a strict pattern because they cannot be quoted: a name from outside that could smuggle in syntax
raises `ValueError` when the value is made.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias
from typing import Literal as TypingLiteral

from tikfleet.routeros.script.quoting import Literal, comma_list, literal

_WORD: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_ARGUMENT: Final = re.compile(r"\.?[a-z0-9][a-z0-9.-]*(?:/[a-z])?")
_VARIABLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ITEM_ID: Final = re.compile(r"\*[0-9A-F]{1,16}")


class Dialect(Enum):
    """How a menu is spelled. v7 reads both; v6 reads spaces only."""

    V6 = " "
    V7 = "/"


class Mark(Enum):
    """An argument that is not a value: `FLAG` gives the bare name (`as-value`), `UNSET` clears (`!comment`)."""

    FLAG = ""
    UNSET = "!"


FLAG: Final = Mark.FLAG
UNSET: Final = Mark.UNSET


class Expression(Protocol):
    """Anything that renders to one RouterOS value or statement."""

    def render(self, dialect: Dialect = Dialect.V7) -> str: ...


Argument: TypeAlias = "Literal | Mark | Variable | ItemId | Command | Result | Comparison | Array | Block"


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, for letters and digits; other names would need quotes that v6 does not take."""

    name: str

    def __post_init__(self) -> None:
        _check(_VARIABLE, self.name, "variable")

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return f"${self.name}"


@dataclass(frozen=True, slots=True)
class ItemId:
    """`*1A`: the internal number of a record."""

    text: str

    def __post_init__(self) -> None:
        _check(_ITEM_ID, self.text, "item id")

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return self.text


class Command:
    """One command with named arguments: `Command("/ip/address", "add", address="192.0.2.1/24")`.

    The menu is given with slashes or spaces; the empty menu is for global commands (`:put`). Keyword arguments turn
    `_` into `-` and lose a trailing `_` (`from_`); names that are no identifier come in the mapping. A sequence is an
    argument list (`policy="read,write"`); wrap it in `Array` for a script array.
    """

    __slots__ = ("arguments", "menu", "name")

    def __init__(
        self, menu: str, name: str, arguments: Mapping[str, Argument] | None = None, /, **keywords: Argument
    ) -> None:
        self.menu: Final = tuple(_check(_WORD, word, "menu") for word in menu.replace("/", " ").split())
        self.name: Final = _check(_WORD, name, "command")
        named = dict(arguments or {})
        named.update({key.removesuffix("_").replace("_", "-"): value for key, value in keywords.items()})
        for key in named:
            _check(_ARGUMENT, key, "argument")
        self.arguments: Final = MappingProxyType(named)

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        words = [_argument(name, value, dialect) for name, value in self.arguments.items()]
        return " ".join([self._head(dialect), *words])

    def _head(self, dialect: Dialect) -> str:
        if not self.menu:
            return f":{self.name}"
        return "/" + dialect.value.join([*self.menu, self.name])


@dataclass(frozen=True, slots=True)
class Result:
    """`[command]`: the value that a command returns."""

    command: Command

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return f"[{self.command.render(dialect)}]"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`([command] != 3)`: a condition, as `:if` takes it."""

    left: Result | Variable
    operator: TypingLiteral["=", "!="]
    right: Literal

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return f"({self.left.render(dialect)} {self.operator} {literal(self.right)})"


@dataclass(frozen=True, slots=True)
class Where:
    """`command where name=value`: what a command does to the records of which this is true."""

    command: Command
    name: str
    value: "Literal | Variable | ItemId"

    def __post_init__(self) -> None:
        _check(_ARGUMENT, self.name, "property")

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return f"{self.command.render(dialect)} where {_argument(self.name, self.value, dialect)}"


def find(menu: str, conditions: Mapping[str, Argument] | None = None, /, **keywords: Argument) -> Result:
    """`[/menu/find name="x"]`: the items for which all properties are equal to the given values."""
    return Result(Command(menu, "find", conditions, **keywords))


@dataclass(frozen=True, slots=True)
class Array:
    """A script array of values, or of named values."""

    items: Sequence[Literal] | Mapping[str, Literal]

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return literal(self.items)


@dataclass(frozen=True, slots=True)
class Block:
    """`{ ... }`: commands run one after another, for `do=`, `else=` and the like."""

    commands: Sequence[Expression]

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return "{" + "; ".join(command.render(dialect) for command in self.commands) + "}"


def script(commands: Sequence[Expression], dialect: Dialect = Dialect.V7) -> str:
    """Commands as the text of an `.rsc` file, one a line."""
    return "".join(f"{command.render(dialect)}\n" for command in commands)


def _argument(name: str, value: Argument, dialect: Dialect) -> str:
    if isinstance(value, Mark):
        return value.value + name
    if isinstance(value, Command | Variable | ItemId | Result | Comparison | Array | Block):
        return f"{name}={value.render(dialect)}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return f"{name}={comma_list(value)}"
    return f"{name}={literal(value)}"


def _check(pattern: re.Pattern[str], name: str, what: str) -> str:
    if pattern.fullmatch(name) is None:
        raise ValueError(f"{name!r} is not a RouterOS {what} name")
    return name
