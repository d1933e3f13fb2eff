"""Bridges, their ports, VLANs and rules."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    ARP,
    boolean,
    choice,
    duration,
    listing,
    mac,
    matcher,
    number,
    ordered,
    reference,
    shown,
    since,
    single,
    table,
    text,
    until,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/interface/bridge",
        text("mtu=auto name+ priority=0x8000 region-name="),
        choice("arp=enabled", ARP),
        choice("ether-type=0x8100", "0x8100 0x88a8 0x9100"),
        choice("frame-types=admit-all", "admit-all admit-only-untagged-and-priority-tagged admit-only-vlan-tagged"),
        choice("igmp-version=2", "2 3"),
        choice("mld-version=1", "1 2"),
        choice("multicast-router=temporary-query", "disabled permanent temporary-query"),
        choice("protocol-mode=rstp", "mstp none rstp stp"),
        number("last-member-query-count=2 max-hops=20 region-revision=0 startup-query-count=2 transmit-hold-count=6"),
        number("pvid=1", bounds=(1, 4094)),
        boolean(
            "auto-mac=true dhcp-snooping=false disabled=false fast-forward=true igmp-snooping=false "
            "ingress-filtering=true multicast-querier=false vlan-filtering=false"
        ),
        duration(
            "ageing-time=5m forward-delay=15s last-member-interval=1s max-message-age=20s membership-interval=4m20s "
            "querier-interval=4m15s query-interval=2m5s query-response-interval=10s startup-query-interval=31s250ms"
        ),
        duration("arp-timeout=auto", words="auto"),
        mac("admin-mac"),
        until("7.22.3", boolean("add-dhcp-option82=false")),
        since("7.13", choice("port-cost-mode=long", "short long")),
        since("7.15", boolean("mvrp=false")),
        since(
            "7.16",
            number("max-learned-entries=auto", words="auto unlimited"),
            boolean("forward-reserved-addresses=false"),
        ),
        since("7.22", duration("mlag-heartbeat", words="none")),
        shown(number("actual-mtu l2mtu"), boolean("dynamic=false managed running"), mac("mac-address")),
    ),
    # Interface may also be an interface list.
    table(
        "/interface/bridge/port",
        text("horizon=none priority=0x80"),
        reference("bridge!", "/interface/bridge"),
        reference("interface!", "/interface /interface/list"),
        choice("edge=auto", "auto no no-discover yes yes-discover"),
        choice("frame-types=admit-all", "admit-all admit-only-untagged-and-priority-tagged admit-only-vlan-tagged"),
        choice("learn=auto point-to-point=auto", "auto no yes"),
        choice("multicast-router=temporary-query", "disabled permanent temporary-query"),
        number("internal-path-cost path-cost"),
        number("pvid=1", bounds=(1, 4094)),
        boolean(
            "auto-isolate=false bpdu-guard=false broadcast-flood=true disabled=false fast-leave=false hw=true "
            "ingress-filtering=true restricted-role=false restricted-tcn=false tag-stacking=false trusted=false "
            "unknown-multicast-flood=true unknown-unicast-flood=true"
        ),
        since(
            "7.15",
            choice("mvrp-applicant-state=normal-participant", "non-participant normal-participant"),
            choice("mvrp-registrar-state=normal", "fixed normal"),
        ),
        shown(
            text(
                "debug-info declared-vlan-ids designated-bridge-id designated-port-id discard-transitions "
                "edge-port-discovery external-fdb-status forward-transitions hw-offload-group last-topology-change "
                "parent port-id registered-vlan-ids role rx-bpdu rx-tc status topology-changes tx-bpdu tx-tc"
            ),
            number("actual-path-cost designated-cost internal-root-path-cost root-path-cost"),
            boolean(
                "dynamic=false edge-port forwarding hw-offload inactive=false learning managed point-to-point-port "
                "sending-rstp"
            ),
        ),
        together=("interface",),
    ),
    table(
        "/interface/bridge/vlan",
        reference("bridge!", "/interface/bridge"),
        boolean("disabled=false"),
        listing("tagged= untagged=", refers="/interface"),
        listing("vlan-ids!"),
        shown(text("current-tagged current-untagged"), boolean("dynamic=false managed")),
    ),
    table(
        "/interface/bridge/host",
        text("interface!"),
        reference("bridge!", "/interface/bridge"),
        number("vid"),
        boolean("disabled=false"),
        mac("mac-address!"),
        shown(text("aged aged-peer on-interface remote-ip"), boolean("dynamic=false external invalid=false local")),
    ),
    table(
        "/interface/bridge/mdb",
        text("group!"),
        reference("bridge!", "/interface/bridge"),
        number("vid"),
        boolean("disabled=false"),
        since("7.19", text("interface!")),
        shown(text("on-interface"), boolean("dynamic=false invalid=false")),
    ),
    table(
        "/interface/bridge/msti",
        text("priority=0x8000 vlan-mapping!"),
        reference("bridge!", "/interface/bridge"),
        number("identifier!"),
        boolean("disabled=false"),
        shown(boolean("dynamic=false")),
    ),
    single(
        "/interface/bridge/settings",
        boolean(
            "allow-fast-path=true use-ip-firewall=false use-ip-firewall-for-pppoe=false use-ip-firewall-for-vlan=false"
        ),
        shown(
            text("bridge-fast-path-active"),
            number(
                "bridge-fast-forward-bytes bridge-fast-forward-packets bridge-fast-path-bytes bridge-fast-path-packets"
            ),
        ),
    ),
    ordered(
        "/interface/bridge/filter",
        text("chain! log-prefix="),
        choice("action=accept", "accept drop jump log mark-packet passthrough return set-priority"),
        boolean("disabled=false log=false"),
        matcher("in-bridge out-bridge", refers="/interface/bridge"),
        matcher("in-interface out-interface", refers="/interface"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    ordered(
        "/interface/bridge/nat",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept arp-reply drop dst-nat jump log mark-packet passthrough redirect return set-priority src-nat",
        ),
        boolean("disabled=false log=false"),
        mac("to-arp-reply-mac-address to-dst-mac-address to-src-mac-address"),
        matcher("in-bridge out-bridge", refers="/interface/bridge"),
        matcher("in-interface out-interface", refers="/interface"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    single("/interface/bridge/mlag", since="7.1"),
)
