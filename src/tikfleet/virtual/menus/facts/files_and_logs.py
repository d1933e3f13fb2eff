"""Files, disks, and what the router logs where."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    boolean,
    choice,
    fixed,
    listing,
    moment,
    number,
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
        "/file",
        text("contents name!+"),
        since("7.15", text("type")),
        shown(
            text("package-architecture package-build-time package-name package-version"),
            number("size"),
            boolean("shared"),
            moment("last-modified"),
        ),
    ),
    fixed("/log", shown(text("buffer extra-info message time"), listing("topics"))),
    table(
        "/system/logging",
        text("prefix="),
        reference("action=memory", "/system/logging/action"),
        boolean("disabled=false"),
        listing("topics="),
        shown(boolean("default=false invalid=false")),
        items=(
            "topics=info action=memory default=true",
            "topics=error action=memory default=true",
            "topics=warning action=memory default=true",
            "topics=critical action=echo default=true",
        ),
    ),
    table(
        "/system/logging/action",
        text("disk-file-name=log email-to= name!+ remote=0.0.0.0 src-address=0.0.0.0"),
        choice(
            "syslog-facility=daemon",
            "auth authpriv cron daemon ftp kern local0 local1 local2 local3 local4 local5 local6 local7 lpr "
            "mail news ntp syslog user uucp",
        ),
        choice("syslog-severity=auto", "alert auto critical debug emergency error info notice warning"),
        choice("syslog-time-format=bsd-syslog", "bsd-syslog iso8601"),
        choice("target!", "disk echo email memory remote script"),
        number("disk-file-count=2 disk-lines-per-file=1000 memory-lines=1000"),
        number("remote-port=514", bounds=(0, 65535)),
        boolean("disk-stop-on-full=false email-start-tls=false memory-stop-on-full=false remember=true"),
        until("7.17.1", text("bsd-syslog=false")),
        since(
            "7.18", choice("remote-log-format=default", "cef default syslog"), choice("remote-protocol=udp", "tcp udp")
        ),
        since("7.19.6", text("vrf=main")),
        shown(boolean("default=false")),
        items=(
            "name=memory target=memory memory-lines=1000 memory-stop-on-full=false default=true",
            (
                "name=disk target=disk disk-file-name=log disk-lines-per-file=1000 disk-file-count=2 "
                "disk-stop-on-full=false default=true"
            ),
            "name=echo target=echo remember=true default=true",
            "name=remote target=remote remote=0.0.0.0 remote-port=514 default=true",
        ),
    ),
    table(
        "/disk",
        text("type!"),
        boolean("disabled=false"),
        address("smb-address"),
        secret(text("smb-password encryption-key nvme-tcp-password nvme-tcp-server-password self-encryption-password")),
        since("7.17", secret(text("sshfs-password"))),
        since("7.21", secret(text("smb-server-password"))),
        shown(
            text(
                "acquired active-time available-spare available-spare-threshold block-device controller-busy-time "
                "critical-temperature critical-temperature-time critical-warning discard-merges discard-ops "
                "discard-time empty encrypted flush-ops flush-time formatting free free-inodes fs fs-label fs-uuid "
                "fw-version guid-partition-table host-read-cmds host-write-cmds in-flight-ops interface "
                "interface-speed model mount-point mounted partition power-cycles power-on-time raid-member "
                "read-merges read-ops read-ops-per-second read-rate read-time self-encrypted-and-locked "
                "self-encryption-enabled self-encryption-supported serial slot-default sshfs-local-user state "
                "swap-enabled temperature temperatures total-inodes unsafe-shutdowns use wait-time "
                "warning-temperature warning-temperature-time write-merges write-ops write-ops-per-second write-rate "
                "write-time"
            ),
            number(
                "discard-bytes host-read-bytes host-write-bytes percentage-used read-bytes sector-size size "
                "unrecovered-integrity-errors write-bytes"
            ),
        ),
        since="7.0",
    ),
    single(
        "/disk/settings",
        since("7.14", text("auto-smb-user="), boolean("auto-smb-sharing=false")),
        since("7.15", text("auto-media-interface=none"), boolean("auto-media-sharing=false")),
        since("7.17", text("default-mount-point-template=[slot]")),
        since="7.8",
    ),
)
