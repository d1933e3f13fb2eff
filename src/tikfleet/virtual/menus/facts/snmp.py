"""SNMP and its communities."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    boolean,
    choice,
    listing,
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
    single(
        "/snmp",
        text("contact= location= src-address=:: vrf=main"),
        reference("trap-community=public", "/snmp/community"),
        choice("trap-version=1", "1 2 3"),
        boolean("enabled=false"),
        listing("trap-generators=temp-exception", words="interfaces start-trap temp-exception"),
        listing("trap-interfaces= trap-target="),
        until("7.9.2", text("engine-id=")),
        since("7.10", text("engine-id-suffix=")),
    ),
    table(
        "/snmp/community",
        choice("authentication-protocol=MD5", "MD5 SHA1"),
        choice("encryption-protocol=DES", "AES DES"),
        choice("security=none", "authorized none private"),
        boolean("disabled=false read-access=true write-access=false"),
        listing("addresses=::/0"),
        secret(text("authentication-password= encryption-password= name+")),
        shown(boolean("default=false")),
        items=("name=public addresses=::/0 security=none read-access=true write-access=false default=true",),
    ),
)
