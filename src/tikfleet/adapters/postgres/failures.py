"""What PostgreSQL and its driver raise, in the words of the database port: no driver's exception reaches a caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from asyncpg.exceptions import InterfaceError, PostgresError

from tikfleet.kernel.errors import Conflict, Invalid, TikfleetError
from tikfleet.ports.database import AlreadyExists, DatabaseContended, DatabaseUnavailable

# SQLSTATE (PostgreSQL, appendix A): its first two characters are the class.
_UNIQUE: Final = "23505"
_RULE: Final = "23"
_VALUE: Final = frozenset({"22", "54"})
_MET: Final = "40"
_OURS: Final = frozenset({"0A", "26", "42"})


@contextmanager
def in_our_words() -> Iterator[None]:
    """Around a statement, a begin or a commit: what goes wrong there becomes one of our errors."""
    try:
        yield
    except PostgresError as cause:
        raise _translated(cause) from cause
    except (UnicodeEncodeError, OverflowError) as cause:
        raise Invalid("a value does not fit the database") from cause
    except (InterfaceError, OSError, TimeoutError) as cause:
        raise DatabaseUnavailable("the database does not answer", retry_after_s=5) from cause
    except KeyError as cause:
        raise TikfleetError("the database cannot run a statement of ours") from cause


def _translated(cause: PostgresError) -> TikfleetError:
    state = str(getattr(cause, "sqlstate", "") or "")
    if state[:2] in _VALUE:
        return Invalid("a value does not fit the database")
    if state == _UNIQUE:
        return AlreadyExists("something of that name or key exists already")
    if state[:2] == _RULE:
        return Conflict("the change contradicts what the database holds")
    if state[:2] == _MET:
        return DatabaseContended("another change came between", retry_after_s=1)
    if state[:2] in _OURS:
        return TikfleetError("the database cannot run a statement of ours")
    return DatabaseUnavailable("the database did not complete the transaction", retry_after_s=5)
