"""Tables, rules, BGP, OSPF, RIP, BFD, filters, MPLS; BGP of v6 beside that of v7."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    boolean,
    choice,
    duration,
    fixed,
    listing,
    moment,
    number,
    ordered,
    prefix,
    prefix6,
    reference,
    secret,
    shown,
    since,
    single,
    table,
    text,
    until,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    # Fib is a flag: present and empty where set.
    table(
        "/routing/table",
        text("fib name+"),
        boolean("disabled=false"),
        shown(number("used"), boolean("dynamic=false invalid=false")),
        items=("name=main fib= dynamic=true",),
        since="7.0",
    ),
    ordered(
        "/routing/rule",
        text("dst-address src-address"),
        reference("interface", "/interface"),
        reference("table", "/routing/table"),
        choice("action=lookup", "drop lookup lookup-only-in-table mangle unreachable"),
        boolean("disabled=false"),
        shown(boolean("default=false inactive=false")),
        since="7.0",
    ),
    fixed(
        "/routing/route",
        boolean("disabled=false"),
        shown(
            text(
                "afi belongs-to bgp-net bgp.aggregator bgp.as-path bgp.atomic-aggregate bgp.cluster-list "
                "bgp.communities bgp.esi bgp.ext-communities bgp.large-communities bgp.local-pref bgp.med bgp.nexthop "
                "bgp.origin bgp.originator-id bgp.otc bgp.out-nexthop bgp.pmsi bgp.session bgp.unknown bgp.weight "
                "blackhole check-gateway contribution debug.fwp-ptr debug.input.ptr debug.input.raw debug.input.refs "
                "debug.input.size debug.merge.ptr debug.merge.raw debug.merge.refs debug.merge.size debug.route-ptr "
                "dst-address evpn filtered gateway hoplimit immediate-gw isis isis.metric isis.type label ldp-address "
                "ldp-mapping ldp.label ldp.peer-id local-address mpls.in-label mpls.labels mpls.out-label nexthop-id "
                "ospf.metric ospf.tag ospf.type pref-src rip.metric rip.tag route-distinguisher routing-table rpki "
                "slaac unreachable ve-block-offset ve-id vrf-interface"
            ),
            number("bgp.igp-metric distance mtu route-cost scope target-scope total-cost ve-block-size"),
            boolean("active bgp bgp-mpls-vpn connect dhcp ecmp hw-offloaded modem ospf rip static vpn"),
        ),
        since="7.0",
    ),
    fixed(
        "/routing/nexthop",
        shown(
            text(
                "address afi bgp-vpn check-gateway gw-check-ok gw-state hops immediate-gw.address "
                "immediate-gw.blackhole immediate-gw.interface-idx immediate-gw.mpls-label immediate-gw.mpls-peer-id "
                "immediate-gw.weight interface-ok links prev-reachable reachable routes unresolved"
            ),
            number("immediate-gw.flap-count scope target-scope"),
        ),
        since="7.0",
    ),
    table(
        "/routing/id",
        text("name+ select-from-vrf=main"),
        boolean("disabled=false"),
        address("id"),
        listing("select-dynamic-id=any", words="any only-static only-loopback only-vrf only-active lowest"),
        shown(boolean("dynamic=false inactive=false"), address("dynamic-id")),
        since="7.0",
    ),
    table(
        "/routing/bgp/connection",
        text("name!+ vrf=main"),
        reference("routing-table=main", "/routing/table"),
        choice("local.role!", "ebgp ebgp-customer ebgp-peer ebgp-provider ebgp-rs ebgp-rs-client ibgp ibgp-rr"),
        number("as remote.as", bounds=(0, 4294967295)),
        number("local.port remote.port"),
        boolean("connect=true disabled=false listen=true multihop=false"),
        duration("hold-time=3m", words="infinity"),
        duration("keepalive-time"),
        listing("templates=default", refers="/routing/bgp/template"),
        secret(text("tcp-md5-key")),
        until("7.18.2", listing("address-families")),
        since("7.19", listing("afi", words="ip ipv6 l2vpn l2vpn-cisco vpnv4 vpnv6 evpn")),
        since("7.20", reference("instance!", "/routing/bgp/instance")),
        shown(text("local.default-address"), boolean("dynamic=false inactive=false")),
        since="7.0",
    ),
    table(
        "/routing/bgp/template",
        text("name!+ vrf=main"),
        reference("routing-table=main", "/routing/table"),
        number("as", bounds=(0, 4294967295)),
        boolean("disabled=false multihop=false"),
        duration("hold-time=3m", words="infinity"),
        duration("keepalive-time"),
        since("7.19", listing("afi", words="ip ipv6 l2vpn l2vpn-cisco vpnv4 vpnv6 evpn")),
        shown(boolean("default=false inactive=false")),
        items=("name=default default=true",),
        since="7.0",
    ),
    # V6 had a menu of this path with other properties.
    table(
        "/routing/bgp/instance",
        text("name+ routing-table=main vrf=main"),
        number("as", bounds=(0, 4294967295)),
        boolean("disabled=false"),
        address("cluster-id"),
        text("router-id"),
        shown(boolean("inactive=false")),
        since="7.20",
    ),
    fixed(
        "/routing/bgp/session",
        shown(
            text(
                "cisco-vpls-nlri-len-fmt ebgp hold-time ibgp input.add-path input.affinity input.as-override "
                "input.filter input.ignore-as-path-len input.last-notification input.limit-process-routes "
                "input.procid instance keepalive-time keepalive-timer limit-exceeded local.address local.afi "
                "local.bytes local.capabilities local.cluster-id local.eor local.id local.messages local.port "
                "local.role multihop name nexthop-choice output.add-path output.affinity output.default-originate "
                "output.default-prepend output.filter-chain output.filter-select output.keep-sent-attributes "
                "output.last-notification output.network output.no-client-to-client-reflection output.no-early-cut "
                "output.procid remote.address remote.afi remote.bytes remote.capabilities remote.eor remote.gr-afi "
                "remote.gr-afi-fwp remote.gr-restart remote.gr-time remote.hold-time remote.id remote.messages "
                "remote.port remote.refused-cap-opt remote.role restart-timer routing-table save-to stopped use-bfd "
                "vrf"
            ),
            number("input.allow-as local.as output.remove-private-as prefix-count remote.as"),
            boolean("established"),
            duration("uptime"),
            moment("last-started last-stopped"),
        ),
        since="7.0",
    ),
    table(
        "/routing/bgp/peer",
        text("name!+ instance=default remote-address! ttl=default in-filter= out-filter= update-source"),
        choice("nexthop-choice=default", "default force-self propagate"),
        choice("default-originate=never", "always if-installed never"),
        number("remote-as! remote-port"),
        boolean(
            "multihop=false route-reflect=false remove-private-as=false as-override=false passive=false use-bfd=false "
            "disabled=false"
        ),
        duration("hold-time=3m keepalive-time"),
        listing("address-families=ip"),
        secret(text("tcp-md5-key=")),
        shown(
            text("state remote-id local-address"),
            number("prefix-count updates-sent updates-received"),
            boolean("established=false"),
            duration("uptime"),
        ),
        until="6.49.99",
    ),
    table("/routing/bgp/network", boolean("synchronize=true disabled=false"), prefix("network!"), until="6.49.99"),
    table(
        "/routing/bgp/aggregate",
        text("instance=default"),
        boolean("summary-only=true inherit-attributes=true include-igp=false disabled=false"),
        prefix("prefix!"),
        until="6.49.99",
    ),
    table(
        "/routing/ospf/instance",
        text("name+ routing-table=main vrf=main"),
        choice("originate-default=never", "always if-installed never"),
        choice("version=2", "2 3"),
        boolean("disabled=false"),
        address("mpls-te-area"),
        text("router-id=main"),
        listing("redistribute=", words="connected static rip ospf isis bgp vpn dhcp fantasy modem bgp-mpls-vpn slaac"),
        shown(boolean("inactive=false")),
    ),
    table(
        "/routing/ospf/area",
        text("area-id=0.0.0.0 name+"),
        reference("instance!", "/routing/ospf/instance"),
        choice("type=default", "default nssa stub"),
        number("default-cost"),
        boolean("disabled=false"),
        shown(text("transit-capable"), boolean("dynamic=false inactive=false")),
    ),
    table(
        "/routing/ospf/area/range",
        text("prefix!"),
        reference("area!", "/routing/ospf/area"),
        number("cost"),
        boolean("advertise=true disabled=false"),
        shown(boolean("inactive=false")),
    ),
    ordered(
        "/routing/ospf/interface-template",
        text("passive prefix-list="),
        reference("area!", "/routing/ospf/area"),
        choice("type=broadcast", "broadcast nbma ptmp ptmp-broadcast ptp ptp-unnumbered virtual-link"),
        number("cost=1 instance-id=0 priority=128"),
        boolean("disabled=false"),
        duration("dead-interval=40s hello-interval=10s retransmit-interval=5s transmit-delay=1s"),
        listing("interfaces= networks"),
        secret(text("auth-key")),
        until("7.22.3", address("vlink-neighbor-id")),
        shown(boolean("inactive=false")),
        since="7.0",
    ),
    table(
        "/routing/ospf/static-neighbor",
        text("address!"),
        reference("area!", "/routing/ospf/area"),
        number("instance-id=0"),
        boolean("disabled=false"),
        duration("poll-interval=2m"),
        shown(boolean("inactive=false")),
        since="7.0",
    ),
    fixed(
        "/routing/ospf/interface",
        since("7.23", text("disabled=false"), number("cost priority")),
        since("7.23.1", secret(text("auth-key"))),
        shown(text("bdr dr network-type state vlink-remote-address"), boolean("dynamic=false")),
        since="7.0",
    ),
    fixed(
        "/routing/ospf/neighbor",
        shown(
            text(
                "adjacency area bdr db-summaries dr instance interface ls-retransmits router-id state state-changes "
                "virtual"
            ),
            number("ls-requests priority"),
            boolean("dynamic=false"),
            duration("timeout"),
            address("address"),
        ),
    ),
    fixed(
        "/routing/ospf/lsa",
        shown(
            text(
                "area body checksum flushing id instance link link-instance-id originator self-originated sequence "
                "type wraparound"
            ),
            boolean("dynamic=false"),
            duration("age"),
        ),
    ),
    ordered(
        "/routing/filter/rule", text("chain!"), boolean("disabled=false"), shown(boolean("inactive=false")), since="7.0"
    ),
    ordered(
        "/routing/filter/select-rule",
        text("chain!"),
        boolean("disabled=false"),
        shown(boolean("invalid=false")),
        since="7.0",
    ),
    table("/routing/filter/num-list", text("list!"), boolean("disabled=false"), since="7.0"),
    table("/routing/filter/community-list", text("list!"), boolean("disabled=false"), since="7.0"),
    table(
        "/routing/rip/instance",
        text("name+ route-gc-timeout=2m route-timeout=3m routing-table=main update-interval=30s vrf=main"),
        choice("afi=ip", "ip ipv6"),
        choice("originate-default=never", "always if-installed never"),
        boolean("disabled=false"),
        listing("redistribute=", words="connected static rip ospf isis bgp vpn dhcp fantasy modem bgp-mpls-vpn slaac"),
        since="7.0",
    ),
    ordered(
        "/routing/bfd/configuration",
        text("vrf=main"),
        number("multiplier=5"),
        boolean("disabled=false"),
        duration("min-rx=200ms min-tx=200ms"),
        prefix6("addresses"),
        shown(boolean("inactive=false")),
        since="7.11",
    ),
    fixed(
        "/routing/bfd/session",
        shown(
            text("hold-time local-address multihop multiplier remote-address state state-changes up vrf"),
            number("packets-rx packets-tx remote-min-rx remote-min-tx required-min-rx"),
            boolean("inactive=false"),
            duration("actual-tx-interval desired-tx-interval uptime"),
        ),
        since="7.11",
    ),
    single(
        "/routing/settings",
        since("7.21", duration("check-gateway-ping-interval check-gateway-ping-timeout")),
        since="7.0",
    ),
    single(
        "/routing/igmp-proxy", boolean("quick-leave=false"), duration("query-interval=2m5s query-response-interval=10s")
    ),
    table(
        "/routing/igmp-proxy/interface",
        number("threshold=1"),
        boolean("disabled=false upstream=false"),
        listing("alternative-subnets="),
        shown(
            text("querier source-ip-address"),
            number("rx-bytes rx-packets tx-bytes tx-packets"),
            boolean("dynamic=false inactive=false"),
        ),
    ),
    single(
        "/mpls/settings",
        since("7.10", text("dynamic-label-range=16-1048575"), boolean("allow-fast-path=true propagate-ttl=true")),
        shown(number("mpls-fast-path-bytes mpls-fast-path-packets")),
        since="7.0",
    ),
    table(
        "/mpls/interface",
        reference("interface!", "/interface"),
        number("mpls-mtu=1508"),
        boolean("disabled=false input=true"),
        shown(boolean("builtin=false")),
    ),
    table(
        "/mpls/ldp/interface",
        reference("interface!", "/interface"),
        boolean("disabled=false"),
        duration("hello-interval hold-time"),
    ),
)
