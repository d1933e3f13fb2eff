"""RADIUS servers."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    boolean,
    choice,
    duration,
    listing,
    number,
    ordered,
    secret,
    shown,
    since,
    single,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    ordered(
        "/radius",
        text("address! called-id= certificate=none domain= realm= src-address=0.0.0.0"),
        choice("protocol=udp", "radsec udp"),
        number("accounting-port=1813 authentication-port=1812", bounds=(1, 65535)),
        boolean("accounting-backup=false disabled=false"),
        duration("timeout=300ms"),
        listing("service", words="ppp login hotspot wireless dhcp ipsec dot1x"),
        secret(text("secret")),
        since("7.15", choice("require-message-auth=yes-for-request-resp", "no yes-for-request-resp")),
        since("7.19.3", duration("radsec-timeout=3s300ms")),
        shown(text("status")),
    ),
    single("/radius/incoming", text("vrf=main"), number("port=3799", bounds=(0, 65535)), boolean("accept=false")),
)
