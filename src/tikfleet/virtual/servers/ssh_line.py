"""What a person types at the console: bytes of a terminal to echoes, lines and keys. No socket, no router."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from tikfleet.routeros.script.errors import ScriptError
from tikfleet.routeros.script.parser import parse

_LONGEST_LINE_BYTES: Final = 65_536
_ESCAPE, _BELL = 0x1B, 0x07
_ENTER, _LINE_FEED = 0x0D, 0x0A
_ERASES: Final = frozenset({0x08, 0x7F})
_CLEAR: Final = 0x15
_FIRST_PRINTABLE: Final = 0x20
_OPENERS: Final = {
    "missing closing brace": "{",
    "missing closing bracket": "[",
    "missing closing parenthesis": "(",
    "missing closing quote": '"',
}


class Key(Enum):
    """Keys that end what is being typed, or the session."""

    INTERRUPT = 0x03
    END = 0x04


@dataclass(frozen=True, slots=True)
class Echo:
    data: bytes


@dataclass(frozen=True, slots=True)
class Line:
    text: str


Event: TypeAlias = Echo | Line | Key


class LineEditor:
    """Keeps one line. Tabulators, arrows and other keys of a terminal do nothing; `?` is a letter like any other."""

    def __init__(self) -> None:
        self._typed = bytearray()
        self._after_enter = False
        self._sequence = ""

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events of these bytes, however the stream was cut."""
        plain = bytearray()
        for byte in data:
            if byte >= _FIRST_PRINTABLE and byte not in _ERASES and not self._sequence:
                self._after_enter = False
                if len(self._typed) < _LONGEST_LINE_BYTES:
                    self._typed.append(byte)
                    plain.append(byte)
                continue
            if plain:
                yield Echo(bytes(plain))
                plain.clear()
            yield from self._control(byte)
        if plain:
            yield Echo(bytes(plain))

    def _control(self, byte: int) -> Iterator[Event]:
        after_enter, self._after_enter = self._after_enter, byte == _ENTER
        if self._sequence:
            self._continue_sequence(byte)
        elif byte == _ESCAPE:
            self._sequence = "escape"
        elif byte == _ENTER or (byte == _LINE_FEED and not after_enter):
            text = self._typed.decode("utf-8", "surrogateescape")
            self._typed.clear()
            yield Echo(b"\r\n")
            yield Line(text)
        elif byte in _ERASES and self._typed:
            yield Echo(self._erase())
        elif byte == _CLEAR and self._typed:
            yield Echo(b"\b \b" * len(self._typed.decode("utf-8", "replace")))
            self._typed.clear()
        elif byte == Key.INTERRUPT.value:
            self._typed.clear()
            yield Key.INTERRUPT
        elif byte == Key.END.value and not self._typed:
            yield Key.END

    def _erase(self) -> bytes:
        """One character, which may be several bytes."""
        while len(self._typed) > 1 and 0x80 <= self._typed[-1] < 0xC0:  # noqa: PLR2004 - a byte inside a character
            self._typed.pop()
        self._typed.pop()
        return b"\b \b"

    def _continue_sequence(self, byte: int) -> None:
        """Keys that send several bytes: `ESC [ ... letter`, `ESC O letter`, `ESC letter`."""
        if self._sequence == "escape" and byte in b"[O":
            self._sequence = chr(byte)
        elif self._sequence != "[" or 0x40 <= byte <= 0x7E:  # noqa: PLR2004 - the final byte of a sequence
            self._sequence = ""


class Typing:
    """Lines to commands: a line that leaves something open, or ends in a backslash, goes on in the next one."""

    def __init__(self) -> None:
        self._open = ""

    def take(self, line: str) -> str | None:
        """The whole command, or `None` while it is not complete."""
        text = self._open + line
        if line.endswith("\\") or _opener(text):
            self._open = text + "\n"
            return None
        self._open = ""
        return text

    @property
    def prompt(self) -> str:
        """What stands before a line that goes on; "" when nothing is open."""
        if not self._open:
            return ""
        return f"{_opener(self._open)}... "

    def drop(self) -> None:
        self._open = ""


def _opener(text: str) -> str:
    try:
        parse(text)
    except ScriptError as fault:
        return _OPENERS.get(fault.reason, "")
    return ""
