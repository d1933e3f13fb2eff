"""What two drivers raise, in the words of the port: no driver's exception reaches a caller."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tikfleet.kernel.errors import Conflict, Invalid, TikfleetError
from tikfleet.ports.database import AlreadyExists, DatabaseContended, DatabaseUnavailable

# SQLSTATE (PostgreSQL, appendix A): its first two characters are the class.
_UNIQUE: Final = "23505"
_RULE: Final = "23"
_VALUE: Final = frozenset({"22", "54"})
_MET: Final = "40"
_OURS: Final = frozenset({"0A", "26", "42"})
_SQLITE_UNIQUE: Final = frozenset(
    {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"}
)
_SQLITE_VALUE: Final = frozenset({"SQLITE_TOOBIG", "SQLITE_MISMATCH"})
_SQLITE_OURS: Final = frozenset({"SQLITE_ERROR", "SQLITE_RANGE", "SQLITE_MISUSE"})


@contextmanager
def in_our_words() -> Iterator[None]:
    """Around a statement, a begin or a commit: what goes wrong there becomes one of our errors."""
    try:
        yield
    except PoolTimeoutError as cause:
        raise DatabaseUnavailable("the database is too busy", retry_after_s=5) from cause
    except DBAPIError as cause:
        raise _translated(cause) from cause
    except (UnicodeEncodeError, OverflowError) as cause:
        raise Invalid("a value does not fit the database") from cause
    except (SQLAlchemyError, ValueError) as cause:
        raise _fault() from cause
    except OSError as cause:
        raise DatabaseUnavailable("the database does not answer", retry_after_s=5) from cause


def _translated(cause: DBAPIError) -> TikfleetError:
    origin = cause.orig
    if isinstance(origin, sqlite3.Error):
        return _of_sqlite(getattr(origin, "sqlite_errorname", "") or "")
    state = str(getattr(origin, "sqlstate", "") or "")
    if isinstance(origin, OverflowError | UnicodeEncodeError) or state[:2] in _VALUE or _unfit(origin):
        return Invalid("a value does not fit the database")
    if state == _UNIQUE:
        return AlreadyExists("something of that name or key exists already")
    if state[:2] == _RULE:
        return Conflict("the change contradicts what the database holds")
    if state[:2] == _MET:
        return DatabaseContended("another change came between", retry_after_s=1)
    return _fault() if state[:2] in _OURS else _away()


def _of_sqlite(name: str) -> TikfleetError:
    if name in _SQLITE_UNIQUE:
        return AlreadyExists("something of that name or key exists already")
    if name.startswith("SQLITE_CONSTRAINT"):
        return Conflict("the change contradicts what the database holds")
    if name in _SQLITE_VALUE:
        return Invalid("a value does not fit the database")
    return _fault() if name in _SQLITE_OURS else _away()


def _unfit(origin: BaseException | None) -> bool:
    """The PostgreSQL driver itself refuses a number that is too large for its column."""
    cause = origin.__cause__ if origin is not None else None
    return type(cause).__name__ == "DataError"


def _away() -> DatabaseUnavailable:
    return DatabaseUnavailable("the database did not complete the transaction", retry_after_s=5)


def _fault() -> TikfleetError:
    return TikfleetError("the database cannot run a statement of ours")
