"""A writer of MaxMind DB files (format 2.0), as small as tests need: IPv6 tree, records of 24 bits."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_network
from typing import Any

_MARKER = b"\xab\xcd\xefMaxMind.com"


def mmdb(networks: Mapping[str, Any]) -> bytes:
    """The file that says these of networks; IPv4 ones stand at ::/96."""
    nodes: list[list[Any]] = [[None, None]]
    data, places = b"", {}
    for text, record in networks.items():
        places[text] = len(data)
        data += _value(record)
    for text in networks:
        network = ip_network(text)
        length = network.prefixlen + (96 if network.version == 4 else 0)
        bits = f"{int(IPv6Address(int(network.network_address))):0128b}"[:length]
        node = 0
        for bit in bits[:-1]:
            if nodes[node][int(bit)] is None:
                nodes.append([None, None])
                nodes[node][int(bit)] = len(nodes) - 1
            node = nodes[node][int(bit)]
        nodes[node][int(bits[-1])] = text
    count = len(nodes)
    tree = b"".join(
        (count if side is None else side if isinstance(side, int) else count + 16 + places[side]).to_bytes(3, "big")
        for node in nodes
        for side in node
    )
    metadata = {
        "binary_format_major_version": (5, 2), "binary_format_minor_version": (5, 0), "build_epoch": (9, 1),
        "database_type": "Test",
        "description": {"en": "Test"}, "ip_version": (5, 6), "languages": ["en"],
        "node_count": count, "record_size": (5, 24),
    }  # fmt: skip
    return tree + bytes(16) + data + _MARKER + _value(metadata)


def _value(value: Any) -> bytes:
    match value:
        case dict():
            return _head(7, len(value)) + b"".join(_value(key) + _value(item) for key, item in value.items())
        case list():
            return _head(11, len(value)) + b"".join(map(_value, value))
        case (kind, number):
            # An integer of a given type: 5 has two bytes, 6 four, 9 eight.
            body = number.to_bytes((number.bit_length() + 7) // 8, "big")
            return _head(kind, len(body)) + body
        case int():
            return _value((6, value))
        case _:
            body = str(value).encode()
            return _head(2, len(body)) + body


def _head(kind: int, size: int) -> bytes:
    first = (kind << 5 if kind < 8 else 0) | min(29, size)
    return bytes([first, *([kind - 7] if kind > 7 else []), *([size - 29] if size >= 29 else [])])
