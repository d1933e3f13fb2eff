"""Unquoted words as RouterOS reads them: numbers, booleans, times and addresses in their normal spelling."""

import re
from ipaddress import IPv6Address, IPv6Network
from typing import Final

from tikfleet.routeros.script import catalogue
from tikfleet.routeros.values import FALSE_WORDS, TRUE_WORDS, format_script_time, parse_duration_s

_NUMBER: Final = re.compile(r"-?\d{1,19}")
_HEX: Final = re.compile(r"0[xX][0-9a-fA-F]{1,16}")
_TIME: Final = re.compile(r"-?(?=[\d:])(?:\d+(?:\.\d+)?(?:ms|us|ns|[wdhms]))*(?:\d+:\d+(?::\d+(?:\.\d+)?)?)?")
_ADDRESS: Final = re.compile(r"(\d{1,10}(?:\.\d{1,10}){1,3})(/\d+)?")
_ADDRESS6: Final = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:/\d+)?")
_UNITS: Final = re.compile(r"(?:\d+(?:ms|us|ns|[wdhms]))+")
_AS_WRITTEN: Final = frozenset({catalogue.TEXT, catalogue.NAME, catalogue.BLOCK})
_QUAD: Final = 4
BOOLEANS: Final = TRUE_WORDS | FALSE_WORDS


def normal(word: str) -> str:
    """The value of a word where anything may stand; a word that is no other literal is a string, unchanged."""
    first = word[:1]
    if first.isdigit() or first in "-:":
        return _numeric(word)
    return _boolean(word)


def of_kind(word: str, kind: str) -> str:
    """The value of a word given to an argument of one of the catalogue's kinds."""
    if kind in _AS_WRITTEN:
        return word
    if kind == catalogue.CLASSIFIER:
        return _negatable(word.replace(":", ";").replace("/", ";"))
    if kind == catalogue.MATCHER:
        return _negatable(word.replace(",", ";"))
    if kind == catalogue.MATCHERS:
        return ";".join([_negatable(part) for part in word.split(",")])
    if kind == catalogue.FLAGS:
        return ";" + of_kind(word, catalogue.MATCHERS)
    if "," in word:
        return ";".join([_single(part, kind) for part in word.split(",")])
    return _single(word, kind)


def _single(word: str, kind: str) -> str:
    if kind == catalogue.ANYTHING:
        return normal(word)
    if kind == catalogue.BOOLEAN:
        return _boolean(word)
    if kind == catalogue.DURATION:
        return _time(word)
    if kind == catalogue.ADDRESS:
        address, slash, mask = word.partition("/")
        return (word if ":" in word else normal(address)) + (";" + mask if slash else "")
    if kind == catalogue.FREE:
        return _time(word) if _UNITS.fullmatch(word) else word
    if kind.startswith(catalogue.BOOLEAN):
        false, _, true = kind[1:].partition("|")
        return {false: "false", true: "true"}.get(word, word)
    return word


def _boolean(word: str) -> str:
    if word in TRUE_WORDS:
        return "true"
    return "false" if word in FALSE_WORDS else word


def _numeric(word: str) -> str:
    if _NUMBER.fullmatch(word):
        return str(int(word))
    if _HEX.fullmatch(word):
        return str(int(word, 16))
    address = _ADDRESS.fullmatch(word)
    if address is not None:
        return _dotted(address[1]) + (address[2] or "")
    if _TIME.fullmatch(word):
        return _time(word)
    return _address6(word) if _ADDRESS6.fullmatch(word) else word


def _address6(word: str) -> str:
    """An IPv6 prefix loses the bits behind its length; an IPv4 one keeps them."""
    try:
        return str(IPv6Network(word, strict=False) if "/" in word else IPv6Address(word))
    except ValueError:
        return word


def _time(word: str) -> str:
    try:
        duration_s = parse_duration_s(word)
    except ValueError:
        return word
    return word if duration_s is None else format_script_time(duration_s)


def _dotted(word: str) -> str:
    """`1.1` is `1.0.0.1`: the last number fills what is left, as in `inet_aton`."""
    numbers = [int(part) for part in word.split(".")]
    last = numbers.pop()
    left = _QUAD - len(numbers)
    if last >= 256**left or any(number > 255 for number in numbers):  # noqa: PLR2004 - an octet
        return word
    return ".".join(str(number) for number in (*numbers, *last.to_bytes(left, "big")))


def _negatable(value: str) -> str:
    """A value that may be negated: RouterOS keeps the negation and the value apart."""
    return "true;" + value[1:] if value.startswith("!") else ";" + value
