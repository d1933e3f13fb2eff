"""DHCP for IPv4: clients, servers, leases, options, relays."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    boolean,
    choice,
    duration,
    listing,
    mac,
    number,
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
        "/ip/dhcp-client",
        text("script="),
        reference("interface!", "/interface"),
        choice("add-default-route=yes", "no special-classless yes"),
        number("default-route-distance=1", bounds=(0, 255)),
        boolean("disabled=false use-peer-dns=true use-peer-ntp=true"),
        listing("dhcp-options=hostname,clientid", refers="/ip/dhcp-client/option"),
        since("7.19", choice("check-gateway=none", "arp bfd none ping"), boolean("allow-reconfigure=false")),
        since("7.20", text("dscp=inherit"), choice("use-broadcast=both", "always both never")),
        since("7.22", text("name+")),
        shown(
            text(
                "caps-managers custom-hostname-suffix custom-source-mac-address netmask primary-ntp reconfigure-key "
                "reconfigure-last-counter secondary-ntp status"
            ),
            boolean("dynamic=false invalid=false"),
            duration("expires-after"),
            address("dhcp-server gateway primary-dns secondary-dns"),
            prefix("address"),
        ),
    ),
    table(
        "/ip/dhcp-client/option",
        text("name!+"),
        number("code!", words="client-id hostname vendor-class-id vendor-specific", bounds=(1, 254)),
        shown(text("raw-value"), boolean("default=false")),
        items=(
            "name=hostname code=12 value=$(HOSTNAME) default=true",
            "name=clientid code=61 value=0x01$(CLIENT_MAC) default=true",
            "name=clientid_duid code=61 value=0xff$(CLIENT_DUID) default=true",
        ),
    ),
    # Lease-time: 10m before 7.13.
    table(
        "/ip/dhcp-server",
        text("bootp-lease-time=forever client-mac-limit insert-queue-before lease-script= name+ parent-queue"),
        reference("address-pool=static-only", "/ip/pool", words="static-only"),
        reference("dhcp-option-set", "/ip/dhcp-server/option/sets"),
        reference("interface!", "/interface"),
        choice("authoritative=yes", "after-10sec-delay after-2sec-delay no yes"),
        choice("bootp-support=static", "dynamic none static"),
        choice("use-radius=no", "accounting no yes"),
        boolean(
            "add-arp=false always-broadcast=false conflict-detection=true disabled=false use-framed-as-classless=true"
        ),
        duration("delay-threshold=none", words="none"),
        duration("lease-time=30m"),
        address("relay server-address"),
        since("7.19", boolean("use-reconfigure=false")),
        since(
            "7.21",
            listing("dynamic-lease-identifiers=client-mac,client-id,opt-82", words="client-mac client-id opt-82"),
        ),
        shown(boolean("dynamic=false invalid=false")),
    ),
    table(
        "/ip/dhcp-server/network",
        text("boot-file-name= dhcp-option-set= domain="),
        boolean("dns-none=false"),
        address("next-server="),
        prefix("address"),
        listing("caps-manager= dns-server= gateway= ntp-server= wins-server="),
        listing("dhcp-option=", refers="/ip/dhcp-server/option"),
        since("7.20", boolean("ntp-none=false")),
        shown(boolean("dynamic=false")),
    ),
    table(
        "/ip/dhcp-server/lease",
        text("address parent-queue queue-type"),
        reference("server=all", "/ip/dhcp-server", words="all"),
        boolean("disabled=false"),
        duration("lease-time"),
        mac("mac-address"),
        listing("address-lists="),
        listing("dhcp-option=", refers="/ip/dhcp-server/option"),
        shown(
            text(
                "active-address active-agent-circuit-id active-agent-remote-id active-client-id active-server "
                "class-id host-name last-seen=never reconfigure-key reconfigure-last-sent reconfigure-status "
                "status=waiting"
            ),
            boolean("blocked=false dynamic=false radius=false"),
            duration("age expires-after"),
            mac("active-mac-address src-mac-address"),
        ),
    ),
    single(
        "/ip/dhcp-server/config",
        boolean("accounting=true"),
        duration("interim-update=0s"),
        duration("store-leases-disk=5m", words="immediately never"),
        secret(text("radius-password=empty")),
    ),
    table(
        "/ip/dhcp-server/option",
        text("name!+ value="),
        number("code!", words="vendor-specific", bounds=(1, 254)),
        boolean("force=false"),
        shown(text("raw-value")),
    ),
    table("/ip/dhcp-server/option/sets", text("name!+"), listing("options!", refers="/ip/dhcp-server/option")),
    table(
        "/ip/dhcp-server/matcher",
        text("name!+ value!"),
        reference("address-pool=none", "/ip/pool", words="none"),
        reference("server!", "/ip/dhcp-server", words="all"),
        number("code!", words="vendor-specific", bounds=(1, 254)),
        boolean("disabled=false"),
        since("7.16", choice("matching-type!", "exact substring")),
        since="7.4",
    ),
    table(
        "/ip/dhcp-server/alert",
        text("on-alert="),
        reference("interface!", "/interface"),
        boolean("disabled=false"),
        duration("alert-timeout=1h", words="none"),
        mac("valid-server="),
        shown(text("unknown-server"), boolean("invalid=false")),
    ),
    table(
        "/ip/dhcp-relay",
        text("name+"),
        reference("interface!", "/interface"),
        boolean("add-relay-info=false disabled=false"),
        duration("delay-threshold=none", words="none"),
        address("local-address=0.0.0.0"),
        listing("dhcp-server!"),
        shown(boolean("invalid=false")),
    ),
)
