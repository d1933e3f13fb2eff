"""Figures as people read them."""

from datetime import UTC, datetime
from typing import Final

_DECIMAL: Final = ("", "k", "M", "G", "T", "P")
_THOUSAND: Final = 1000.0
_BARS: Final = "▁▂▃▄▅▆▇█"
_STEPS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"))


def rate(bps: float | None) -> str:
    """Bits a second: `12.5 Mbps`."""
    return "" if bps is None else _scaled(bps, "bps")


def size(count: float | None) -> str:
    """Bytes in decimal units: `3.4 GB`."""
    return "" if count is None else _scaled(count, "B")


def percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}%"


def duration(seconds: float | None) -> str:
    """`3d 4h`, `12m`, `8s`."""
    if seconds is None:
        return ""
    left, parts = int(seconds), []
    for length, letter in _STEPS:
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count}{letter}")
    return " ".join(parts[:2]) or f"{left}s"


def ago(moment: str | None, now: datetime) -> str:
    """How long ago an RFC 3339 moment was; the text itself when it is none."""
    if not moment:
        return ""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    return duration(max(0.0, (now - then.astimezone(UTC)).total_seconds()))


def bars(values: list[float | None]) -> str:
    """A line of bars, a space for a gap."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(0.0, *known), max(known)
    span = (high - low) or 1.0
    return "".join(" " if value is None else _BARS[min(7, int((value - low) / span * 7.99))] for value in values)


def amount(value: float | None, unit: str) -> str:
    """A metric's value with its unit, as the API names units."""
    if value is None:
        return ""
    if unit in {"bps", "B", "bytes"}:
        return _scaled(value, "bps" if unit == "bps" else "B")
    if unit == "s":
        return duration(value)
    return f"{value:.1f}{'%' if unit in {'%', 'percent'} else ' ' + unit if unit else ''}"


def _scaled(value: float, unit: str) -> str:
    for prefix in _DECIMAL:
        if abs(value) < _THOUSAND or prefix == _DECIMAL[-1]:
            return f"{value:.0f} {unit}" if not prefix else f"{value:.1f} {prefix}{unit}"
        value /= _THOUSAND
    return ""
