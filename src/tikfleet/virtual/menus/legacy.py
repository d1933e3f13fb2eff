"""What RouterOS v6 has otherwise: menus that v7 took away, and those that it brought.

From the v6 manual's menus and REFERENCE of v6 against v7; properties of menus that only v6 has are not known here
unless facts tell them, so such menus take any argument.
"""

from typing import Final

from tikfleet.routeros.values import RouterOSVersion

# Menus of v6 alone. `/interface/wireless`, `/caps-man` and boards' menus are hardware's and stand elsewhere.
MENUS: Final = frozenset(
    {
        "/ip/accounting", "/ip/accounting/snapshot", "/ip/accounting/uncounted", "/ip/accounting/web-access",
        "/ip/dhcp-server/vendor-class-id", "/ip/route/cache", "/ip/route/nexthop", "/ip/route/rule", "/ip/route/vrf",
        "/mpls/forwarding-table", "/mpls/local-bindings", "/mpls/remote-bindings", "/mpls/ldp/interface",
        "/routing/bfd/interface", "/routing/bfd/neighbor", "/routing/bgp/aggregate", "/routing/bgp/instance",
        "/routing/bgp/instance/vrf", "/routing/bgp/network", "/routing/bgp/peer", "/routing/bgp/vpnv4-route",
        "/routing/filter", "/routing/igmp-proxy", "/routing/igmp-proxy/interface", "/routing/mme",
        "/routing/mme/interface", "/routing/mme/network", "/routing/ospf-v3", "/routing/ospf-v3/area",
        "/routing/ospf-v3/instance", "/routing/ospf-v3/interface", "/routing/ospf/area/range",
        "/routing/ospf/nbma-neighbor", "/routing/ospf/network", "/routing/ospf/sham-link",
        "/routing/ospf/virtual-link", "/routing/pim", "/routing/pim/interface", "/routing/prefix-lists",
        "/routing/rip/network", "/routing/ripng", "/system/health", "/tool/user-manager", "/tool/user-manager/customer",
        "/tool/user-manager/profile", "/tool/user-manager/router", "/tool/user-manager/user",
    }
)  # fmt: skip
# Of those, sets of values instead of lists.
SINGLES: Final = frozenset(
    {
        "/ip/accounting", "/ip/accounting/web-access", "/routing/mme", "/routing/pim", "/routing/ripng",
        "/routing/igmp-proxy", "/system/health",
    }
)  # fmt: skip
# Beginnings of menus that v7 brought.
_NEW: Final = (
    "/app", "/certificate/builtin", "/container", "/disk/btrfs", "/file/rsync-daemon", "/file/sync",
    "/interface/macsec", "/interface/macvlan", "/interface/veth", "/interface/vxlan", "/interface/wifi",
    "/interface/wifiwave2", "/interface/wireguard", "/ip/dns/adlist", "/ip/dns/forwarders", "/ip/media",
    "/ip/nat-pmp", "/ip/reverse-proxy", "/ip/vrf", "/ip/service/webserver", "/mpls/mangle", "/mpls/settings",
    "/routing/bfd/configuration", "/routing/bgp/connection", "/routing/bgp/evpn", "/routing/bgp/session",
    "/routing/bgp/template", "/routing/bgp/vpls", "/routing/bgp/vpn", "/routing/fantasy", "/routing/filter/chain",
    "/routing/filter/community-ext-list", "/routing/filter/community-large-list", "/routing/filter/community-list",
    "/routing/filter/num-list", "/routing/filter/rule", "/routing/filter/select-rule", "/routing/gmp",
    "/routing/id", "/routing/isis", "/routing/nexthop", "/routing/ospf/interface-template",
    "/routing/ospf/static-neighbor", "/routing/pimsm", "/routing/rip/instance", "/routing/rip/interface-template",
    "/routing/rip/static-neighbor", "/routing/route", "/routing/rpki", "/routing/rule", "/routing/settings",
    "/routing/stats", "/routing/table", "/system/device-mode", "/system/resource/hardware", "/tr069-client/x",
    "/user-manager", "/user/settings", "/zerotier",
)  # fmt: skip


def is_new(path: str) -> bool:
    """Whether v7 brought this menu."""
    return any(path == head or path.startswith(f"{head}/") for head in _NEW)


# Properties that v7 took away from menus that it kept.
PROPERTIES: Final = {
    "/ip/route": ("routing-mark", "type", "bgp-as-path", "bgp-communities", "bgp-local-pref", "bgp-med", "route-tag"),
    "/ip/ipsec/policy": ("manual-sa", "priority", "sa-dst-address", "sa-src-address"),
    "/ipv6/route": ("routing-mark", "type", "check-gateway"),
    "/ip/dhcp-server": ("src-address", "bootp-support", "delay-threshold"),
    "/ip/dns": ("query-server-timeout", "query-total-timeout"),
    "/ip/neighbor/discovery-settings": ("discover-interface-list",),
    "/ip/settings": ("route-cache",),
    "/interface/bridge": ("protocol-mode", "fast-forward"),
    "/interface/ethernet": ("rate", "sfp-rate-select"),
    "/interface/bridge/port": ("ingress-filtering",),
    "/queue/simple": ("packet-marks", "total-queue"),
    "/routing/ospf/area": ("default-cost", "inject-summary-lsas", "translator-role", "type"),
    "/routing/ospf/instance": (
        "distribute-default", "in-filter", "metric-bgp", "metric-connected", "metric-default", "metric-other-ospf",
        "metric-rip", "metric-static", "mpls-te-area", "out-filter", "redistribute-bgp", "redistribute-connected",
        "redistribute-other-ospf", "redistribute-rip", "redistribute-static", "routing-table", "use-dn", "domain-id",
    ),
    "/routing/ospf/interface": (
        "authentication", "authentication-key", "cost", "dead-interval", "hello-interval", "instance-id", "interface",
        "network-type", "passive", "priority", "retransmit-interval", "transmit-delay", "use-bfd",
    ),
    "/snmp": ("trap-version",),
    "/system/clock": ("time-zone-autodetect",),
    "/system/logging/action": ("bsd-syslog",),
    "/system/ntp/client": ("primary-ntp", "secondary-ntp", "server-dns-names", "dynamic-servers", "active-server"),
    "/tool/netwatch": ("down-script", "up-script"),
    "/user/aaa": ("exclude-groups",),
}  # fmt: skip

# Words that properties took until v7 was some releases old.
CHOICES: Final = {"/user/group": {"policy": ("dude", "tikapp", "!dude", "!tikapp")}}
CHOICES_UNTIL: Final = RouterOSVersion(7, 9)
