"""Values of scripts, their types and their printed form.

Strings are held with one character a byte (latin-1), as the parser holds them, so that a UTF-8 letter counts as
its bytes and any byte survives. Arrays never change in place: a script that sets an element gets a new one, so an
array is passed by value, never holds itself, and shares memory with its copies.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Final, TypeAlias

from tikfleet.routeros.script.tree import Node
from tikfleet.routeros.values import parse_duration_s
from tikfleet.virtual.scripting.errors import RosError

# String variables and `:execute` sources hold this much (reference §1.2).
MAX_TEXT: Final = 65_536
MAX_ITEMS: Final = 65_536
_WRAP: Final = 1 << 64
_HALF: Final = 1 << 63
_NS: Final = 1_000_000_000


class Empty(Enum):
    """`nothing` is what an undeclared variable or a missing element holds, `nil` what a failed conversion gives."""

    NOTHING = "nothing"
    NIL = "nil"


NOTHING: Final = Empty.NOTHING
NIL: Final = Empty.NIL


@dataclass(frozen=True, slots=True, order=True)
class Time:
    """A duration or time of day, in nanoseconds."""

    ns: int


@dataclass(frozen=True, slots=True)
class Id:
    """An internal id as written: `*1A`."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """What `:parse` gives: statements, and the source that they come from, for the lines of errors."""

    statements: Sequence[Node] = field(repr=False)
    source: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Function(Code):
    """A block kept by `do=`; RouterOS calls its type an array."""


@dataclass(frozen=True, slots=True, eq=False)
class Quoted:
    """`(> expression)`: kept unevaluated until it is called."""

    node: Node = field(repr=False)


class Array:
    """Items without a key in their order, then keyed ones sorted by key."""

    __slots__ = ("items", "keyed")

    def __init__(self, items: Sequence["Value"] = (), keyed: "dict[str, Value] | None" = None) -> None:
        self.items: tuple[Value, ...] = tuple(items)
        self.keyed: dict[str, Value] = dict(sorted(keyed.items())) if keyed else {}
        if len(self) > MAX_ITEMS:
            raise RosError(f"an array may hold {MAX_ITEMS} items")

    def __len__(self) -> int:
        return len(self.items) + len(self.keyed)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Array) and self.items == other.items and self.keyed == other.keyed

    def __hash__(self) -> int:
        return hash((self.items, tuple(self.keyed)))

    def __repr__(self) -> str:
        return f"Array({list(self.items)!r}, {self.keyed!r})"

    def pairs(self) -> "Iterator[tuple[int | str, Value]]":
        """Key and value of each, numbers first: what `:foreach key,value` walks."""
        yield from enumerate(self.items)
        yield from self.keyed.items()

    def values(self) -> "Iterator[Value]":
        yield from self.items
        yield from self.keyed.values()

    def get(self, key: Any) -> "Value":
        """An element by number or key; nothing where there is none."""
        if isinstance(key, int) and not isinstance(key, bool):
            return self.items[key] if 0 <= key < len(self.items) else NOTHING
        return self.keyed.get(text(key), NOTHING)

    def put(self, key: Any, value: "Value") -> "Array":
        """The array with one element set, or without it when the value is nothing. [unverified: gaps are filled]."""
        if isinstance(key, int) and not isinstance(key, bool):
            return Array(_placed(self.items, key, value), self.keyed)
        keyed = dict(self.keyed)
        if value is NOTHING:
            keyed.pop(text(key), None)
        else:
            keyed[text(key)] = value
        return Array(self.items, keyed)


Value: TypeAlias = (
    Empty
    | bool
    | int
    | str
    | Time
    | Id
    | IPv4Address
    | IPv4Interface
    | IPv6Address
    | IPv6Interface
    | Array
    | Code
    | Quoted
)
_TYPES: Final[dict[type, str]] = {
    bool: "bool",
    int: "num",
    str: "str",
    Time: "time",
    Id: "id",
    IPv4Address: "ip",
    IPv4Interface: "ip-prefix",
    IPv6Address: "ip6",
    IPv6Interface: "ip6-prefix",
    Array: "array",
    Code: "code",
    Function: "array",
    Quoted: "op",
}


def _placed(items: tuple[Value, ...], place: int, value: Value) -> list[Value]:
    changed = list(items)
    if not 0 <= place < MAX_ITEMS:
        raise RosError(f"an array may hold {MAX_ITEMS} items")
    if value is NOTHING:
        del changed[place : place + 1]
        return changed
    changed.extend([NOTHING] * (place + 1 - len(changed)))
    changed[place] = value
    return changed


def typename(value: Value) -> str:
    """What `:typeof` answers."""
    return value.value if isinstance(value, Empty) else _TYPES[type(value)]


def wrapped(number: int) -> int:
    """A number of 64 bits with its sign: past the largest comes the smallest."""
    return (number + _HALF) % _WRAP - _HALF


def text(value: Value) -> str:
    """The printed form, as `:put` shows it. Raises `RosError` past `MAX_TEXT` characters."""
    if type(value) is str:
        return value
    if isinstance(value, Array):
        pieces: list[str] = []
        _array_text(value, pieces, MAX_TEXT)
        return ";".join(pieces)
    return _plain_text(value)


def _plain_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Empty):
        return ""
    if isinstance(value, Time):
        return time_text(value)
    if isinstance(value, Id):
        return value.text
    if isinstance(value, Function):
        return ";(code)"
    if isinstance(value, Code | Quoted):
        return "(code)"
    return str(value)


def _array_text(array: Array, pieces: list[str], room: int) -> int:
    """Add the forms of all elements; what room is left."""
    for key, item in array.pairs():
        before = len(pieces)
        if isinstance(item, Array):
            room = _array_text(item, pieces, room)
            if isinstance(key, str) and len(pieces) == before:
                pieces.append("")
        else:
            pieces.append(text(item))
            room -= len(pieces[-1]) + 1
        if isinstance(key, str) and len(pieces) > before:
            pieces[before] = f"{key}={pieces[before]}"
            room -= len(key) + 1
        if room < 0:
            raise too_long()
    return room


def too_long() -> RosError:
    """A string over the limit. [unverified: RouterOS's own words]."""
    return RosError(f"a string may hold {MAX_TEXT} bytes")


def bounded(value: str) -> str:
    """The string, if a variable may hold it."""
    if len(value) > MAX_TEXT:
        raise too_long()
    return value


def time_text(time: Time) -> str:
    """`1w2d03:04:05`, `00:00:00.200`: the fraction in groups of three digits."""
    left, fraction_ns = divmod(abs(time.ns), _NS)
    weeks, left = divmod(left, 604_800)
    days, left = divmod(left, 86_400)
    date = (f"{weeks}w" if weeks else "") + (f"{days}d" if days else "")
    fraction = f".{fraction_ns:09}" if fraction_ns else ""
    while fraction.endswith("000"):
        fraction = fraction[:-3]
    sign = "-" if time.ns < 0 else ""
    return f"{sign}{date}{left // 3_600:02}:{left // 60 % 60:02}:{left % 60:02}{fraction}"


def seconds(duration_s: float) -> Time:
    return Time(round(duration_s * _NS))


_NUMBER: Final = re.compile(r"-?\d{1,19}", re.ASCII)
_HEX: Final = re.compile(r"0[xX][0-9a-fA-F]{1,16}")
_TIME: Final = re.compile(r"-?(?=[\d:])(?:\d+(?:\.\d+)?(?:ms|us|ns|[wdhms]))*(?:\d+:\d+(?::\d+(?:\.\d+)?)?)?", re.ASCII)
_ID: Final = re.compile(r"\*[0-9A-Fa-f]+")
_ADDRESS: Final = re.compile(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?", re.ASCII)
_ADDRESS6: Final = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:/\d+)?")


def literal(word: str) -> Value:
    """What a bare word stands for; a word that is no other literal is a string.

    Takes words as the parser normalised them: `yes` is `true`, `1.1` is `1.0.0.1`, `5s` is `00:00:05`.
    """
    first = word[:1]
    if first.isdigit() or first in "-:":
        number = number_of(word)
        return number if number is not None else _network_or_time(word)
    if word in ("true", "false"):
        return word == "true"
    if first == "*" and _ID.fullmatch(word):
        return Id(word)
    if ":" in word and _ADDRESS6.fullmatch(word):
        return address6_of(word) or word
    return word


def number_of(word: str) -> int | None:
    """A number, decimal or hexadecimal; `None` for anything else."""
    if _NUMBER.fullmatch(word):
        number = int(word)
        return number if -_HALF <= number < _HALF else None
    return wrapped(int(word, 16)) if _HEX.fullmatch(word) else None


def _network_or_time(word: str) -> Value:
    if _ADDRESS.fullmatch(word):
        return address_of(word) or word
    time = time_of(word)
    if time is not None:
        return time
    return (address6_of(word) or word) if _ADDRESS6.fullmatch(word) else word


def address_of(word: str) -> IPv4Address | IPv4Interface | None:
    """An IPv4 address or prefix, whose host bits stay."""
    try:
        return IPv4Interface(word) if "/" in word else IPv4Address(word)
    except ValueError:
        return None


def address6_of(word: str) -> IPv6Address | IPv6Interface | None:
    """An IPv6 address, or prefix without its host bits."""
    try:
        if "/" not in word:
            return IPv6Address(word)
        given = IPv6Interface(word)
        return IPv6Interface(f"{given.network.network_address}/{given.network.prefixlen}")
    except ValueError:
        return None


def time_of(word: str) -> Time | None:
    """A duration with units or colons; `None` for anything else, a bare number included."""
    if not word or not _TIME.fullmatch(word) or word.lstrip("-").isdigit():
        return None
    try:
        duration_s = parse_duration_s(word)
    except (ValueError, OverflowError):
        return None
    return None if duration_s is None else Time(wrapped(round(duration_s * _NS)))
