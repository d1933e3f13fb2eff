"""What exports do not say about menus: in which the order of items counts, and what tells items apart.

Order counts where RouterOS has a `move` command and its manual says that the first match decides; that a menu has
`move` was taken from the console's inspect trees of 7.9 to 7.24. Menus that have it for display only (bridge ports,
WireGuard peers, VRFs) are left out. `/queue/tree` and `/routing/filter` of v6 stand here though the trees of v7 show
no `move` for them: their order is part of what a reader compares.
"""

from functools import cache
from importlib.resources import files
from typing import Final

from tikfleet.routeros.export.model import Item, Selector, Verb

ORDERED: Final = frozenset(
    {
        "/caps-man/access-list",
        "/caps-man/provisioning",
        "/interface/bridge/calea",
        "/interface/bridge/filter",
        "/interface/bridge/nat",
        "/interface/wifi/access-list",
        "/interface/wifi/provisioning",
        "/interface/wifiwave2/access-list",
        "/interface/wifiwave2/provisioning",
        "/interface/wireless/access-list",
        "/interface/wireless/connect-list",
        "/ip/dns/static",
        "/ip/firewall/calea",
        "/ip/firewall/filter",
        "/ip/firewall/mangle",
        "/ip/firewall/nat",
        "/ip/firewall/raw",
        "/ip/hotspot/ip-binding",
        "/ip/hotspot/walled-garden",
        "/ip/hotspot/walled-garden/ip",
        "/ip/ipsec/policy",
        "/ip/proxy/access",
        "/ip/proxy/cache",
        "/ip/proxy/direct",
        "/ip/route/rule",
        "/ip/socks/access",
        "/ip/tftp",
        "/ipv6/firewall/filter",
        "/ipv6/firewall/mangle",
        "/ipv6/firewall/nat",
        "/ipv6/firewall/raw",
        "/mpls/ldp/accept-filter",
        "/mpls/ldp/advertise-filter",
        "/queue/simple",
        "/queue/tree",
        "/radius",
        "/routing/bfd/configuration",
        "/routing/filter",
        "/routing/filter/rule",
        "/routing/filter/select-rule",
        "/routing/isis/interface-template",
        "/routing/ospf/interface-template",
        "/routing/pimsm/interface-template",
        "/routing/rule",
    }
)
# Order counts in them, yet no command changes it: a script can only add at the end.
UNMOVABLE: Final = frozenset({"/queue/tree"})

# The properties that tell the items of a menu apart, where that is not `name` alone.
_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "/container/envs": ("name", "list", "key"),
    "/container/mounts": ("name", "list", "dst"),
    "/interface/bridge/port": ("interface",),
    "/interface/bridge/vlan": ("bridge", "vlan-ids"),
    "/interface/list/member": ("list", "interface"),
    "/interface/wireguard/peers": ("interface", "public-key"),
    "/ip/address": ("address",),
    "/ip/arp": ("address", "interface"),
    "/ip/dhcp-client": ("interface",),
    "/ip/dhcp-server/lease": ("mac-address", "client-id", "server"),
    "/ip/dhcp-server/network": ("address",),
    "/ip/firewall/address-list": ("list", "address"),
    "/ip/hotspot/user": ("name", "server"),
    "/ip/ipsec/identity": ("peer",),
    "/ip/neighbor": ("interface",),
    "/ip/route": ("dst-address", "gateway", "routing-table", "routing-mark"),
    "/ip/traffic-flow/target": ("dst-address", "address", "port"),
    "/ip/upnp/interfaces": ("interface",),
    "/ipv6/address": ("address", "interface"),
    "/ipv6/dhcp-client": ("interface",),
    "/ipv6/firewall/address-list": ("list", "address"),
    "/ipv6/nd": ("interface",),
    "/ipv6/nd/prefix": ("prefix", "interface"),
    "/ipv6/route": ("dst-address", "gateway", "routing-table"),
    "/mpls/interface": ("interface",),
    "/ppp/secret": ("name", "service"),
    "/system/logging": ("topics", "action"),
    "/system/ntp/client/servers": ("address",),
    "/tool/graphing/interface": ("interface",),
    "/tool/netwatch": ("host", "type", "name"),
}
_ANY_KEY: Final = (("name",), ("default-name",), ("interface",), ("address",))


def key(menu: str, item: Item) -> Selector | None:
    """What tells an added item of a menu apart from its neighbours; `None` if nothing is known to."""
    known = _KEYS.get(menu)
    # Rules that name the same interface are still two rules.
    choices = (known,) if known is not None else _ANY_KEY[:1] if menu in ORDERED else _ANY_KEY
    for names in choices:
        found = tuple((name, value) for name in names if (value := item.values.get(name)) is not None)
        if found:
            return found
    return None


def key_names(menu: str) -> frozenset[str]:
    """The properties that keys of this menu are made of."""
    return frozenset(_KEYS.get(menu, ("name",)))


def is_named(item: Item) -> bool:
    """Whether other items can refer to this one."""
    return item.verb is Verb.ADD and item.values.get("name") is not None


@cache
def _facts() -> dict[str, tuple[tuple[str, ...], frozenset[str]]]:
    """By menu: flags that mark items which no export shows, and properties that can be unset.

    From the inspect tree of 7.22.3, written by tests/conformance/build_releases.py.
    """
    text = files("tikfleet.routeros.export").joinpath("menus.txt").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {path: (tuple(flags.split()), frozenset(unset.split())) for path, flags, unset in rows}


def unexported_flags(menu: str) -> tuple[str, ...]:
    """Of `dynamic`, `builtin` and `default` those that items of this menu have."""
    return _facts().get(menu, ((), frozenset()))[0]


def can_unset(menu: str, name: str) -> bool:
    """Whether `!name` takes the value of a property away."""
    return name in _facts().get(menu, ((), frozenset()))[1]


# Values that properties have when nothing is said, by menu; "" is for every menu. From the manual's property tables.
_DEFAULTS: Final[dict[str, dict[str, str]]] = {
    "": {"comment": ""},
    "/ip/dns": {"servers": "", "allow-remote-requests": "no"},
    "/ip/service": {"address": "", "disabled": "no"},
    "/snmp": {"contact": "", "enabled": "no", "location": "", "trap-community": "public"},
    "/system/identity": {"name": "MikroTik"},
    "/system/note": {"note": "", "show-at-login": "yes"},
    "/system/ntp/client": {"enabled": "no"},
}
# Added without `disabled`, these are off: exports of them say `disabled=no` where they are on.
_BORN_DISABLED: Final = frozenset(
    f"/interface/{kind}-client" for kind in ("l2tp", "ovpn", "ppp", "pppoe", "pptp", "sstp")
)


def default(menu: str, item: Item, name: str) -> str | None:
    """What a property is when an export does not name it, as far as it is known.

    Whether an item is disabled by default follows from what the export said before, where nothing else is known:
    a `disabled=yes` that is gone leaves an enabled item, while `disabled=no` is also written where it is the default.
    """
    if name == "disabled" and menu in _BORN_DISABLED:
        return "yes"
    if name == "disabled" and item.values.get(name) == "yes":
        return "no"
    if name == "name" and item.selector and item.selector[0][0] == "default-name":
        return item.selector[0][1]
    return _DEFAULTS.get(menu, {}).get(name, _DEFAULTS[""].get(name))
