"""Requests of RouterOS's REST, as values: method, path, filters and body, read as the router's web server reads them.

Replies hold nothing but strings. Requests may use strings, booleans and numbers; numbers may be octal (`010`) or
hexadecimal (`0x10`) and have no exponent (manual's REST page).
[unverified: how null and lists as values are taken; here null is "" and a list is joined by commas]
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl, unquote

_LITERAL: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(?<![\w.+-])-?0(?:[xX][0-9a-fA-F]+|[0-7]+)(?![\w.])')
_MOST_WORDS: Final = 24
_LONGEST_WORD: Final = 200
_UNPARSED: Final = "Failed to parse json"

Body = Mapping[str, str | list[str]]


class RestRefused(Exception):
    """A request that gets RouterOS's own error object: `status` and, where there is one, `detail`."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail

    @property
    def value(self) -> dict[str, object]:
        """`{"error":400,"message":"Bad Request","detail":"no such command"}`."""
        found: dict[str, object] = {"error": self.status, "message": HTTPStatus(self.status).phrase}
        return found | {"detail": self.detail} if self.detail else found


@dataclass(frozen=True, slots=True)
class RestCall:
    """One request. `words` are the decoded parts of the path, `filters` those of the query string in its order."""

    method: str
    words: tuple[str, ...]
    filters: tuple[tuple[str, str], ...] = ()
    body: Body = field(default_factory=dict)

    @property
    def text(self) -> str:
        """For people: `PATCH /ip/address/*1`."""
        return f"{self.method} /{'/'.join(self.words)}"


def read_path(path: str) -> tuple[str, ...]:
    """The words of a path as it was sent, still encoded; a leading `rest`, which clients add, is left out.

    Raises RestRefused. An asterisk has to come as it is, as on a router.
    """
    words: list[str] = []
    for part in path.split("/"):
        if part[:3].upper() == "%2A":
            raise RestRefused(400, "no such command prefix")
        if part:
            words.append(unquote(part, errors="replace"))
    if words[:1] == ["rest"]:
        del words[0]
    if len(words) > _MOST_WORDS or any(len(word) > _LONGEST_WORD or not word.isprintable() for word in words):
        raise RestRefused(400, "no such command prefix")
    return tuple(words)


def read_filters(query: str) -> tuple[tuple[str, str], ...]:
    """The query string."""
    return tuple(dict(parse_qsl(query, keep_blank_values=True, errors="replace")).items()) if query else ()


def read_body(body: bytes) -> dict[str, str | list[str]]:
    """The members of a JSON object as text; lists stay lists. Raises RestRefused."""
    if not body:
        return {}
    try:
        value = _parsed(body.decode("utf-8", "replace"))
        if not isinstance(value, dict):
            raise RestRefused(400, _UNPARSED)
        return {name: _member(member) for name, member in value.items()}
    except (ValueError, RecursionError) as cause:
        raise RestRefused(400, _UNPARSED) from cause


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
        raise ValueError("a number with an exponent")
    return word


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


_DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=_fraction, parse_constant=_no_constant)


def _member(value: object) -> str | list[str]:
    if isinstance(value, list):
        return [_scalar(element) for element in value]
    return _scalar(value)


def _scalar(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return ""
        case _:
            raise ValueError("a value that is no text")
