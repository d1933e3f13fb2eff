"""The process that runs one statement of a stranger. Standard library only; run by its path, not as a module.

Reads one JSON document a line from standard input: what is asked, then the rows. Writes one document. What holds it
back, from the outside in: limits of the kernel on memory, time and files; a database in memory, of which there is one
table; an authorizer that permits reading that table; SQLite's own limits; a handler that stops at the deadline.
"""

import json
import re
import resource
import sqlite3
import sys
import time
from typing import Any, Final

_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_TABLES: Final = frozenset({"rows", "json_each", "json_tree"})
_FORBIDDEN: Final = frozenset(
    {"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "zeroblob", "randomblob", "sqlite_log"}
)
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 10_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 400,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 250_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 500,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_STEPS: Final = 10_000


def main() -> None:
    """Answer what comes on standard input."""
    asked = json.loads(sys.stdin.readline())
    _confine(asked)
    try:
        answer = _answer(asked)
    except MemoryError:
        answer = {"error": "it needs more memory than it may"}
    except sqlite3.Error as error:
        text = "it takes longer than it may" if "interrupted" in str(error) else str(error)
        answer = {"error": "it may only read the table `rows`" if "not authorized" in text else text}
    except sqlite3.Warning as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer))


def _confine(asked: dict[str, Any]) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, asked["memory_bytes"]),
        (resource.RLIMIT_CPU, int(asked["seconds"]) + 2),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    names = asked["names"]
    connection.execute("pragma temp_store = memory")
    connection.execute("create table rows (" + ", ".join(f'"{name}"' for name in names) + ")")
    places = ", ".join("?" * len(names))
    rows = (tuple(_value(text) for text in json.loads(line)) for line in sys.stdin)
    connection.execute("begin")
    connection.executemany(f"insert into rows values ({places})", rows)
    connection.execute("commit")
    connection.execute("pragma query_only = on")
    for limit, most in _LIMITS.items():
        connection.setlimit(limit, most)
    ends_s = time.monotonic() + asked["seconds"]
    connection.set_progress_handler(lambda: int(time.monotonic() > ends_s), _STEPS)
    connection.set_authorizer(_authorized)
    return _rows(connection.execute(asked["sql"]), asked)


def _rows(cursor: sqlite3.Cursor, asked: dict[str, Any]) -> dict[str, Any]:
    if cursor.description is None:
        return {"error": "this is no SELECT"}
    columns = [column[0] for column in cursor.description]
    found: list[list[Any]] = []
    size = 0
    for row in cursor:
        values = [value.hex() if isinstance(value, bytes) else value for value in row]
        size += sum(len(value) if isinstance(value, str) else 8 for value in values)
        if len(found) >= asked["rows"] or size > asked["bytes"]:
            return {"columns": columns, "rows": found, "truncated": True}
        found.append(values)
    return {"columns": columns, "rows": found, "truncated": False}


def _authorized(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and (first in _TABLES or (not second and not _is_own(first))):
        # A table without a column is one whose rows are only counted, such as what `with` names.
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and str(second).lower() not in _FORBIDDEN:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _is_own(table: str | None) -> bool:
    """Whether a table is SQLite's."""
    return str(table).lower().startswith(("sqlite", "pragma", "dbstat", "bytecode", "tables_used"))


def _value(text: str | None) -> str | int | None:
    """Texts that are whole numbers are numbers, so that they compare and add up."""
    return int(text) if text is not None and _INTEGER.fullmatch(text) else text


if __name__ == "__main__":
    main()
