"""Rows that are kept column by column: what makes or takes many of them need not make each one an object."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any, overload

Row = Sequence[Any]


class Coded(Sequence[str]):
    """A column of texts of which few differ: `codes` are places in `texts`."""

    def __init__(self, texts: Sequence[str], codes: "array[int]") -> None:
        self.texts = texts
        self.codes = codes

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return map(self.texts.__getitem__, self.codes)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "Coded": ...

    def __getitem__(self, place: int | slice) -> "str | Coded":
        if isinstance(place, slice):
            return Coded(self.texts, self.codes[place])
        return self.texts[self.codes[place]]


class Columnar(Sequence[Row]):
    """Rows by their columns, all of one length: `array.array` of a column's own width, `Coded`, or any sequence."""

    def __init__(self, columns: Sequence[Sequence[Any]]) -> None:
        if len({len(column) for column in columns}) > 1:
            raise ValueError("columns differ in length")
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def __iter__(self) -> Iterator[Row]:
        return zip(*self.columns, strict=True)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> "Columnar": ...

    def __getitem__(self, place: int | slice) -> "Row | Columnar":
        if isinstance(place, slice):
            return Columnar([column[place] for column in self.columns])
        return tuple(column[place] for column in self.columns)
