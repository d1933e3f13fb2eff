"""Cursor paging: a page is asked for by where the last one ended, so rows that come and go never shift it."""

import base64
import binascii
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

SortValue = str | int | float | None


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the sort value and the id of its last row."""

    value: SortValue
    id: str

    def encode(self) -> str:
        """Opaque URL-safe text."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """The cursor that `encode` wrote. Raises ValueError for anything else."""
        try:
            raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
            found = msgspec.json.decode(raw, type=cls)
        except (ValueError, binascii.Error, msgspec.MsgspecError) as cause:
            raise ValueError("not a cursor") from cause
        # PostgreSQL refuses a text with NUL, so a forged cursor must not reach a statement.
        if "\x00" in found.id or (isinstance(found.value, str) and "\x00" in found.value):
            raise ValueError("not a cursor")
        return found


class PageRequest(msgspec.Struct, frozen=True):
    """What page is wanted: how many rows, after which, and in what order."""

    limit: int = 50
    after: Cursor | None = None
    sort: str = ""
    descending: bool = False


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some rows, where the next page starts, and how many there are in all (when it was counted)."""

    items: Sequence[T]
    next_cursor: str | None = None
    total: int | None = None
