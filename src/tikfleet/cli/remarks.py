"""What the server's check says of a script, beside the lines that it is about."""

import re
from collections.abc import Iterator
from typing import Final

from tikfleet.cli.client import Document
from tikfleet.cli.failures import Failure
from tikfleet.cli.terminal import Terminal

_INVALID: Final = "script.invalid"
_PLACE: Final = re.compile(r"line (\d+) column (\d+): ")
_TAB: Final = 8
_TAB_BYTE: Final = 9
_SHOWN: Final = 100


def explained(failure: Failure, script: str) -> Failure:
    """The refusal of a script with each place shown under its reason; any other failure as it is."""
    if failure.code != _INVALID:
        return failure
    notes = []
    for note in failure.notes:
        text = note.removeprefix("/script: ")
        notes += [text, *(f"    {line}" for line in _excerpt(script, text))]
    remedy = "Correct the script, or give --unchecked where the router knows better than the check."
    return Failure(failure.sentence, failure.exit_code, remedy=remedy, code=failure.code, notes=notes)


def warn_of(terminal: Terminal, batch: Document) -> None:
    """What may be regretted about a script that was taken, on stderr."""
    for check in batch.get("checks") or []:
        for remark in check.get("remarks") or []:
            place = f"line {remark.get('line')} column {remark.get('column')}"
            text = f"warning: {place}: {remark.get('message')} (RouterOS {check.get('version')})"
            terminal.warn(text, "yellow")


def _excerpt(script: str, text: str) -> Iterator[str]:
    """The line that a remark begins with, and a mark under its place."""
    place = _PLACE.match(text)
    lines = script.split("\n")
    if place is None or int(place[1]) > len(lines):
        return
    line = lines[int(place[1]) - 1].encode()
    before = line[: _index(line, int(place[2]))].expandtabs(_TAB).decode(errors="ignore")
    if len(before) < _SHOWN:
        yield line.expandtabs(_TAB).decode(errors="replace")[:_SHOWN]
        yield " " * len(before) + "^"


def _index(line: bytes, column: int) -> int:
    """The byte at a column as RouterOS counts: from 1, and a tab moves to the next column that eight divides."""
    at = 1
    for index, byte in enumerate(line):
        if at >= column:
            return index
        at = (at // _TAB + 1) * _TAB if byte == _TAB_BYTE else at + 1
    return len(line)
