"""Arrays as lines of separated values and back, as the manual's examples show them.

[unverified: what the manual does not show: a list of lists is written line by line; the default delimiter is a comma.]
"""

import csv
import io
from collections.abc import Collection, Sequence
from typing import Final

from tikfleet.virtual.scripting.errors import RosError
from tikfleet.virtual.scripting.values import MAX_TEXT, Array, Value, literal, text, too_long

IGNORE_SIZE: Final = "dsv.ignore-size"
REMAP: Final = "dsv.remap"
WRAP: Final = "dsv.wrap-strings"
PLAIN: Final = "dsv.plain"
ROWS: Final = "dsv.array"


def written(value: Value, delimiter: str, order: Sequence[str], options: Collection[str]) -> str:
    """A header and a line for each row of an array of columns; with `dsv.remap` of an array of rows."""
    if not isinstance(value, Array):
        return text(value)
    table = _columns(value) if REMAP in options else value
    if table.keyed:
        names = list(order) or list(table.keyed)
        columns = [_items(table.keyed.get(name)) for name in names]
        longest = max((len(column) for column in columns), default=0)
        if IGNORE_SIZE not in options and any(len(column) != longest for column in columns):
            raise RosError("array size mismatch")
        padded = [column + [""] * (longest - len(column)) for column in columns]
        lines: list[list[Value]] = [list(names), *[list(row) for row in zip(*padded, strict=True)]]
    else:
        lines = [_items(item) for item in table.items]
    made = "\n".join([delimiter.join([_cell(cell, options) for cell in line]) for line in lines])
    if len(made) > MAX_TEXT:
        raise too_long()
    return made


def _columns(rows: Array) -> Array:
    """Rows of named values, turned into columns; a value that a row has not is empty."""
    held = [row for row in rows.values() if isinstance(row, Array)]
    names = sorted({name for row in held for name in row.keyed})
    return Array([], {name: Array([row.keyed.get(name, "") for row in held]) for name in names})


def _items(column: Value | None) -> list[Value]:
    if column is None:
        return []
    return list(column.values()) if isinstance(column, Array) else [column]


def _cell(cell: Value, options: Collection[str]) -> str:
    plain = text(cell)
    return f'"{plain}"' if WRAP in options and isinstance(cell, str) else plain


def read(source: str, delimiter: str, options: Collection[str]) -> Value:
    """With `dsv.plain` an array of lines, with `dsv.array` an array of named values by line, else of columns."""
    if len(delimiter) != 1:
        raise RosError("invalid value for argument delimiter")
    try:
        lines = [line for line in csv.reader(io.StringIO(source), delimiter=delimiter) if line]
    except (csv.Error, TypeError, ValueError) as cause:
        raise RosError("failed to parse dsv") from cause
    if PLAIN in options:
        return Array([Array([literal(cell) for cell in line]) for line in lines])
    if not lines:
        return Array()
    header, *rest = lines
    if ROWS in options:
        return Array([Array([], _named(header, line)) for line in rest])
    return Array([], {name: Array([_at(line, place) for line in rest]) for place, name in enumerate(header)})


def _named(header: list[str], line: list[str]) -> dict[str, Value]:
    return {name: _at(line, place) for place, name in enumerate(header)}


def _at(line: list[str], place: int) -> Value:
    return literal(line[place]) if place < len(line) else ""
