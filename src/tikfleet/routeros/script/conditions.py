"""What is asked of the records of a menu, as values: rendered, it stands behind `where` of `print` and `find`.

Nothing but names of properties, operators and literals can be said, so a condition reads and does nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from typing import Literal as TypingLiteral

from tikfleet.routeros.script.builder import Command, Dialect, ItemId
from tikfleet.routeros.script.quoting import Scalar, literal

Operator: TypeAlias = TypingLiteral["=", "!=", "<", ">", "<=", ">=", "~", "in"]
_PROPERTY: Final = re.compile(r"\.?[a-z][a-z0-9.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Compared:
    """`mtu>1400`: a property and a value."""

    name: str
    operator: Operator
    value: "Scalar | ItemId"

    def __post_init__(self) -> None:
        _check(self.name)

    def render(self) -> str:
        spaced = f" {self.operator} " if self.operator == "in" else self.operator
        value = self.value.render() if isinstance(self.value, ItemId) else literal(self.value)
        return f"{self.name}{spaced}{value}"


@dataclass(frozen=True, slots=True)
class Said:
    """`disabled`: the property is true, or says something."""

    name: str

    def __post_init__(self) -> None:
        _check(self.name)

    def render(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Not:
    """`!(…)`."""

    inner: "Condition"

    def render(self) -> str:
        return f"!{self.inner.render()}" if isinstance(self.inner, Said) else f"!({self.inner.render()})"


@dataclass(frozen=True, slots=True)
class Every:
    """All must hold."""

    conditions: "Sequence[Condition]"

    def render(self) -> str:
        return " and ".join(_grouped(one) for one in self.conditions)


@dataclass(frozen=True, slots=True)
class Either:
    """One at least must hold."""

    conditions: "Sequence[Condition]"

    def render(self) -> str:
        return " or ".join(_grouped(one) for one in self.conditions)


Condition: TypeAlias = Compared | Said | Not | Every | Either


@dataclass(frozen=True, slots=True)
class Selected:
    """`command where condition`."""

    command: Command
    condition: Condition

    def render(self, dialect: Dialect = Dialect.V7) -> str:
        return f"{self.command.render(dialect)} where {self.condition.render()}"


def names_of(condition: Condition) -> Iterator[str]:
    """The properties that a condition looks at, as often as it does."""
    match condition:
        case Compared() | Said():
            yield condition.name
        case Not():
            yield from names_of(condition.inner)
        case _:
            for one in condition.conditions:
                yield from names_of(one)


def _grouped(condition: Condition) -> str:
    return f"({condition.render()})" if isinstance(condition, Every | Either) else condition.render()


def _check(name: str) -> None:
    if _PROPERTY.fullmatch(name) is None:
        raise ValueError(f"{name!r} is not the name of a RouterOS property")
