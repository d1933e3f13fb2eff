"""Decoded flows as columns: one array whose elements are of the type `FLOW`."""

from typing import Any, Final

import numpy as np

# Addresses are two halves; an IPv4 address stands in its IPv6 form ::ffff:a.b.c.d. `ended_ms` is by the clock of
# whoever received the packet. `nat_source` is an IPv4 address, 0 where the router told none.
FLOW: Final = np.dtype(
    [
        ("exporter", "<u4"),
        ("protocol", "u1"),
        ("tos", "u1"),
        ("source_port", "<u2"),
        ("ended_ms", "<i8"),
        ("source_high", "<u8"),
        ("source_low", "<u8"),
        ("destination_high", "<u8"),
        ("destination_low", "<u8"),
        ("octets", "<u8"),
        ("packets", "<u8"),
        ("duration_ms", "<u4"),
        ("in_interface", "<u4"),
        ("out_interface", "<u4"),
        ("nat_source", "<u4"),
        ("destination_port", "<u2"),
        ("nat_source_port", "<u2"),
        ("tcp_flags", "u1"),
        ("sampled", "u1"),
        ("reserved", "<u2"),
    ]
)
MAPPED: Final = 0xFFFF_0000_0000


def no_flows() -> Any:
    """An empty array of flows."""
    return np.zeros(0, FLOW)
