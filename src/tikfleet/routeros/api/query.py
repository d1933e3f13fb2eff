"""Conditions of `print`, as a typed expression that becomes query words (MikroTik manual, API, Queries).

`(equals("type", "ether") | equals("type", "vlan")) & ~has("comment")`. The router works them off on a stack, so an
expression is written operands first.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tikfleet.routeros.api.command import Value, as_word_text


@dataclass(frozen=True, slots=True)
class Query:
    """One condition, made by the functions of this module. `&`, `|` and `~` put them together."""

    words: tuple[str, ...]

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __and__(self, other: "Query") -> "Query":
        return Query((*self.words, *other.words, "?#&"))

    def __or__(self, other: "Query") -> "Query":
        return Query((*self.words, *other.words, "?#|"))

    def __invert__(self) -> "Query":
        return Query((*self.words, "?#!"))


def has(name: str) -> Query:
    """Items that have the property, whatever its value."""
    return Query((f"?{_checked(name)}",))


def lacks(name: str) -> Query:
    """Items without the property."""
    return Query((f"?-{_checked(name)}",))


def equals(name: str, value: Value) -> Query:
    """Items whose property has this value."""
    return Query((f"?={_checked(name)}={as_word_text(value)}",))


def less(name: str, value: Value) -> Query:
    """Items whose property is below this value, by the property's own order."""
    return Query((f"?<{_checked(name)}={as_word_text(value)}",))


def greater(name: str, value: Value) -> Query:
    """Items whose property is above this value."""
    return Query((f"?>{_checked(name)}={as_word_text(value)}",))


def one_of(name: str, *values: Value) -> Query:
    """Items whose property has one of these values. Raises `ValueError` without any."""
    if not values:
        raise ValueError("a choice of no values matches nothing")
    first, *rest = (equals(name, value) for value in values)
    for query in rest:
        first |= query
    return first


def _checked(name: str) -> str:
    # A name that begins with a sign would change what is asked.
    if not name or "=" in name or name[0] in "-<>#?":
        raise ValueError("a property's name is not empty, has no = and begins with no sign of a query")
    return name
