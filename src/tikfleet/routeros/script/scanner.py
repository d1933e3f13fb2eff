"""The cursor over a script's bytes that every part of the parser moves."""

import re
from typing import Final, NoReturn

from tikfleet.routeros.script.errors import ScriptError

# A backslash at the end of a line joins it with the next; a carriage return is a blank.
_BLANKS: Final = re.compile(r"(?:[ \t\r]|\\\r?\n)*")
_SPACE: Final = re.compile(r"(?:[ \t\r\n]|\\\r?\n)*")
# What ends a command at a line break also swallows blank lines, and comments that start in the first column.
_LINE_END: Final = re.compile(r"\n(?:[ \t\r]*\n|#[^\n]*(?:\n|\Z))*[ \t\r]*")
_COMMENT: Final = re.compile(r"#[^\n]*\n?")

# Each nested value takes up to twelve frames of the interpreter's thousand; scripts of the field nest twelve deep.
MAX_DEPTH: Final = 60
_TAB: Final = 8


class Scanner:
    """Text with one character a byte, a position in it, and what counts as blank there."""

    def __init__(self, text: str) -> None:
        self.text: Final = text
        self.pos = 0
        self._known = (0, 1)
        self._depth = 0
        self._blank = _BLANKS

    def fail(self, reason: str, pos: int | None = None) -> NoReturn:
        """Raise `ScriptError` at a position, by default where the cursor stands."""
        raise ScriptError(*self.place(self.pos if pos is None else pos), reason)

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of a position; a tab moves to the next column that eight divides."""
        # Counted on from the last place asked for, or a script of unknown commands would take quadratic time.
        known_at, known_line = self._known if self._known[0] <= at else (0, 1)
        line = known_line + self.text.count("\n", known_at, at)
        self._known = (at, line)
        first, *tabbed = self.text[self.text.rfind("\n", 0, at) + 1 : at].split("\t")
        column = 1 + len(first)
        for run in tabbed:
            column = (column // _TAB + 1) * _TAB + len(run)
        return line, column

    def peek(self) -> str:
        """The next character, or the empty text at the end."""
        return self.text[self.pos : self.pos + 1]

    def blanks(self) -> str:
        """Move over blanks, and line breaks inside parentheses; give the next character."""
        match = self._blank.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()
        return self.text[self.pos : self.pos + 1]

    def enter(self, *, multiline: bool | None) -> "re.Pattern[str]":
        """Go one level deeper, where line breaks are blanks or not (`None`: as now); the result is for `leave`."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail("nested too deeply")
        outer = self._blank
        if multiline is not None:
            self._blank = _SPACE if multiline else _BLANKS
        return outer

    def leave(self, outer: "re.Pattern[str]") -> None:
        self._depth -= 1
        self._blank = outer

    def line_end(self) -> None:
        """Move over one end of a command: `;` with a line break right behind it, or a line break."""
        if self.peek() == ";":
            self.pos += 1
            if self.peek() == "\r":
                self.pos += 1
        match = _LINE_END.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()

    def comments(self) -> str:
        """Move over comments where a command may start; give the next character."""
        while (char := self.blanks()) == "#":
            match = _COMMENT.match(self.text, self.pos)
            if match is not None:
                self.pos = match.end()
        return char
