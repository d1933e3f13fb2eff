r"""Arrays as JSON and back, with RouterOS's quirks.

Writing: strings of digits become numbers with six decimals (`"1234"` is `1234.000000`) unless told otherwise; keys
come sorted; an empty array is `[]`; addresses, times and ids are strings (reference §2.2, seen on 7.21).
Reading: strings become numbers, addresses and times unless told otherwise, before 7.15 a string with a comma became an
array; a comma before a closing bracket is forgiven (seen on 7.21). Bytes that are no ASCII go through unchanged.
[unverified: the texts of errors, the indentation of `json.pretty`, an array that mixes keyed items with others.]
"""

import re
from typing import Final

from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.values import (
    MAX_TEXT,
    NIL,
    Array,
    Empty,
    Function,
    Value,
    literal,
    number_of,
    text,
    too_long,
    wrapped,
)

MAX_DEPTH: Final = 60
_DIGITS: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_PLAIN: Final = re.compile(r'[^"\\]*')
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_LOW, _HIGH, _END = 0xD800, 0xDC00, 0xE000


class Writer:
    """Writes one value. `convert`: strings that spell numbers become numbers."""

    def __init__(self, *, convert: bool, pretty: bool) -> None:
        self._convert = convert
        self._pretty = pretty
        self._pieces: list[str] = []
        self._size = 0

    def written(self, value: Value) -> str:
        self._value(value, 0)
        return "".join(self._pieces)

    def _add(self, piece: str) -> None:
        self._size += len(piece)
        if self._size > MAX_TEXT:
            raise too_long()
        self._pieces.append(piece)

    def _value(self, value: Value, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise RosError("nested too deeply")
        if isinstance(value, Array):
            self._array(value, depth)
        elif isinstance(value, Empty):
            self._add("null")
        elif isinstance(value, bool | int):
            self._add(text(value))
        elif isinstance(value, str) and self._convert and _DIGITS.fullmatch(value):
            self._add(_six_decimals(value))
        else:
            self._add(quoted("" if isinstance(value, Function) else text(value)))

    def _array(self, array: Array, depth: int) -> None:
        keyed = bool(array.keyed)
        opening, closing = ("{", "}") if keyed else ("[", "]")
        self._add(opening)
        for place, (key, item) in enumerate(array.pairs()):
            if place:
                self._add(",")
            self._line(depth + 1)
            if keyed:
                self._add(quoted(str(key)) + (": " if self._pretty else ":"))
            self._value(item, depth + 1)
        if len(array):
            self._line(depth)
        self._add(closing)

    def _line(self, depth: int) -> None:
        if self._pretty:
            self._add("\n" + "    " * depth)


def _six_decimals(digits: str) -> str:
    """A double with six decimals, as C prints it."""
    return f"{float(digits):.6f}" if len(digits) < 300 else quoted(digits)  # noqa: PLR2004 - the range of a double


def quoted(plain: str) -> str:
    return '"' + _ESCAPED.sub(lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}", plain) + '"'


class Reader:
    """Reads one value. `convert`: strings take the type that they spell. `split`: at commas, as before 7.15."""

    def __init__(self, source: str, *, convert: bool, split: bool) -> None:
        self._text = source
        self._pos = 0
        self._convert = convert
        self._split = split

    def read(self) -> Value:
        """Raises `RosError` for what is no JSON."""
        value = self._value(0)
        if self._peek():
            self._fail()
        return value

    def _fail(self) -> None:
        raise RosError("failed to parse json")

    def _peek(self) -> str:
        match = _BLANKS.match(self._text, self._pos)
        if match is not None:
            self._pos = match.end()
        return self._text[self._pos : self._pos + 1]

    def _value(self, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise RosError("nested too deeply")
        char = self._peek()
        if char == "{":
            return self._object(depth)
        if char == "[":
            return self._list(depth)
        if char == '"':
            return self._typed(self._string())
        return self._word()

    def _object(self, depth: int) -> Value:
        self._pos += 1
        keyed: dict[str, Value] = {}
        while self._peek() != "}":
            if self._peek() != '"':
                self._fail()
            key = self._string()
            if self._peek() != ":":
                self._fail()
            self._pos += 1
            keyed[key] = self._value(depth + 1)
            self._comma("}")
        self._pos += 1
        return Array([], keyed)

    def _list(self, depth: int) -> Value:
        self._pos += 1
        items: list[Value] = []
        while self._peek() != "]":
            items.append(self._value(depth + 1))
            self._comma("]")
        self._pos += 1
        return Array(items)

    def _comma(self, closing: str) -> None:
        char = self._peek()
        if char == ",":
            self._pos += 1
        elif char != closing:
            self._fail()

    def _string(self) -> str:
        self._pos += 1
        pieces: list[str] = []
        while True:
            match = _PLAIN.match(self._text, self._pos)
            if match is not None:
                pieces.append(match[0])
                self._pos = match.end()
            char = self._text[self._pos : self._pos + 1]
            self._pos += 1
            if char == '"':
                return "".join(pieces)
            if not char:
                self._fail()
            pieces.append(self._escape())

    def _escape(self) -> str:
        letter = self._text[self._pos : self._pos + 1]
        self._pos += 1
        if letter != "u":
            if letter not in _LETTERS:
                self._fail()
            return _LETTERS[letter]
        code = self._unit()
        if _LOW <= code < _HIGH and self._text.startswith("\\u", self._pos):
            self._pos += 2
            second = self._unit()
            if not _HIGH <= second < _END:
                self._fail()
            code = 0x10000 + ((code - _LOW) << 10) + (second - _HIGH)
        return chr(code).encode("utf-8", "replace").decode("latin-1")

    def _unit(self) -> int:
        digits = self._text[self._pos : self._pos + 4]
        if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
            self._fail()
        self._pos += 4
        return int(digits, 16)

    def _typed(self, plain: str) -> Value:
        if not self._convert:
            return plain
        if self._split and "," in plain:
            return Array([literal(part) for part in plain.split(",")])
        return literal(plain)

    def _word(self) -> Value:
        for word, value in (("true", True), ("false", False), ("null", NIL)):
            if self._text.startswith(word, self._pos):
                self._pos += len(word)
                return value
        match = _NUMBER.match(self._text, self._pos)
        if match is None:
            self._fail()
            return NIL
        self._pos = match.end()
        return _number(match)


def _number(match: re.Match[str]) -> Value:
    """Whole numbers; RouterOS has no fractions, so one stays a string. [unverified]."""
    if match[1] is None and match[2] is None:
        number = number_of(match[0])
        return match[0] if number is None else number
    try:
        fraction = float(match[0])
    except (ValueError, OverflowError):
        return match[0]
    return wrapped(int(fraction)) if abs(fraction) < 1 << 63 and fraction == int(fraction) else match[0]
