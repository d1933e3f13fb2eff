"""What a packet says of itself, and the sets in it. Formats: NetFlow v5 and v9 (Cisco; RFC 3954), IPFIX (RFC 7011)."""

import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from tikfleet.domains.flows.wire.templates import Malformed

V5: Final = 5
V9: Final = 9
IPFIX: Final = 10

_V5: Final = struct.Struct(">HHIIIIBBH")
_V9: Final = struct.Struct(">HHIIII")
_IPFIX: Final = struct.Struct(">HHIII")
_SET: Final = struct.Struct(">HH")
V5_BYTES: Final = _V5.size
V5_RECORD_BYTES: Final = 48
_V5_MOST: Final = 30
_SAMPLING_BITS: Final = 0x3FFF
_SECOND_MS: Final = 1000


class Header(msgspec.Struct, frozen=True):
    """A packet's header. `sequence` counts packets in v9, records in the others; `length` is where its sets end."""

    version: int
    domain: int
    sequence: int
    uptime_ms: int | None
    clock_ms: int
    begin: int
    length: int
    count: int
    sampling: int


def header_of(data: bytes) -> Header:
    """The header of a packet. Raises Malformed."""
    if len(data) < _IPFIX.size:
        raise Malformed("a packet is too short for a header")
    match int.from_bytes(data[:2], "big"):
        case 5:
            return _header_v5(data)
        case 9 if len(data) >= _V9.size:
            _, count, uptime_ms, clock_s, sequence, domain = _V9.unpack_from(data)
            return Header(V9, domain, sequence, uptime_ms, clock_s * _SECOND_MS, _V9.size, len(data), count, 0)
        case 10:
            _, length, clock_s, sequence, domain = _IPFIX.unpack_from(data)
            if not _IPFIX.size <= length <= len(data):
                raise Malformed("a message is shorter than it says")
            return Header(IPFIX, domain, sequence, None, clock_s * _SECOND_MS, _IPFIX.size, length, 0, 0)
        case version:
            raise Malformed(f"version {version} is none that we know")


def _header_v5(data: bytes) -> Header:
    if len(data) < V5_BYTES:
        raise Malformed("a packet is too short for its header")
    _, count, uptime_ms, clock_s, _, sequence, engine_type, engine, sampling = _V5.unpack_from(data)
    length = V5_BYTES + count * V5_RECORD_BYTES
    if not 0 < count <= _V5_MOST or length > len(data):
        raise Malformed(f"a packet does not hold the {count} records that it says")
    domain = engine_type << 8 | engine
    clock_ms = clock_s * _SECOND_MS
    return Header(V5, domain, sequence, uptime_ms, clock_ms, V5_BYTES, length, count, sampling & _SAMPLING_BITS)


def sets_in(data: bytes, header: Header) -> Iterator[tuple[int, bytes]]:
    """Number and content of each set. Raises Malformed where one does not fit; those before it were given."""
    position = header.begin
    while position + _SET.size <= header.length:
        number, length = _SET.unpack_from(data, position)
        if length < _SET.size or position + length > header.length:
            # A v9 packet may be filled up with zeros at its end.
            if not any(data[position : header.length]):
                return
            raise Malformed(f"a set of {length} bytes does not fit")
        yield number, data[position + _SET.size : position + length]
        position += length
