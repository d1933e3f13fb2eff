"""Radios of the older `wireless` package and their controller, `/caps-man`."""

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
    single,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    # A package of its own since 7.13.
    table(
        "/interface/wireless",
        text(
            "adaptive-noise-immunity=none allow-sharedkey=false ampdu-priorities=0 area= arp-timeout=auto arp=enabled "
            "band=2ghz-b/g/n basic-rates-a/g=6Mbps basic-rates-b=1Mbps bridge-mode=enabled channel-width=20mhz "
            "compression=false country=etsi default-authentication=true default-forwarding=true "
            "disable-running-check=false disabled=true disconnect-timeout=3s distance=dynamic "
            "frequency-mode=regulatory-domain frequency=auto guard-interval=any hide-ssid=false "
            "hw-fragmentation-threshold=disabled hw-protection-mode=none installation=any "
            "interworking-profile=disabled keepalive-frames=enabled multicast-buffering=enabled "
            "multicast-helper=default name+ noise-floor-threshold=default nv2-mode=dynamic-downlink "
            "nv2-noise-floor-offset=default nv2-qos=default nv2-security=disabled on-fail-retry-time=100ms "
            "preamble-mode=both radio-name rate-selection=advanced rate-set=default rx-chains=0,1 scan-list=default "
            "secondary-frequency= skip-dfs-channels=disabled ssid station-roaming=disabled tx-power-mode=default "
            "tx-power= update-stats-interval=disabled vlan-mode=no-tag wds-cost-range=50-150 wds-default-bridge=none "
            "wds-ignore-ssid=false wds-mode=disabled wireless-protocol=any wmm-support=disabled wps-mode=push-button"
        ),
        reference("master-interface", "/interface/wireless"),
        reference("security-profile=default", "/interface/wireless/security-profiles"),
        choice(
            "mode=ap-bridge",
            "alignment-only ap-bridge bridge nstreme-dual-slave station station-bridge station-pseudobridge "
            "station-pseudobridge-clone station-wds wds-slave",
        ),
        number(
            "amsdu-limit=8192 amsdu-threshold=8192 antenna-gain=0 default-ap-tx-limit=0 default-client-tx-limit=0 "
            "frame-lifetime=0 frequency-offset=0 hw-protection-threshold=0 hw-retries=7 l2mtu=1600 "
            "max-station-count=2007 mtu=1500 nv2-cell-radius=30 nv2-downlink-ratio=50 nv2-queue-count=2 "
            "tdma-period-size=2 wds-default-cost=100"
        ),
        number("vlan-id=1", bounds=(1, 4095)),
        secret(text("nv2-preshared-key= nv2-sync-secret=")),
        shown(text("default-name interface-type"), boolean("running=false"), mac("mac-address")),
    ),
    table(
        "/interface/wireless/security-profiles",
        text(
            "disable-pmkid=false group-key-update=5m interim-update=0s management-protection=disabled mode=none "
            "mschapv2-username= name+ radius-eap-accounting=false radius-mac-accounting=false "
            "radius-mac-authentication=false radius-mac-caching=disabled radius-mac-format=XX:XX:XX:XX:XX:XX "
            "radius-mac-mode=as-username static-algo-0=none static-algo-1=none static-algo-2=none static-algo-3=none "
            "static-sta-private-algo=none static-transmit-key=key-0 tls-certificate=none tls-mode=no-certificates"
        ),
        listing("authentication-types= eap-methods= group-ciphers=aes-ccm unicast-ciphers=aes-ccm"),
        secret(
            text(
                "management-protection-key= mschapv2-password= static-key-0= static-key-1= static-key-2= "
                "static-key-3= static-sta-private-key= wpa-pre-shared-key= wpa2-pre-shared-key="
            )
        ),
        shown(boolean("default=false")),
        items=("name=default mode=none supplicant-identity=MikroTik default=true",),
    ),
    ordered(
        "/interface/wireless/access-list",
        text(
            "allow-signal-out-of-range=10s authentication=true disabled=false forwarding=true interface=any "
            "mac-address=00:00:00:00:00:00 private-algo=none signal-range=-120..120 vlan-mode=default"
        ),
        number("ap-tx-limit=0 client-tx-limit=0"),
        number("vlan-id=1", bounds=(1, 4095)),
        secret(text("management-protection-key= private-key= private-pre-shared-key=")),
    ),
    ordered(
        "/interface/wireless/connect-list",
        text(
            "3gpp= allow-signal-out-of-range=10s area-prefix= connect=true disabled=false interworking=any "
            "iw-asra=any iw-esr=any iw-hessid=00:00:00:00:00:00 iw-hotspot20-dgaf=any iw-hotspot20=any "
            "iw-internet=any iw-ipv4-availability=any iw-ipv6-availability=any iw-network-type=wildcard "
            "iw-roaming-ois= iw-uesa=any iw-venue=any mac-address=00:00:00:00:00:00 security-profile=none "
            "signal-range=-120..120 ssid= wireless-protocol=any"
        ),
    ),
    fixed(
        "/interface/wireless/registration-table",
        shown(
            text(
                "interface radio-name rx-rate tx-rate packets bytes frames frame-bytes signal-strength "
                "tx-signal-strength authentication-type encryption group-encryption"
            ),
            number(
                "signal-to-noise signal-strength-ch0 signal-strength-ch1 signal-strength-ch2 tx-signal-strength-ch0 "
                "tx-signal-strength-ch1 noise-floor tx-ccq rx-ccq p-throughput distance"
            ),
            boolean("ap wds bridge 802.1x-port-enabled wmm-enabled"),
            duration("uptime last-activity"),
            address("last-ip"),
            mac("mac-address"),
        ),
    ),
    single(
        "/interface/wireless/cap",
        text(
            "bridge=none caps-man-addresses= caps-man-certificate-common-names= caps-man-names= certificate=none "
            "discovery-interfaces= enabled=false interfaces= lock-to-caps-man=false static-virtual=false"
        ),
    ),
    single(
        "/interface/wireless/sniffer",
        text(
            "channel-time=200ms file-name= multiple-channels=false only-headers=false receive-errors=false "
            "streaming-enabled=false streaming-server=0.0.0.0"
        ),
        number("file-limit=10 memory-limit=10 streaming-max-rate=0"),
    ),
    single("/interface/wireless/snooper", text("channel-time=200ms multiple-channels=true receive-errors=false")),
    single(
        "/interface/wireless/align",
        text(
            "active-mode=true audio-monitor=00:00:00:00:00:00 filter-mac=00:00:00:00:00:00 receive-all=false "
            "ssid-all=false"
        ),
        number("audio-max=-20 audio-min=-100 frame-size=300 frames-per-second=25"),
    ),
    single(
        "/caps-man/aaa",
        text(
            "called-format=mac:ssid interim-update=disabled mac-caching=disabled mac-format=XX:XX:XX:XX:XX:XX "
            "mac-mode=as-username"
        ),
    ),
    single(
        "/caps-man/manager",
        text(
            "ca-certificate=none certificate=none enabled=false package-path= require-peer-certificate=false "
            "upgrade-policy=none"
        ),
    ),
    table(
        "/caps-man/manager/interface",
        text("disabled=false forbid=false"),
        shown(boolean("default=false")),
        items=("interface=all forbid=false default=true",),
    ),
    table(
        "/caps-man/interface",
        text("disabled=false name+"),
        number("l2mtu mtu"),
        secret(text("security.passphrase")),
        shown(text("current-state current-channel"), boolean("running=false master=false")),
    ),
    table("/caps-man/configuration", text("distance name+"), secret(text("security.passphrase"))),
    table("/caps-man/channel", text("name+")),
    table("/caps-man/datapath", text("name+"), number("l2mtu mtu"), number("vlan-id", bounds=(1, 4095))),
    table("/caps-man/security", text("name+"), secret(text("passphrase"))),
    ordered(
        "/caps-man/access-list",
        text("disabled=false"),
        number("vlan-id", bounds=(1, 4095)),
        secret(text("private-passphrase")),
    ),
    ordered(
        "/caps-man/provisioning",
        text(
            "action=none common-name-regexp= disabled=false hw-supported-modes= identity-regexp= ip-address-ranges= "
            "name-format=cap name-prefix= radio-mac=00:00:00:00:00:00 slave-configurations="
        ),
    ),
    fixed(
        "/caps-man/registration-table",
        shown(
            text("interface ssid tx-rate rx-rate packets bytes eap-identity"),
            number("rx-signal tx-signal"),
            duration("uptime"),
            mac("mac-address"),
        ),
    ),
    fixed(
        "/caps-man/remote-cap",
        shown(text("address name state board serial version identity"), number("radios"), mac("base-mac")),
    ),
)
