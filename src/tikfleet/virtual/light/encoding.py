"""A report in each wire form of the agent protocol, and the answers back. Pure text and bytes.

JSON holds every value as text, as the agent makes it where `:serialize` leaves digits alone (7.16 and later). Lines
are `key=N:value` with N the length in bytes; `-name` is a table without rows.
"""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import msgspec

Row: TypeAlias = dict[str, str]
Section: TypeAlias = "Row | list[Row]"

JSON_MEDIA: Final = "application/json"
LINES_MEDIA: Final = "text/plain"
_encoder: Final = msgspec.json.Encoder()


def encode_json(top: Row, sections: dict[str, Section]) -> bytes:
    return _encoder.encode({**_filled(top), **{name: _tidy(part) for name, part in sections.items()}})


def encode_lines(top: Row, sections: dict[str, Section]) -> bytes:
    parts = ["tikfleet/1\n+\n", *_lines(top)]
    for name, part in sections.items():
        if isinstance(part, list):
            if not part:
                parts.append(f"-{name}\n")
            for row in part:
                parts.append(f"+{name}\n")
                parts += _lines(row)
        else:
            parts.append(f"+{name}\n")
            parts += _lines(part)
    return "".join(parts).encode()


def decode_answer(body: bytes) -> dict[str, str]:
    """One flat table from either form: nested keys are joined by a dot (`plan.tag`), truth is `true` or `false`.

    Raises ValueError for what is neither JSON nor lines.
    """
    text = body.strip()
    if text.startswith(b"{"):
        try:
            loaded = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.MsgspecError as cause:
            raise ValueError("the answer is not JSON") from cause
        return dict(_flatten("", loaded))
    flat: Row = {}
    for line in text.decode("utf-8", "replace").splitlines():
        key, equals, value = line.partition("=")
        if equals:
            flat[key] = value
        elif line and not line.startswith("tikfleet/"):
            raise ValueError("the answer is neither JSON nor lines")
    if "ok" in flat:
        flat["ok"] = "true" if flat["ok"] in {"1", "true", "yes"} else "false"
    return flat


def _flatten(prefix: str, table: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for key, value in table.items():
        name = prefix + key
        if isinstance(value, dict):
            yield from _flatten(name + ".", value)
        elif isinstance(value, bool):
            yield name, "true" if value else "false"
        elif isinstance(value, list):
            yield name, " ".join(str(item) for item in value)
        elif value is not None:
            yield name, str(value)


def _lines(row: Row) -> list[str]:
    return [
        f"{key}={len(value) if value.isascii() else len(value.encode())}:{value}\n"
        for key, value in row.items()
        if value
    ]


def _filled(row: Row) -> Row:
    return {key: value for key, value in row.items() if value}


def _tidy(part: Section) -> Section:
    return [_filled(row) for row in part] if isinstance(part, list) else _filled(part)
