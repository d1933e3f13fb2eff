"""The resolver, static names, caches and forwarders."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    boolean,
    choice,
    duration,
    fixed,
    listing,
    number,
    ordered,
    shown,
    since,
    single,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    # Cache-size and cache-used are in KiB.
    single(
        "/ip/dns",
        text("cache-size=2048 use-doh-server="),
        number(
            "doh-max-concurrent-queries=50 doh-max-server-connections=5 max-concurrent-queries=100 "
            "max-concurrent-tcp-sessions=20 max-udp-packet-size=4096"
        ),
        boolean("allow-remote-requests=false verify-doh-cert=false"),
        duration("cache-max-ttl=1w doh-timeout=5s query-server-timeout=2s query-total-timeout=10s"),
        listing("servers="),
        since("7.10", duration("address-list-extra-time=0s")),
        since("7.15", text("vrf=main")),
        since("7.16", listing("mdns-repeat-ifaces=")),
        shown(number("cache-used=0"), listing("dynamic-servers=")),
    ),
    ordered(
        "/ip/dns/static",
        text("address forward-to"),
        choice("type", "A AAAA CNAME FWD MX NS NXDOMAIN SRV TXT"),
        number("mx-preference srv-port srv-priority srv-weight"),
        boolean("disabled=false"),
        duration("ttl=1d"),
        shown(boolean("dynamic=false")),
    ),
    fixed("/ip/dns/cache", shown(text("data name type"), boolean("static"), duration("ttl"))),
    fixed(
        "/ip/dns/cache/all",
        shown(
            text("data expire minimum name negative refresh responsible retry serial type"),
            number("ttl"),
            boolean("static"),
        ),
    ),
    table(
        "/ip/dns/adlist",
        text("file= url="),
        boolean("disabled=false ssl-verify=true"),
        shown(number("match-count=0 name-count=0")),
        since="7.15",
    ),
    table(
        "/ip/dns/forwarders",
        text("name!+"),
        boolean("disabled=false verify-doh-cert=true"),
        listing("dns-servers= doh-servers="),
        refusal="failure: name is empty",
        since="7.17",
    ),
)
