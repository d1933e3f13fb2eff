"""What `print` shows of a menu: its flags, its columns, and which values it dresses up for people.

Flags and columns of the menus below are those of console output in the manual and in public test data of parsers; a
menu that is not listed shows the usual flags and every property. [unverified: columns by release, beyond 6 and 7]
"""

from typing import Final, TypeAlias

# One tuple a place of the flags, whose letters exclude each other: (letter, property, words of the legend).
Flags: TypeAlias = tuple[tuple[tuple[str, str], ...], ...]

_USUAL: Final[Flags] = ((("X", "disabled"), ("I", "invalid"), ("D", "dynamic")),)
_INTERFACE: Final[Flags] = (
    (("D", "dynamic"),),
    (("X", "disabled"), ("R", "running")),
    (("S", "slave"),),
)
_RULE: Final[Flags] = ((("X", "disabled"), ("I", "invalid")), (("D", "dynamic"),))
_OLD_ROUTE: Final[Flags] = (
    (("X", "disabled"), ("A", "active")),
    (("D", "dynamic"),),
    (("C", "connect"), ("S", "static"), ("r", "rip"), ("b", "bgp"), ("o", "ospf"), ("m", "mme")),
    (("B", "blackhole"), ("U", "unreachable"), ("P", "prohibit")),
)
_ROUTE: Final[Flags] = (
    (("D", "dynamic"),),
    (("X", "disabled"), ("I", "inactive"), ("A", "active")),
    (
        *(("c", "connect"), ("s", "static"), ("r", "rip"), ("b", "bgp"), ("o", "ospf"), ("i", "is-is")),
        *(("d", "dhcp"), ("v", "vpn"), ("m", "modem"), ("y", "bgp-mpls-vpn")),
    ),
    (("H", "hw-offloaded"),),
    (("+", "ecmp"),),
)
_OLD_ARP: Final[Flags] = (
    (("X", "disabled"), ("I", "invalid"), ("H", "DHCP"), ("D", "dynamic"), ("P", "published")),
    (("C", "complete"),),
)
_ARP: Final[Flags] = (
    (("D", "dynamic"), ("X", "disabled"), ("I", "invalid"), ("P", "published")),
    (("H", "dhcp"), ("C", "complete")),
)
_FLAGS: Final[dict[str, Flags]] = {
    "/interface": _INTERFACE,
    "/interface/bridge": ((("D", "dynamic"),), (("X", "disabled"), ("R", "running"))),
    "/interface/bridge/port": ((("X", "disabled"), ("I", "inactive")), (("D", "dynamic"),), (("H", "hw-offload"),)),
    "/interface/ethernet": ((("X", "disabled"), ("R", "running")), (("S", "slave"),)),
    "/interface/vlan": ((("X", "disabled"), ("R", "running")),),
    "/interface/wireguard": ((("X", "disabled"), ("R", "running")),),
    "/ip/arp": _ARP,
    "/ip/dhcp-server/lease": ((("X", "disabled"), ("R", "radius"), ("D", "dynamic"), ("B", "blocked")),),
    "/ip/firewall/filter": _RULE,
    "/ip/firewall/mangle": _RULE,
    "/ip/firewall/nat": _RULE,
    "/ip/firewall/raw": _RULE,
    "/ip/neighbor": (),
    "/ip/route": _ROUTE,
    "/ip/service": ((("X", "disabled"), ("I", "invalid")), (("D", "dynamic"),), (("c", "connection"),)),
    "/log": (),
    "/file": (),
    "/snmp/community": ((("*", "default"),), (("X", "disabled"),)),
    "/system/package": ((("X", "disabled"), ("A", "available")),),
    "/system/scheduler": ((("X", "disabled"),),),
    "/system/script": ((("I", "invalid"),),),
    "/user": ((("X", "disabled"),),),
    "/user/active": ((("R", "radius"), ("M", "by-romon")),),
    "/user/group": (),
}
_OLD_FLAGS: Final[dict[str, Flags]] = {
    "/ip/arp": _OLD_ARP,
    "/ip/route": _OLD_ROUTE,
    "/ip/service": ((("X", "disabled"), ("I", "invalid")),),
}
_COLUMNS: Final = {
    "/file": "name type size last-modified",
    "/interface": "name type actual-mtu l2mtu max-l2mtu mac-address",
    "/interface/bridge/port": "interface bridge hw pvid priority path-cost internal-path-cost horizon",
    "/interface/ethernet": "name mtu mac-address arp switch",
    "/interface/list": "name",
    "/interface/list/member": "list interface",
    "/interface/vlan": "name mtu arp vlan-id interface",
    "/ip/address": "address network interface vrf",
    "/ip/arp": "address mac-address interface status",
    "/ip/dhcp-client": "interface use-peer-dns add-default-route status address",
    "/ip/dhcp-server": "name interface address-pool lease-time",
    "/ip/dhcp-server/lease": "address mac-address host-name server status last-seen",
    "/ip/dns/static": "name regexp address type ttl",
    "/ip/firewall/address-list": "list address creation-time timeout",
    "/ip/neighbor": "interface address mac-address identity version board",
    "/ip/pool": "name ranges",
    "/ip/route": "dst-address gateway routing-table distance",
    "/ip/service": "name port proto address certificate vrf max-sessions",
    "/snmp/community": "name addresses security read-access write-access",
    "/system/package": "name version build-time size",
    "/system/scheduler": "name start-date start-time interval on-event run-count",
    "/user": "name group address last-logged-in",
    "/user/active": "when name address via",
    "/user/ssh-keys": "user bits key-type key-owner",
}
_OLD_COLUMNS: Final = {
    "/file": "name type size creation-time",
    "/ip/address": "address network interface",
    "/ip/arp": "address mac-address interface",
    "/ip/route": "dst-address pref-src gateway distance",
    "/ip/service": "name port address certificate",
    "/system/package": "name version scheduled",
}
# Menus whose items have too much to say for a table: `print` alone gives what `print detail` gives elsewhere.
_WORDY: Final = frozenset(
    f"{family}/firewall/{table}" for family in ("/ip", "/ipv6") for table in ("filter", "mangle", "nat", "raw")
) | {"/queue/simple", "/queue/tree", "/system/script", "/user/group"}
# Values that people see in quotes when items are printed in detail.
TEXTS: Final = frozenset(
    {"name", "default-name", "type", "identity", "platform", "version", "software-id", "board", "interface-name"}
    | {"system-description", "log-prefix", "source", "on-event", "host-name", "ssid", "message", "owner", "script"}
    | {"contact", "location", "private-key", "public-key", "password", "lease-script", "up-script", "down-script"}
)
# Counters, which only `print stats` shows.
COUNTERS: Final = (
    *("bytes", "packets", "rx-byte", "tx-byte", "rx-packet", "tx-packet", "rx-drop", "tx-drop", "tx-queue-drop"),
    *("rx-error", "tx-error", "fp-rx-byte", "fp-tx-byte", "fp-rx-packet", "fp-tx-packet"),
)
# What says which item it is, in front of its counters.
BEFORE_COUNTERS: Final = ("name", "chain", "action")
SIZES: Final = frozenset({"free-memory", "total-memory", "free-hdd-space", "total-hdd-space", "size"})
UNITS: Final = {"cpu-frequency": "MHz", "cpu-load": "%", "bad-blocks": "%"}


def flags(menu: str, *, old: bool) -> Flags:
    """The places of a menu's flags; `old` is release 6."""
    return (_OLD_FLAGS.get(menu) if old else None) or _FLAGS.get(menu, _USUAL)


def columns(menu: str, *, old: bool) -> tuple[str, ...]:
    """The columns of a menu's table; none for a menu that is not known."""
    text = (_OLD_COLUMNS.get(menu) if old else None) or _COLUMNS.get(menu, "")
    return tuple(text.split())


def is_wordy(menu: str) -> bool:
    """Whether `print` gives details without being asked."""
    return menu in _WORDY


def has_numbers(menu: str) -> bool:
    """Whether items are numbered; lines of the log are not."""
    return menu != "/log"


def numbers_only_own(menu: str, *, old: bool) -> bool:
    """Whether items that nobody configured go without a number, as routes do since release 7."""
    return menu in ("/ip/route", "/ipv6/route") and not old
