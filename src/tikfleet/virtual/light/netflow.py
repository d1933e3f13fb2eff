"""NetFlow v9 packets of what a site downloads and uploads (RFC 3954; fields as in REFERENCE §11).

Each packet brings its template along, so that a collector which begins late understands the next one.
"""

import struct
from ipaddress import IPv4Address
from typing import Final, NamedTuple

from tikfleet.virtual.light.dice import Dice
from tikfleet.virtual.light.lines import host_of

FLOWS: Final = 16
_TEMPLATE: Final = 256
# Information elements and their bytes: addresses, ports, protocol, flags, interfaces, packets, bytes, last, first.
_FIELDS: Final = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (6, 1), (10, 4), (14, 4), (2, 4), (1, 4), (21, 4), (22, 4))
_RECORD: Final = struct.Struct(">4s4sHHBBIIIIII")
_TCP, _UDP = 6, 17
_PUSHED: Final = 0x1B
_WAN, _LAN = 1, 2
_MOST: Final = 2**32 - 1
_UPLOAD_SHARE: Final = 0.16
_FIRST_SET: Final = struct.pack(">HHHH", 0, 8 + 4 * len(_FIELDS), _TEMPLATE, len(_FIELDS)) + b"".join(
    struct.pack(">HH", *field) for field in _FIELDS
)


class _Service(NamedTuple):
    """Where people go: the last byte of the address is drawn."""

    network: str
    port: int
    protocol: int


_SERVICES: Final = (
    (_Service("203.0.113.", 443, _TCP), 0.42),
    (_Service("203.0.113.", 443, _UDP), 0.26),
    (_Service("198.51.100.", 443, _TCP), 0.14),
    (_Service("198.51.100.", 80, _TCP), 0.06),
    (_Service("198.51.100.", 993, _TCP), 0.03),
    (_Service("192.0.2.", 53, _UDP), 0.04),
    (_Service("192.0.2.", 5060, _UDP), 0.03),
    (_Service("192.0.2.", 123, _UDP), 0.02),
)


def packet(dice: Dice, down_bytes: float, over_s: float, uptime_s: float, clock_s: float, sequence: int) -> bytes:
    """What was downloaded over a time, and what went up for it, divided among the flows of some hosts."""
    shares = [dice.unit() ** 3 + 0.01 for _ in range(FLOWS // 2)]
    uptime_ms = int(uptime_s * 1000)
    records = b"".join(
        _both_ways(dice, down_bytes * share / sum(shares), uptime_ms, int(over_s * 1000)) for share in shares
    )
    body = struct.pack(">HH", _TEMPLATE, 4 + len(records) + -len(records) % 4) + records + bytes(-len(records) % 4)
    clock = (uptime_ms & _MOST, int(clock_s) & _MOST, sequence & _MOST)
    return struct.pack(">HHIIII", 9, 1 + FLOWS, *clock, 0) + _FIRST_SET + body


def _both_ways(dice: Dice, down_bytes: float, uptime_ms: int, over_ms: int) -> bytes:
    service = dice.weighted(_SERVICES)
    host = IPv4Address(host_of(dice)).packed
    peer = IPv4Address(f"{service.network}{dice.whole(1, 24)}").packed
    port = dice.whole(32_768, 60_999)
    last = uptime_ms - dice.whole(0, over_ms // 4)
    times = (last & _MOST, max(0, last - dice.whole(over_ms // 8, over_ms // 2)) & _MOST)
    flags = _PUSHED if service.protocol == _TCP else 0
    kind = (service.protocol, flags)
    down = _RECORD.pack(peer, host, service.port, port, *kind, _WAN, _LAN, *_counted(down_bytes, 1100), *times)
    sent = _counted(down_bytes * _UPLOAD_SHARE, 240)
    return down + _RECORD.pack(host, peer, port, service.port, *kind, _LAN, _WAN, *sent, *times)


def _counted(octets: float, each: int) -> tuple[int, int]:
    """Packets and bytes."""
    whole = min(_MOST, max(64, int(octets)))
    return whole // each + 1, whole
