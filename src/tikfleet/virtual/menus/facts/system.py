"""Menus of `/system`: identity, clock, scripts, resources, boards, packages; serial ports and TR-069."""

from typing import Final

from tikfleet.virtual.menus.facts.words import (
    address,
    boolean,
    choice,
    duration,
    fixed,
    listing,
    moment,
    number,
    secret,
    shown,
    since,
    single,
    table,
    text,
)
from tikfleet.virtual.menus.schema import MenuFacts

MENUS: Final[tuple[MenuFacts, ...]] = (
    single("/system/identity", text("name=MikroTik")),
    single(
        "/system/clock",
        text("date time time-zone-name=UTC"),
        boolean("time-zone-autodetect=true"),
        shown(text("gmt-offset=+00:00"), boolean("dst-active=false")),
    ),
    single(
        "/system/clock/manual",
        text('dst-delta=+00:00 dst-end="1970-01-01 00:00:00" dst-start="1970-01-01 00:00:00" time-zone=+00:00'),
    ),
    single(
        "/system/note", text("note="), boolean("show-at-login=true"), since("7.14", boolean("show-at-cli-login=false"))
    ),
    single(
        "/system/ntp/client",
        text("vrf=main"),
        choice("mode=unicast", "broadcast manycast multicast unicast"),
        boolean("enabled=false"),
        listing("servers="),
        shown(text("freq-drift status=stopped synced-server synced-stratum system-offset")),
    ),
    table(
        "/system/ntp/client/servers",
        text("address!"),
        number("max-poll=10 min-poll=6"),
        boolean("disabled=false iburst=true"),
        secret(text("auth-key=none")),
        shown(text("resolved-address"), boolean("dynamic=false")),
        since="7.0",
    ),
    single(
        "/system/ntp/server",
        text("vrf=main"),
        number("local-clock-stratum=5"),
        boolean("broadcast=false enabled=false manycast=false multicast=false use-local-clock=false"),
        address("broadcast-addresses="),
        secret(text("auth-key=none")),
    ),
    table("/system/ntp/key", number("key-id!"), secret(text("key-val!")), since="7.0"),
    table(
        "/system/scheduler",
        text("name!+ on-event= start-date start-time"),
        boolean("disabled=false"),
        duration("interval=0s"),
        listing(
            "policy=ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon",
            words="api ftp local password policy read reboot rest-api romon sensitive sniff ssh telnet test web "
            "winbox write",
        ),
        shown(text("owner"), number("run-count=0"), moment("next-run")),
    ),
    table(
        "/system/script",
        text("name+ owner source="),
        boolean("dont-require-permissions=false"),
        listing(
            "policy=ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon",
            words="ftp password policy read reboot romon sensitive sniff test write",
        ),
        shown(number("run-count=0"), boolean("invalid=false"), moment("last-started")),
    ),
    table("/system/script/job", text("type"), shown(text("owner parent script trace"), listing("policy"))),
    table("/system/script/environment", shown(text("name"))),
    table(
        "/system/history",
        shown(text("action by policy redo time trace undo"), boolean("floating-undo redoable undoable")),
    ),
    single(
        "/system/resource",
        shown(
            text("architecture-name board-name build-time cpu factory-software platform=MikroTik version"),
            number(
                "bad-blocks cpu-count cpu-frequency cpu-load free-hdd-space free-memory total-hdd-space total-memory "
                "write-sect-since-reboot write-sect-total"
            ),
            duration("uptime"),
        ),
    ),
    fixed("/system/resource/cpu", shown(text("cpu"), number("disk irq load"))),
    fixed(
        "/system/resource/irq",
        text("cpu"),
        shown(text("active-cpu irq read-only users"), number("count per-cpu-count")),
    ),
    fixed("/system/resource/irq/rps", text("disabled=true"), until="7.21.3"),
    fixed("/system/resource/pci", until="7.19.6"),
    fixed("/system/resource/usb", text("name+"), until="7.19.6"),
    # V6 shows one set of values; boards differ.
    fixed(
        "/system/health",
        shown(
            text(
                "12v 3.3v 5v board-temp core cpu-temp fan1 fan2 fan3 lm87-temp state temp1 temp2 temp3 voltage1 "
                "voltage10 voltage2 voltage3 voltage4 voltage5 voltage6 voltage7 voltage8 voltage9 name value"
            ),
            choice("type", "C F RPM V A W"),
        ),
        since="7.0",
    ),
    single(
        "/system/routerboard",
        shown(
            text(
                "board-name model revision serial-number firmware-type factory-firmware current-firmware "
                "upgrade-firmware"
            ),
            boolean("routerboard"),
        ),
    ),
    single(
        "/system/routerboard/settings",
        text("baud-rate=115200 boot-device=nand-if-fail-then-ethernet cpu-frequency preboot-etherboot-server=any"),
        choice("boot-protocol=bootp", "bootp dhcp"),
        choice("enter-setup-on=any-key", "any-key delete-key"),
        choice("protected-routerboot=disabled", "disabled enabled"),
        boolean("auto-upgrade=false enable-jumper-reset=true force-backup-booter=false silent-boot=false"),
        duration("boot-delay=2s preboot-etherboot=disabled reformat-hold-button=20s reformat-hold-button-max=10m"),
    ),
    single("/system/routerboard/reset-button", text("hold-time=0s..1m on-event="), boolean("enabled=false")),
    single("/system/routerboard/mode-button", text("hold-time=0s..1m on-event="), boolean("enabled=false")),
    single(
        "/system/routerboard/usb",
        choice("type=auto", "auto mini-PCIe USB-type-A"),
        choice("usb-mode=automatic", "automatic force-host"),
    ),
    # A CHR shows system-id and level, a board software-id, nlevel and features.
    single(
        "/system/license",
        shown(
            text("deadline-at level limited-upgrades next-renewal-at system-id software-id features"), number("nlevel")
        ),
    ),
    fixed(
        "/system/package",
        shown(
            text("available bundle name scheduled version"), number("size"), boolean("disabled"), moment("build-time")
        ),
    ),
    single(
        "/system/package/update",
        choice("channel=stable", "development long-term stable testing"),
        shown(text("installed-version latest-version status")),
    ),
    single(
        "/system/device-mode",
        shown(
            text(
                "allowed-versions bandwidth-test container email fetch flagged flagging-enabled hotspot "
                "install-any-version ipsec l2tp mode partitions pptp proxy romon routerboard scheduler smb sniffer "
                "socks traffic-gen zerotier"
            ),
            number("attempt-count"),
        ),
        since="7.4",
    ),
    single(
        "/system/watchdog",
        text("watch-address=none"),
        boolean("auto-send-supout=false automatic-supout=true watchdog-timer=true"),
        duration("ping-start-after-boot=5m ping-timeout=1m"),
        address("send-smtp-server"),
    ),
    single("/system/leds/settings", text("all-leds-off=never")),
    table(
        "/system/leds",
        text("type!"),
        number("modem-signal-threshold"),
        boolean("disabled=false"),
        listing("leds!"),
        shown(boolean("default=false")),
    ),
    table(
        "/system/ups",
        text("name+ port"),
        choice("alarm-setting=immediate", "delayed immediate low-battery none"),
        boolean("check-capabilities=true disabled=true"),
        duration("min-runtime=never", words="never"),
        duration("offline-time=0s"),
        shown(
            text("manufacture-date model nominal-battery-voltage offline-after on-line serial version"),
            number("load"),
            boolean("invalid=false"),
        ),
    ),
    single(
        "/system/gps",
        text("port=none init-string= usb-monitor"),
        choice("coordinate-format=dms", "dd dms ddmm"),
        choice("gps-antenna-select", "external internal"),
        number("channel=0 init-channel=0"),
        boolean("enabled=false set-system-time=false"),
    ),
    single(
        "/system/upgrade/mirror",
        text("check-interval=1d enabled=false primary-server=0.0.0.0 secondary-server=0.0.0.0 user="),
        secret(text("password")),
        until="7.16.2",
    ),
    table(
        "/system/console",
        text("port term=vt102"),
        number("channel=0"),
        boolean("disabled=false"),
        shown(text("free vcno wedged"), number("used"), boolean("default=false")),
    ),
    single("/system/console/screen", choice("line-count=25", "25 40 50")),
    single(
        "/tr069-client",
        text(
            "acs-url= client-certificate=none connection-request-username= enabled=false periodic-inform-enabled=true "
            "provisioning-code= username="
        ),
        number("connection-request-port=7547"),
        duration("periodic-inform-interval=1d"),
        secret(text("connection-request-password= password=")),
    ),
    fixed(
        "/port",
        text("name+"),
        choice(
            "baud-rate=auto",
            "50 75 110 134 150 200 300 600 1200 1800 2400 4800 9600 19200 38400 57600 115200 230400 460800 "
            "500000 576000 921600 1000000 1152000 1500000 2000000 2500000 3000000 3500000 4000000 auto",
        ),
        choice("flow-control=none", "hardware none xon-xoff"),
        choice("parity=none", "even none odd"),
        number("data-bits=8 stop-bits=1"),
        shown(text("device line-state used-by"), number("channels"), boolean("inactive=false")),
    ),
    single("/port/firmware"),
    table("/special-login", text("port"), number("channel"), boolean("disabled=false")),
)
