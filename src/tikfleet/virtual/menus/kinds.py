"""Kinds of interfaces: menus below `/interface` whose items are interfaces, and what `/interface` calls them."""

from typing import Final

INTERFACE: Final = "/interface"
# By menu, the `type` that `/interface` shows; from the manual's and the forum's printouts.
TYPES: Final = {
    "/interface/6to4": "6to4-tunnel",
    "/interface/bonding": "bond",
    "/interface/bridge": "bridge",
    "/interface/eoip": "eoip",
    "/interface/eoipv6": "eoipv6-tunnel",
    "/interface/ethernet": "ether",
    "/interface/gre": "gre-tunnel",
    "/interface/gre6": "gre6-tunnel",
    "/interface/ipip": "ipip-tunnel",
    "/interface/ipipv6": "ipipv6-tunnel",
    "/interface/l2tp-client": "l2tp-out",
    "/interface/l2tp-ether": "l2tp-ether",
    "/interface/l2tp-server": "l2tp-in",
    "/interface/lte": "lte",
    "/interface/macsec": "macsec",
    "/interface/macvlan": "macvlan",
    "/interface/mesh": "mesh",
    "/interface/ovpn-client": "ovpn-out",
    "/interface/ovpn-server": "ovpn-in",
    "/interface/ppp-client": "ppp-out",
    "/interface/ppp-server": "ppp-in",
    "/interface/pppoe-client": "pppoe-out",
    "/interface/pppoe-server": "pppoe-in",
    "/interface/pptp-client": "pptp-out",
    "/interface/pptp-server": "pptp-in",
    "/interface/sstp-client": "sstp-out",
    "/interface/sstp-server": "sstp-in",
    "/interface/traffic-eng": "traffic-eng",
    "/interface/veth": "veth",
    "/interface/virtual-ethernet": "virtual-ethernet",
    "/interface/vlan": "vlan",
    "/interface/vpls": "vpls",
    "/interface/vrrp": "vrrp",
    "/interface/vxlan": "vxlan",
    "/interface/w60g": "w60g",
    "/interface/wifi": "wifi",
    "/interface/wifiwave2": "wifi",
    "/interface/wireguard": "wg",
    "/interface/wireless": "wlan",
    "/zerotier/interface": "zerotier",
}

# Items that every router has, with ids of their own.
WELL_KNOWN_IDS: Final = {
    "/interface/list": {"all": "*2000000", "none": "*2000001", "dynamic": "*2000002", "static": "*2000003"},
    "/ppp/profile": {"default": "*0", "default-encryption": "*FFFFFFFE"},
}


def is_interface_kind(menu: str) -> bool:
    """Whether the items of a menu are interfaces."""
    return menu in TYPES
