"""Rows to ClickHouse's Native format: one block, column by column.

Format: varint counts of columns and rows, then for each column its name, type and values.
It loads more than twice as fast as JSON rows, and one block is one insert, which deduplication relies on.
"""

import math
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tikfleet.adapters.fact_values.fitting import fitting
from tikfleet.ports.columnar import Coded, Columnar
from tikfleet.ports.warehouse import Column, Kind, Row

_CODES: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.FLAG: ("UInt8", "B"),
    Kind.U8: ("UInt8", "B"),
    Kind.U16: ("UInt16", "H"),
    Kind.U32: ("UInt32", "I"),
    Kind.U64: ("UInt64", "Q"),
    Kind.I16: ("Int16", "h"),
    Kind.I32: ("Int32", "i"),
    Kind.I64: ("Int64", "q"),
    Kind.F32: ("Float32", "f"),
    Kind.F64: ("Float64", "d"),
    Kind.MOMENT: ("DateTime64(3, 'UTC')", "q"),
}
_TEXTS: Final = (Kind.TEXT, Kind.LABEL)
_FLOATS: Final = "fd"
_SEVEN_BITS: Final = 127


def block(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """All rows (at least one) as one Native block. A value that doesn't fit becomes the nearest that does."""
    parts = [_varint(len(columns)), _varint(len(rows))]
    by_column = rows.columns if isinstance(rows, Columnar) else zip(*rows, strict=True)
    for column, values in zip(columns, by_column, strict=True):
        parts.append(_text(column.name))
        if column.kind in _TEXTS:
            parts += (_text("String"), _texts(values))
        else:
            parts += _numbers(column, values)
    return b"".join(parts)


def _numbers(column: Column, values: Sequence[Any]) -> list[bytes]:
    wire, code = _CODES[column.kind]
    packed = _packed(code, values)
    if not column.optional:
        return [_text(wire), packed if packed is not None else array(code, map(fitting(column.kind), values)).tobytes()]
    if packed is not None:
        return [_text(f"Nullable({wire})"), bytes(len(values)), packed]
    absent = bytes([value is None or value != value for value in values])  # noqa: PLR0124 - as `is_nan`, inlined
    present = [0 if gone else value for gone, value in zip(absent, values, strict=True)]
    packed = _packed(code, present)
    return [
        _text(f"Nullable({wire})"),
        absent,
        packed if packed is not None else array(code, map(fitting(column.kind), present)).tobytes(),
    ]


def _packed(code: str, values: Sequence[Any]) -> bytes | None:
    """The values as they are, in one go; None when one of them doesn't fit or is absent."""
    try:
        packed = values if isinstance(values, array) and values.typecode == code else array(code, values)
        # An array packs an infinity or a NaN without a word, and an aggregate over one is lost.
        return packed.tobytes() if code not in _FLOATS or math.isfinite(math.fsum(packed)) else None
    except (OverflowError, TypeError, ValueError):
        return None


class _Encoded(dict[Any, bytes]):
    """Texts in wire form, each encoded once: a column has few that differ."""

    def __missing__(self, value: Any) -> bytes:
        encoded = self[value] = _text("" if value is None else str(value))
        return encoded


def _texts(values: Sequence[Any]) -> bytes:
    if isinstance(values, Coded):
        return b"".join(map([_text(text) for text in values.texts].__getitem__, values.codes))
    return b"".join(map(_Encoded().__getitem__, values))


def _text(text: str) -> bytes:
    body = text.encode(errors="replace")
    return _varint(len(body)) + body


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > _SEVEN_BITS:
        out.append(number & _SEVEN_BITS | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
