"""Menus of extra packages: containers, user manager."""

from typing import Final

from tikfleet.virtual.menus.facts.words import number, secret, since, single, table, text, until
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    single(
        "/container/config",
        text("registry-url=https://lscr.io/ tmpdir= username="),
        secret(text("password=")),
        until("7.19.6", text("ram-high=0")),
        since("7.11", text("layer-dir=")),
        since="7.4",
    ),
    table("/container", since("7.19", text("name+")), since="7.4"),
    table("/container/envs", secret(text("value")), since("7.21", text("disabled=false")), since="7.4"),
    table("/container/mounts", since("7.21", text("disabled=false")), since="7.4"),
    table(
        "/user-manager/user",
        text("attributes= disabled=false group=default name+"),
        number("shared-users=1"),
        secret(text("otp-secret= password")),
        since="7.0",
    ),
    single(
        "/user-manager",
        text("certificate=none enabled=false use-profiles=false"),
        number("accounting-port=1813 authentication-port=1812", bounds=(1, 65535)),
        since="7.0",
    ),
    table(
        "/user-manager/router",
        text("disabled=false name+"),
        number("coa-port=3799"),
        secret(text("shared-secret")),
        since="7.0",
    ),
    table("/iot/mqtt/brokers", text("name+"), number("port", bounds=(0, 65535)), secret(text("password")), since="7.0"),
    table("/user-manager/user/group", text("name+"), since="7.0"),
    table("/user-manager/profile", text("name+"), since="7.0"),
    table("/user-manager/limitation", text("name+"), since="7.0"),
    table("/user-manager/attribute", text("name+"), since="7.0"),
)
