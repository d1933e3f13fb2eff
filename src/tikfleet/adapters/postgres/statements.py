"""Statements as the port writes them, with names, to statements as PostgreSQL takes them, with numbers."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from tikfleet.ports.database import filled

# What looks like a name: not inside a text or a quoted name, and not a cast.
_MARK: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|::|:(\w+)")


def numbered(sql: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The statement with `$1` for the first name, and so on, and the values in their order.

    `in :name` with a list becomes a mark for each item of it, filled up (`filled`): few statements are kept prepared.
    """
    lists = {name: filled(value) for name, value in values.items() if isinstance(value, list | tuple)}
    text, names = _written(sql, tuple((name, len(items)) for name, items in lists.items()))
    given: list[Any] = []
    for name in names:
        if name in lists:
            given += lists[name]
        else:
            given.append(values[name])
    return text, given


@lru_cache(maxsize=1024)
def _written(sql: str, lengths: tuple[tuple[str, int], ...]) -> tuple[str, tuple[str, ...]]:
    """The statement, and the names in the order of their first numbers."""
    lists, first, names = dict(lengths), {}, []
    next_n = 1
    parts, end = [], 0
    for mark in _MARK.finditer(sql):
        if not (name := mark[1]):
            continue
        if name not in first:
            first[name] = next_n
            next_n += lists.get(name, 1)
            names.append(name)
        parts.append(sql[end : mark.start()])
        if name in lists:
            parts.append("(" + ", ".join(f"${first[name] + number}" for number in range(lists[name])) + ")")
        else:
            parts.append(f"${first[name]}")
        end = mark.end()
    return "".join(parts) + sql[end:], tuple(names)
