"""Lines of an export broken as RouterOS breaks them: at 80 columns, between words, after `=`, inside long values."""

import re
from typing import Final

_WIDTH: Final = 80
_INDENT: Final = "    "
_WORDS: Final = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+|\[ [^\]]* \]')


def wrapped(line: str) -> str:
    """The line, in as many as it takes; each but the last ends with a backslash."""
    if len(line) <= _WIDTH:
        return line
    lines = [""]
    for word in _words(line):
        for part in _parts(word, len(lines[-1])):
            _place(lines, part)
    return "\\\n".join(lines)


def _words(line: str) -> list[str]:
    found = [match.group() for match in _WORDS.finditer(line)]
    return [word if place == 0 else f" {word}" for place, word in enumerate(found)]


def _parts(word: str, used: int) -> list[str]:
    """A word that fits nowhere is taken apart after its `=`."""
    if used + len(word) < _WIDTH or len(_INDENT) + len(word) < _WIDTH:
        return [word]
    name, equals, value = word.partition("=")
    return [f"{name}=", value] if equals else [word]


def _place(lines: list[str], part: str) -> None:
    if len(lines[-1]) + len(part) < _WIDTH:
        lines[-1] += part
        return
    # A blank before the wrap stays on its line: the reader drops those after it.
    if part.startswith(" "):
        lines[-1] += " "
        part = part[1:]
    if len(lines[-1].strip()) > 0:
        lines.append(_INDENT)
    while len(lines[-1]) + len(part) >= _WIDTH:
        cut = _cut(part, _WIDTH - 1 - len(lines[-1]))
        lines[-1] += part[:cut]
        lines.append(_INDENT)
        part = part[cut:]
    lines[-1] += part


def _cut(part: str, room: int) -> int:
    """Where to break: not inside an escape, and not before a blank, which would be lost."""
    cut = room
    while cut > 1 and (part[cut : cut + 1] == " " or "\\" in part[max(0, cut - 2) : cut]):
        cut -= 1
    return cut
