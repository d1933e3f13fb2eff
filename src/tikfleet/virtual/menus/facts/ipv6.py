"""IPv6 addresses, routes, neighbour discovery, DHCPv6 and firewall."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    address6,
    boolean,
    choice,
    duration,
    fixed,
    listing,
    mac,
    matcher,
    moment,
    number,
    ordered,
    prefix6,
    reference,
    shown,
    since,
    single,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/ipv6/address",
        reference("from-pool=", "/ipv6/pool"),
        reference("interface!", "/interface"),
        boolean("advertise=true disabled=false eui-64=false no-dad=false"),
        prefix6("address"),
        since("7.18", boolean("auto-link-local=true")),
        shown(
            text("actual-interface preferred valid vrf"),
            boolean("deprecated dynamic=false global invalid=false link-local slave"),
        ),
    ),
    table(
        "/ipv6/route",
        text("gateway"),
        reference("routing-table=main", "/routing/table"),
        number("distance=1", bounds=(1, 255)),
        number("scope=30 target-scope=10", bounds=(0, 255)),
        boolean("blackhole disabled=false"),
        prefix6("dst-address=::/0"),
        shown(
            text("immediate-gw slaac"),
            boolean(
                "active bgp bgp-mpls-vpn connect dhcp dynamic=false ecmp hw-offloaded inactive=false is-is modem ospf "
                "rip static=true vpn"
            ),
        ),
    ),
    single(
        "/ipv6/settings",
        choice("accept-redirects=yes-if-forwarding-disabled", "no yes-if-forwarding-disabled"),
        choice("accept-router-advertisements=yes-if-forwarding-disabled", "no yes yes-if-forwarding-disabled"),
        number("max-neighbor-entries"),
        boolean("disable-ipv6=false forward=true"),
        since("7.16", choice("multipath-hash-policy=l3", "l3 l3-inner l4")),
        since(
            "7.17",
            number(
                "min-neighbor-entries soft-max-neighbor-entries stale-neighbor-detect-interval=30 "
                "stale-neighbor-timeout=60"
            ),
        ),
        since("7.18", boolean("allow-fast-path=true disable-link-local-address=false")),
        shown(
            text("ipv6-fast-path-active ipv6-fasttrack-active"),
            number("ipv6-fast-path-bytes ipv6-fast-path-packets ipv6-fasttrack-bytes ipv6-fasttrack-packets"),
        ),
    ),
    table(
        "/ipv6/nd",
        text("ra-interval=3m20s-10m"),
        reference("interface", "/interface", words="all"),
        choice("advertise-dns=yes", "no self yes"),
        choice("ra-preference=medium", "high low medium"),
        number("hop-limit=unspecified mtu=unspecified", words="unspecified"),
        boolean(
            "advertise-mac-address=true disabled=false managed-address-configuration=false other-configuration=false"
        ),
        duration("ra-delay=3s"),
        duration("ra-lifetime=30m", words="none"),
        duration("reachable-time=unspecified retransmit-interval=unspecified", words="unspecified"),
        prefix6("pref64"),
        listing("dns="),
        shown(boolean("default=false invalid=false")),
        items=("interface=all default=true",),
        together=("interface",),
    ),
    table(
        "/ipv6/nd/prefix",
        reference("6to4-interface=none", "/interface/6to4", words="none"),
        reference("interface!", "/interface"),
        boolean("autonomous=true disabled=false on-link=true"),
        duration("preferred-lifetime valid-lifetime", words="infinity"),
        prefix6("prefix"),
        shown(boolean("dynamic=false invalid=false")),
    ),
    single(
        "/ipv6/nd/prefix/default",
        boolean("autonomous=true"),
        duration("preferred-lifetime=1w valid-lifetime=4w2d", words="infinity"),
    ),
    table(
        "/ipv6/neighbor",
        since("7.18", boolean("disabled=false"), address6("address"), mac("mac-address")),
        shown(text("router status vrf"), boolean("dynamic=false")),
    ),
    table(
        "/ipv6/pool",
        text("name!+"),
        number("prefix-length!"),
        prefix6("prefix"),
        since("7.22", text("from-pool=")),
        shown(
            text("actual-prefix"),
            boolean("dynamic=false inactive=false"),
            duration("preferred-lifetime valid-lifetime"),
        ),
    ),
    fixed("/ipv6/pool/used", shown(text("info owner pool prefix"))),
    table(
        "/ipv6/dhcp-client",
        text("script="),
        reference("interface!", "/interface"),
        number("default-route-distance=1", bounds=(0, 255)),
        number("pool-prefix-length=64", bounds=(1, 128)),
        boolean("add-default-route=false disabled=false rapid-commit=true use-interface-duid=false use-peer-dns=true"),
        prefix6("prefix-hint=::/0"),
        listing("dhcp-options="),
        listing("request!", words="info address prefix"),
        since("7.17", text("prefix-address-lists="), boolean("allow-reconfigure=false")),
        since("7.18", text("custom-duid="), boolean("validate-server-duid=true")),
        since("7.19", choice("check-gateway=none", "arp bfd none ping")),
        since("7.20", boolean("accept-prefix-without-address=true")),
        shown(
            text("address dhcp-server-v6 duid prefix reconfigure-key reconfigure-last-counter status"),
            boolean("dynamic=false invalid=false"),
        ),
    ),
    table(
        "/ipv6/dhcp-server",
        text("name!+"),
        reference("address-pool=static-only", "/ipv6/pool", words="static-only"),
        reference("dhcp-option=", "/ipv6/dhcp-server/option"),
        reference("interface!", "/interface"),
        choice("use-radius=no", "accounting no yes"),
        number("preference=255 route-distance=1"),
        boolean("disabled=false rapid-commit=true"),
        duration("lease-time=3d"),
        since("7.17", text("address-lists="), boolean("use-reconfigure=false")),
        since("7.20", boolean("ignore-ia-na-bindings=false")),
        shown(text("duid="), boolean("dynamic=false invalid=false")),
    ),
    table(
        "/ipv6/dhcp-server/binding",
        text("duid!"),
        reference("server=all", "/ipv6/dhcp-server", words="all"),
        number("iaid!"),
        boolean("disabled=false"),
        duration("life-time"),
        prefix6("address"),
        shown(
            text(
                "active-server client-address last-seen reconfigure-key reconfigure-last-sent reconfigure-status status"
            ),
            boolean("dynamic=false invalid=false radius"),
            duration("expires-after"),
        ),
    ),
    table(
        "/ipv6/dhcp-server/option", text("name!+ value="), number("code!", bounds=(1, 254)), shown(text("raw-value"))
    ),
    ordered(
        "/ipv6/firewall/filter",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept add-dst-to-address-list add-src-to-address-list drop fasttrack-connection jump log "
            "passthrough reject return",
        ),
        boolean("disabled=false log=false"),
        duration("address-list-timeout", words="none-dynamic none-static"),
        matcher("hop-limit"),
        matcher("in-interface out-interface", refers="/interface", words="all-ethernet all-ppp all-vlan all-wireless"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    ordered(
        "/ipv6/firewall/nat",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept add-dst-to-address-list add-src-to-address-list dst-nat jump log masquerade netmap "
            "passthrough redirect return src-nat",
        ),
        boolean("disabled=false log=false"),
        duration("address-list-timeout", words="none-dynamic none-static"),
        prefix6("to-address"),
        matcher("hop-limit"),
        matcher("in-interface out-interface", refers="/interface", words="all-ethernet all-ppp all-vlan all-wireless"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    ordered(
        "/ipv6/firewall/mangle",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept add-dst-to-address-list add-src-to-address-list change-dscp change-hop-limit change-mss "
            "dnpt jump log mark-connection mark-packet mark-routing passthrough return set-priority "
            "sniff-pc sniff-tzsp snpt",
        ),
        boolean("disabled=false log=false"),
        duration("address-list-timeout", words="none-dynamic none-static"),
        address("sniff-target"),
        prefix6("dst-prefix src-prefix"),
        matcher("hop-limit"),
        matcher("in-interface out-interface", refers="/interface", words="all-ethernet all-ppp all-vlan all-wireless"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    ordered(
        "/ipv6/firewall/raw",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept add-dst-to-address-list add-src-to-address-list drop jump log notrack passthrough return",
        ),
        boolean("disabled=false log=false"),
        duration("address-list-timeout", words="none-dynamic none-static"),
        matcher("hop-limit"),
        matcher("in-interface out-interface", refers="/interface", words="all-ethernet all-ppp all-vlan all-wireless"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    table(
        "/ipv6/firewall/address-list",
        text("address list!"),
        boolean("disabled=false dynamic=false"),
        duration("timeout"),
        shown(moment("creation-time")),
        together=("list address",),
    ),
    table(
        "/ipv6/dhcp-client/option",
        text("name!+"),
        number("code!", bounds=(1, 254)),
        shown(text("raw-value"), boolean("default=false")),
    ),
    table("/ipv6/dhcp-server/option/sets", text("name!+"), listing("options!", refers="/ipv6/dhcp-server/option")),
    table(
        "/ipv6/dhcp-relay",
        text("name!+"),
        reference("interface!", "/interface"),
        boolean("disabled=false"),
        duration("delay-threshold", words="none"),
        listing("dhcp-server!"),
        shown(boolean("invalid=false")),
    ),
    table("/ipv6/nd/proxy", reference("interface", "/interface"), boolean("disabled=false"), since="7.20"),
)
