"""Records of one layout to flows, all at once, however many packets of however many exporters they came in."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from tikfleet.domains.flows.wire import elements
from tikfleet.domains.flows.wire.flows import FLOW, MAPPED, no_flows
from tikfleet.domains.flows.wire.layouts import Layout, column

# Farther back than this no exporter may say that a flow ended: it is a clock that went astray.
_OLDEST_MS: Final = 3_600_000
_LONGEST_MS: Final = 86_400_000
_MOST_OCTETS_A_PACKET: Final = 65_535
_MOST_OCTETS: Final = 1 << 46
_MOST_SAMPLING: Final = 1 << 17
_WORD: Final = 4
_WRAP: Final = 1 << 32
_COPIED: Final = (
    "protocol", "tos", "tcp_flags", "source_port", "destination_port",
    "in_interface", "out_interface", "nat_source", "nat_source_port",
)  # fmt: skip


class Section(msgspec.Struct, frozen=True):
    """Records of one set, and what its packet said: when it came, and the exporter's uptime and clock at that time.

    `uptime_ms` is None where the format has none (IPFIX).
    """

    body: bytes
    exporter: int
    received_ms: int
    uptime_ms: int | None
    clock_ms: int
    sampling: int


class Counted(msgspec.Struct, frozen=True):
    """Flows, and the exporters (one entry a record) of those whose counters are impossible and which are left out."""

    flows: Any
    impossible: Any


def flows_of(layout: Layout, sections: Sequence[Section]) -> Counted:
    """The flows of sections that share a layout, in their order."""
    records = np.frombuffer(b"".join(section.body for section in sections), layout.dtype)
    flows = np.zeros(len(records), FLOW)
    if not len(records) or elements.OCTETS not in layout.names:
        return Counted(no_flows(), np.zeros(0, np.uint32))
    lengths = [len(section.body) // layout.record_bytes for section in sections]

    def spread(values: list[int], kind: Any = np.int64) -> Any:
        return np.repeat(np.array(values, kind), lengths)

    flows["exporter"] = spread([section.exporter for section in sections])
    for name in _COPIED:
        if name in layout.names:
            flows[name] = column(records, name)
    _addresses(layout, records, flows)
    _ports_of_icmp(layout, records, flows)
    _times(layout, records, flows, (sections, spread))
    impossible = _counters(layout, records, flows, spread([section.sampling for section in sections], np.uint64))
    if impossible.any():
        return Counted(flows[~impossible], flows["exporter"][impossible])
    return Counted(flows, np.zeros(0, np.uint32))


def _addresses(layout: Layout, records: Any, flows: Any) -> None:
    for end in ("source", "destination"):
        four, six = f"{end}_v4" in layout.names, f"{end}_v6" in layout.names
        if six:
            halves = np.ascontiguousarray(records[f"{end}_v6"]).view(">u8")
            flows[f"{end}_high"], flows[f"{end}_low"] = halves[:, 0], halves[:, 1]
        if four:
            mapped = records[f"{end}_v4"].astype(np.uint64) | np.uint64(MAPPED)
            # Some exporters send one template for both, with the other address zero.
            chosen = mapped if not six else np.where(records[f"{end}_v4"] != 0, mapped, flows[f"{end}_low"])
            flows[f"{end}_low"] = chosen


def _ports_of_icmp(layout: Layout, records: Any, flows: Any) -> None:
    """NetFlow tells an ICMP message's type and code where other protocols have their destination port."""
    if "icmp" in layout.names:
        told = column(records, "icmp")
    elif "icmp_type" in layout.names and "icmp_code" in layout.names:
        told = column(records, "icmp_type").astype(np.uint16) * 256 + column(records, "icmp_code")
    else:
        return
    icmp = (flows["protocol"] == 1) | (flows["protocol"] == 58)  # noqa: PLR2004 - ICMP and ICMPv6
    flows["destination_port"] = np.where(icmp & (told != 0), told, flows["destination_port"])


def _times(layout: Layout, records: Any, flows: Any, told: tuple[Sequence[Section], Any]) -> None:
    """When a flow ended, by our clock: so long before the packet as the exporter's own times say."""
    sections, spread = told
    names = layout.names
    age: Any = np.zeros(len(records), np.int64)
    duration: Any = age
    if {"first_uptime_ms", "last_uptime_ms"} <= names:
        last, first = (column(records, f"{which}_uptime_ms").astype(np.int64) for which in ("last", "first"))
        duration = (last - first) % _WRAP
        if all(section.uptime_ms is not None for section in sections):
            age = (spread([section.uptime_ms for section in sections]) - last) % _WRAP
        elif "booted_ms" in names:
            booted = column(records, "booted_ms").astype(np.int64)
            age = spread([section.clock_ms for section in sections]) - booted - last
    for unit, factor in (("ms", 1), ("s", 1000)):
        if {f"first_{unit}", f"last_{unit}"} <= names:
            last, first = (_moment(column(records, f"{which}_{unit}")) * factor for which in ("last", "first"))
            age, duration = spread([section.clock_ms for section in sections]) - last, last - first
    age = np.where((age > 0) & (age < _OLDEST_MS), age, 0)
    flows["ended_ms"] = spread([section.received_ms for section in sections]) - age
    flows["duration_ms"] = np.where((duration > 0) & (duration < _LONGEST_MS), duration, 0)


def _moment(values: Any) -> Any:
    """Absolute times, none so far off that sums of them wrap."""
    return np.minimum(values, np.uint64(1 << 50)).astype(np.int64)


def _counters(layout: Layout, records: Any, flows: Any, announced: Any) -> Any:
    """Set octets and packets, multiplied where the exporter samples; gives which are impossible.

    Seen in the field: counters of long flows that no line could carry (RouterOS 7.12), and (up to 7.9) the sampling
    interval in the wrong byte order.
    """
    octets = column(records, elements.OCTETS).astype(np.uint64)
    impossible = octets > _MOST_OCTETS
    packets = np.zeros(len(octets), np.uint64)
    if elements.PACKETS in layout.names:
        packets = column(records, elements.PACKETS).astype(np.uint64)
        most = np.minimum(packets, np.uint64(_MOST_OCTETS)) * np.uint64(_MOST_OCTETS_A_PACKET)
        impossible = impossible | (octets > most) | (packets > _MOST_OCTETS)
    rate = _sampling(layout, records, announced)
    flows["octets"], flows["packets"] = octets * rate, packets * rate
    flows["sampled"] = rate > 1
    return impossible


def _sampling(layout: Layout, records: Any, announced: Any) -> Any:
    if elements.SAMPLING in layout.names:
        told = column(records, elements.SAMPLING)
        if told.dtype.itemsize == _WORD:
            # Of two byte orders the smaller reading is meant: no sensible interval has more than 16 bits.
            told = np.minimum(told, told.byteswap())
        rate = np.where(told != 0, told, announced)
    elif {elements.SAMPLED, elements.SKIPPED} <= layout.names:
        taken = np.maximum(column(records, elements.SAMPLED).astype(np.uint64), 1)
        rate = (taken + column(records, elements.SKIPPED).astype(np.uint64)) // taken
    else:
        rate = announced
    rate = np.asarray(rate).astype(np.uint64)
    return np.where((rate > 0) & (rate <= _MOST_SAMPLING), rate, 1).astype(np.uint64)
