"""WireGuard, IPsec, and tunnels and meshes that are seldom used."""

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
    number,
    ordered,
    prefix,
    reference,
    secret,
    shown,
    since,
    single,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/interface/wireguard",
        text("name+"),
        number("listen-port=13231", bounds=(0, 65535)),
        number("mtu=1420", words="auto"),
        boolean("disabled=false"),
        secret(text("private-key")),
        since("7.21", text("vrf=main")),
        shown(text("public-key"), boolean("running")),
        since="7.1",
    ),
    table(
        "/interface/wireguard/peers",
        text("endpoint-address="),
        reference("interface!", "/interface/wireguard"),
        number("endpoint-port=0", bounds=(0, 65535)),
        boolean("disabled=false"),
        duration("persistent-keepalive"),
        listing("allowed-address!"),
        secret(text("preshared-key=")),
        since(
            "7.12",
            text("client-dns= client-endpoint="),
            duration("client-keepalive"),
            listing("client-address="),
            secret(text("private-key=")),
        ),
        since("7.15", text("name+")),
        since("7.17", boolean("responder")),
        shown(
            text("current-endpoint-address="),
            number("current-endpoint-port=0 rx=0 tx=0"),
            boolean("dynamic=false"),
            duration("last-handshake"),
        ),
        together=("interface public-key",),
        since="7.1",
    ),
    # Dpd of new profiles: 8s and 4 since 7.13, 2m and 5 before.
    table(
        "/ip/ipsec/profile",
        text("name!+"),
        choice("hash-algorithm=sha1", "md5 sha1 sha256 sha384 sha512"),
        choice("prf-algorithm=auto", "auto sha1 sha256 sha384 sha512"),
        choice("proposal-check=obey", "claim exact obey strict"),
        number("dpd-maximum-failures=4 lifebytes"),
        boolean("nat-traversal=true"),
        duration("dpd-interval=8s", words="disable-dpd"),
        duration("lifetime=1d"),
        listing(
            "dh-group=modp2048,modp1024",
            words="x25519 ecp256 ecp384 ecp521 modp8192 modp6144 modp4096 modp3072 modp2048 modp1536 modp1024 modp768",
        ),
        listing("enc-algorithm=aes-128,3des", words="aes-256 aes-192 aes-128 3des des"),
        shown(boolean("default=false")),
        items=(
            (
                "name=default hash-algorithm=sha1 enc-algorithm=aes-128,3des dh-group=modp2048,modp1024 "
                "lifetime=1d proposal-check=obey nat-traversal=true dpd-interval=2m dpd-maximum-failures=5 "
                "default=true"
            ),
        ),
    ),
    table(
        "/ip/ipsec/proposal",
        text("name+"),
        choice(
            "pfs-group=modp1024",
            "ecp256 ecp384 ecp521 modp1024 modp1536 modp2048 modp3072 modp4096 modp6144 modp768 modp8192 none",
        ),
        boolean("disabled=false"),
        duration("lifetime=30m"),
        listing("auth-algorithms=sha1", words="sha512 sha256 sha1 md5 null"),
        listing(
            "enc-algorithms=aes-256-cbc,aes-192-cbc,aes-128-cbc",
            words="chacha20poly1305 aes-256-cbc aes-256-ctr aes-256-gcm camellia-256 aes-192-cbc aes-192-ctr "
            "aes-192-gcm camellia-192 aes-128-cbc aes-128-ctr aes-128-gcm camellia-128 3des blowfish "
            "twofish des null",
        ),
        shown(boolean("default=false")),
        items=(
            (
                "name=default auth-algorithms=sha1 enc-algorithms=aes-256-cbc,aes-192-cbc,aes-128-cbc "
                "lifetime=30m pfs-group=modp1024 default=true"
            ),
        ),
    ),
    table(
        "/ip/ipsec/peer",
        text("address exchange-mode=main local-address name+"),
        reference("profile=default", "/ip/ipsec/profile"),
        number("port", bounds=(0, 65535)),
        boolean("disabled=false send-initial-contact=true"),
        since("7.21", secret(text("ppk-secret"))),
        shown(text("current-address"), boolean("dynamic=false responder=false")),
    ),
    table(
        "/ip/ipsec/identity",
        text("my-id=auto remote-id=auto"),
        reference("certificate", "/certificate"),
        reference("mode-config", "/ip/ipsec/mode-config"),
        reference("peer!", "/ip/ipsec/peer"),
        reference("policy-template-group", "/ip/ipsec/policy/group"),
        choice(
            "auth-method=pre-shared-key",
            "digital-signature eap eap-radius pre-shared-key pre-shared-key-xauth rsa-key rsa-signature-hybrid",
        ),
        choice("generate-policy=no", "no port-override port-strict"),
        choice("match-by=remote-id", "certificate remote-id"),
        boolean("disabled=false"),
        listing("eap-methods", words="eap-mschapv2 eap-peap eap-tls eap-ttls"),
        secret(text("password remote-key secret=")),
        shown(boolean("dynamic=false")),
    ),
    ordered(
        "/ip/ipsec/policy",
        text("dst-address dst-port=any group protocol=all src-address src-port=any"),
        reference("peer", "/ip/ipsec/peer"),
        reference("proposal=default", "/ip/ipsec/proposal"),
        choice("action=encrypt", "discard encrypt none"),
        choice("ipsec-protocols=esp", "ah esp"),
        choice("level=require", "require unique use"),
        boolean("disabled=false template=false tunnel=false"),
        shown(
            text("backup ph2-state"),
            number("ph2-count=0"),
            boolean("active=false default=false dynamic=false invalid=false"),
        ),
        items=(
            (
                "group=default src-address=::/0 dst-address=::/0 protocol=all proposal=default template=true "
                "default=true"
            ),
        ),
    ),
    table(
        "/ip/ipsec/policy/group", text("name!+"), shown(boolean("default=false")), items=("name=default default=true",)
    ),
    table(
        "/ip/ipsec/mode-config",
        text("name!+"),
        reference("address-pool", "/ip/pool"),
        number("address-prefix-length"),
        boolean("responder=false system-dns=true"),
        address("address"),
        prefix("split-include"),
        listing("split-dns= static-dns="),
        shown(boolean("default=false")),
        items=("name=request-only responder=false use-responder-dns=exclusively default=true",),
    ),
    single("/ip/ipsec/settings", boolean("accounting=true xauth-use-radius=false"), duration("interim-update=0s")),
    fixed(
        "/ip/ipsec/active-peers",
        shown(
            text("dynamic-address id local-address natt-peer ppk remote-address side spii spir state"),
            number("ph2-total port rx-bytes rx-packets tx-bytes tx-packets"),
            boolean("responder"),
            duration("last-seen uptime"),
        ),
    ),
    fixed(
        "/ip/ipsec/installed-sa",
        shown(
            text(
                "AH ESP addtime auth-algorithm auth-key dst-address enc-algorithm enc-key expires-in hw-aead replay "
                "seen-traffic spi src-address state"
            ),
            number("current-bytes current-packets enc-key-size invalid-packets"),
            duration("add-lifetime"),
        ),
    ),
    table(
        "/ip/ipsec/key/rsa", text("name+"), shown(text("rsa"), number("key-size"), boolean("private-key")), since="7.20"
    ),
    table(
        "/interface/eoipv6",
        text("dscp=inherit keepalive=10s,10 mtu=auto name+ remote-address!"),
        choice("arp=enabled", ARP),
        choice("loop-protect=default", LOOP_PROTECT),
        number("tunnel-id!"),
        boolean("clamp-tcp-mss=true disabled=false"),
        duration("arp-timeout=auto", words="auto"),
        duration("loop-protect-disable-time=5m loop-protect-send-interval=5s"),
        mac("mac-address"),
        secret(text("ipsec-secret")),
        shown(text("current-remote-address loop-protect-status=off"), number("actual-mtu l2mtu"), boolean("running")),
    ),
    table(
        "/interface/ipipv6",
        text("dscp=inherit keepalive=10s,10 mtu=auto name+ remote-address!"),
        boolean("clamp-tcp-mss=true disabled=false"),
        secret(text("ipsec-secret")),
        shown(text("current-remote-address"), number("actual-mtu"), boolean("running")),
    ),
    table(
        "/interface/l2tp-ether",
        text("name+"),
        number("mtu", words="auto"),
        boolean("disabled=false"),
        address("local-address"),
        mac("mac-address"),
        secret(text("ipsec-secret")),
        shown(text("unmanaged"), number("actual-mtu"), boolean("dynamic=false running")),
    ),
    table(
        "/interface/ppp-server",
        text("name+ port"),
        reference("profile", "/ppp/profile"),
        number("max-mru", bounds=(1, 65535)),
        number("max-mtu"),
        number("mrru", words="disabled"),
        boolean("disabled=true"),
        shown(boolean("running")),
    ),
    table(
        "/interface/vpls",
        text("name+ peer!"),
        number("mtu"),
        boolean("disabled=false"),
        duration("arp-timeout", words="auto"),
        mac("mac-address"),
        shown(text("bgp-signaled bgp-vpls bgp-vpls-prfx cisco-bgp-signaled"), boolean("dynamic=false running")),
    ),
    table(
        "/interface/mesh",
        text("name+"),
        number("mtu=1500"),
        boolean("disabled=false"),
        duration("arp-timeout", words="auto"),
        duration("hwmp-prep-lifetime hwmp-preq-waiting-time hwmp-rann-interval hwmp-rann-lifetime"),
        mac("admin-mac"),
        shown(boolean("running"), mac("mac-address")),
    ),
    table(
        "/interface/mesh/port",
        reference("interface!", "/interface"),
        reference("mesh!", "/interface/mesh"),
        boolean("disabled=false"),
        duration("hello-interval"),
        shown(text("active-port-type dr-address"), boolean("dynamic=false inactive=false")),
    ),
)
