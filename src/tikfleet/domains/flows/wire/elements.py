"""Information elements: which fields of a flow record become which columns.

Sources: IANA's registry of IPFIX information elements; Cisco's NetFlow version 9 white paper for the same ids in v9.
What RouterOS sends beside these (next hops, MAC addresses, VLANs, TTL, IGMP type, TCP sequence numbers) is stepped
over by its length.
"""

from collections.abc import Mapping
from typing import Final

VARIABLE: Final = 65535

OCTETS: Final = "octets"
PACKETS: Final = "packets"
SAMPLING: Final = "sampling"
SAMPLED: Final = "sampled"
SKIPPED: Final = "skipped"

# Element id -> the name that decoding knows it by. Where two elements give the same, the first of a record counts.
WANTED: Final[Mapping[int, str]] = {
    1: OCTETS,
    2: PACKETS,
    4: "protocol",
    5: "tos",
    6: "tcp_flags",
    7: "source_port",
    8: "source_v4",
    10: "in_interface",
    11: "destination_port",
    12: "destination_v4",
    14: "out_interface",
    21: "last_uptime_ms",
    22: "first_uptime_ms",
    27: "source_v6",
    28: "destination_v6",
    32: "icmp",
    34: SAMPLING,
    50: SAMPLING,
    85: OCTETS,
    86: PACKETS,
    139: "icmp",
    150: "first_s",
    151: "last_s",
    152: "first_ms",
    153: "last_ms",
    160: "booted_ms",
    176: "icmp_type",
    177: "icmp_code",
    178: "icmp_type",
    179: "icmp_code",
    225: "nat_source",
    226: "nat_destination",
    227: "nat_source_port",
    228: "nat_destination_port",
    305: SAMPLED,
    306: SKIPPED,
}
SIXTEEN: Final = frozenset({"source_v6", "destination_v6"})
FOUR: Final = frozenset({"source_v4", "destination_v4", "nat_source", "nat_destination"})
