"""Values as given, checked by kind and turned into the API's spelling of them.

RouterOS's texts are those of its console: which one a wrong boolean or address gets is not recorded anywhere; that
words of a choice and names of items get `input does not match any value of` is.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Final

from tikfleet.routeros.values import (
    FALSE_WORDS,
    TRUE_WORDS,
    format_duration,
    parse_duration_s,
    parse_int,
    parse_rate_bps,
    parse_size_bytes,
)
from tikfleet.virtual.menus.request import ARGUMENT, Refused
from tikfleet.virtual.menus.schema import Kind, Property

_MAC: Final = re.compile(r"[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){5}")
# Words that stand for a duration in one menu or another.
_TIMELESS: Final = frozenset(
    {"none", "never", "auto", "default", "infinity", "unlimited", "disabled", "forever", "startup"}
    | {"none-dynamic", "none-static", "no", "always", "not-set", "unspecified", "immediately"}
)
_WORD: Final = re.compile(r"[a-z][a-z-]*")


def checked(fact: Property, value: str) -> str:
    """The value as the router keeps it. Raises `Refused` with the console's text for one that it does not take."""
    if value in fact.choices and fact.kind is not Kind.BOOLEAN:
        return value
    check = _CHECKS.get(fact.kind)
    return value if check is None else check(fact, value)


def invalid(name: str) -> Refused:
    return Refused(f"invalid value for argument {name}", ARGUMENT)


def unmatched(name: str) -> Refused:
    return Refused(f"input does not match any value of {name}", ARGUMENT)


def _boolean(fact: Property, value: str) -> str:
    word = value.lower()
    # A flag that is given without a value is on.
    if word in TRUE_WORDS or not word:
        return "true"
    if word in FALSE_WORDS:
        return "false"
    if value in fact.choices:
        return value
    raise unmatched(fact.name)


def _number(fact: Property, value: str) -> str:
    try:
        number = parse_int(value.removesuffix("KiB"))
    except ValueError as cause:
        if fact.choices or _WORD.fullmatch(value):
            raise unmatched(fact.name) from cause
        raise invalid(fact.name) from cause
    if fact.bounds is not None and not fact.bounds[0] <= number <= fact.bounds[1]:
        text = f"value of {fact.name} out of range ({fact.bounds[0]}..{fact.bounds[1]})"
        raise Refused(text, ARGUMENT)
    return str(number)


def _duration(fact: Property, value: str) -> str:
    if value in _TIMELESS:
        return value
    try:
        duration_s = parse_duration_s(value)
    except ValueError as cause:
        raise invalid(fact.name) from cause
    return value if duration_s is None else format_duration(duration_s)


def _address(fact: Property, value: str) -> str:
    bare, mark, scope = _scoped(value)
    with suppress(ValueError):
        return str(IPv4Address(bare)) + mark + scope
    raise invalid(fact.name)


def _prefix(fact: Property, value: str) -> str:
    with suppress(ValueError):
        return str(IPv4Interface(value))
    raise invalid(fact.name)


def _address6(fact: Property, value: str) -> str:
    bare, mark, scope = _scoped(value)
    with suppress(ValueError):
        return str(IPv6Address(bare)) + mark + scope
    raise invalid(fact.name)


def _prefix6(fact: Property, value: str) -> str:
    # An interface's address without a length has a whole network; anything else means one machine.
    if fact.name == "address" and "/" not in value:
        value = f"{value}/64"
    with suppress(ValueError):
        return str(IPv6Interface(value))
    raise invalid(fact.name)


def _scoped(value: str) -> tuple[str, str, str]:
    """An address, and the interface (`%ether1`) or the routing table (`@vrf`) it is in."""
    for mark in "%@":
        bare, found, scope = value.partition(mark)
        if found:
            return bare, mark, scope
    return value, "", ""


def _mac(fact: Property, value: str) -> str:
    if _MAC.fullmatch(value) is None:
        raise invalid(fact.name)
    digits = re.sub(r"[^0-9A-F]", "", value.upper())
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def _size(fact: Property, value: str) -> str:
    return _quantity(fact, value, parse_size_bytes)


def _rate(fact: Property, value: str) -> str:
    return _quantity(fact, value, parse_rate_bps)


def _quantity(fact: Property, value: str, parse: Callable[[str], int]) -> str:
    """One quantity, or the two of `upload/download`."""
    parts = []
    for part in value.split("/"):
        if part in fact.choices or part in _TIMELESS:
            parts.append(part)
            continue
        try:
            parts.append(str(parse(part)))
        except ValueError as cause:
            raise invalid(fact.name) from cause
    return "/".join(parts)


def _choice(fact: Property, value: str) -> str:
    # Only the first word of `ipsec-policy=in,ipsec` and the like is a choice.
    if not fact.choices or fact.refers or value.partition(",")[0].lstrip("!") in fact.choices:
        return value
    raise unmatched(fact.name)


def _list(fact: Property, value: str) -> str:
    words = [word.strip() for word in value.split(",")] if value else []
    if fact.choices and not fact.refers:
        for word in words:
            # Ports and protocols come as numbers too, and `icmp:8` or `1-10` narrow a choice down.
            if word.lstrip("!") not in fact.choices and not re.match(r"!?\d|.*[:@]", word):
                raise unmatched(fact.name)
    return ",".join(words)


def _matcher(fact: Property, value: str) -> str:
    if fact.choices and not fact.refers:
        return _list(fact, value)
    return value


_CHECKS: Final[dict[Kind, Callable[[Property, str], str]]] = {
    Kind.BOOLEAN: _boolean,
    Kind.NUMBER: _number,
    Kind.DURATION: _duration,
    Kind.ADDRESS: _address,
    Kind.PREFIX: _prefix,
    Kind.ADDRESS6: _address6,
    Kind.PREFIX6: _prefix6,
    Kind.MAC: _mac,
    Kind.SIZE: _size,
    Kind.RATE: _rate,
    Kind.CHOICE: _choice,
    Kind.LIST: _list,
    Kind.MATCHER: _matcher,
}
