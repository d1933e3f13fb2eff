"""RouterOS's words by menu: what it says of a name that is taken, what its log calls an item, what it names a new one.

The texts about interfaces, addresses and hotspot users are quoted in public code that handles them; `already have
such entry` is what most menus say. The log's nouns are those of the log lines in the manual where it has one.
"""

from typing import Final

ENTRY_EXISTS: Final = "failure: already have such entry"
INTERFACE_EXISTS: Final = "failure: already have interface with such name"
_DUPLICATES: Final = {
    "/interface/bridge/port": "failure: device already added as bridge port",
    "/ip/dhcp-client": "failure: dhcp-client on that interface already exists",
    "/ip/address": "failure: already have such address",
    "/ipv6/address": "failure: already have such address",
    "/ip/hotspot/user": "failure: already have user with this name for this server",
    "/ip/pool": "failure: pool with such name exists",
    "/ppp/profile": "failure: profile with the same name already exists",
    "/ppp/secret": "failure: secret with the same name already exists",
    "/queue/simple": "failure: already have such name",
    "/queue/tree": "failure: already have such name",
    "/user": "failure: user with the same name already exists",
    "/user/group": "failure: group with the same name already exists",
}
_NOUNS: Final = {
    "/interface/bridge/port": "bridge port",
    "/interface/list": "interface list",
    "/interface/list/member": "interface list member",
    "/ip/address": "address",
    "/ip/dhcp-client": "dhcp client",
    "/ip/dhcp-server": "dhcp server",
    "/ip/dhcp-server/lease": "dhcp lease",
    "/ip/dhcp-server/network": "dhcp network",
    "/ip/dns": "dns",
    "/ip/dns/static": "static dns entry",
    "/ip/firewall/address-list": "address list entry",
    "/ip/firewall/filter": "filter rule",
    "/ip/firewall/mangle": "mangle rule",
    "/ip/firewall/nat": "nat rule",
    "/ip/firewall/raw": "raw rule",
    "/ip/pool": "pool",
    "/ip/route": "route",
    "/ip/service": "ip service",
    "/ipv6/address": "address",
    "/ipv6/firewall/filter": "filter rule",
    "/ppp/profile": "ppp profile",
    "/ppp/secret": "ppp secret",
    "/queue/simple": "simple queue",
    "/queue/tree": "queue",
    "/snmp": "snmp",
    "/system/identity": "system identity",
    "/system/logging": "log rule",
    "/system/logging/action": "log action",
    "/system/note": "system note",
    "/system/scheduler": "new script scheduled",
    "/system/script": "script",
    "/tool/netwatch": "netwatch",
    "/user": "user",
    "/user/group": "user group",
}
_NEW_NAMES: Final = {
    "/interface/eoip": "eoip-tunnel",
    "/interface/gre": "gre-tunnel",
    "/interface/gre6": "gre6-tunnel",
    "/interface/ipip": "ipip-tunnel",
    "/interface/ipipv6": "ipipv6-tunnel",
    "/interface/6to4": "sit",
    "/interface/l2tp-client": "l2tp-out",
    "/interface/l2tp-server": "l2tp-in",
    "/interface/ovpn-client": "ovpn-out",
    "/interface/ovpn-server": "ovpn-in",
    "/interface/ppp-client": "ppp-out",
    "/interface/pppoe-client": "pppoe-out",
    "/interface/pppoe-server": "pppoe-in",
    "/interface/pptp-client": "pptp-out",
    "/interface/pptp-server": "pptp-in",
    "/interface/sstp-client": "sstp-out",
    "/interface/sstp-server": "sstp-in",
    "/interface/wireguard/peers": "peer",
    "/ip/dhcp-server": "dhcp",
    "/ip/ipsec/peer": "peer",
    "/queue/simple": "queue",
    "/queue/tree": "queue",
    "/system/scheduler": "schedule",
}


def duplicate(menu: str, *, is_interface: bool) -> str:
    """What `add` and `set` answer where the name or the key is another item's."""
    return _DUPLICATES.get(menu, INTERFACE_EXISTS if is_interface else ENTRY_EXISTS)


def noun(menu: str) -> str:
    """What the log and the history call an item of a menu."""
    if menu in _NOUNS:
        return _NOUNS[menu]
    if menu.startswith("/interface/") and menu.count("/") == 2:  # noqa: PLR2004 - a kind of interface
        return "interface"
    return " ".join(menu.split("/")[-2:]).strip()


def new_name(menu: str) -> str:
    """What stands before the number in the name of an item that was added without one."""
    return _NEW_NAMES.get(menu) or menu.rpartition("/")[2]
