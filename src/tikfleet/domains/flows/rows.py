"""Decoded flows to rows of the warehouse, all columns at once: local and remote end, service, and what may be kept."""

from array import array
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final, Protocol

import msgspec
import numpy as np

from tikfleet.domains.flows.model import Privacy
from tikfleet.domains.flows.services import service_of
from tikfleet.domains.flows.wire.flows import MAPPED
from tikfleet.ports.columnar import Coded, Columnar

_PORTED: Final = (6, 17, 33, 132, 136)
# First and last address of what is inside: private, shared by carriers, link-local, loopback.
_PRIVATE: Final = tuple(
    (int(IPv4Address(first)), int(IPv4Address(last)))
    for first, last in (
        ("10.0.0.0", "10.255.255.255"), ("172.16.0.0", "172.31.255.255"), ("192.168.0.0", "192.168.255.255"),
        ("100.64.0.0", "100.127.255.255"), ("169.254.0.0", "169.254.255.255"), ("127.0.0.0", "127.255.255.255"),
    )
)  # fmt: skip
_KEPT_V4: Final = np.uint64(0xFFFF_FFFF_FFFF_FF00)
_KEPT_V6: Final = np.uint64(0xFFFF_FFFF_FFFF_0000)
_LOW: Final = np.uint64(0xFFFF_FFFF)
_FAMILY: Final = np.uint64(32)
# fc00::/7 and fe80::/10: how many bits are left out, and what the others are.
_PRIVATE_V6: Final = ((np.uint64(57), 0x7E), (np.uint64(54), 0x3FA))


class Places(Protocol):
    """Where an address is."""

    def of(self, address: str) -> tuple[str, str]:
        """Country and network of an address, as texts that are shown; empty where unknown."""
        ...


class Nowhere:
    """Keeps `Places` and knows none."""

    def of(self, address: str) -> tuple[str, str]:
        return "", ""


class Owner(msgspec.Struct, frozen=True):
    """Whose some flows are, and how much of them may be kept."""

    org_id: str
    device_id: str
    site_id: str
    privacy: Privacy = Privacy.FULL


class _Ends(msgspec.Struct, frozen=True):
    """One end of each flow: address halves, port, interface."""

    high: Any
    low: Any
    port: Any
    interface: Any


def rows_of(parts: Sequence[tuple[Owner, Any]], places: Places) -> Columnar:
    """The rows of flows with their owners, as the table of flows has its columns."""
    flows = np.concatenate([part for _, part in parts])
    owners = np.repeat(np.arange(len(parts), dtype=np.uint32), [len(part) for _, part in parts])
    privacy = np.array([owner.privacy.value for owner, _ in parts], np.uint8)[owners]
    ported = np.isin(flows["protocol"], _PORTED)
    source, destination = (_end(flows, name, port, ported) for name, port in (("source", "in"), ("destination", "out")))
    up = _goes_up(source, destination)
    local, remote = _chosen(up, source, destination), _chosen(up, destination, source)
    open_ = privacy != Privacy.TOTALS.value
    local, remote = _veiled(local, privacy), _veiled(remote, privacy)
    local_texts, remote_texts = _addresses(local, open_), _addresses(remote, open_)
    located = [places.of(text) if text else ("", "") for text in remote_texts.texts]
    zero = np.uint64(0)
    return Columnar(
        [
            *(
                _coded([getattr(owner, name) for owner, _ in parts], owners)
                for name in ("org_id", "device_id", "site_id")
            ),
            _array("q", flows["ended_ms"]),
            local_texts,
            remote_texts,
            _services(flows, (local.port, remote.port), open_),
            _array("H", np.where(open_, local.port, 0)),
            _array("H", np.where(open_, remote.port, 0)),
            _array("B", np.where(open_, flows["protocol"], 0)),
            _interfaces(local.interface),
            _interfaces(remote.interface),
            *(Coded([place[number] for place in located], remote_texts.codes) for number in (0, 1)),
            _array("Q", np.where(up, flows["octets"], zero)),
            _array("Q", np.where(up, zero, flows["octets"])),
            _array("Q", np.where(up, flows["packets"], zero)),
            _array("Q", np.where(up, zero, flows["packets"])),
            _array("I", flows["duration_ms"]),
            _array("B", flows["tcp_flags"]),
            *_translated(flows, open_ & (privacy == Privacy.FULL.value)),
        ]
    )


def _end(flows: Any, name: str, side: str, ported: Any) -> _Ends:
    port = np.where(ported, flows[f"{name}_port"], 0)
    return _Ends(flows[f"{name}_high"], flows[f"{name}_low"], port, flows[f"{side}_interface"])


def _goes_up(source: _Ends, destination: _Ends) -> Any:
    """Whether the source is the local end: the one that is private; of two alike the client, with the higher port."""
    inside, outside = _is_private(source), _is_private(destination)
    higher = (source.port > destination.port) | (
        (source.port == destination.port)
        & ((source.high < destination.high) | ((source.high == destination.high) & (source.low <= destination.low)))
    )
    return np.where(inside == outside, higher, inside)


def _is_private(end: _Ends) -> Any:
    v4 = _is_v4(end)
    address = end.low & _LOW
    inside = np.zeros(len(address), bool)
    for first, last in _PRIVATE:
        inside |= (address >= first) & (address <= last)
    unique_local, link_local = ((end.high >> bits) == prefix for bits, prefix in _PRIVATE_V6)
    return np.where(v4, inside, unique_local | link_local)


def _is_v4(end: _Ends) -> Any:
    return (end.high == 0) & ((end.low >> _FAMILY) == MAPPED >> 32)


def _chosen(first: Any, one: _Ends, other: _Ends) -> _Ends:
    return _Ends(*(np.where(first, getattr(one, name), getattr(other, name)) for name in _Ends.__struct_fields__))


def _veiled(end: _Ends, privacy: Any) -> _Ends:
    """Cut to /24 and /48 where only networks may be kept."""
    cut = privacy == Privacy.NETWORKS.value
    if not cut.any():
        return end
    v4 = _is_v4(end)
    low = np.where(cut, np.where(v4, end.low & _KEPT_V4, np.uint64(0)), end.low)
    return _Ends(np.where(cut & ~v4, end.high & _KEPT_V6, end.high), low, end.port, end.interface)


def _addresses(end: _Ends, shown: Any) -> Coded:
    """Addresses as texts, each made once; empty where not shown."""
    pairs = np.empty(len(end.low), [("high", "<u8"), ("low", "<u8")])
    pairs["high"], pairs["low"] = np.where(shown, end.high, 0), np.where(shown, end.low, 0)
    if not pairs["high"].any():
        found, codes = np.unique(pairs["low"], return_inverse=True)
        halves = [(0, low) for low in found.tolist()]
    else:
        order = np.lexsort((pairs["low"], pairs["high"]))
        ordered = pairs[order]
        new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        codes = np.empty(len(order), np.int64)
        codes[order] = np.cumsum(new) - 1
        halves = ordered[new].tolist()
    return _coded([_text(high, low) for high, low in halves], codes)


def _text(high: int, low: int) -> str:
    if high == 0 and low >> 32 == MAPPED >> 32:
        return str(IPv4Address(low & 0xFFFF_FFFF))
    return str(IPv6Address(high << 64 | low)) if high or low else ""


def _services(flows: Any, ports: tuple[Any, Any], shown: Any) -> Coded:
    low, high = np.minimum(*ports), np.maximum(*ports)
    port = np.where(low > 0, low, high).astype(np.uint32)
    found, codes = np.unique(
        np.where(shown, flows["protocol"].astype(np.uint32) << 16 | port, np.uint32(0xFFFF_FFFF)), return_inverse=True
    )
    names = ["" if code == 0xFFFF_FFFF else service_of(code >> 16, code & 0xFFFF) for code in found.tolist()]  # noqa: PLR2004
    return _coded(names, codes)


def _interfaces(numbers: Any) -> Coded:
    found, codes = np.unique(numbers, return_inverse=True)
    return _coded([str(number) if number else "" for number in found.tolist()], codes)


def _translated(flows: Any, shown: Any) -> tuple[Coded, "array[int]"]:
    """Source address and port after translation, where the router told and they are not the source's own."""
    own = (flows["source_low"] & _LOW) == flows["nat_source"]
    shown = shown & (flows["nat_source"] != 0) & ~own
    found, codes = np.unique(np.where(shown, flows["nat_source"], 0), return_inverse=True)
    texts = [str(IPv4Address(number)) if number else "" for number in found.tolist()]
    return _coded(texts, codes), _array("H", np.where(shown, flows["nat_source_port"], 0))


def _coded(texts: Sequence[str], codes: Any) -> Coded:
    return Coded(texts, _array("I", codes))


def _array(code: str, values: Any) -> "array[int]":
    packed: array[int] = array(code)
    packed.frombytes(np.ascontiguousarray(values, dtype=np.dtype(code)).tobytes())
    return packed
