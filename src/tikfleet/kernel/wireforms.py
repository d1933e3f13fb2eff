"""The two wire forms of the agent protocol (docs/protocol.md): JSON, and lines of `key=N:value`.

Both become the same plain values; types are given by `msgspec` with lax conversion, so a number may come as text.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

MAGIC: Final = b"tikfleet/1"
_MAX_KEY: Final = 64
_MAX_ROWS: Final = 20_000


class Form(Enum):
    """How a body is written. The answer comes in the form of the question."""

    JSON = "application/json"
    LINES = "text/plain"


class Malformed(ValueError):
    """The body is not of its form, or a value has the wrong type. The text says where."""


def form_of(content_type: str) -> Form:
    """The form that a Content-Type names; RouterOS's own default (form data) is read as lines."""
    return Form.JSON if content_type.partition(";")[0].strip().lower() == Form.JSON.value else Form.LINES


class Reader:
    """Reads bodies of one type in either form. Built once: building the JSON decoder is slow, using it is not."""

    def __init__(self, kind: type[Any], tables: frozenset[str]) -> None:
        """`tables` names the keys whose rows make a list; every other `+name` is one group."""
        self._kind = kind
        self._tables = tables
        self._json: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind, strict=False)

    def read(self, form: Form, body: bytes) -> Any:
        """The typed value. Raises Malformed for anything else."""
        try:
            if form is Form.JSON:
                return self._from_json(body)
            return msgspec.convert(parse_lines(body, self._tables), self._kind, strict=False)
        except msgspec.MsgspecError as cause:
            raise Malformed(str(cause)) from cause
        except (UnicodeDecodeError, RecursionError) as cause:
            raise Malformed("the body is not valid text") from cause

    def _from_json(self, body: bytes) -> Any:
        try:
            return self._json.decode(body)
        except UnicodeDecodeError:
            # A router's strings are bytes: what is not UTF-8 is replaced, and no reason to refuse the rest.
            return self._json.decode(body.decode("utf-8", "replace"))


def parse_lines(body: bytes, tables: frozenset[str]) -> dict[str, Any]:
    """The lines form as plain values: text, groups as dictionaries, tables as lists of them.

    Bytes that are not UTF-8 become U+FFFD. Raises Malformed with the offset of what is wrong.
    """
    first, newline, _ = body.partition(b"\n")
    if first.rstrip(b"\r") != MAGIC:
        raise Malformed("the first line is not tikfleet/1")
    found: dict[str, Any] = {}
    current = found
    at = len(first) + len(newline)
    rows = 0
    while at < len(body):
        if body[at] in b"\r\n":
            at += 1
        elif body[at] in b"+-":
            end = body.find(b"\n", at)
            end = len(body) if end < 0 else end
            rows += 1
            if rows > _MAX_ROWS:
                raise Malformed(f"more than {_MAX_ROWS} rows")
            name = body[at + 1 : end].rstrip(b"\r")
            if body[at] == ord("-"):
                # A table that was read and is empty.
                found.setdefault(_name(name, at), [])
            else:
                current = _open(found, _name(name, at) if name else "", tables)
            at = end + 1
        else:
            key, value, at = _pair(body, at)
            current[key] = value
    return found


def _open(found: dict[str, Any], name: str, tables: frozenset[str]) -> dict[str, Any]:
    if not name:
        return found
    row: dict[str, Any] = {}
    if name not in tables:
        row = found.setdefault(name, row)
        if not isinstance(row, dict):
            raise Malformed(f"{name} is both a value and a group")
        return row
    rows = found.setdefault(name, [])
    if not isinstance(rows, list):
        raise Malformed(f"{name} is both a value and a table")
    rows.append(row)
    return row


def _pair(body: bytes, at: int) -> tuple[str, str, int]:
    equals = body.find(b"=", at, at + _MAX_KEY + 1)
    colon = body.find(b":", equals, equals + 9) if equals > 0 else -1
    digits = body[equals + 1 : colon]
    if equals < 0 or colon < 0 or not digits.isdigit():
        raise Malformed(f"key=N:value was expected at byte {at}")
    start, end = colon + 1, colon + 1 + int(digits)
    if end > len(body):
        raise Malformed(f"the value at byte {start} is cut off: {int(digits)} bytes were announced")
    if body[end : end + 1] not in (b"\n", b"\r", b""):
        raise Malformed(f"the value at byte {start} does not end where its length says")
    return _name(body[at:equals], at), body[start:end].decode("utf-8", "replace"), end + 1


def _name(raw: bytes, at: int) -> str:
    text = raw.strip().decode("ascii", "replace")
    if not 0 < len(text) <= _MAX_KEY or not all(character.isalnum() or character in "-." for character in text):
        raise Malformed(f"the name at byte {at} is not one")
    return text


def write_answer(form: Form, answer: Mapping[str, Any]) -> bytes:
    """An answer in the form of the question. In lines, groups are flattened: `plan.interval=60`."""
    if form is Form.JSON:
        return msgspec.json.encode(answer)
    return "".join(f"{key}={text}\n" for key, text in _flat(answer, "")).encode()


def _flat(values: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines += _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            lines += [(f"{prefix}{key}", _text(item)) for item in value]
        else:
            lines.append((prefix + key, _text(value)))
    return lines


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_text(item) for item in value.values())
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value).replace("\r", " ").replace("\n", " ")
