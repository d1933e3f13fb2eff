"""The way out of a router: whether its own configuration lets a connection through to the outside.

A fetch of a virtual router really goes over this machine's loopback. With an `Uplink` it goes only while the router's
configuration would have let it: an active route to where the server is said to be, out of the interface that has the
cable, and an output chain that accepts the packets and takes the answers. What is not looked at: NAT, mangle, routing
tables other than main, VRFs, bridges' filters, and a rule with a matcher that is not named here, which matches nothing.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from tikfleet.virtual.menus.behaviours.addressing import ROUTE, live_addresses
from tikfleet.virtual.menus.store import Store

_FILTER: Final = "/ip/firewall/filter"
_RAW: Final = "/ip/firewall/raw"
_REFUSING: Final = frozenset({"drop", "reject", "tarpit"})
# Of a rule that is neither matched nor decides by itself.
_DESCRIBING: Final = frozenset(
    {
        *("chain", "action", "comment", "disabled", "dynamic", "invalid", "log", "log-prefix", "reject-with", "bytes"),
        *("packets", "jump-target", "address-list", "address-list-timeout", "creation-time"),
    }
)


@dataclass(frozen=True, slots=True)
class Uplink:
    """Where the cable is, and where servers are said to be: a router is told nothing of the loopback that carries it.

    `gateway` is the only next hop that forwards, any when it is empty.
    """

    interface: str = "ether1"
    gateway: str = ""
    server: str = "203.0.113.80"

    def passes(self, store: Store, port: int) -> bool:
        """Whether a connection to the server's `port` gets there, and its answers back."""
        server = IPv4Address(self.server)
        if not self._leads_there(store, server):
            return False
        out = {"dst-address": self.server, "dst-port": str(port), "out-interface": self.interface, "state": "new"}
        back = {
            "src-address": self.server,
            "src-port": str(port),
            "in-interface": self.interface,
            "state": "established",
        }
        return all(
            _accepted(store, chain, packet)
            for chain, packet in (
                ((_RAW, "output"), out),
                ((_FILTER, "output"), out),
                ((_RAW, "prerouting"), back),
                ((_FILTER, "input"), back),
            )
        )

    def _leads_there(self, store: Store, server: IPv4Address) -> bool:
        """Whether the most exact active route to the server leaves by the cable, to a next hop that forwards."""
        best, found = -1, False
        for row in store.rows(ROUTE):
            if row.get("active") != "true" or row.get("routing-table", "main") != "main":
                continue
            network = IPv4Network(row.get("dst-address", "0.0.0.0/0"), strict=False)
            if server in network and network.prefixlen > best:
                best, found = (
                    network.prefixlen,
                    any(self._forwards(store, hop) for hop in row.get("gateway", "").split(",")),
                )
        return found

    def _forwards(self, store: Store, hop: str) -> bool:
        address, _, scope = hop.partition("%")
        try:
            next_hop = IPv4Address(address)
        except ValueError:
            return address == self.interface and not self.gateway
        if self.gateway and address != self.gateway:
            return False
        if scope:
            return scope == self.interface
        return any(next_hop in held.network and name == self.interface for _, held, name in live_addresses(store))


def _accepted(store: Store, chain: tuple[str, str], packet: Mapping[str, str]) -> bool:
    """By the first rule that decides; a chain that comes to its end accepts."""
    menu, name = chain
    for rule in store.table(menu).items:
        if rule.get("chain") != name or rule.get("disabled") == "true" or not _matches(rule, packet):
            continue
        action = rule.get("action", "accept")
        if action in _REFUSING:
            return False
        if action in {"accept", "notrack", "return"}:
            return True
    return True


def _matches(rule: Mapping[str, str], packet: Mapping[str, str]) -> bool:
    return all(
        _matched(name, value, packet)
        for name, value in rule.items()
        if name not in _DESCRIBING and not name.startswith((".", "_"))
    )


def _matched(name: str, value: str, packet: Mapping[str, str]) -> bool:
    wanted = value.removeprefix("!")
    match name:
        case "protocol":
            found = wanted in {"tcp", "6"}
        case "out-interface" | "in-interface":
            found = packet.get(name) == wanted
        case "dst-address" | "src-address":
            found = name in packet and _within(packet[name], wanted)
        case "dst-port" | "src-port":
            found = name in packet and _among(packet[name], wanted)
        case "port":
            found = any(_among(packet[end], wanted) for end in ("dst-port", "src-port") if end in packet)
        case "connection-state":
            found = packet["state"] in wanted.split(",")
        case _:
            return False
    return found != value.startswith("!")


def _within(address: str, networks: str) -> bool:
    first, dash, last = networks.partition("-")
    with suppress(ValueError):
        if dash:
            return IPv4Address(first) <= IPv4Address(address) <= IPv4Address(last)
        return IPv4Address(address) in IPv4Network(networks, strict=False)
    return False


def _among(port: str, ports: str) -> bool:
    for word in ports.split(","):
        first, dash, last = word.partition("-")
        if port == word or (dash and first.isdigit() and last.isdigit() and int(first) <= int(port) <= int(last)):
            return True
    return False
