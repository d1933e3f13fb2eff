"""What SQLite's driver raises, in the words of the database port: no driver's exception reaches a caller."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tikfleet.kernel.errors import Conflict, Invalid, TikfleetError
from tikfleet.ports.database import AlreadyExists, DatabaseUnavailable

_UNIQUE: Final = frozenset({"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"})
_VALUE: Final = frozenset({"SQLITE_TOOBIG", "SQLITE_MISMATCH"})
_OURS: Final = frozenset({"SQLITE_ERROR", "SQLITE_RANGE", "SQLITE_MISUSE", ""})


@contextmanager
def in_our_words() -> Iterator[None]:
    """Around a statement, a begin or a commit: what goes wrong there becomes one of our errors."""
    try:
        yield
    except sqlite3.Error as cause:
        raise _translated(getattr(cause, "sqlite_errorname", "")) from cause
    except (UnicodeEncodeError, OverflowError) as cause:
        raise Invalid("a value does not fit the database") from cause
    except OSError as cause:
        raise DatabaseUnavailable("the database does not answer", retry_after_s=5) from cause


def _translated(name: str) -> TikfleetError:
    """An error by SQLite's name for it; what the driver itself refuses, such as a missing value, has none."""
    if name in _UNIQUE:
        return AlreadyExists("something of that name or key exists already")
    if name.startswith("SQLITE_CONSTRAINT"):
        return Conflict("the change contradicts what the database holds")
    if name in _VALUE:
        return Invalid("a value does not fit the database")
    if name in _OURS:
        return TikfleetError("the database cannot run a statement of ours")
    return DatabaseUnavailable("the database did not complete the transaction", retry_after_s=5)
