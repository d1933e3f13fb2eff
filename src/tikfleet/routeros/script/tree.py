"""The tree of a parsed script.

Texts are held with one character a byte (latin-1), as RouterOS sees them; `intermediate_form` and `source` decode.
Nodes are plain mutable values because a large script makes hundreds of thousands of them.
"""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(slots=True)
class Word:
    """An unquoted literal: as written, and as RouterOS reads it (`1.1` is the address `1.0.0.1`)."""

    raw: str
    value: str


@dataclass(slots=True)
class Text:
    """A quoted string: pieces of text, one for each escape and run between them, and what is interpolated."""

    parts: "list[str | Node]"

    def constant(self) -> str | None:
        """The whole text; `None` if anything is interpolated."""
        pieces = [part for part in self.parts if isinstance(part, str)]
        return "".join(pieces) if len(pieces) == len(self.parts) else None


@dataclass(slots=True)
class Variable:
    name: str


@dataclass(slots=True)
class Operation:
    """An operator and its operands; the operator of conditions that stand side by side is a blank."""

    operator: str
    operands: "list[Node]"


@dataclass(slots=True)
class Group:
    """An expression in parentheses: invisible to RouterOS, needed to print the source back."""

    inner: "Node"


@dataclass(slots=True)
class Array:
    """`{a; b; name=c}`: each item has a key or `None`."""

    items: "list[tuple[Node | None, Node]]"


@dataclass(slots=True)
class Navigation:
    """A command that only names a menu, or an empty command: RouterOS notes the menu it stands in."""

    menu: str
    written: bool = False


@dataclass(slots=True)
class Condition:
    """The value of `where`: the properties that it binds, in RouterOS's order, and the expression if any."""

    properties: tuple[str, ...]
    expression: "Node | None"


@dataclass(slots=True)
class Unset:
    """`!name`: the argument is to have no value."""


@dataclass(slots=True)
class Fault:
    """An argument that a command does not have; from 7.23 on no error until the command runs."""

    name: str
    line: int
    column: int


@dataclass(slots=True)
class Command:
    """A known command with its arguments by full name. A flag has the value that stands before it, as in RouterOS.

    `at` and `places` are where the command and each argument start in the source, in bytes from 0.
    """

    path: str
    arguments: "dict[str, Node]" = field(default_factory=dict)
    fault: Fault | None = None
    at: int = field(default=0, compare=False, repr=False)
    places: dict[str, int] = field(default_factory=dict, compare=False, repr=False)


@dataclass(slots=True)
class Call:
    """A value called as a function: `$name 1 two=2`."""

    callee: "Node"
    positional: "list[Node]" = field(default_factory=list)
    named: "dict[str, Node]" = field(default_factory=dict)


@dataclass(slots=True)
class UnknownCommand:
    """A command that this RouterOS does not have: no error until it runs. `menu` is where it was looked for."""

    menu: str
    name: str
    line: int
    column: int
    positional: "list[Node]" = field(default_factory=list)
    named: "dict[str, Node]" = field(default_factory=dict)


@dataclass(slots=True)
class Block:
    """`{ ... }` as a statement or as the value of `do=` and the like; with the menu if one stands before it."""

    statements: "list[Node]"
    menu: str | None = None


@dataclass(slots=True)
class Substitution:
    """`[ ... ]`: the value of its last command."""

    statements: "list[Node]"


@dataclass(slots=True)
class Script:
    statements: "list[Node]"


Node: TypeAlias = (
    Word
    | Text
    | Variable
    | Operation
    | Group
    | Array
    | Navigation
    | Condition
    | Unset
    | Command
    | Call
    | UnknownCommand
    | Block
    | Substitution
)
