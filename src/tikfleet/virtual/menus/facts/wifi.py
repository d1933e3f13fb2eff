"""Radios of the current drivers: `/interface/wifi`, and `wifiwave2` as it was called before 7.13."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    ARP,
    boolean,
    choice,
    duration,
    fixed,
    listing,
    mac,
    moment,
    number,
    ordered,
    rate,
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
    # Without a radio there are only virtual ones.
    table(
        "/interface/wifi",
        text("name+"),
        reference("aaa", "/interface/wifi/aaa"),
        reference("channel", "/interface/wifi/channel"),
        reference("configuration", "/interface/wifi/configuration"),
        reference("datapath", "/interface/wifi/datapath"),
        reference("interworking", "/interface/wifi/interworking"),
        reference("security", "/interface/wifi/security"),
        reference("steering", "/interface/wifi/steering"),
        choice("arp=enabled", ARP),
        number("l2mtu=1560 mtu=1500"),
        boolean("disable-running-check=false disabled=true"),
        duration("aaa.interim-update aaa.mac-caching", words="disabled"),
        duration("arp-timeout=auto", words="auto"),
        duration(
            "configuration.beacon-interval security.ft-r0-key-lifetime security.ft-reassociation-deadline "
            "security.group-key-update"
        ),
        mac("interworking.hessid mac-address radio-mac"),
        secret(text("security.eap-password security.passphrase")),
        since("7.15", duration("channel.reselect-interval")),
        since(
            "7.21",
            duration("steering.transition-request-period steering.transition-threshold-time"),
            duration("steering.transition-time", words="immediate unlimited"),
        ),
        shown(text("bound cap default-name master network"), boolean("dynamic=false inactive=false running")),
        since="7.13",
    ),
    table(
        "/interface/wifi/configuration",
        text("name!+"),
        reference("aaa", "/interface/wifi/aaa"),
        reference("channel", "/interface/wifi/channel"),
        reference("datapath", "/interface/wifi/datapath"),
        reference("interworking", "/interface/wifi/interworking"),
        reference("security", "/interface/wifi/security"),
        reference("steering", "/interface/wifi/steering"),
        boolean("disabled=false"),
        duration("aaa.interim-update aaa.mac-caching", words="disabled"),
        duration(
            "beacon-interval security.ft-r0-key-lifetime security.ft-reassociation-deadline security.group-key-update"
        ),
        mac("interworking.hessid"),
        secret(text("security.eap-password security.passphrase")),
        since("7.14", text("distance")),
        since("7.15", duration("channel.reselect-interval")),
        since(
            "7.21",
            duration("steering.transition-request-period steering.transition-threshold-time"),
            duration("steering.transition-time", words="immediate unlimited"),
        ),
        since="7.13",
    ),
    table(
        "/interface/wifi/channel",
        text("frequency name!+"),
        boolean("disabled=false"),
        since("7.15", duration("reselect-interval")),
        since="7.13",
    ),
    table(
        "/interface/wifi/security",
        text("name!+"),
        boolean("disabled=false"),
        duration("ft-r0-key-lifetime ft-reassociation-deadline group-key-update"),
        secret(text("eap-password passphrase")),
        since="7.13",
    ),
    table(
        "/interface/wifi/security/multi-passphrase",
        text("group!"),
        number("vlan-id", words="none", bounds=(1, 4095)),
        boolean("disabled=false"),
        secret(text("passphrase!")),
        shown(boolean("expired")),
        since="7.17",
    ),
    table(
        "/interface/wifi/datapath",
        text("name!+ vlan-id"),
        reference("bridge", "/interface/bridge"),
        boolean("disabled=false"),
        since="7.13",
    ),
    table(
        "/interface/wifi/aaa",
        text("name!+"),
        boolean("disabled=false"),
        duration("interim-update mac-caching", words="disabled"),
        since="7.13",
    ),
    table(
        "/interface/wifi/steering",
        text("name!+"),
        boolean("disabled=false"),
        since(
            "7.21",
            duration("transition-request-period transition-threshold-time"),
            duration("transition-time", words="immediate unlimited"),
        ),
        since="7.13",
    ),
    table("/interface/wifi/interworking", text("name!+"), boolean("disabled=false"), mac("hessid"), since="7.13"),
    ordered(
        "/interface/wifi/access-list",
        text("signal-range vlan-id"),
        choice("action=accept", "accept query-radius reject"),
        boolean("disabled=false"),
        duration("allow-signal-out-of-range", words="always"),
        duration("time"),
        mac("mac-address mac-address-mask"),
        secret(text("passphrase")),
        shown(text("last-logged-out"), number("match-count"), moment("last-logged-in")),
        since="7.13",
    ),
    ordered(
        "/interface/wifi/provisioning",
        choice("action!", "create-disabled create-dynamic-enabled create-enabled none use-network-config"),
        boolean("disabled=false"),
        mac("radio-mac"),
        since="7.13",
    ),
    fixed(
        "/interface/wifi/registration-table",
        shown(
            text("auth-type band bytes comment eap-identity interface mld-interfaces mld-link-addresses packets ssid"),
            number("rx-bits-per-second signal tx-bits-per-second vlan-id"),
            boolean("authorized"),
            duration("last-activity uptime"),
            mac("mac-address"),
            rate("rx-rate tx-rate"),
        ),
        since="7.13",
    ),
    fixed(
        "/interface/wifi/radio",
        shown(
            text(
                "2g-channels 5g-channels 6g-channels afc-deployment bands cap ciphers countries current-channels "
                "current-country current-gopclasses current-halow-regdom current-max-reg-power hw-caps hw-type "
                "interface max-interfaces max-peers max-station-interfaces max-vlans min-antenna-gain ml-group "
                "radio-mac rx-chains s1g-channels tx-chains"
            ),
            boolean("local"),
        ),
        since="7.13",
    ),
    single(
        "/interface/wifi/cap",
        text(
            "caps-man-addresses= caps-man-certificate-common-names= caps-man-names= certificate=none "
            "discovery-interfaces="
        ),
        boolean("enabled=false lock-to-caps-man=false"),
        shown(
            text("current-caps-man-address current-caps-man-identity locked-caps-man-common-name requested-certificate")
        ),
        since="7.13",
    ),
    single(
        "/interface/wifi/capsman",
        text("ca-certificate= certificate=none interfaces= package-path="),
        choice("upgrade-policy=none", "none require-same-version suggest-same-version"),
        boolean("enabled=false require-peer-certificate=false"),
        shown(text("generated-ca-certificate generated-certificate")),
        since="7.13",
    ),
    fixed(
        "/interface/wifi/capsman/remote-cap",
        shown(
            text("address base-mac board-name common-name connected-time identity serial state version"),
            duration("uptime"),
        ),
        since="7.13",
    ),
    table(
        "/interface/wifiwave2",
        text(
            "arp-timeout=auto arp=enabled disable-running-check=false disabled=true name+ configuration security "
            "channel datapath master-interface"
        ),
        number("l2mtu mtu=1500"),
        secret(text("security.eap-password security.passphrase")),
        shown(text("default-name"), boolean("running=false bound=false inactive=false"), mac("mac-address radio-mac")),
        since="7.0",
        until="7.12.99",
    ),
    fixed(
        "/interface/wifiwave2/registration-table",
        shown(
            text("interface ssid auth-type band packets bytes"),
            number("signal"),
            boolean("authorized"),
            duration("uptime last-activity"),
            mac("mac-address"),
            rate("tx-rate rx-rate"),
        ),
        since="7.0",
        until="7.12.99",
    ),
    table(
        "/interface/wifiwave2/configuration",
        text('country="United States" disabled=false hide-ssid=false mode=ap name+ ssid security channel datapath'),
        number("beacon-interval=100 dtim-period=1"),
        secret(text("security.eap-password security.passphrase")),
        since="7.0",
        until="7.12.99",
    ),
    table(
        "/interface/wifiwave2/security",
        text(
            "disable-pmkid=false disabled=false eap-accounting=false eap-certificate-mode=dont-verify-certificate "
            "encryption=ccmp ft-over-ds=false ft-preserve-vlanid=true ft-r0-key-lifetime=600000s "
            "ft-reassociation-deadline=20s ft=false group-encryption=ccmp group-key-update=24h "
            "management-encryption=cmac name+ sae-pwe=both wps=push-button"
        ),
        number("ft-mobility-domain=44484"),
        listing("authentication-types"),
        secret(text("eap-password passphrase=")),
        since="7.0",
        until="7.12.99",
    ),
    table(
        "/interface/wifiwave2/channel",
        text("disabled=false name+ skip-dfs-channels=disabled band frequency width"),
        since="7.0",
        until="7.12.99",
    ),
    table(
        "/interface/wifiwave2/datapath",
        text("client-isolation=false disabled=false name+ bridge"),
        number("vlan-id", bounds=(1, 4095)),
        since="7.0",
        until="7.12.99",
    ),
)
