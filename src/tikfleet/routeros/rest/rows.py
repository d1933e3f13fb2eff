"""What our scripts say of rows, and the same as RouterOS's REST says it.

A row begins with `+` on a line; then lines of `name=type:N:value` follow, where `type` is what `:typeof` says and `N`
the length of the value in bytes. Elements of an array come joined by commas, as REST joins them.
"""

import re
from collections.abc import Iterator
from typing import Final

from tikfleet.routeros.values import format_duration, parse_duration_s

Row = dict[str, str]

_LINE: Final = re.compile(rb"([A-Za-z0-9._/ -]{1,100})=([a-z-]{1,16}):([0-9]{1,9}):")
_NEXT: Final = re.compile(rb"\r?\n(?=\+\r?\n|[A-Za-z0-9._/ -]{1,100}=[a-z-]{1,16}:[0-9]{1,9}:|\Z)")
# Hours of a day, which are of type time in scripts and are no durations.
_CLOCKS: Final = frozenset({"time", "start-time", "next-run"})
# A property without a value: a script shows it, REST does not.
_NOTHING: Final = frozenset({"nil", "nothing"})


def read_rows(text: str) -> list[Row]:
    """The rows of a script's text. A value that changed its length on the way here ends where the next line begins."""
    data = text.encode("utf-8", "replace")
    rows: list[Row] = []
    for name, kind, value in _lines(data):
        if not name:
            rows.append({})
        elif rows and kind not in _NOTHING:
            rows[-1][name] = rest_value(name, kind, value)
    return rows


def _lines(data: bytes) -> Iterator[tuple[str, str, str]]:
    at = 0
    while at < len(data):
        if data[at : at + 1] in (b"\n", b"\r", b"+"):
            if data[at : at + 1] == b"+":
                yield "", "", ""
            at += 1
            continue
        match = _LINE.match(data, at)
        if match is None:
            following = _NEXT.search(data, at)
            at = following.end() if following else len(data)
            continue
        start = match.end()
        end = start + int(match[3])
        if end > len(data) or data[end : end + 1] not in (b"\n", b"\r", b""):
            following = _NEXT.search(data, start)
            end = following.start() if following else len(data)
        yield match[1].decode(), match[2].decode(), data[start:end].decode("utf-8", "replace")
        at = end


def rest_value(name: str, kind: str, value: str) -> str:
    """A value as REST spells it: durations with units (`1w2d3h`), everything else as a script prints it."""
    if kind != "time" or name in _CLOCKS:
        return value
    try:
        seconds = parse_duration_s(value)
    except ValueError:
        return value
    return value if seconds is None else format_duration(seconds)
