"""Relational state: what things are now. History lives in the warehouse."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar, Final, Protocol

from tikfleet.kernel.errors import Conflict, Invalid, Unavailable

Row = Sequence[Any]

# Longer lists are filled to multiples of this, shorter ones to powers of two.
_ROUND: Final = 256
_PLAIN: Final = frozenset({int, float, bytes, bool, type(None)})


class DatabaseUnavailable(Unavailable):
    """The database does not answer, is out of space or refuses to write; the transaction did not happen."""

    code: ClassVar[str] = "database.unavailable"
    title: ClassVar[str] = "The database does not answer"


class DatabaseContended(DatabaseUnavailable):
    """The transaction met another one on the same rows and did not happen; the same again will most likely do."""

    code: ClassVar[str] = "database.contended"
    title: ClassVar[str] = "Two changes met"
    remedy: ClassVar[str] = "Send the same request again; nothing was changed."


class AlreadyExists(Conflict):
    """A unique constraint refused the row; the transaction did not happen."""

    code: ClassVar[str] = "conflict.exists"
    title: ClassVar[str] = "There is one already"


class Transaction(Protocol):
    """Statements that happen together or not at all. Parameters are written `:name`.

    SQL here runs unchanged on SQLite and PostgreSQL; `ilike` is written where case does not matter (which of SQLite
    goes for ASCII alone). Times are text (`kernel.clock.to_text`), JSON is text,
    booleans are integers 0 and 1, bytes are bytes.
    """

    async def fetch(self, sql: str, /, **values: Any) -> list[Row]:
        """All rows of a statement, each a tuple in the order of its columns."""
        ...

    async def execute(self, sql: str, /, **values: Any) -> int:
        """Run a statement that changes rows; gives how many it changed."""
        ...

    async def execute_many(self, sql: str, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Run one statement for each row of values. No rows is no work."""
        ...


class Database(Protocol):
    """Transactions over one relational store.

    `write` is serialisable: what it read has not changed when it commits, and it commits durably (fsync) when
    its block ends, or rolls back when the block raises. `read` sees one consistent snapshot and can't write.
    Where two writers meet, one raises `DatabaseContended` and may be tried again.
    Both raise `DatabaseUnavailable` when the store can't answer and `AlreadyExists` for a broken unique
    constraint; a caller never sees a driver's exception.
    """

    def read(self) -> AbstractAsyncContextManager[Transaction]: ...

    def write(self) -> AbstractAsyncContextManager[Transaction]: ...

    async def size_bytes(self) -> int:
        """How much the store takes on its disk."""
        ...

    def connections(self) -> Mapping[str, tuple[int, int]]:
        """Connections by pool: how many are in use, and how many may be."""
        ...

    async def close(self) -> None: ...


def filled(items: Sequence[Any]) -> list[Any]:
    """A list for `in :name`, with its last item repeated, so that lists of all lengths make few statements.

    An empty one becomes null alone: nothing is in it.
    """
    if not items:
        return [None]
    present = len(items)
    room = 1 << (present - 1).bit_length() if present <= _ROUND else -(-present // _ROUND) * _ROUND
    return [*items, *[items[-1]] * (room - present)]


def refuse_nul(values: Iterable[Any]) -> None:
    """PostgreSQL holds no NUL in a text, so no store of ours does. Raises Invalid."""
    for value in values:
        kind = type(value)
        if kind in _PLAIN:
            continue
        if isinstance(value, str):
            if "\x00" in value:
                raise Invalid("a text holds a NUL character, which cannot be stored")
        elif isinstance(value, list | tuple):
            refuse_nul(value)
