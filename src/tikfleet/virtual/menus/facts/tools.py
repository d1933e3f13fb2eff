"""Menus of `/tool` that hold settings."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    boolean,
    choice,
    duration,
    listing,
    mac,
    matcher,
    moment,
    number,
    prefix,
    prefix6,
    rate,
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
    table(
        "/tool/netwatch",
        text("down-script= host! test-script= up-script="),
        choice("type=simple", "dns http-get https-get icmp simple tcp-conn"),
        number("packet-count packet-size thr-loss-count"),
        number("port", bounds=(0, 65535)),
        boolean("disabled=false"),
        duration(
            "interval=10s packet-interval start-delay=3s startup-delay=5m thr-avg thr-http-time thr-jitter thr-max "
            "thr-stdev thr-tcp-conn-time timeout=3s"
        ),
        since("7.16", number("ttl=255", bounds=(1, 255)), boolean("accept-icmp-time-exceeded=false")),
        since("7.17", boolean("ignore-initial-down=false ignore-initial-up=false")),
        shown(
            text("http-status-code ip ip6 mail-servers name-servers status=unknown"),
            number("done-tests=0 failed-tests=0 loss-count loss-percent response-count sent-count"),
            duration("http-resp-time rtt-avg rtt-jitter rtt-max rtt-min rtt-stdev tcp-connect-time"),
            moment("since"),
        ),
    ),
    single(
        "/tool/e-mail",
        text("from=<> user= vrf=main"),
        choice("tls=no", "no starttls yes"),
        number("port=25", bounds=(0, 65535)),
        secret(text("password=")),
        since("7.12", text("server=0.0.0.0")),
        since("7.21", choice("certificate-verification=yes", "no yes yes-without-crl")),
        shown(text("last-address last-status")),
    ),
    single(
        "/tool/graphing", choice("store-every=5min", "24hours 5min hour"), number("page-refresh=300", words="never")
    ),
    table(
        "/tool/graphing/interface",
        reference("interface=all", "/interface", words="all"),
        boolean("disabled=false store-on-disk=true"),
        prefix("allow-address=0.0.0.0/0"),
    ),
    table(
        "/tool/graphing/queue",
        text("simple-queue=all"),
        boolean("allow-target=true disabled=false store-on-disk=true"),
        prefix("allow-address=0.0.0.0/0"),
    ),
    table("/tool/graphing/resource", boolean("disabled=false store-on-disk=true"), prefix("allow-address=0.0.0.0/0")),
    single("/tool/mac-server", reference("allowed-interface-list=all", "/interface/list")),
    single("/tool/mac-server/mac-winbox", reference("allowed-interface-list=all", "/interface/list")),
    single("/tool/mac-server/ping", boolean("enabled=true")),
    single(
        "/tool/bandwidth-server",
        number("allocate-udp-ports-from=2000 max-sessions=100"),
        boolean("authenticate=true enabled=true"),
        since("7.18", prefix("allowed-addresses4="), prefix6("allowed-addresses6=")),
    ),
    single(
        "/tool/romon",
        boolean("enabled=false"),
        mac("id=00:00:00:00:00:00"),
        secret(listing("secrets=")),
        shown(text("current-id")),
    ),
    table(
        "/tool/romon/port",
        text("interface!"),
        number("cost=100"),
        boolean("disabled=false forbid=false"),
        secret(text("secrets=")),
        shown(boolean("default=false dynamic=false")),
        items=("interface=all forbid=false cost=100 default=true",),
    ),
    single(
        "/tool/sms",
        text("allowed-number= port=none"),
        number("channel=0"),
        boolean("receive-enabled=false"),
        secret(text("secret= sim-pin=")),
        until("7.12.2", text("auto-erase=false")),
        since("7.16", boolean("polling=false")),
        shown(text("last-ussd status")),
    ),
    single(
        "/tool/sniffer",
        text("file-limit=1000KiB file-name= filter-interface= memory-limit=100KiB streaming-server=0.0.0.0:37008"),
        choice("filter-direction=any", "any rx tx"),
        choice("filter-operator-between-entries=or", "and or"),
        boolean("filter-stream=false memory-scroll=true only-headers=false streaming-enabled=false"),
        matcher(
            "filter-cpu= filter-ip-address= filter-ip-protocol= filter-ipv6-address= filter-mac-address= "
            "filter-mac-protocol= filter-port= filter-size="
        ),
        since("7.15", number("quick-rows=20"), boolean("quick-show-frame=false")),
        since("7.19", number("max-packet-size=2048")),
        shown(boolean("running")),
    ),
    table(
        "/tool/traffic-monitor",
        text("name+ on-event="),
        reference("interface!", "/interface"),
        choice("traffic=transmitted", "received transmitted"),
        choice("trigger=above", "above always below"),
        boolean("disabled=false"),
        rate("threshold=0"),
        shown(boolean("invalid=false")),
    ),
)
