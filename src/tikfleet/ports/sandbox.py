"""Questions in SQL over a table that is made for one question and forgotten: whoever asks is a stranger."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

import msgspec

from tikfleet.kernel.errors import Conflict


class SqlRefused(Conflict):
    """The statement has a mistake, is none that may be asked, or needs more time or memory than it may."""

    code: ClassVar[str] = "sql.refused"
    title: ClassVar[str] = "The statement is refused"
    remedy: ClassVar[str] = "Ask one SELECT over the table `rows`, in SQLite's SQL, with fewer rows in between."


class SqlAnswer(msgspec.Struct, frozen=True):
    """What a statement gives. `truncated`: there were more rows, or bytes, than an answer may have."""

    columns: list[str]
    rows: list[list[str | int | float | None]]
    truncated: bool = False


class SqlSandbox(Protocol):
    """One SELECT over one table `rows`, which nothing but this statement sees.

    It can't write, nor read anything else, takes seconds and some hundred megabytes at most, and gives a bounded
    answer. Raises SqlRefused.
    """

    async def ask(self, columns: Sequence[str], rows: Sequence[Mapping[str, str]], sql: str) -> SqlAnswer:
        """`columns` are the keys of the rows in the order of the table; in it they are named by `column_names`."""
        ...


def column_names(columns: Sequence[str]) -> list[str]:
    """The names that SQL takes without quotes: `dst-port` is `dst_port`, `.id` is `id`, and no two are alike."""
    names: list[str] = []
    for column in columns:
        plain = column.lower().replace("-", "_").replace(".", "_").strip("_") or "column"
        name, number = plain, 2
        while name in names:
            name, number = f"{plain}_{number}", number + 1
        names.append(name)
    return names
