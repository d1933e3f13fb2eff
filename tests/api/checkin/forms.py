"""Reports in the lines form, as a router writes them."""

from typing import Any


def lines_of(report: dict[str, Any]) -> bytes:
    """`tikfleet/1`, then `key=N:value`; groups and tables follow the values of the top level."""
    parts = [b"tikfleet/1\n"]
    parts += [_pair(name, value) for name, value in report.items() if not isinstance(value, dict | list)]
    for name, value in report.items():
        if isinstance(value, dict):
            parts += _row(name, value)
        elif isinstance(value, list):
            parts += [part for row in value for part in _row(name, row)] or [b"-%s\n" % name.encode()]
    return b"".join(parts)


def _row(name: str, row: dict[str, Any]) -> list[bytes]:
    return [b"+%s\n" % name.encode(), *(_pair(key, value) for key, value in row.items())]


def _pair(name: str, value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode()
    return b"%s=%d:%s\n" % (name.encode(), len(raw), raw)
