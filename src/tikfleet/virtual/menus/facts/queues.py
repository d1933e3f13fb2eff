"""Queues and their types."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    boolean,
    choice,
    duration,
    fixed,
    listing,
    number,
    ordered,
    prefix,
    rate,
    reference,
    shown,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    ordered(
        "/queue/simple",
        text("bucket-size=0.1/0.1 burst-time=0s/0s name+ parent=none priority=8/8 queue=default-small/default-small"),
        boolean("disabled=false"),
        duration("total-burst-time"),
        prefix("dst"),
        rate("burst-limit=0/0 burst-threshold=0/0 limit-at=0/0 max-limit=0/0"),
        listing("packet-marks= target!"),
        shown(
            text(
                "bytes=0/0 dropped=0/0 packet-rate packets=0/0 pcq-queues queued-bytes=0/0 queued-packets=0/0 "
                "total-packet-rate total-pcq-queues total-rate=0"
            ),
            number("total-bytes=0 total-dropped=0 total-packets=0 total-queued-bytes=0 total-queued-packets=0"),
            boolean("dynamic=false invalid=false"),
            rate("rate=0/0"),
        ),
    ),
    table(
        "/queue/tree",
        text("bucket-size=0.1 name+ parent!"),
        reference("queue=default-small", "/queue/type"),
        number("priority=8"),
        boolean("disabled=false"),
        duration("burst-time=0s"),
        rate("burst-limit=0 burst-threshold=0 limit-at=0 max-limit=0"),
        listing("packet-mark="),
        shown(
            text("packet-rate=0 pcq-queues"),
            number("bytes=0 dropped=0 packets=0 queued-bytes=0 queued-packets=0"),
            boolean("invalid=false"),
            rate("rate=0"),
        ),
    ),
    # A property counts for its kind only; what other kinds have is shown all the same.
    table(
        "/queue/type",
        text("name!+"),
        choice("cake-ack-filter=none", "aggressive filter none"),
        choice("cake-atm=none", "atm none ptm"),
        choice("cake-diffserv=diffserv3", "besteffort diffserv3 diffserv4 diffserv8 precedence"),
        choice(
            "cake-flowmode=triple-isolate",
            "dsthost dual-dsthost dual-srchost flowblind flows hosts srchost triple-isolate",
        ),
        choice("cake-rtt-scheme=none", "datacentre internet interplanetary lan metro none oceanic regional satellite"),
        choice("kind!", "bfifo cake codel fq-codel mq-pfifo none pcq pfifo red sfq"),
        rate("pcq-burst-rate=0 pcq-rate=0"),
        number(
            "bfifo-limit=15000 cake-memlimit cake-overhead=0 codel-limit=1000 fq-codel-flows=1024 "
            "fq-codel-limit=10240 fq-codel-memlimit=33554432 fq-codel-quantum=1514 mq-pfifo-limit=50 "
            "pcq-burst-threshold=0 pcq-dst-address-mask=32 pcq-dst-address6-mask=128 pcq-limit=50 "
            "pcq-src-address-mask=32 pcq-src-address6-mask=128 pcq-total-limit=2000 pfifo-limit=50 "
            "red-avg-packet=1000 red-burst=20 red-limit=60 red-max-threshold=50 red-min-threshold=10 sfq-allot=1514 "
            "sfq-perturb=5"
        ),
        boolean("fq-codel-ecn=true"),
        duration(
            "cake-rtt=100ms codel-ce-threshold codel-interval=100ms codel-target=5ms fq-codel-ce-threshold "
            "fq-codel-interval=100ms fq-codel-target=5ms pcq-burst-time=10s"
        ),
        listing("pcq-classifier", words="src-address dst-address src-port dst-port"),
        shown(boolean("default=false")),
        items=(
            "name=default kind=pfifo pfifo-limit=50 default=true",
            "name=ethernet-default kind=pfifo pfifo-limit=50 default=true",
            "name=wireless-default kind=sfq sfq-perturb=5 sfq-allot=1514 default=true",
            (
                "name=synchronous-default kind=red red-limit=60 red-min-threshold=10 red-max-threshold=50 "
                "red-burst=20 red-avg-packet=1000 default=true"
            ),
            "name=hotspot-default kind=sfq sfq-perturb=5 sfq-allot=1514 default=true",
            (
                "name=pcq-upload-default kind=pcq pcq-rate=0 pcq-limit=50 pcq-classifier=src-address "
                "pcq-total-limit=2000 default=true"
            ),
            (
                "name=pcq-download-default kind=pcq pcq-rate=0 pcq-limit=50 pcq-classifier=dst-address "
                "pcq-total-limit=2000 default=true"
            ),
            "name=only-hardware-queue kind=none default=true",
            "name=multi-queue-ethernet-default kind=mq-pfifo mq-pfifo-limit=50 default=true",
            "name=default-small kind=pfifo pfifo-limit=10 default=true",
        ),
    ),
    fixed("/queue/interface", reference("queue", "/queue/type"), shown(text("active-queue default-queue interface"))),
)
