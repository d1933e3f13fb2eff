"""Packets as flow exporters send them: the fields of RouterOS (REFERENCE: its IPFIX templates 258 and 259), v9, v5.

For tests, proofs and benchmarks; an encoder of its own, so that the decoder is not held against itself.
"""

import random
import struct
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any

import msgspec

IPV4_FIELDS = (
    (60, 1), (22, 4), (21, 4), (2, 4), (1, 4), (7, 2), (11, 2), (10, 4),
    (14, 4), (4, 1), (6, 1), (8, 4), (12, 4), (15, 4), (225, 4), (226, 4),
)  # fmt: skip
IPV6_FIELDS = (
    (60, 1), (22, 4), (21, 4), (2, 4), (1, 4), (7, 2), (11, 2), (10, 4),
    (14, 4), (4, 1), (6, 1), (27, 16), (28, 16), (62, 16),
)  # fmt: skip
BOOT_S = 1_700_000_000


class Talk(msgspec.Struct, frozen=True):
    """One flow as its exporter counted it; times are ms of the exporter's uptime."""

    source: str = "192.168.88.10"
    destination: str = "203.0.113.5"
    source_port: int = 40_000
    destination_port: int = 443
    protocol: int = 6
    octets: int = 1500
    packets: int = 3
    first_ms: int = 1000
    last_ms: int = 2000
    in_interface: int = 2
    out_interface: int = 1
    tcp_flags: int = 0x1B
    nat_source: str = "198.51.100.7"


def value_of(talk: Talk, element: int, length: int) -> bytes:
    """What a talk has for an information element, zeros where it has nothing."""
    numbers = {
        1: talk.octets, 2: talk.packets, 4: talk.protocol, 6: talk.tcp_flags, 7: talk.source_port,
        11: talk.destination_port, 10: talk.in_interface, 14: talk.out_interface, 21: talk.last_ms,
        22: talk.first_ms, 60: ip_address(talk.source).version,
    }  # fmt: skip
    texts = {8: talk.source, 27: talk.source, 12: talk.destination, 28: talk.destination, 225: talk.nat_source}
    if element in texts:
        return ip_address(texts[element]).packed
    return numbers.get(element, 0).to_bytes(length, "big")


def record(talk: Talk, fields: Sequence[tuple[int, int]]) -> bytes:
    """One data record."""
    return b"".join(value_of(talk, element, length) for element, length in fields)


def a_set(number: int, body: bytes, pad_to: int = 1) -> bytes:
    """A set, filled up to a multiple of bytes."""
    body += bytes(-(len(body) + 4) % pad_to)
    return struct.pack(">HH", number, len(body) + 4) + body


def template(number: int, fields: Sequence[tuple[int, int]]) -> bytes:
    """A template record, the same in v9 and IPFIX."""
    return struct.pack(">HH", number, len(fields)) + b"".join(struct.pack(">HH", *field) for field in fields)


def v9(*sets: bytes, sequence: int = 0, uptime_ms: int = 60_000, domain: int = 0) -> bytes:
    """A v9 packet."""
    clock_s = BOOT_S + uptime_ms // 1000
    return struct.pack(">HHIIII", 9, len(sets), uptime_ms, clock_s, sequence, domain) + b"".join(sets)


def ipfix(*sets: bytes, sequence: int = 0, clock_s: int = BOOT_S + 60, domain: int = 0) -> bytes:
    """An IPFIX message."""
    body = b"".join(sets)
    return struct.pack(">HHIII", 10, 16 + len(body), clock_s, sequence, domain) + body


def v5(talks: Sequence[Talk], *, sequence: int = 0, uptime_ms: int = 60_000, sampling: int = 0) -> bytes:
    """A v5 packet."""
    clock_s = BOOT_S + uptime_ms // 1000
    head = struct.pack(">HHIIIIBBH", 5, len(talks), uptime_ms, clock_s, 0, sequence, 0, 0, sampling)
    return head + b"".join(_v5_record(talk) for talk in talks)


def _v5_record(talk: Talk) -> bytes:
    ends = ip_address(talk.source).packed + ip_address(talk.destination).packed + bytes(4)
    lines = struct.pack(">HH", talk.in_interface, talk.out_interface)
    counters = struct.pack(">IIII", talk.packets, talk.octets, talk.first_ms, talk.last_ms)
    ports = struct.pack(">HH", talk.source_port, talk.destination_port)
    return (
        ends
        + lines
        + counters
        + ports
        + struct.pack(">BBBBHHBBH", 0, talk.tcp_flags, talk.protocol, 0, 0, 0, 24, 24, 0)
    )


def some_talks(count: int, seed: int = 1, hosts: int = 40, peers: int = 400) -> list[Talk]:
    """Traffic of one house: some hosts that talk to popular services, and the answers."""
    dice = random.Random(seed)
    talks = []
    for _ in range(count):
        host = f"192.168.88.{dice.randrange(10, 10 + hosts)}"
        peer = f"203.0.{int(dice.paretovariate(1.2)) % 113}.{int(dice.paretovariate(0.7)) % peers % 256}"
        port, protocol = dice.choice(((443, 6), (443, 17), (443, 6), (53, 17), (80, 6), (123, 17), (5060, 17)))
        last = dice.randrange(30_000, 59_000)
        packets = int(dice.paretovariate(0.9)) % 5000 + 1
        values: dict[str, Any] = {
            "octets": packets * dice.randrange(60, 1400),
            "packets": packets,
            "first_ms": last - dice.randrange(30_000),
            "last_ms": last,
            "protocol": protocol,
        }
        client = dice.randrange(32_768, 60_999)
        if dice.random() < 0.5:
            talks.append(Talk(host, peer, client, port, **values))
        else:
            talks.append(Talk(peer, host, port, client, in_interface=1, out_interface=2, **values))
    return talks


def messages(talks: Sequence[Talk], per_message: int = 28, begin: int = 0) -> Iterator[bytes]:
    """IPFIX messages of IPv4 records as RouterOS cuts them, without their template."""
    sequence = begin
    for start in range(0, len(talks), per_message):
        part = talks[start : start + per_message]
        body = b"".join(record(talk, IPV4_FIELDS) for talk in part)
        yield ipfix(a_set(258, body), sequence=sequence)
        sequence = (sequence + len(part)) % 2**32


TEMPLATES = ipfix(a_set(2, template(258, IPV4_FIELDS) + template(259, IPV6_FIELDS)))
