"""What `print` shows: a table, `name=value` lines, or one value a line.

The layout follows the manual's examples: flags in front of the number, columns in capitals, wide tables cut by column.
[unverified: which columns RouterOS leaves out; here all that fit into 120 characters are shown.]
"""

from collections.abc import Sequence
from typing import Final

from tikfleet.virtual.menus.request import Request, Row

_WIDTH: Final = 120
_FLAGS: Final = {
    "disabled": "X", "dynamic": "D", "invalid": "I", "running": "R", "slave": "S", "active": "A", "inactive": "I",
}  # fmt: skip
_FIRST: Final = ("name", "chain", "action", "address", "interface")
_HIDDEN: Final = frozenset({".id", ".nextid"})


def printed(request: Request, rows: Sequence[Row], *, single: bool) -> str:
    """The text of a printed answer, every line ended."""
    if request.command != "print" or single:
        return "".join(_single(row) for row in rows)
    if "terse" in request.arguments:
        return "".join(_line(place, row, " ") for place, row in enumerate(rows))
    if "detail" in request.arguments:
        return _legend(rows) + "".join(_line(place, row, " ") for place, row in enumerate(rows))
    if "value-list" in request.arguments:
        return "\n".join(_single(row) for row in rows)
    return _table(rows)


def _single(row: Row) -> str:
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    width = max((len(name) for name in shown), default=0)
    return "".join(f"  {name:>{width}}: {_worded(value)}\n" for name, value in shown.items())


def _worded(value: str) -> str:
    """The terminal says `yes` where scripts say `true`."""
    return {"true": "yes", "false": "no"}.get(value, value)


def _flags(row: Row) -> str:
    return "".join(letter for name, letter in _FLAGS.items() if row.get(name) == "true")


def _legend(rows: Sequence[Row]) -> str:
    used = {name: letter for name, letter in _FLAGS.items() if any(row.get(name) == "true" for row in rows)}
    if not used:
        return ""
    return "Flags: " + ", ".join(f"{letter} - {name.upper()}" for name, letter in used.items()) + "\n"


def _line(place: int, row: Row, space: str) -> str:
    pairs = [
        f'{name}="{value}"' if " " in value else f"{name}={_worded(value)}"
        for name, value in row.items()
        if name not in _HIDDEN and name not in _FLAGS
    ]
    return f"{place:>2} {_flags(row):<2}{space.join(['', *pairs])}\n"


def _table(rows: Sequence[Row]) -> str:
    held = {name: None for row in rows for name in row}
    names = dict.fromkeys([name for name in _FIRST if name in held] + list(held))
    columns: list[str] = []
    room = _WIDTH - 8
    for name in names:
        if name in _HIDDEN or name in _FLAGS or name == "comment":
            continue
        width = max([len(name), *[len(row.get(name, "")) for row in rows]]) + 2
        if width > room and columns:
            break
        room -= width
        columns.append(name)
    widths = {name: max([len(name), *[len(row.get(name, "")) for row in rows]]) for name in columns}
    flagged = any(_flags(row) for row in rows)
    lines = [_legend(rows) + "Columns: " + ", ".join(name.upper() for name in columns)]
    lead = "#    " if flagged else "#  "
    lines.append((lead + "  ".join(name.upper().ljust(widths[name]) for name in columns)).rstrip())
    for place, row in enumerate(rows):
        if row.get("comment"):
            lines.append(f";;; {row['comment']}")
        start = f"{place} {_flags(row):<2} " if flagged else f"{place}  "
        lines.append((start + "  ".join(_worded(row.get(name, "")).ljust(widths[name]) for name in columns)).rstrip())
    return "\n".join(lines) + "\n"


def pinged(rows: Sequence[Row]) -> str:
    """A line for each packet, and the totals behind them."""
    lines = [f"{'SEQ':>5} {'HOST':<40} {'SIZE':>4} {'TTL':>3} {'TIME':<11} STATUS"]
    for row in rows:
        cells = f"{row.get('size', ''):>4} {row.get('ttl', ''):>3} {row.get('time', ''):<11}"
        lines.append(f"{row.get('seq', ''):>5} {row.get('host', ''):<40} {cells} {row.get('status', '')}".rstrip())
    last = rows[-1] if rows else {}
    totals = [f"{name}={last[name]}" for name in ("sent", "received", "packet-loss") if name in last]
    totals += [f"{name}={last[name]}" for name in ("min-rtt", "avg-rtt", "max-rtt") if name in last]
    return "\n".join([*lines, "    " + " ".join(totals)]) + "\n"
