"""Where the columns stand in a record of one template.

A layout is made once for each list of fields, however many routers send it: a fleet of one version shares a few.
"""

from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np

from tikfleet.domains.flows.wire.elements import FOUR, SIXTEEN, VARIABLE, WANTED

_WIDEST: Final = 8
_SHORT: Final = 255
_POWERS_OF_TWO: Final = (1, 2, 4, 8)

# Element id, its length on the wire, and whether it belongs to an enterprise (then its id says nothing to us).
Field = tuple[int, int, bool]
Fields = tuple[Field, ...]


class Place(msgspec.Struct, frozen=True):
    """Where a wanted field stands: from `offset` on, `length` bytes; `number` is its place among the fields."""

    name: str
    offset: int
    length: int
    number: int


class Layout(msgspec.Struct, frozen=True, eq=False):
    """Records of `record_bytes` each; `dtype` reads the wanted fields of one.

    `fields` is empty where all lengths are fixed; otherwise records have to go through `even` first, and
    `least_bytes` is the shortest that one can be on the wire.
    """

    places: tuple[Place, ...]
    record_bytes: int
    least_bytes: int
    fields: Fields
    dtype: Any

    @property
    def names(self) -> frozenset[str]:
        """Which columns a record gives."""
        return frozenset(place.name for place in self.places)

    def even(self, body: bytes) -> bytes:
        """The whole records of a set with variable lengths, wanted fields only, in the form that `dtype` reads."""
        wanted = {place.number: place.length for place in self.places}
        out: list[bytes] = []
        position, end = 0, len(body)
        # A record may be of no bytes at all but lengths: at least one byte each bounds the turns.
        while position + self.least_bytes <= end:
            record: list[bytes] = []
            for number, (_, length, _) in enumerate(self.fields):
                begin = position
                if length == VARIABLE:
                    begin, size = _length_at(body, position)
                else:
                    size = length
                position = begin + size
                if position > end:
                    return b"".join(out)
                if number in wanted:
                    record.append(body[begin:position])
            out.append(b"".join(record))
        return b"".join(out)


def _length_at(body: bytes, position: int) -> tuple[int, int]:
    """Where the content begins, and how long it is (RFC 7011, section 7); past the end where it is cut off."""
    if position >= len(body):
        return position, 1
    short = body[position]
    if short < _SHORT:
        return position + 1, short
    return position + 3, int.from_bytes(body[position + 1 : position + 3], "big")


@lru_cache(256)
def layout_of(fields: Fields) -> Layout:
    """The layout of a template's fields."""
    variable = any(length == VARIABLE for _, length, _ in fields)
    places: dict[str, Place] = {}
    offset = 0
    for number, (element, length, enterprise) in enumerate(fields):
        name = "" if enterprise else WANTED.get(element, "")
        if name and name not in places and _readable(name, length):
            places[name] = Place(name, offset, length, number)
            offset += length
        elif length != VARIABLE and not variable:
            offset += length
    shortest = sum(1 if length == VARIABLE else length for _, length, _ in fields)
    found = tuple(places.values())
    dtype = np.dtype(
        {
            "names": [place.name for place in found],
            "formats": [_format(place.length) for place in found],
            "offsets": [place.offset for place in found],
            "itemsize": offset,
        }
    )
    return Layout(found, offset, shortest, fields if variable else (), dtype)


def _readable(name: str, length: int) -> bool:
    if name in SIXTEEN:
        return length == 2 * _WIDEST
    if name in FOUR:
        return length == _WIDEST // 2
    return 0 < length <= _WIDEST


def _format(length: int) -> str:
    """Numbers as they stand; a length that no machine number has (RFC 7011, section 6.2) as its bytes."""
    return f">u{length}" if length in _POWERS_OF_TWO else f"({length},)u1"


def column(records: Any, name: str) -> Any:
    """One column of records as unsigned numbers; an address of 16 bytes is a column of 16 bytes each."""
    values = records[name]
    if values.ndim == 1 or name in SIXTEEN:
        return values
    whole = np.zeros(len(values), np.uint64)
    for byte in range(values.shape[1]):
        whole = (whole << np.uint64(8)) | values[:, byte].astype(np.uint64)
    return whole


def fixed(names_lengths: tuple[tuple[int, int], ...]) -> Layout:
    """The layout of a record without a template, such as NetFlow v5's: element ids (0 for none) and lengths."""
    return layout_of(tuple((element, length, False) for element, length in names_lengths))


V5_RECORD: Final = fixed(
    (
        (8, 4), (12, 4), (15, 4), (10, 2), (14, 2), (2, 4), (1, 4), (22, 4), (21, 4), (7, 2), (11, 2),
        (0, 1), (6, 1), (4, 1), (5, 1), (16, 2), (17, 2), (9, 1), (13, 1), (0, 2),
    )
)  # fmt: skip
