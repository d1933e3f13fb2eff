"""`:tonum`, `:tostr` and the other conversions: `nil` for what cannot be converted (7.21)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Final

from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.values import (
    NIL,
    Array,
    Empty,
    Id,
    Time,
    Value,
    address6_of,
    address_of,
    literal,
    number_of,
    text,
    time_of,
)

_NS: Final = 1_000_000_000
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def _each(value: Value, change: Callable[[Value], Value]) -> Value:
    """A conversion of an array converts its elements."""
    if isinstance(value, Array):
        return Array([change(item) for item in value.items], {key: change(item) for key, item in value.keyed.items()})
    return change(value)


def to_number(value: Value) -> Value:
    """Whole numbers only: no fraction, no blanks, no booleans. Times count seconds. [unverified: times, addresses]."""
    return _each(value, _number)


def _number(value: Value) -> Value:
    if isinstance(value, bool):
        return NIL
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        number = number_of(value)
        return NIL if number is None else number
    if isinstance(value, Time):
        return int(value.ns / _NS)
    if isinstance(value, IPv4Address):
        return int(value)
    if isinstance(value, Id):
        return int(value.text[1:], 16)
    return NIL


def to_string(value: Value) -> Value:
    return text(value)


def to_address(value: Value) -> Value:
    """An address from its text, a number or a prefix, whose address part it is."""
    if isinstance(value, IPv4Interface):
        return value.ip
    if isinstance(value, IPv4Address):
        return value
    if type(value) is int:
        return IPv4Address(value & 0xFFFFFFFF)
    if isinstance(value, str):
        found = address_of(value)
        return to_address(found) if found is not None else NIL
    return NIL


def to_address6(value: Value) -> Value:
    if isinstance(value, IPv6Interface):
        return value.ip
    if isinstance(value, IPv6Address):
        return value
    if isinstance(value, str):
        found = address6_of(value)
        return to_address6(found) if found is not None else NIL
    return NIL


def to_boolean(value: Value) -> Value:
    """Numbers and booleans only: `[:tobool "yes"]` is nil (7.21)."""
    if isinstance(value, bool):
        return value
    return value != 0 if isinstance(value, int) else NIL


def to_time(value: Value) -> Value:
    """A time from its text or a number of seconds."""
    if isinstance(value, Time):
        return value
    if isinstance(value, bool):
        return NIL
    if isinstance(value, int):
        return Time(value * _NS)
    if isinstance(value, str):
        number = number_of(value)
        if number is not None:
            return Time(number * _NS)
        found = time_of(value) or _moment(value)
        return NIL if found is None else found
    return NIL


def _moment(given: str) -> Time | None:
    """Time since 1970 of a date with a time of day, with a blank between and no `T` (seen on 7.12)."""
    if _DATE.fullmatch(given) is None:
        return None
    try:
        moment = datetime.fromisoformat(given).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Time(int(moment.timestamp()) * _NS)


def to_nanoseconds(value: Value) -> Value:
    found = to_time(value)
    return found.ns if isinstance(found, Time) else NIL


def to_id(value: Value) -> Value:
    if isinstance(value, Id):
        return value
    if type(value) is int:
        return Id(f"*{value:X}")
    found = literal(value) if isinstance(value, str) else NIL
    return found if isinstance(found, Id) else NIL


def to_array(value: Value, delimiter: str = ",") -> Array:
    """An array: of a string its parts between delimiters, of an empty value none.

    Parts are read as literals, so numbers among them are numbers. Raises `RosError` for an empty delimiter.
    """
    if isinstance(value, Array):
        return value
    if isinstance(value, Empty) or value == "":
        return Array()
    if not isinstance(value, str):
        return Array([value])
    if not delimiter:
        raise RosError("invalid value for argument delimiter")
    return Array([_part(part) for part in value.split(delimiter)])


def _part(part: str) -> Value:
    """[unverified: that parts which spell another type take it; numbers do in scripts of the field]."""
    return literal(part)


CONVERSIONS: Final[dict[str, Callable[[Value], Value]]] = {
    "/tonum": to_number,
    "/tostr": to_string,
    "/toip": to_address,
    "/toip6": to_address6,
    "/tobool": to_boolean,
    "/totime": to_time,
    "/tonsec": to_nanoseconds,
    "/toid": to_id,
}
