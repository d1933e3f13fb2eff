"""Check-in requests as a router of tier A sends them: about 2.2 KB of JSON, each with its own sequence number."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

_SEQ = b'"seq":1000000000'


def report(interfaces: int = 7) -> dict[str, Any]:
    """A plausible report with this many interfaces."""
    return {
        "v": 1,
        "agent": "1.1.0/A",
        "boot": "b7k3v9x2q1",
        "seq": 1_000_000_000,
        "uptime": "1w2d03:04:05",
        "time": "2026-11-23 04:20:11",
        "plan": "p1-60",
        "cpu-load": "12",
        "free-memory": "861274112",
        "free-hdd-space": "94371840",
        "tags": {"inventory": "t1a2b3c4d5e6", "neighbors": "t0f9e8d7c6b5"},
        "interfaces": [_interface(number) for number in range(1, interfaces + 1)],
        "health": [
            {"name": "temperature", "value": "41", "type": "C"},
            {"name": "voltage", "value": "24.1", "type": "V"},
        ],
        "dhcp-leases": 23,
        "ppp-active": 0,
        "wan-address": "198.51.100.17",
    }


def _interface(number: int) -> dict[str, str]:
    return {
        "name": f"ether{number}",
        "type": "ether",
        "mac-address": f"DC:2C:6E:11:22:{number:02X}",
        "actual-mtu": "1500",
        "running": "true",
        "disabled": "false",
        "link-downs": "2",
        "rx-byte": str(8_234_567_890 + number),
        "tx-byte": str(2_234_567_890 + number),
        "rx-packet": str(8_234_567 + number),
        "tx-packet": str(2_234_567 + number),
        "rx-error": "0",
        "tx-error": "0",
        "rx-drop": "0",
        "tx-drop": "14",
    }


def body() -> bytes:
    """The report as the router sends it, with a sequence number of ten digits to be replaced."""
    return msgspec.json.encode(report())


def in_turn(requests: Sequence[Callable[[], bytes]]) -> Callable[[], bytes]:
    """Makes the next check-in request of some routers that take turns on one connection."""
    routers = itertools.cycle(requests)

    def following() -> bytes:
        return next(routers)()

    return following


def requests_of(token: str, port: int) -> Callable[[], bytes]:
    """Makes the next check-in request of the router that holds this token."""
    content = body()
    before, after = content.split(_SEQ)
    head = (
        f"POST /agent/v1/checkin HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUser-Agent: RouterOS 7.22\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    ).encode()
    numbers = itertools.count(1_000_000_001)
    return lambda: head + before + b'"seq":%d' % next(numbers) + after


def body_of(request: bytes) -> bytes:
    """What a request carries."""
    return request.partition(b"\r\n\r\n")[2]
