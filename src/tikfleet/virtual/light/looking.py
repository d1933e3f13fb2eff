"""What a light router prints when it is asked to look around: ping, traceroute, and the check for a newer version.

The forms are those that consoles of RouterOS 7 are quoted with; the figures follow from the address. As on a whole
virtual router, an address that ends in .251 to .254 does not answer. Which version is newest is invented.
"""

import re
from collections.abc import Sequence
from typing import Final

from tikfleet.virtual.light.dice import Dice

_SILENT: Final = re.compile(r"\.25[1-4]$")
_NEWEST: Final = {"stable": "7.24", "long-term": "7.20.8", "testing": "7.25beta2"}
_HOPS: Final = 3
_MOST: Final = 100


def pinged(host: str, count: int, size_bytes: int) -> Sequence[str]:
    """A line for each packet, and the totals."""
    dice, up = Dice("ping", host), not _SILENT.search(host)
    ttl, distance_us = 64 - dice.bits() % 12, 800 + dice.bits() % 60_000
    lines = [f"{'SEQ':>5} {'HOST':<40} {'SIZE':>4} {'TTL':>3} {'TIME':<11} STATUS"]
    sent = max(1, min(_MOST, count))
    times = [distance_us + dice.bits() % 900 for _ in range(sent)]
    for number, time_us in enumerate(times):
        cells = f"{size_bytes:>4} {ttl:>3} {_span(time_us):<11}" if up else f"{'':>4} {'':>3} {'':<11} timeout"
        lines.append(f"{number:>5} {host:<40} {cells}".rstrip())
    if not up:
        return [*lines, f"    sent={sent} received=0 packet-loss=100%"]
    figures = f"min-rtt={_span(min(times))} avg-rtt={_span(sum(times) // sent)} max-rtt={_span(max(times))}"
    return [*lines, f"    sent={sent} received={sent} packet-loss=0% {figures}"]


def traced(host: str, count: int) -> Sequence[str]:
    """A line for each hop, the last of which is the host if it answers."""
    dice = Dice("trace", host)
    lines = [f"{'ADDRESS':<32} {'LOSS':>4} {'SENT':>4} {'LAST':>7} {'AVG':>7} {'BEST':>7} {'WORST':>7} {'STD-DEV':>7}"]
    time_ms = 0.0
    for hop in [*(f"198.51.100.{dice.bits() % 250 + 1}" for _ in range(_HOPS)), host]:
        if hop == host and _SILENT.search(host):
            lines.append(f"{'':<32} {'100%':>4} {count:>4} timeout")
            continue
        time_ms += 0.4 + dice.unit() * 9
        cells = f"{time_ms:>7.1f} {time_ms * 0.9:>7.1f} {time_ms * 1.2:>7.1f} {0.1:>7}"
        lines.append(f"{hop:<32} {'0%':>4} {count:>4} {f'{time_ms:.1f}ms':>7} {cells}")
    return lines


def update_shown(version: str) -> Sequence[str]:
    """`/system/package/update print` after a check. `version` is as `/system resource` prints it."""
    installed, _, channel = version.rstrip(")").partition(" (")
    latest = _NEWEST.get(channel, _NEWEST["stable"])
    status = "System is already up to date" if installed == latest else "New version is available"
    shown = {
        "channel": channel or "stable", "installed-version": installed, "latest-version": latest, "status": status,
    }  # fmt: skip
    return [f"{name:>17}: {value}" for name, value in shown.items()]


def _span(time_us: int) -> str:
    return f"{time_us // 1_000}ms{time_us % 1_000}us" if time_us >= 1_000 else f"{time_us}us"  # noqa: PLR2004 - of units
