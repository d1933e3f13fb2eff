"""Rows as SQL literals, column by column: a value that doesn't fit becomes the nearest that does, NaN is absent."""

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from tikfleet.adapters.fact_values.fitting import fitting, is_nan
from tikfleet.adapters.fact_values.stored import Sort, sort_of
from tikfleet.adapters.singlestore.dialect import KEY_CHARACTERS
from tikfleet.adapters.singlestore.schema import FLOATS, TEXTS
from tikfleet.ports.warehouse import FactTable, Kind, Row

Escape = Callable[[str], str]
_PACKET_CHARACTERS: Final = 1 << 20
_CODES: Final[Mapping[Kind, str]] = {
    Kind.FLAG: "B",
    Kind.U8: "B",
    Kind.U16: "H",
    Kind.U32: "I",
    Kind.U64: "Q",
    Kind.I16: "h",
    Kind.I32: "i",
    Kind.I64: "q",
    Kind.F32: "f",
    Kind.F64: "d",
    Kind.MOMENT: "q",
}


def tuples(table: FactTable, rows: Sequence[Row], escape: Escape) -> list[str]:
    """Each row as `1,'a',NULL`. `escape` makes a text safe between single quotes."""
    columns = []
    for column, values in zip(table.columns, zip(*rows, strict=True), strict=True):
        if column.kind in TEXTS:
            literals = _Literals(escape, KEY_CHARACTERS if sort_of(table, column) is Sort.KEY else None)
            columns.append(list(map(literals.__getitem__, values)))
        else:
            columns.append(_numbers(column.kind, values, optional=column.optional))
    return list(map(",".join, zip(*columns, strict=True)))


def packets(tuples: Sequence[str]) -> Iterator[str]:
    """The rows as `(…),(…)`, cut into what one statement carries."""
    gathered: list[str] = []
    size = 0
    for literal in tuples:
        gathered.append(literal)
        size += len(literal) + 3
        if size >= _PACKET_CHARACTERS:
            yield "(" + "),(".join(gathered) + ")"
            gathered, size = [], 0
    if gathered:
        yield "(" + "),(".join(gathered) + ")"


def _numbers(kind: Kind, values: Sequence[Any], *, optional: bool) -> list[str]:
    if _fits(kind, values):
        return list(map(repr, map(float if kind in FLOATS else int, values)))
    fit = fitting(kind)
    if not optional:
        return [repr(fit(value)) for value in values]
    return ["NULL" if value is None or is_nan(value) else repr(fit(value)) for value in values]


def _fits(kind: Kind, values: Sequence[Any]) -> bool:
    try:
        packed = array(_CODES[kind], values)
        return kind not in FLOATS or math.isfinite(math.fsum(packed))
    except (OverflowError, TypeError, ValueError):
        return False


class _Literals(dict[Any, str]):
    """Texts as literals, each made once: a column has few that differ."""

    def __init__(self, escape: Escape, most: int | None) -> None:
        super().__init__()
        self._escape = escape
        self._most = most

    def __missing__(self, value: Any) -> str:
        text = ("" if value is None else str(value)).encode(errors="replace").decode()[: self._most]
        literal = self[value] = f"'{self._escape(text)}'"
        return literal
