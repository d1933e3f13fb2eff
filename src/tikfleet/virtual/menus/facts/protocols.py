"""Routing protocols that are seldom used, beside those of `routing`."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    boolean,
    choice,
    duration,
    number,
    reference,
    secret,
    shown,
    since,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/routing/isis/instance",
        text("name+ vrf=main"),
        boolean("disabled=false"),
        shown(boolean("inactive=false")),
        since="7.13",
    ),
    table(
        "/routing/isis/interface-template",
        reference("instance", "/routing/isis/instance"),
        since("7.17", boolean("disabled=false")),
        shown(boolean("inactive=false")),
        since="7.13",
    ),
    table(
        "/routing/pimsm/instance",
        text("name+ vrf=main"),
        choice("afi=ip", "ip ipv6"),
        number("switch-to-spt-bytes=0"),
        boolean("disabled=false rp-static-override=false switch-to-spt=true"),
        duration("switch-to-spt-interval"),
        shown(boolean("inactive=false")),
        since="7.0",
    ),
    table(
        "/routing/pimsm/interface-template",
        reference("instance!", "/routing/pimsm/instance"),
        number("priority=1"),
        boolean("disabled=false join-tracking-support=true"),
        duration(
            "hello-delay=5s hello-period=30s join-prune-period=1m override-interval=2s500ms propagation-delay=500ms"
        ),
        shown(boolean("inactive=false")),
        since="7.0",
    ),
    table(
        "/routing/pimsm/static-rp",
        reference("instance!", "/routing/pimsm/instance"),
        boolean("disabled=false"),
        shown(boolean("inactive=false")),
        since="7.0",
    ),
    table(
        "/routing/rip/interface-template",
        reference("instance!", "/routing/rip/instance"),
        number("cost"),
        boolean("disabled=false"),
        secret(text("password")),
        since="7.0",
    ),
    table(
        "/routing/rip/keys",
        text("chain!"),
        number("key-id!"),
        boolean("disabled=false"),
        secret(text("key!")),
        since="7.0",
    ),
    table(
        "/routing/rip/static-neighbor",
        reference("instance", "/routing/rip/instance"),
        boolean("disabled=false"),
        since="7.0",
    ),
    table(
        "/routing/rpki", number("port", bounds=(0, 65535)), number("preference"), boolean("disabled=false"), since="7.0"
    ),
    table("/routing/gmp", boolean("disabled=false"), since="7.0"),
    table(
        "/routing/bgp/evpn",
        text("name+"),
        reference("instance!", "/routing/bgp/instance"),
        number("vni", bounds=(1, 16777215)),
        boolean("disabled=false"),
        since="7.20",
    ),
    table(
        "/routing/bgp/vpn",
        text("name+ route-distinguisher! vrf!"),
        choice("label-allocation-policy!", "per-prefix per-vrf"),
        boolean("disabled=false"),
        since("7.20", reference("instance!", "/routing/bgp/instance")),
        shown(boolean("inactive=false")),
        since="7.0",
    ),
    table("/routing/filter/community-ext-list", text("list!"), boolean("disabled=false"), since="7.0"),
    table("/routing/filter/community-large-list", text("list!"), boolean("disabled=false"), since="7.0"),
)
