"""The captive portal."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    boolean,
    choice,
    duration,
    fixed,
    listing,
    mac,
    number,
    ordered,
    reference,
    secret,
    shown,
    since,
    table,
    text,
    until,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    table(
        "/ip/hotspot",
        text("name+"),
        reference("address-pool=none", "/ip/pool", words="none"),
        reference("interface!", "/interface"),
        reference("profile=default", "/ip/hotspot/profile"),
        number("addresses-per-mac=2", words="unlimited"),
        boolean("disabled=true"),
        duration("idle-timeout=5m keepalive-timeout=none login-timeout=none", words="none"),
        shown(text("HTTPS ip-of-dns-name proxy-status"), boolean("invalid=false")),
    ),
    table(
        "/ip/hotspot/profile",
        text(
            "dns-name= html-directory=hotspot html-directory-override= http-proxy=0.0.0.0:0 name+ "
            "radius-default-domain= radius-location-id= radius-location-name= rate-limit= trial-user-profile=default"
        ),
        choice("mac-auth-mode=mac-as-username", "mac-as-username mac-as-username-and-password"),
        choice("nas-port-type=wireless-802.11", "cable ethernet wireless-802.11"),
        choice(
            "radius-mac-format=XX:XX:XX:XX:XX:XX",
            "XX-XX-XX-XX-XX-XX XX:XX:XX:XX:XX:XX XXXX:XXXX:XXXX XXXXXX-XXXXXX XXXXXX:XXXXXX XXXXXXXXXXXX",
        ),
        boolean("install-hotspot-queue=false radius-accounting=true split-user-domain=false use-radius=false"),
        duration("http-cookie-lifetime=3d trial-uptime-limit=30m trial-uptime-reset=1d"),
        duration("radius-interim-update=received", words="received"),
        address("hotspot-address=0.0.0.0 smtp-server=0.0.0.0"),
        listing("login-by=cookie,http-chap", words="mac cookie http-chap https http-pap trial mac-cookie"),
        secret(text("mac-auth-password")),
        shown(boolean("default=false")),
        items=(
            (
                "name=default hotspot-address=0.0.0.0 dns-name= html-directory=hotspot "
                "html-directory-override= rate-limit= http-proxy=0.0.0.0:0 smtp-server=0.0.0.0 "
                "login-by=cookie,http-chap http-cookie-lifetime=3d split-user-domain=false use-radius=false "
                "default=true"
            ),
        ),
    ),
    table(
        "/ip/hotspot/user",
        text("name!"),
        reference("profile=default", "/ip/hotspot/user/profile"),
        reference("server=all", "/ip/hotspot", words="all"),
        number("limit-bytes-in limit-bytes-out limit-bytes-total"),
        boolean("disabled=false"),
        duration("limit-uptime"),
        address("address"),
        mac("mac-address"),
        secret(text("password")),
        since("7.21", until("7.21.2", secret(text("totp-secret")))),
        since("7.21.3", secret(text("otp-secret"))),
        shown(
            number("bytes-in=0 bytes-out=0 packets-in=0 packets-out=0"),
            boolean("default=false dynamic=false"),
            duration("uptime=0s"),
        ),
        items=('name=default-trial comment="counters and limits for trial users" default=true',),
    ),
    table(
        "/ip/hotspot/user/profile",
        text("address-list= name+"),
        choice("open-status-page=always", "http-login always"),
        number("shared-users=1", words="unlimited"),
        boolean("add-mac-cookie=true advertise=false transparent-proxy=false"),
        duration("advertise-interval mac-cookie-timeout=3d session-timeout"),
        duration("advertise-timeout", words="immediately never"),
        duration("idle-timeout=none keepalive-timeout=2m status-autorefresh=1m", words="none"),
        shown(boolean("default=false")),
        items=(
            (
                "name=default idle-timeout=none keepalive-timeout=2m status-autorefresh=1m shared-users=1 "
                "add-mac-cookie=true mac-cookie-timeout=3d address-list= transparent-proxy=false default=true"
            ),
        ),
    ),
    fixed(
        "/ip/hotspot/active",
        shown(
            text("address advertisement domain limit-bytes-in limit-bytes-out login-by server user"),
            number("bytes-in bytes-out limit-bytes-total packets-in packets-out"),
            boolean("blocked radius"),
            duration("idle-time idle-timeout keepalive-timeout session-time-left uptime"),
            mac("mac-address"),
        ),
    ),
    fixed(
        "/ip/hotspot/host",
        shown(
            text("DHCP address bridge-port bypassed comment found-by host-dead-time http-proxy server to-address"),
            number("bytes-in bytes-out packets-in packets-out vlan-id"),
            boolean("authorized dynamic=false static"),
            duration("idle-time idle-timeout keepalive-timeout uptime"),
            mac("mac-address"),
        ),
    ),
    ordered(
        "/ip/hotspot/ip-binding",
        text("server=all"),
        choice("type=regular", "blocked bypassed regular"),
        boolean("disabled=false"),
        address("to-address"),
        mac("mac-address"),
        shown(text("bypassed"), boolean("blocked")),
    ),
    ordered(
        "/ip/hotspot/walled-garden",
        choice("action=allow", "allow deny"),
        boolean("disabled=false"),
        shown(text("dst-address"), number("hits=0"), boolean("dynamic=false")),
    ),
    ordered(
        "/ip/hotspot/walled-garden/ip",
        choice("action=accept", "accept drop reject"),
        boolean("disabled=false"),
        shown(boolean("invalid=false")),
    ),
    fixed(
        "/ip/hotspot/service-port",
        boolean("disabled=false"),
        listing("ports"),
        shown(text("name")),
        items=("name=ftp ports=21 disabled=false",),
    ),
)
