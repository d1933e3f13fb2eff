"""Interfaces that are neither bridges, radios nor tunnels of VPNs; interface lists."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    ARP,
    LOOP_PROTECT,
    address,
    boolean,
    choice,
    duration,
    fixed,
    listing,
    mac,
    moment,
    number,
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
    # Every interface, whatever menu it comes from.
    fixed(
        "/interface",
        text("mtu name+"),
        number("l2mtu"),
        boolean("disabled=false"),
        shown(
            text("default-name passthrough type vrf"),
            number(
                "actual-mtu fp-rps-drop fp-rx-byte fp-rx-packet fp-tx-byte fp-tx-packet link-downs max-l2mtu rx-byte "
                "rx-drop rx-error rx-packet tx-byte tx-drop tx-error tx-packet tx-queue-drop"
            ),
            boolean("dynamic=false inactive=false running slave"),
            mac("mac-address"),
            moment("last-link-down-time last-link-up-time"),
        ),
    ),
    fixed(
        "/interface/ethernet",
        text("name+ bandwidth=unlimited/unlimited"),
        choice("arp=enabled", ARP),
        choice("loop-protect=default", LOOP_PROTECT),
        choice("rx-flow-control=off tx-flow-control=off", "auto off on"),
        choice("sfp-rate-select=high", "low high"),
        choice(
            "speed",
            "100G-baseCR2 100G-baseCR4 100G-baseSR2-LR2 100G-baseSR4-LR4 100M-baseFX-full 100M-baseFX-half "
            "100M-baseT-full 100M-baseT-half 10G-baseCR 10G-baseSR-LR 10G-baseT 10M-baseT-full "
            "10M-baseT-half 1G-baseT-full 1G-baseT-half 1G-baseX 2.5G-baseT 2.5G-baseX 200G-baseCR4 "
            "200G-baseSR4-LR4 25G-baseCR 25G-baseSR-LR 400G-baseCR8 400G-baseSR8-LR8 40G-baseCR4 "
            "40G-baseSR4-LR4 50G-baseCR 50G-baseCR2 50G-baseSR-LR 50G-baseSR2-LR2 5G-baseT",
        ),
        choice("poe-out", "auto-on forced-on off"),
        number("l2mtu mtu=1500 sfp-shutdown-temperature=95 poe-priority"),
        boolean("auto-negotiation=true disable-running-check=true disabled=false"),
        duration("arp-timeout=auto", words="auto"),
        duration("loop-protect-disable-time=5m loop-protect-send-interval=5s power-cycle-interval"),
        mac("mac-address orig-mac-address"),
        listing(
            "advertise",
            words="100G-baseCR2 100G-baseCR4 100G-baseSR2-LR2 100G-baseSR4-LR4 100M-baseFX-full 100M-baseFX-half "
            "100M-baseT-full 100M-baseT-half 10G-baseCR 10G-baseSR-LR 10G-baseT 10M-baseT-full "
            "10M-baseT-half 1G-baseT-full 1G-baseT-half 1G-baseX 2.5G-baseT 2.5G-baseX 200G-baseCR4 "
            "200G-baseSR4-LR4 25G-baseCR 25G-baseSR-LR 400G-baseCR8 400G-baseSR8-LR8 40G-baseCR4 "
            "40G-baseSR4-LR4 50G-baseCR 50G-baseCR2 50G-baseSR-LR 50G-baseSR2-LR2 5G-baseT",
        ),
        until("7.11.3", text("full-duplex=true")),
        shown(
            text(
                "default-name loop-protect-status=off rx-overflow rx-pause tx-pause rx-broadcast tx-broadcast "
                "rx-multicast tx-multicast rx-unicast tx-unicast rx-fragment rx-jabber rx-too-short rx-too-long "
                "rx-error-events switch"
            ),
            number(
                "rx-bytes tx-bytes rx-packet tx-packet rx-drop tx-drop driver-rx-byte driver-rx-packet driver-tx-byte "
                "driver-tx-packet rx-fcs-error tx-collision tx-fcs-error"
            ),
            boolean("running slave"),
        ),
    ),
    fixed(
        "/interface/ethernet/poe",
        text("power-cycle-ping-address"),
        choice("poe-out=auto-on", "auto-on forced-on off"),
        choice("poe-voltage=auto", "auto high low"),
        number("poe-priority=10"),
        boolean("poe-lldp-enabled=false power-cycle-ping-enabled=false"),
        duration("power-cycle-interval=none power-cycle-ping-timeout"),
        shown(text("name")),
    ),
    fixed(
        "/interface/ethernet/switch",
        text("name+ mirror-source=none mirror-target=none"),
        boolean("switch-all-ports cpu-flow-control=true"),
        shown(text("type"), boolean("invalid=false")),
    ),
    fixed(
        "/interface/ethernet/switch/port",
        text("default-vlan-id=auto"),
        choice("vlan-mode=disabled", "check disabled fallback secure"),
        choice("vlan-header=leave-as-is", "add-if-missing always-strip leave-as-is"),
        shown(text("name switch")),
    ),
    table(
        "/interface/ethernet/switch/vlan",
        text("switch"),
        number("vlan-id"),
        boolean("independent-learning=true disabled=false"),
        listing("ports"),
    ),
    table(
        "/interface/list",
        text("name!+"),
        listing("exclude= include="),
        shown(boolean("builtin=false dynamic=false")),
        items=(
            'name=all comment="contains all interfaces" builtin=true',
            'name=none comment="contains no interfaces" builtin=true',
            'name=dynamic comment="contains dynamic interfaces" builtin=true',
            'name=static comment="contains static interfaces" builtin=true',
        ),
    ),
    table(
        "/interface/list/member",
        reference("interface!", "/interface"),
        reference("list!", "/interface/list"),
        boolean("disabled=false"),
        shown(boolean("dynamic=false")),
        together=("list interface",),
    ),
    table(
        "/interface/vlan",
        text("name+"),
        reference("interface!", "/interface"),
        choice("arp=enabled", ARP),
        choice("loop-protect=default", LOOP_PROTECT),
        number("mtu=1500"),
        number("vlan-id!", bounds=(1, 4095)),
        boolean("disabled=false use-service-tag=false"),
        duration("arp-timeout=auto", words="auto"),
        duration("loop-protect-disable-time=5m loop-protect-send-interval=5s"),
        since("7.15", boolean("mvrp=false")),
        shown(text("loop-protect-status=off"), number("l2mtu"), boolean("hw-offloaded running"), mac("mac-address")),
        together=("interface vlan-id use-service-tag",),
    ),
    table(
        "/interface/bonding",
        text("name+ primary=none"),
        choice("arp=enabled", ARP),
        choice("lacp-rate=30secs", "1sec 30secs"),
        choice("link-monitoring=mii", "arp mii none"),
        choice("mode=balance-rr", "802.3ad active-backup balance-alb balance-rr balance-tlb balance-xor broadcast"),
        choice("transmit-hash-policy=layer-2", "encap-2-and-3 encap-3-and-4 layer-2 layer-2-and-3 layer-3-and-4"),
        number("min-links=0 mtu=1500"),
        boolean("disabled=false"),
        duration("arp-interval=100ms down-delay=0s mii-interval=100ms up-delay=0s"),
        duration("arp-timeout=auto", words="auto"),
        mac("forced-mac-address"),
        listing("arp-ip-targets="),
        listing("slaves!", refers="/interface"),
        since("7.21", mac("lacp-system-id")),
        shown(boolean("running"), mac("mac-address")),
        refusal="failure: need at least one slave interface",
    ),
    table(
        "/interface/vrrp",
        text("group-master= name+ on-backup= on-fail= on-master="),
        reference("interface!", "/interface"),
        choice("arp=enabled", ARP),
        choice("authentication=none", "ah none simple"),
        choice("v3-protocol=ipv4", "ipv4 ipv6"),
        choice("version=3", "2 3"),
        number("priority=100"),
        number("vrid=1", bounds=(1, 255)),
        boolean("disabled=false preemption-mode=true sync-connection-tracking=false"),
        duration("arp-timeout=auto", words="auto"),
        duration("interval=1s"),
        address("remote-address"),
        secret(text("password=")),
        until("7.19.6", number("mtu=1500")),
        shown(
            text("backup failure grp-authority grp-member master"), boolean("invalid=false running"), mac("mac-address")
        ),
    ),
    table(
        "/interface/eoip",
        text("dscp=inherit keepalive=10s,10 mtu=auto name+ remote-address!"),
        choice("arp=enabled", ARP),
        choice("dont-fragment=no", "no inherit"),
        choice("loop-protect=default", LOOP_PROTECT),
        number("tunnel-id!"),
        boolean("allow-fast-path=true clamp-tcp-mss=true disabled=false"),
        duration("arp-timeout=auto", words="auto"),
        duration("loop-protect-disable-time=5m loop-protect-send-interval=5s"),
        address("local-address=0.0.0.0"),
        mac("mac-address"),
        secret(text("ipsec-secret")),
        shown(text("current-remote-address loop-protect-status=off"), number("actual-mtu l2mtu"), boolean("running")),
    ),
    table(
        "/interface/gre",
        text("dscp=inherit keepalive=10s,10 mtu=auto name+ remote-address!"),
        choice("dont-fragment=no", "no inherit"),
        boolean("allow-fast-path=true clamp-tcp-mss=true disabled=false"),
        address("local-address=0.0.0.0"),
        secret(text("ipsec-secret")),
        shown(text("current-remote-address"), number("actual-mtu"), boolean("running")),
    ),
    table(
        "/interface/ipip",
        text("dscp=inherit keepalive=10s,10 mtu=auto name+ remote-address!"),
        choice("dont-fragment=no", "no inherit"),
        boolean("allow-fast-path=true clamp-tcp-mss=true disabled=false"),
        address("local-address=0.0.0.0"),
        secret(text("ipsec-secret")),
        shown(text("current-remote-address"), number("actual-mtu"), boolean("dynamic=false running")),
    ),
    table(
        "/interface/6to4",
        text("dscp=inherit keepalive=10s,10 mtu=auto name+"),
        choice("dont-fragment=no", "no inherit"),
        boolean("clamp-tcp-mss=true disabled=false"),
        address("local-address=0.0.0.0"),
        secret(text("ipsec-secret")),
        shown(text("current-remote-address"), number("actual-mtu"), boolean("running")),
    ),
    table(
        "/interface/vxlan",
        text("max-fdb-size=4096 name+"),
        choice("arp=enabled", ARP),
        choice("dont-fragment=disabled", "auto disabled enabled inherit"),
        choice("loop-protect=default", LOOP_PROTECT),
        choice("vteps-ip-version=ipv4", "ipv4 ipv6"),
        number("mtu=1500"),
        number("port=8472", bounds=(0, 65535)),
        number("vni!", bounds=(1, 16777215)),
        boolean("allow-fast-path=true disabled=false"),
        duration("arp-timeout=auto", words="auto"),
        duration("loop-protect-disable-time=5m loop-protect-send-interval=5s"),
        address("group"),
        mac("mac-address"),
        until("7.19.6", text("vrf=main")),
        since("7.20", boolean("learning=true")),
        shown(text("loop-protect-status=off"), number("l2mtu"), boolean("hw-offloaded running")),
        since="7.0",
    ),
    table(
        "/interface/vxlan/vteps",
        reference("interface!", "/interface/vxlan"),
        address("remote-ip!"),
        until("7.17.1", number("port=8472", bounds=(0, 65535))),
        since("7.18", boolean("disabled=false")),
        shown(boolean("dynamic=false hw-offloaded")),
        since="7.0",
    ),
    table(
        "/interface/veth",
        text("disabled=false gateway=0.0.0.0 name+"),
        listing("address="),
        since("7.11", text("gateway6=")),
        since="7.2",
    ),
    table(
        "/interface/macvlan",
        since(
            "7.12",
            text("name+"),
            reference("interface", "/interface"),
            choice("arp=enabled", ARP),
            choice("loop-protect=default", LOOP_PROTECT),
            choice("mode=bridge", "bridge private"),
            number("mtu=1500"),
            boolean("disabled=false"),
            duration("arp-timeout=auto", words="auto"),
            duration("loop-protect-disable-time=5m loop-protect-send-interval=5s"),
            mac("mac-address"),
        ),
        shown(text("loop-protect-status=off"), number("l2mtu"), boolean("running")),
        since="7.0",
    ),
    table(
        "/interface/macsec",
        text("name+"),
        reference("interface!", "/interface"),
        reference("profile=default", "/interface/macsec/profile"),
        number("mtu=1468"),
        boolean("disabled=false"),
        secret(text("cak")),
        shown(
            text(
                "rx-bad-tag rx-no-sci rx-no-tag rx-overrun rx-sa-invalid rx-sa-not-using-sa rx-sa-not-valid rx-sa-ok "
                "rx-sa-unused-sa rx-sc-delayed rx-sc-invalid rx-sc-late rx-sc-not-using-sa rx-sc-not-valid rx-sc-ok "
                "rx-sc-unchecked rx-sc-unused-sa rx-unknown-sci rx-untagged status tx-sa-encrypted tx-sa-protected "
                "tx-too-long tx-untagged"
            ),
            number(
                "rx-sc-decrypted-byte rx-sc-validated-byte tx-sc-encrypted-byte tx-sc-encrypted-packet "
                "tx-sc-protected-byte tx-sc-protected-packet"
            ),
            boolean("hw-offloaded inactive=false running"),
        ),
        since="7.0",
    ),
    table(
        "/interface/macsec/profile",
        text("name!+"),
        number("server-priority=10"),
        since("7.23", text("ciphers!")),
        shown(text("default-name"), boolean("default=false")),
        since="7.0",
    ),
    fixed(
        "/interface/lte",
        text("name+"),
        number("mtu=1500", words="auto"),
        boolean("allow-roaming=false disabled=false"),
        listing("apn-profiles=default", refers="/interface/lte/apn"),
        secret(text("pin")),
        since("7.13", boolean("sms-read=true")),
        since("7.16", text("sms-protocol=auto")),
        shown(text("default-name"), number("advertised-mtu"), boolean("inactive=false running")),
    ),
    table(
        "/interface/lte/apn",
        text("apn! authentication=none ip-type=auto ipv6-interface=none name+ passthrough-interface=none"),
        number("default-route-distance=2", bounds=(0, 255)),
        boolean("add-default-route=true use-network-apn=true use-peer-dns=true"),
        secret(text("password")),
        shown(boolean("default=false")),
        items=(
            (
                "name=default apn=internet add-default-route=true default-route-distance=2 use-peer-dns=true "
                "use-network-apn=true ip-type=auto authentication=none default=true"
            ),
        ),
    ),
    table(
        "/interface/dot1x/client",
        text("anon-identity= certificate=none identity!"),
        reference("interface!", "/interface"),
        boolean("disabled=false"),
        listing("eap-methods!", words="eap-mschapv2 eap-peap eap-tls eap-ttls"),
        secret(text("password")),
        shown(text("status"), boolean("inactive=false")),
    ),
    table(
        "/interface/dot1x/server",
        reference("interface!", "/interface"),
        choice("mac-auth-mode=mac-as-username", "mac-as-username mac-as-username-and-password"),
        choice(
            "radius-mac-format=XX:XX:XX:XX:XX:XX",
            "XX-XX-XX-XX-XX-XX XX:XX:XX:XX:XX:XX XXXXXXXXXXXX xx-xx-xx-xx-xx-xx xx:xx:xx:xx:xx:xx xxxxxxxxxxxx",
        ),
        boolean("accounting=true disabled=false"),
        duration("auth-timeout=1m interim-update=0s reauth-timeout retrans-timeout=30s"),
        listing("auth-types=dot1x", words="dot1x mac-auth"),
        shown(boolean("inactive=false")),
    ),
    single(
        "/interface/detect-internet",
        text("detect-interface-list=none internet-interface-list=none lan-interface-list=none wan-interface-list=none"),
        since("7.22", duration("request-interval")),
    ),
    table(
        "/interface/gre6",
        text("dscp=inherit keepalive=10s,10 local-address=:: mtu=auto name+ remote-address!"),
        boolean("clamp-tcp-mss=true disabled=false"),
        secret(text("ipsec-secret")),
        shown(text("current-remote-address"), number("actual-mtu"), boolean("running")),
    ),
)
