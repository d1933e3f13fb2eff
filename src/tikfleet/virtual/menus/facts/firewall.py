"""The IPv4 firewall: rules, lists, connections."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    boolean,
    choice,
    duration,
    fixed,
    listing,
    matcher,
    moment,
    number,
    ordered,
    rate,
    shown,
    since,
    single,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    ordered(
        "/ip/firewall/filter",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept add-dst-to-address-list add-src-to-address-list drop fasttrack-connection jump log "
            "passthrough reject return tarpit",
        ),
        boolean("disabled=false log=false"),
        duration("address-list-timeout", words="none-dynamic none-static"),
        matcher("in-interface out-interface", refers="/interface", words="all-ethernet all-ppp all-vlan all-wireless"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        matcher("layer7-protocol", refers="/ip/firewall/layer7-protocol"),
        matcher("protocol"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    ordered(
        "/ip/firewall/nat",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept add-dst-to-address-list add-src-to-address-list dst-nat endpoint-independent-nat jump "
            "log masquerade netmap passthrough redirect return same socksify src-nat",
        ),
        boolean("disabled=false log=false"),
        duration("address-list-timeout", words="none-dynamic none-static"),
        matcher("in-interface out-interface", refers="/interface", words="all-ethernet all-ppp all-vlan all-wireless"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        matcher("layer7-protocol", refers="/ip/firewall/layer7-protocol"),
        since("7.20", address("socks5-server")),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    ordered(
        "/ip/firewall/mangle",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept add-dst-to-address-list add-src-to-address-list change-dscp change-mss change-ttl "
            "clear-df fasttrack-connection jump log mark-connection mark-packet mark-routing passthrough "
            "return route set-priority sniff-pc sniff-tzsp strip-ipv4-options",
        ),
        boolean("disabled=false log=false"),
        duration("address-list-timeout", words="none-dynamic none-static"),
        address("route-dst sniff-target"),
        matcher("in-interface out-interface", refers="/interface", words="all-ethernet all-ppp all-vlan all-wireless"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        matcher("layer7-protocol", refers="/ip/firewall/layer7-protocol"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    ordered(
        "/ip/firewall/raw",
        text("chain! log-prefix="),
        choice(
            "action=accept",
            "accept add-dst-to-address-list add-src-to-address-list drop jump log notrack passthrough return",
        ),
        boolean("disabled=false log=false"),
        duration("address-list-timeout", words="none-dynamic none-static"),
        matcher("in-interface out-interface", refers="/interface", words="all-ethernet all-ppp all-vlan all-wireless"),
        matcher("in-interface-list out-interface-list", refers="/interface/list"),
        shown(number("bytes=0 packets=0"), boolean("dynamic=false invalid=false")),
    ),
    table(
        "/ip/firewall/address-list",
        text("address list!"),
        boolean("disabled=false dynamic=false"),
        duration("timeout"),
        shown(moment("creation-time")),
        together=("list address",),
    ),
    table("/ip/firewall/layer7-protocol", text("name+")),
    fixed(
        "/ip/firewall/service-port",
        boolean("disabled=false"),
        duration("sip-timeout"),
        listing("ports"),
        shown(text("name"), boolean("invalid=false")),
        items=(
            "name=ftp ports=21 disabled=false",
            "name=tftp ports=69 disabled=false",
            "name=irc ports=6667 disabled=true",
            "name=h323 disabled=false",
            "name=sip ports=5060,5061 sip-direct-media=true sip-timeout=1h disabled=false",
            "name=pptp disabled=false",
            "name=rtsp ports=554 disabled=true",
            "name=udplite disabled=false",
            "name=dccp disabled=false",
            "name=sctp disabled=false",
        ),
    ),
    fixed(
        "/ip/firewall/connection",
        shown(
            text(
                "connection-mark connection-type dst-address dst-port gre-key gre-protocol gre-version icmp-code "
                "icmp-id icmp-type protocol reply-dst-address reply-dst-port reply-src-address reply-src-port "
                "src-address src-port tcp-state uses-helper"
            ),
            number(
                "orig-bytes orig-fasttrack-bytes orig-fasttrack-packets orig-packets repl-bytes repl-fasttrack-bytes "
                "repl-fasttrack-packets repl-packets"
            ),
            boolean("assured confirmed dstnat dying expected fasttrack hw-offload seen-reply srcnat"),
            duration("timeout"),
            rate("orig-rate repl-rate"),
        ),
    ),
    single(
        "/ip/firewall/connection/tracking",
        choice("enabled=auto", "auto no yes"),
        boolean("loose-tcp-tracking=true"),
        duration(
            "generic-timeout=10m icmp-timeout=10s tcp-close-timeout=10s tcp-close-wait-timeout=10s "
            "tcp-established-timeout=1d tcp-fin-wait-timeout=10s tcp-last-ack-timeout=10s tcp-max-retrans-timeout=5m "
            "tcp-syn-received-timeout=5s tcp-syn-sent-timeout=5s tcp-time-wait-timeout=10s tcp-unacked-timeout=5m "
            "udp-stream-timeout=3m udp-timeout=30s"
        ),
        since("7.20", boolean("liberal-tcp-tracking=false")),
        shown(text("active-ipv4 active-ipv6"), number("max-entries total-entries total-ip4-entries total-ip6-entries")),
    ),
)
