"""Records as the console prints them: tables, details, terse lines, and the values of a single menu.

Values come as the API spells them and leave as a person reads them: `yes`, `12.5MiB`, `350MHz`. The layout follows
console output in the manual and in public test data of parsers of 6 and 7.
"""

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import Request, Row
from tikfleet.virtual.servers import terminal_facts as facts
from tikfleet.virtual.servers.terminal_order import ordered

WIDTH: Final = 80
_FIRST_WITH_COLUMNS: Final = "7.1"
_NARROWEST: Final = 40
_HIDDEN: Final = frozenset({"comment", ".nextid", ".dead", ".about"})
# Told by a flag in some releases, and by nothing in others.
_STATES: Final = frozenset({"active", "inactive", "dynamic", "invalid", "disabled"})
_SPOKEN: Final = {"true": "yes", "false": "no"}
_PREFIXES: Final = ("KiB", "MiB", "GiB", "TiB")
_MOST_OF_A_UNIT: Final = 4096


@dataclass(frozen=True, slots=True)
class Table:
    """What is to be printed. `columns` overrides the menu's own (`proplist`); `texts` adds properties to quote.

    `width` is the terminal's, in characters: long details are folded there, tables are not.
    """

    menu: str
    rows: Sequence[Row]
    profile: Profile
    single: bool = False
    columns: Sequence[str] = ()
    texts: Collection[str] = ()
    width: int = WIDTH

    @property
    def old(self) -> bool:
        return not self.profile.at_least(_FIRST_WITH_COLUMNS)


def shown(request: Request, rows: Sequence[Row], profile: Profile, *, single: bool, width: int = WIDTH) -> str:
    """What the console shows for the records that a command gave: `print` as it was asked to, others value by value."""
    if request.command != "print":
        return "\n".join(printed(Table(request.menu, [row], profile, single=True)) for row in rows)
    names = request.arguments.get("proplist") or request.arguments.get(".proplist", "")
    columns = tuple(name for name in names.split(",") if name)
    return printed(Table(request.menu, rows, profile, single, columns, width=width), request.arguments)


def printed(table: Table, options: Collection[str] = ()) -> str:
    """What `print` writes, each line ended by a line feed.

    `options` are its flags: `detail`, `terse`, `brief`, `stats`. [unverified: the columns of `stats`]
    """
    if table.single:
        return _lines(_values(table))
    if "stats" in options and not table.columns:
        table = replace(table, columns=_counted(table.rows))
    if "value-list" in options:
        return "\n".join(_lines(_values(replace(table, rows=[row], single=True))) for row in table.rows)
    if "terse" in options:
        return _lines(_terse(table))
    if "detail" in options or (facts.is_wordy(table.menu) and "brief" not in options and not table.columns):
        return _lines(_details(table))
    if not facts.has_numbers(table.menu):
        return _lines(_log(table))
    return _lines(_old_table(table) if table.old else _table(table))


def _counted(rows: Sequence[Row]) -> list[str]:
    """The columns of a table of counters."""
    return [name for name in (*facts.BEFORE_COUNTERS, *facts.COUNTERS) if any(name in row for row in rows)]


def spoken(name: str, value: str) -> str:
    """A value as the console shows it."""
    if value in _SPOKEN:
        return _SPOKEN[value]
    if name in facts.SIZES and value.isdecimal():
        return size(int(value))
    return value + facts.UNITS[name] if name in facts.UNITS and value.isdecimal() else value


def size(count_bytes: int) -> str:
    """Bytes in the smallest unit that needs no more than four digits: `512`, `25.7KiB`, `1024.0MiB`."""
    amount, unit = float(count_bytes), ""
    for prefix in _PREFIXES:
        if amount <= _MOST_OF_A_UNIT:
            break
        amount, unit = amount / 1024, prefix
    return f"{amount:.1f}{unit}" if unit else str(count_bytes)


def _lines(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _values(table: Table) -> Iterator[str]:
    row = table.rows[0] if table.rows else {}
    shown = [(name, spoken(name, value)) for name, value in row.items() if not name.startswith(".")]
    if table.columns:
        shown = [(name, value) for name, value in shown if name in table.columns]
    shown = ordered(table.menu, shown)
    label = max((len(name) for name, _ in shown), default=0) + 2
    longest = 0 if table.old else max((len(value) for _, value in shown), default=0)
    for name, value in shown:
        yield f"{name:>{label}}: {value:<{longest}}"


def _marks(table: Table, row: Row) -> str:
    places = facts.flags(table.menu, old=table.old)
    return "".join(next((letter for letter, name in place if row.get(name) in _SET), " ") for place in places)


_SET: Final = frozenset({"true", "yes", ""})


def _numbers(table: Table) -> list[str]:
    """The number of each item, or nothing where it has none."""
    own = facts.numbers_only_own(table.menu, old=table.old)
    return ["" if own and row.get("dynamic") == "true" else str(place) for place, row in enumerate(table.rows)]


def _legend(table: Table, *, only: str | None) -> str:
    """The line of flags: all of the menu's, or in capitals those that are `only` in use."""
    places = facts.flags(table.menu, old=table.old)
    words = [
        ", ".join(
            f"{letter} - {name if only is None else name.upper()}"
            for letter, name in place
            if only is None or letter in only
        )
        for place in places
    ]
    return ("; " if not table.old else ", ").join(word for word in words if word)


def _fields(table: Table, row: Row) -> list[tuple[str, str]]:
    """The properties of an item that are no flags, with their values for a person."""
    flags = {name for place in facts.flags(table.menu, old=table.old) for _, name in place}
    names = table.columns or [name for name in row if name != ".id" and name not in facts.COUNTERS]
    hidden = _HIDDEN if table.columns else _HIDDEN | flags | _STATES
    found = [(name, spoken(name, row[name])) for name in names if name in row and name not in hidden]
    return found if table.columns else ordered(table.menu, found)


def _terse(table: Table) -> Iterator[str]:
    for number, row in zip(_numbers(table), table.rows, strict=True):
        comment = [f"comment={row['comment']}"] if row.get("comment") else []
        words = comment + [f"{name}={value}" for name, value in _fields(table, row) if value]
        yield f"{_start(table, row, number)}{' '.join(words)}"


def _start(table: Table, row: Row, number: str) -> str:
    if not facts.has_numbers(table.menu):
        return " "
    width = max(2, len(str(len(table.rows) - 1)))
    marks = _marks(table, row)
    return f"{number:>{width}} {marks} " if marks else f"{number:>{width}} "


def _details(table: Table) -> Iterator[str]:
    if legend := _legend(table, only=None):
        yield f"Flags: {legend} "
    for number, row in zip(_numbers(table), table.rows, strict=True):
        start = _start(table, row, number)
        words = [f"{name}={_quoted(table, name, value)}" for name, value in _fields(table, row)]
        if row.get("comment"):
            yield f"{start};;; {row['comment']}"
            start = " " * len(start)
        folded = textwrap.wrap(
            # Only the gaps between properties may break, not the blanks inside their values.
            " ".join(word.replace(" ", "\0") for word in words),
            max(table.width, len(start) + _NARROWEST),
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield from (f"{line} ".replace("\0", " ") for line in folded or [start])
        yield ""


def _quoted(table: Table, name: str, value: str) -> str:
    if value and name not in table.texts and not (name in facts.TEXTS and _is_text(table.menu, name)):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
    return f'"{escaped}"'


def _is_text(menu: str, name: str) -> bool:
    """Types are words of a list nearly everywhere; interfaces and files print theirs as text."""
    return name != "type" or menu in ("/interface", "/file")


def _log(table: Table) -> Iterator[str]:
    for row in table.rows:
        yield f" {row.get('time', '')} {row.get('topics', '')} {row.get('message', '')}"


def _shown_columns(table: Table) -> list[str]:
    named = list(table.columns or facts.columns(table.menu, old=table.old))
    if not named:
        seen = dict.fromkeys(name for row in table.rows for name, _ in _fields(table, row))
        return list(seen)
    if table.old:
        return named
    # The new console leaves out a column in which nothing would stand, and the table that everybody uses.
    return [name for name in named if any(_matters(name, row.get(name, "")) for row in table.rows)]


def _matters(name: str, value: str) -> bool:
    return bool(value) and not (name in ("vrf", "routing-table") and value == "main")


def _table(table: Table) -> Iterator[str]:
    columns = _shown_columns(table)
    marks = [_marks(table, row) for row in table.rows]
    used = "".join(dict.fromkeys("".join(marks).replace(" ", "")))
    if used and (legend := _legend(table, only=used)):
        yield f"Flags: {legend}"
    if not table.rows:
        return
    yield f"Columns: {', '.join(name.upper() for name in columns)}"
    places = [place for place in range(len(marks[0])) if any(mark[place] != " " for mark in marks)]
    cells = [[spoken(name, row.get(name, "")) for name in columns] for row in table.rows]
    widths = [max(len(name), *(len(line[place]) for line in cells)) for place, name in enumerate(columns)]
    right = [all(not line[place] or line[place].isdecimal() for line in cells) for place in range(len(columns))]
    numbers = _numbers(table)
    number_width = max(len(number) for number in numbers)
    headings = [f"{name.upper():<{width}}" for name, width in zip(columns, widths, strict=True)]
    sign = "#" if number_width else ""
    yield _joined([f"{sign:>{number_width}}", " " * len(places), "  ".join(headings)])
    for row, number, mark, line in zip(table.rows, numbers, marks, cells, strict=True):
        if row.get("comment"):
            yield f";;; {row['comment']}"
        texts = [_cell(text, width, right=end) for text, width, end in zip(line, widths, right, strict=True)]
        yield _joined([f"{number:>{number_width}}", "".join(mark[place] for place in places), "  ".join(texts)])


def _joined(parts: list[str]) -> str:
    """Number, flags and columns; what no line of the table has takes no room."""
    return " ".join(part for part in parts if part)


def _cell(text: str, width: int, *, right: bool) -> str:
    return f"{text:>{width}}" if right else f"{text:<{width}}"


def _old_table(table: Table) -> Iterator[str]:
    if legend := _legend(table, only=None):
        yield f"Flags: {legend} "
    columns = _shown_columns(table)
    cells = [[spoken(name, row.get(name, "")) for name in columns] for row in table.rows]
    widths = [max(len(name), *(len(line[place]) for line in cells), 0) for place, name in enumerate(columns)]
    right = [all(not line[place] or line[place].isdecimal() for line in cells) for place in range(len(columns))]
    blank = " " * len(_start(table, {}, ""))
    headings = [_cell(name.upper(), width, right=end) for name, width, end in zip(columns, widths, right, strict=True)]
    yield f" #{blank[2:]}{' '.join(headings)}"
    for row, number, line in zip(table.rows, _numbers(table), cells, strict=True):
        start = _start(table, row, number)
        if row.get("comment"):
            yield f"{start};;; {row['comment']}"
            start = blank
        texts = [_cell(text, width, right=end) for text, width, end in zip(line, widths, right, strict=True)]
        yield f"{start}{' '.join(texts)}"
