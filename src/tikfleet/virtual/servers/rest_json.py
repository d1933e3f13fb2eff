"""JSON as RouterOS's web server reads and writes it.

Replies hold nothing but strings, their keys in alphabetical order. Requests may use strings, booleans and numbers;
numbers may be octal (`010`) or hexadecimal (`0x10`) and have no exponent. All of it is from the manual's REST page.
[unverified: how null, nested objects and lists as values are taken; here null is "", a list is joined by commas]
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn, TypeAlias

Body: TypeAlias = dict[str, str | list[str]]

_LITERAL: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(?<![\w.+-])-?0(?:[xX][0-9a-fA-F]+|[0-7]+)(?![\w.])')


class MalformedJson(ValueError):
    """The body of a request is no JSON object that the router can read."""


def decoded(body: bytes) -> Body:
    """The members of an object as text; lists of strings stay lists. Raises `MalformedJson`."""
    try:
        value = _parsed(body.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as fault:
        raise MalformedJson("Failed to parse json") from fault
    if not isinstance(value, dict):
        raise MalformedJson("Failed to parse json")
    return {name: _member(member) for name, member in value.items()}


def encoded(value: object) -> bytes:
    """Compact, keys in order. Bytes that were no UTF-8 when they came leave as they came."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogateescape")


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        # Only now look for numbers that JSON has not: they are rare, and strings must be stepped over.
        return _DECODER.decode(_LITERAL.sub(_decimal, text))


def _decimal(match: re.Match[str]) -> str:
    word = match[0]
    if word.startswith('"'):
        return word
    sign, digits = ("-", word[1:]) if word.startswith("-") else ("", word)
    return sign + str(int(digits, 16) if digits[1:2] in ("x", "X") else int(digits, 8))


def _fraction(word: str) -> str:
    if "e" in word or "E" in word:
        raise MalformedJson("a number with an exponent")
    return word


def _no_constant(word: str) -> NoReturn:
    raise MalformedJson(f"{word} is no JSON")


_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=_fraction, parse_constant=_no_constant)


def _member(value: object) -> str | list[str]:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case list():
            return [_element(element) for element in value]
        case _:
            raise MalformedJson("Failed to parse json")


def _element(value: object) -> str:
    member = _member(value)
    if isinstance(member, list):
        raise MalformedJson("Failed to parse json")
    return member


def arguments(body: Mapping[str, str | Sequence[str]]) -> dict[str, str]:
    """Members as a command takes them: lists joined by commas."""
    return {name: value if isinstance(value, str) else ",".join(value) for name, value in body.items()}
