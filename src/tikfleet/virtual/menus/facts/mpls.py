"""Labels: LDP, mappings, traffic engineering."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    boolean,
    duration,
    number,
    ordered,
    reference,
    shown,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/mpls/ldp",
        text("vrf=main"),
        number("hop-limit=255 path-vector-limit=255"),
        boolean("disabled=false loop-detect=false use-explicit-null=false"),
        address("lsr-id=0.0.0.0"),
        shown(boolean("inactive=false")),
    ),
    ordered("/mpls/ldp/accept-filter", boolean("disabled=false")),
    ordered("/mpls/ldp/advertise-filter", boolean("disabled=false")),
    table(
        "/mpls/ldp/local-mapping",
        text("dst-address! label!"),
        boolean("disabled=false"),
        shown(text("adv-path egress gateway peers pw-fec vpls"), boolean("dynamic=false inactive=false local")),
    ),
    table(
        "/mpls/ldp/remote-mapping",
        text("dst-address! label! nexthop!"),
        boolean("disabled=false"),
        shown(text("path peer pw-fec vpls"), boolean("dynamic=false inactive=false")),
    ),
    table(
        "/mpls/ldp/neighbor",
        text("transport!"),
        boolean("disabled=false"),
        shown(
            text(
                "active-connect addresses local-transport on-demand operational passive passive-wait peer "
                "sending-targeted-hello throttled used-afi vpls"
            ),
            number("path-vector-limit"),
            boolean("dynamic=false inactive=false"),
        ),
    ),
    table("/mpls/mangle", boolean("disabled=false"), shown(number("packets")), since="7.17"),
    table(
        "/mpls/traffic-eng/interface",
        reference("interface!", "/interface"),
        boolean("disabled=false"),
        duration("igp-flood-period refresh-time"),
        shown(text("lih local-address-ip local-address-ip6 remaining-bw remaining-bw-prios"), boolean("invalid=false")),
    ),
    table("/mpls/traffic-eng/path", text("name!+"), boolean("disabled=false"), duration("reoptimize-interval")),
    table(
        "/mpls/traffic-eng/tunnel",
        text("name!+ to-address!"),
        boolean("disabled=false"),
        duration(
            "auto-bandwidth-avg-interval auto-bandwidth-update-interval primary-retry-interval reoptimize-interval"
        ),
        shown(
            text("forwarding-on primary primary-pending secondary secondary-pending session"),
            boolean("forwarding invalid=false"),
        ),
    ),
)
