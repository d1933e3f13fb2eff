"""IPv4 addresses and routes, and services of `/ip` that have no module of their own."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    boolean,
    choice,
    duration,
    fixed,
    listing,
    mac,
    matcher,
    number,
    ordered,
    prefix,
    prefix6,
    reference,
    secret,
    shown,
    since,
    single,
    size,
    table,
    text,
    until,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/ip/address",
        reference("interface!", "/interface"),
        boolean("disabled=false"),
        address("broadcast network"),
        prefix("address!"),
        shown(text("actual-interface vrf"), boolean("dynamic=false invalid=false slave")),
    ),
    table(
        "/ip/arp",
        reference("interface!", "/interface"),
        boolean("disabled=false published=false"),
        address("address"),
        mac("mac-address"),
        shown(text("status vrf"), boolean("complete=false dhcp=false dynamic=false invalid=false")),
    ),
    table(
        "/ip/pool",
        text("name+"),
        reference("next-pool=none", "/ip/pool"),
        listing("ranges!"),
        shown(text("available"), number("total used")),
    ),
    fixed("/ip/pool/used", address("address")),
    table(
        "/ip/route",
        text("gateway pref-src"),
        reference("routing-table=main", "/routing/table"),
        number("distance=1", bounds=(1, 255)),
        number("scope=30 target-scope=10", bounds=(0, 255)),
        boolean("blackhole disabled=false"),
        prefix("dst-address=0.0.0.0/0"),
        until("7.20.8", text("suppress-hw-offload=false")),
        shown(
            text("immediate-gw local-address"),
            boolean(
                "active connect dhcp dynamic=false ecmp hw-offloaded inactive=false modem bgp ospf rip static=true vpn"
            ),
        ),
    ),
    table(
        "/ip/vrf",
        text("name!+"),
        boolean("disabled=false"),
        listing("interfaces!"),
        shown(boolean("builtin=false")),
        items=("name=main interfaces=all builtin=true",),
        since="7.0",
    ),
    single(
        "/ip/settings",
        text("icmp-rate-mask=0x1818"),
        choice("rp-filter=no", "loose no strict"),
        number("icmp-rate-limit=10 max-neighbor-entries=8192"),
        boolean(
            "accept-redirects=false accept-source-route=false allow-fast-path=true ip-forward=true "
            "secure-redirects=true send-redirects=true tcp-syncookies=false"
        ),
        duration("arp-timeout=30s"),
        since("7.16", choice("ipv4-multipath-hash-policy=l3", "l3 l3-inner l4")),
        since(
            "7.17",
            choice("tcp-timestamps=random-offset", "disabled enabled random-offset"),
            boolean("icmp-errors-use-inbound-interface-address=false"),
        ),
        shown(
            text("ipv4-fast-path-active ipv4-fasttrack-active"),
            number("ipv4-fast-path-bytes ipv4-fast-path-packets ipv4-fasttrack-bytes ipv4-fasttrack-packets"),
        ),
    ),
    fixed(
        "/ip/service",
        text("certificate vrf=main"),
        choice("tls-version", "any only-1.2"),
        number("port", bounds=(0, 65535)),
        boolean("disabled=false"),
        listing("address="),
        since("7.16", number("max-sessions=20")),
        shown(text("container local name netns proto remote"), boolean("connection dynamic=false invalid=false")),
        items=(
            "name=ftp port=21 proto=tcp",
            "name=ssh port=22 proto=tcp",
            "name=telnet port=23 proto=tcp",
            "name=www port=80 proto=tcp",
            "name=www-ssl port=443 proto=tcp disabled=true certificate=none tls-version=any",
            "name=winbox port=8291 proto=tcp",
            "name=api port=8728 proto=tcp",
            "name=api-ssl port=8729 proto=tcp certificate=none tls-version=any",
        ),
    ),
    single(
        "/ip/ssh",
        choice("forwarding-enabled=no", "both local no remote"),
        choice("host-key-type=rsa", "ed25519 rsa"),
        number("host-key-size=2048"),
        boolean("strong-crypto=false"),
        since("7.17", choice("ciphers=auto", "3des-cbc aes-cbc aes-ctr aes-gcm auto null")),
        since(
            "7.21",
            choice("password-authentication=yes-if-no-key", "no yes yes-if-no-key"),
            choice("publickey-authentication-options=", "none touch-required verify-required"),
        ),
    ),
    single(
        "/ip/cloud",
        choice("ddns-enabled=auto", "auto yes no"),
        boolean("update-time=true"),
        duration("ddns-update-interval=none", words="none"),
        shown(text("dns-name public-address public-address-ipv6 status warning")),
    ),
    single("/ip/cloud/advanced", boolean("use-local-address=false")),
    fixed(
        "/ip/neighbor",
        shown(
            text(
                "address6 board identity interface interface-name ipv6 platform software-id system-description unpack "
                "version"
            ),
            boolean("running"),
            duration("age uptime"),
            address("address address4"),
            mac("mac-address"),
            listing("discovered-by system-caps system-caps-enabled"),
        ),
    ),
    single(
        "/ip/neighbor/discovery-settings",
        text("lldp-med-net-policy-vlan=disabled"),
        choice("mode=tx-and-rx", "rx-only tx-and-rx tx-only"),
        listing("protocol=cdp,lldp,mndp", words="cdp lldp mndp"),
        matcher("discover-interface-list=static", refers="/interface/list"),
        since("7.15", boolean("lldp-mac-phy-config=false")),
        since("7.16", boolean("lldp-vlan-info=false"), duration("discover-interval=30s")),
    ),
    single(
        "/ip/proxy",
        text(
            "cache-administrator=webmaster cache-path=web-proxy max-cache-size=unlimited parent-proxy=:: src-address=::"
        ),
        number("cache-hit-dscp=4 max-client-connections=600 max-server-connections=600 parent-proxy-port=0"),
        boolean(
            "always-from-cache=false anonymous=false cache-on-disk=false enabled=false serialize-connections=false"
        ),
        duration("max-fresh-time=3d"),
        size("max-cache-object-size=2048"),
        listing("port=8080"),
    ),
    ordered(
        "/ip/proxy/access",
        choice("action=allow", "allow deny redirect url-append"),
        boolean("disabled=false"),
        shown(number("hits=0")),
    ),
    single(
        "/ip/socks",
        text("auth-method=none vrf=main"),
        number("max-connections=200 version=4"),
        number("port=1080", bounds=(0, 65535)),
        boolean("enabled=false"),
        duration("connection-idle-timeout=2m"),
    ),
    ordered("/ip/socks/access", choice("action=allow", "allow deny"), boolean("disabled=false")),
    single("/ip/tftp/settings", number("max-block-size=4096")),
    ordered(
        "/ip/tftp",
        text("reading-window-size=none"),
        boolean("allow=true allow-overwrite=false allow-rollover=false disabled=false read-only=true"),
        prefix6("ip-addresses"),
        shown(number("hits=0")),
    ),
    single("/ip/upnp", boolean("allow-disable-external-interface=false enabled=false show-dummy-rule=true")),
    table(
        "/ip/upnp/interfaces",
        reference("interface!", "/interface"),
        choice("type!", "external internal"),
        boolean("disabled=false"),
        address("forced-ip"),
        shown(boolean("dynamic=false")),
    ),
    single("/ip/nat-pmp", boolean("enabled=false"), since="7.13"),
    table(
        "/ip/nat-pmp/interfaces",
        reference("interface!", "/interface"),
        choice("type!", "external internal"),
        boolean("disabled=false"),
        address("forced-ip"),
        shown(boolean("dynamic=false")),
        since="7.13",
    ),
    single(
        "/ip/traffic-flow",
        choice("cache-entries=32k", "128k 16M 16k 1M 1k 256k 2M 2k 32M 32k 4M 4k 512k 64k 8M 8k"),
        number("sampling-interval=0 sampling-space=0"),
        boolean("enabled=false packet-sampling=false"),
        duration("active-flow-timeout=30m inactive-flow-timeout=15s"),
        listing("interfaces=all"),
    ),
    table(
        "/ip/traffic-flow/target",
        text("v9-template-timeout=30m"),
        choice("version=9", "1 5 9 ipfix"),
        number("port=2055", bounds=(0, 65535)),
        number("v9-template-refresh=20"),
        boolean("disabled=false"),
        address("dst-address! src-address=0.0.0.0"),
    ),
    single(
        "/ip/traffic-flow/ipfix",
        boolean(
            "bytes=true dst-address=true dst-address-mask=true dst-mac-address=true dst-port=true "
            "first-forwarded=true gateway=true icmp-code=true icmp-type=true igmp-type=true in-interface=true "
            "ip-header-length=true ip-total-length=true ipv6-flow-label=true is-multicast=true last-forwarded=true "
            "nat-dst-address=true nat-dst-port=true nat-events=false nat-src-address=true nat-src-port=true "
            "out-interface=true packets=true protocol=true src-address=true src-address-mask=true "
            "src-mac-address=true src-port=true sys-init-time=true tcp-ack-num=true tcp-flags=true tcp-seq-num=true "
            "tcp-window-size=true tos=true ttl=true udp-length=true"
        ),
    ),
    single(
        "/ip/smb",
        text("comment=MikrotikSMB domain=MSHOME interfaces=all"),
        choice("enabled=auto", "auto no yes"),
        until("7.13.5", text("allow-guests=true")),
        shown(text("status")),
    ),
    table(
        "/ip/smb/shares",
        text("directory=pub name!+"),
        boolean("disabled=false"),
        until("7.13.5", number("max-sessions")),
        since("7.14", boolean("read-only=false require-encryption=false"), listing("invalid-users= valid-users=")),
        shown(boolean("default=false dynamic=false")),
        items=('name=pub directory=pub disabled=true comment="default share" default=true',),
    ),
    table(
        "/ip/smb/users",
        text("name!+"),
        boolean("disabled=false read-only=true"),
        secret(text("password")),
        shown(boolean("default=false dynamic=false")),
        items=("name=guest read-only=true disabled=true default=true",),
    ),
    table(
        "/ip/kid-control",
        text("name+"),
        boolean("disabled=false"),
        duration("fri mon sat sun thu tue tur-fri tur-mon tur-sat tur-sun tur-thu tur-tue tur-wed wed"),
        shown(text("pause-left pause-till paused rate-limited"), boolean("blocked")),
    ),
    table(
        "/ip/packing",
        reference("interface!", "/interface"),
        choice("packing=simple unpacking=simple", "compress-all compress-headers none simple"),
        number("aggregated-size=1500"),
        boolean("disabled=false"),
    ),
    ordered("/ip/proxy/cache", choice("action=allow", "allow deny"), boolean("disabled=false"), shown(number("hits"))),
    ordered("/ip/proxy/direct", choice("action=allow", "allow deny"), boolean("disabled=false"), shown(number("hits"))),
    table("/ip/socks/users", text("name!+"), boolean("disabled=false"), secret(text("password!"))),
    table(
        "/ip/kid-control/device",
        text("name+"),
        reference("user!", "/ip/kid-control"),
        boolean("disabled=false"),
        mac("mac-address!"),
        shown(
            text("activity bytes-down bytes-up ip-address limited rate-down rate-up"),
            boolean("blocked dynamic=false inactive=false"),
            duration("idle-time"),
        ),
    ),
)
