"""Values of menus: text on their side, typed on the script's.

Menus speak the text of the API; a script sees the type that the property's kind gives. A text that its kind cannot
hold stays a string, such as `never` for a time.
"""

from collections.abc import Callable
from typing import Final

from tikfleet.routeros.values import parse_rate_bps, parse_size_bytes
from tikfleet.virtual.menus.schema import Kind
from tikfleet.virtual.scripting.values import (
    Array,
    Empty,
    Id,
    Value,
    address6_of,
    address_of,
    number_of,
    text,
    time_of,
)


def _boolean(given: str) -> Value:
    return {"true": True, "yes": True, "false": False, "no": False}.get(given, given)


def _number(given: str) -> Value:
    number = number_of(given)
    return given if number is None else number


def _counted(parse: Callable[[str], int]) -> Callable[[str], Value]:
    def read(given: str) -> Value:
        try:
            return parse(given)
        except ValueError:
            return given

    return read


def _ids(given: str) -> Value:
    """An id, or several."""
    if "," in given:
        return Array([Id(part) for part in given.split(",")])
    return Id(given) if given.startswith("*") else given


_TYPED: Final[dict[Kind, Callable[[str], Value]]] = {
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DURATION: lambda given: time_of(given) or given,
    Kind.ADDRESS: lambda given: address_of(given) or given,
    Kind.PREFIX: lambda given: address_of(given) or given,
    Kind.ADDRESS6: lambda given: address6_of(given) or given,
    Kind.PREFIX6: lambda given: address6_of(given) or given,
    Kind.SIZE: _counted(parse_size_bytes),
    Kind.RATE: _counted(parse_rate_bps),
    Kind.LIST: lambda given: Array(given.split(",")) if given else Array(),
    Kind.ID: _ids,
}


def typed(given: str, kind: Kind) -> Value:
    """What a script sees. `given` is text of the menus, where a character is a character."""
    plain = encoded(given)
    read = _TYPED.get(kind)
    if read is None:
        return plain
    return "" if not plain and kind is not Kind.LIST else read(plain)


def spelled(value: Value) -> str:
    """A value as text for the menus. Bytes that are no UTF-8 survive as surrogates."""
    if isinstance(value, Empty):
        return ""
    plain = ",".join([text(item) for item in value.values()]) if isinstance(value, Array) else text(value)
    return decoded(plain)


def decoded(plain: str) -> str:
    """Text with one character a byte, as characters."""
    return plain if plain.isascii() else plain.encode("latin-1").decode("utf-8", "surrogateescape")


def encoded(plain: str) -> str:
    """Text of characters, with one character a byte."""
    return plain if plain.isascii() else plain.encode("utf-8", "surrogateescape").decode("latin-1")
