"""The rows of a result set as bytes at rest, and as CSV."""

import csv
import io
import zlib
from collections.abc import Sequence
from typing import Final

import msgspec

from tikfleet.domains.queries.lines import RowLine

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_LEVEL: Final = 3


class KeptRow(msgspec.Struct, frozen=True):
    """A record of a router, as it was."""

    device_id: str
    device_name: str
    values: dict[str, str]


class Pressed:
    """Rows on their way to an object, compressed as they come."""

    def __init__(self) -> None:
        self._press = zlib.compressobj(_LEVEL)
        self._done: list[bytes] = []
        self.columns: dict[str, None] = {}

    def add(self, line: RowLine) -> None:
        self.columns |= dict.fromkeys(line.values)
        row = KeptRow(line.device_id, line.device_name, line.values)
        self._done.append(self._press.compress(msgspec.json.encode(row) + b"\n"))

    def end(self) -> bytes:
        return b"".join([*self._done, self._press.flush()])


def unpressed(content: bytes) -> list[KeptRow]:
    """The rows of an object that `Pressed` made."""
    return [msgspec.json.decode(line, type=KeptRow) for line in zlib.decompress(content).splitlines()]


def as_csv(columns: Sequence[str], rows: Sequence[KeptRow]) -> str:
    """RFC 4180; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["device_id", "device_name", *columns])
    for row in rows:
        values = (row.device_id, row.device_name, *(row.values.get(name, "") for name in columns))
        writer.writerow([_cell(value) for value in values])
    return out.getvalue()


def _cell(value: str) -> str:
    text = "".join(character if character.isprintable() else " " for character in value)
    return "'" + text if value.lstrip(" ").startswith(_FORMULA) else text
