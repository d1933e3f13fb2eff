"""Operators on values: arithmetic, comparison, joining, matching.

Types that do not fit are an error in words that follow `cannot compare if string is less than string`, which is
recorded; the other texts are unverified. A string that spells a number counts as one, and an empty value counts as 0:
both seen on 7.21.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any, Final

from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.regex import compiled
from tikfleet.virtual.scripting.values import (
    MAX_TEXT,
    Array,
    Empty,
    Id,
    Time,
    Value,
    bounded,
    number_of,
    text,
    time_of,
    too_long,
    typename,
    wrapped,
)

_NS: Final = 1_000_000_000
_MAX4: Final = (1 << 32) - 1
_MAX6: Final = (1 << 128) - 1
_SHIFT: Final = 63
_SPOKEN: Final = {
    "nothing": "nothing",
    "nil": "nil",
    "bool": "boolean",
    "num": "integer number",
    "str": "string",
    "time": "time interval",
    "id": "internal number",
    "ip": "ip address",
    "ip-prefix": "ip prefix",
    "ip6": "ipv6 address",
    "ip6-prefix": "ipv6 prefix",
    "array": "array",
    "code": "code",
    "op": "operation",
}


def _spoken(value: Value) -> str:
    return _SPOKEN[typename(value)]


def _operand(value: Value) -> Value:
    """A value as arithmetic sees it: strings of digits are numbers, an empty value is 0."""
    if isinstance(value, Empty):
        return 0
    if isinstance(value, str):
        number = number_of(value)
        if number is not None:
            return number
        time = time_of(value)
        return value if time is None else time
    return value


def add(left: Value, right: Value) -> Value:
    left, right = _operand(left), _operand(right)
    if type(left) is int and type(right) is int:
        return wrapped(left + right)
    match left, right:
        case Time(), Time():
            return Time(wrapped(left.ns + right.ns))
        case Time(), int() if not isinstance(right, bool):
            return Time(wrapped(left.ns + right * _NS))
        case int(), Time() if not isinstance(left, bool):
            return Time(wrapped(right.ns + left * _NS))
        case ((IPv4Address() | IPv6Address()), int()) if not isinstance(right, bool):
            return _moved(left, right)
    raise RosError(f"cannot add {_spoken(right)} to {_spoken(left)}")


def subtract(left: Value, right: Value) -> Value:
    left, right = _operand(left), _operand(right)
    if type(left) is int and type(right) is int:
        return wrapped(left - right)
    match left, right:
        case Time(), Time():
            return Time(wrapped(left.ns - right.ns))
        case Time(), int() if not isinstance(right, bool):
            return Time(wrapped(left.ns - right * _NS))
        case int(), Time() if not isinstance(left, bool):
            return Time(wrapped(left * _NS - right.ns))
        case IPv4Address(), IPv4Address():
            return int(left) - int(right)
        case ((IPv4Address() | IPv6Address()), int()) if not isinstance(right, bool):
            return _moved(left, -right)
    raise RosError(f"cannot subtract {_spoken(right)} from {_spoken(left)}")


def _moved(address: IPv4Address | IPv6Address, by: int) -> Value:
    if isinstance(address, IPv4Address):
        return IPv4Address((int(address) + by) & _MAX4)
    return IPv6Address((int(address) + by) & _MAX6)


def multiply(left: Value, right: Value) -> Value:
    left, right = _operand(left), _operand(right)
    if type(left) is int and type(right) is int:
        return wrapped(left * right)
    match left, right:
        case Time(), int() if not isinstance(right, bool):
            return Time(wrapped(left.ns * right))
        case int(), Time() if not isinstance(left, bool):
            return Time(wrapped(left * right.ns))
    raise RosError(f"cannot multiply {_spoken(left)} with {_spoken(right)}")


def divide(left: Value, right: Value) -> Value:
    left, right = _operand(left), _operand(right)
    match left, right:
        case int(), int() if type(left) is type(right) is int:
            return wrapped(_quotient(left, right))
        case Time(), int() if not isinstance(right, bool):
            return Time(_quotient(left.ns, right))
        case Time(), Time():
            return _quotient(left.ns, right.ns)
    raise RosError(f"cannot divide {_spoken(left)} by {_spoken(right)}")


def remainder(left: Value, right: Value) -> Value:
    left, right = _operand(left), _operand(right)
    match left, right:
        case int(), int() if type(left) is type(right) is int:
            return left - _quotient(left, right) * right
    raise RosError(f"cannot divide {_spoken(left)} by {_spoken(right)}")


def _quotient(left: int, right: int) -> int:
    """Division that drops the fraction, towards zero."""
    if right == 0:
        raise RosError("divide by zero")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def negative(value: Value) -> Value:
    value = _operand(value)
    if isinstance(value, Time):
        return Time(-value.ns)
    if type(value) is int:
        return wrapped(-value)
    raise RosError(f"cannot negate {_spoken(value)}")


def inverted_bits(value: Value) -> Value:
    value = _operand(value)
    if isinstance(value, IPv4Address):
        return IPv4Address(~int(value) & _MAX4)
    if isinstance(value, IPv6Address):
        return IPv6Address(~int(value) & _MAX6)
    if type(value) is int:
        return ~value
    raise RosError(f"cannot invert {_spoken(value)}")


def inverted(value: Value) -> Value:
    """`!`: an empty value is false. [unverified]."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, Empty):
        return True
    if type(value) is int:
        return value == 0
    raise RosError(f"cannot invert {_spoken(value)}")


def truth(value: Value) -> bool:
    """What a condition holds: a boolean, or a number that is not zero (7.21)."""
    if isinstance(value, bool):
        return value
    if type(value) is int:
        return value != 0
    raise RosError("conditional not boolean")


def both(left: Value, right: Value) -> Value:
    return _logical(left) and _logical(right)


def either(left: Value, right: Value) -> Value:
    return _logical(left) or _logical(right)


def _logical(value: Value) -> bool:
    return False if isinstance(value, Empty) else truth(value)


def _bitwise(name: str, change: Callable[[int, int], int]) -> Callable[[Value, Value], Value]:
    def apply(left: Value, right: Value) -> Value:
        left, right = _operand(left), _operand(right)
        if type(left) is int and type(right) is int:
            return wrapped(change(left, right))
        for kind in (IPv4Address, IPv6Address):
            if isinstance(left, kind) and isinstance(right, kind):
                return kind(change(int(left), int(right)))
        raise RosError(f"cannot {name} {_spoken(left)} and {_spoken(right)}")

    return apply


def shift_left(left: Value, right: Value) -> Value:
    return _shifted(left, right, to_left=True)


def shift_right(left: Value, right: Value) -> Value:
    return _shifted(left, right, to_left=False)


def _shifted(left: Value, right: Value, *, to_left: bool) -> Value:
    left, right = _operand(left), _operand(right)
    if type(right) is int and type(left) in (int, IPv4Address):
        by = right & _SHIFT
        number = int(left)  # type: ignore[arg-type]
        moved = number << by if to_left else number >> by
        return IPv4Address(moved & _MAX4) if isinstance(left, IPv4Address) else wrapped(moved)
    raise RosError(f"cannot shift {_spoken(left)} by {_spoken(right)}")


def equal(left: Value, right: Value) -> bool:
    """Values of one type by value, others by their printed form: `5 = "5"` holds, `true = 1` does not (7.21)."""
    if type(left) is type(right):
        return left == right
    return text(left) == text(right)


def _ordered(left: Value, right: Value, spoken: str) -> tuple[Any, Any]:
    first, second = _operand(left), _operand(right)
    if type(first) is type(second):
        if isinstance(first, int | Time):
            return first, second
        if isinstance(first, IPv4Address | IPv6Address | IPv4Interface | IPv6Interface):
            return int(first), int(second)  # type: ignore[arg-type]
        if isinstance(first, Id):
            return _id_number(first), _id_number(second)
    # Seen in scripts of the field: the clock's time of day against a number of seconds.
    if isinstance(first, Time) and type(second) is int:
        return first.ns, second * _NS
    if type(first) is int and isinstance(second, Time):
        return first * _NS, second.ns
    raise RosError(f"cannot compare if {_spoken(left)} is {spoken} than {_spoken(right)}")


def _id_number(value: Value) -> int:
    return int(text(value)[1:], 16)


def less(left: Value, right: Value) -> bool:
    first, second = _ordered(left, right, "less")
    return bool(first < second)


def more(left: Value, right: Value) -> bool:
    first, second = _ordered(left, right, "more")
    return bool(first > second)


def not_more(left: Value, right: Value) -> bool:
    first, second = _ordered(left, right, "less")
    return bool(first <= second)


def not_less(left: Value, right: Value) -> bool:
    first, second = _ordered(left, right, "more")
    return bool(first >= second)


def joined(left: Value, right: Value) -> Value:
    """`.`: two texts as one; with an array, each of its elements is joined (reference §2.2)."""
    if isinstance(left, Array):
        keyed = {key: joined(item, right) for key, item in left.keyed.items()}
        return _sized(Array([joined(item, right) for item in left.items], keyed))
    if isinstance(right, Array):
        keyed = {key: joined(left, item) for key, item in right.keyed.items()}
        return _sized(Array([joined(left, item) for item in right.items], keyed))
    return bounded(text(left) + text(right))


def _sized(array: Array) -> Array:
    """An array whose new strings hold no more than a few variables could."""
    total = sum(len(item) for item in array.values() if isinstance(item, str))
    if total > 16 * MAX_TEXT:
        raise too_long()
    return array


def listed(left: Value, right: Value) -> Value:
    """`,`: one array of both, the elements of arrays side by side."""
    items: list[Value] = []
    keyed: dict[str, Value] = {}
    for value in (left, right):
        if isinstance(value, Array):
            items.extend(value.items)
            keyed.update(value.keyed)
        else:
            items.append(value)
    return Array(items, keyed)


def matches(left: Value, right: Value) -> bool:
    """`~`: whether the regular expression on the right is found in the text, or in any element of an array."""
    pattern = compiled(text(right))
    if isinstance(left, Array):
        return any(pattern.found(text(item)) for item in left.values())
    return pattern.found(text(left))


def contained(left: Value, right: Value) -> bool:
    """`in`: an address or prefix inside a prefix, or a value among an array's. [unverified for arrays]."""
    if isinstance(right, Array):
        return any(equal(left, item) for item in right.values())
    match left, right:
        case IPv4Address(), IPv4Interface():
            return left in right.network
        case IPv6Address(), IPv6Interface():
            return left in right.network
        case IPv4Interface(), IPv4Interface():
            return left.network.subnet_of(right.network)
        case IPv6Interface(), IPv6Interface():
            return left.network.subnet_of(right.network)
        case IPv4Address(), IPv4Address():
            return left == right
        case IPv6Address(), IPv6Address():
            return left == right
    raise RosError(f"cannot find if {_spoken(left)} is in {_spoken(right)}")


def element(left: Value, right: Value) -> Value:
    """`->`: an element of an array; nothing for what is no array or not there (7.21)."""
    return left.get(right) if isinstance(left, Array) else Empty.NOTHING


BINARY: Final[dict[str, Callable[[Value, Value], Value]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "&": _bitwise("and", lambda left, right: left & right),
    "|": _bitwise("or", lambda left, right: left | right),
    "^": _bitwise("xor", lambda left, right: left ^ right),
    "<<": shift_left,
    ">>": shift_right,
    "=": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": less,
    ">": more,
    "<=": not_more,
    ">=": not_less,
    ".": joined,
    ",": listed,
    "~": matches,
    "in": contained,
    "->": element,
    # No short cut: RouterOS works out both sides whatever the first says (7.21).
    "and": both,
    "or": either,
    " ": both,
}
UNARY: Final[dict[str, Callable[[Value], Value]]] = {"-": negative, "~": inverted_bits, "!": inverted}
