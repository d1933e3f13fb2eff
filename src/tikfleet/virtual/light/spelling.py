"""How a router of a release writes times and addresses."""

import time
from typing import Final

from tikfleet.routeros.values import format_script_time
from tikfleet.virtual.light.releases import Release

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def date(release: Release, local_s: float) -> str:
    """`2026-11-23 04:20:11` since 7.10, `nov/23/2026 04:20:11` before."""
    t = time.gmtime(max(0.0, local_s))
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    if release.iso_dates:
        return f"{t.tm_year:04}-{t.tm_mon:02}-{t.tm_mday:02} {clock}"
    return f"{_MONTHS[t.tm_mon - 1]}/{t.tm_mday:02}/{t.tm_year:04} {clock}"


def duration(duration_s: float) -> str:
    """As a script prints it: `1w2d03:04:05`."""
    return format_script_time(int(max(0.0, duration_s)))


def mac(number: int) -> str:
    digits = f"{number & 0xFFFFFFFFFFFF:012X}"
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))
