"""What a router says of itself: identity, time, resources, licence, board, packages, device mode, history.

Loads, temperatures and free memory are invented around plausible values; names and spellings of properties are those
of the manual's pages.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from tikfleet.routeros.values import format_duration
from tikfleet.virtual.menus.behaviours.chance import dice
from tikfleet.virtual.menus.behaviours.moments import date, local, stamp, zone
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import ARGUMENT, GENERAL, Answer, Refused, Request
from tikfleet.virtual.menus.rights import FEATURES, FORBIDDEN
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

_NAME_LENGTH: Final = 64
_SYNCHRONIZED_S: Final = 20
_PLATFORM: Final = "MikroTik"


def attach(behaviours: Behaviours) -> None:
    behaviours.on("/system/identity").initial.append(lambda _: [{"name": _PLATFORM}])
    behaviours.on("/system/identity").before_set.append(_limit_name)
    behaviours.on("/system/clock").show.append(_clock)
    behaviours.on("/system/clock").before_set.append(_set_clock)
    behaviours.on("/system/resource").show.append(_resource)
    behaviours.on("/system/resource/cpu").rows.append(_cpus)
    behaviours.on("/system/routerboard").show.append(_board)
    behaviours.on("/system/license").show.append(_licence)
    behaviours.on("/system/package").rows.append(_packages)
    behaviours.on("/system/package/update").show.append(_update)
    behaviours.on("/system/device-mode").show.append(_device_mode)
    behaviours.on("/system/health").rows.append(_sensors)
    behaviours.on("/system/health").show.append(_sensors_v6)
    behaviours.on("/system/history").rows.append(_history)
    behaviours.on("/system/ntp/client").show.append(_synchronized)
    behaviours.command("/system/resource/monitor", _load)
    behaviours.command("/undo", lambda store, _: _undo(store, redo=False), "write")
    behaviours.command("/redo", lambda store, _: _undo(store, redo=True), "write")


def _limit_name(store: Store, item: Item, changes: Item) -> None:
    if len(changes.get("name", "").encode("utf-8", "surrogateescape")) > _NAME_LENGTH:
        raise Refused("failure: too long name", GENERAL)


def _clock(store: Store, row: Item) -> None:
    now_s = store.now_s()
    moment = local(store, now_s)
    minutes = int((moment.utcoffset() or moment - moment).total_seconds() // 60)
    row |= {
        "time": f"{moment:%H:%M:%S}",
        "date": date(store, now_s),
        "gmt-offset": f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}",
        "dst-active": "true" if moment.dst() else "false",
    }
    row.setdefault("time-zone-autodetect", "true")
    row.setdefault("time-zone-name", "manual")


def _set_clock(store: Store, item: Item, changes: Item) -> None:
    """A date and a time move the router's clock and are not kept as values."""
    given_date, given_time = changes.pop("date", ""), changes.pop("time", "")
    if not given_date and not given_time:
        return
    now = local(store, store.now_s())
    form = "%Y-%m-%d" if store.profile.at_least("7.10") else "%b/%d/%Y"
    try:
        day = datetime.strptime(given_date, form) if given_date else now  # noqa: DTZ007 - the zone is the router's
        clock = datetime.strptime(_padded(given_time), "%H:%M:%S") if given_time else now  # noqa: DTZ007
    except ValueError as cause:
        raise Refused(f"invalid value for argument {'date' if given_date else 'time'}", ARGUMENT) from cause
    moment = datetime.combine(day.date(), clock.time().replace(microsecond=0), zone(store))
    store.clock_offset_s += moment.timestamp() - store.now_s()


def _padded(text: str) -> str:
    """A time of day, from that or from a duration (`15h4m33s`), which checks of arguments make of it."""
    if ":" in text:
        return text
    seconds, number = 0, ""
    for letter in text:
        if letter.isdigit():
            number += letter
        else:
            seconds += int(number or 0) * {"h": 3_600, "m": 60, "s": 1}.get(letter, 0)
            number = ""
    return f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _resource(store: Store, row: Item) -> None:
    profile = store.profile
    minute = int(store.uptime_s() // 60)
    used = profile.memory_bytes // 5 + dice(store, "memory", str(minute)) % (profile.memory_bytes // 16)
    built = "2026-01-30 09:17:54" if profile.at_least("7.10") else "Jan/30/2023 09:17:54"
    row |= {
        "uptime": format_duration(int(store.uptime_s())), "version": f"{profile.version} (stable)",
        "build-time": built, "free-memory": str(profile.memory_bytes - used),
        "total-memory": str(profile.memory_bytes), "cpu": _cpu_name(profile.architecture),
        "cpu-count": str(profile.cpu_count), "cpu-frequency": str(profile.cpu_mhz),
        "cpu-load": str(1 + dice(store, "load", str(int(store.uptime_s() // 5))) % 12),
        "free-hdd-space": str(profile.disk_bytes * 3 // 5), "total-hdd-space": str(profile.disk_bytes),
        "architecture-name": profile.architecture, "board-name": profile.board, "platform": _PLATFORM,
    }  # fmt: skip
    if profile.board != "CHR":
        written = 4_000 + int(store.uptime_s() // 60)
        row |= {
            "factory-software": "7.1",
            "write-sect-since-reboot": str(written),
            "write-sect-total": str(written * 9),
        }
        row["bad-blocks"] = "0"
    else:
        row |= {"write-sect-since-reboot": "1200", "write-sect-total": "48000"}


def _load(store: Store, request: Request) -> Answer:
    row: Item = {}
    _resource(store, row)
    return Answer(rows=[{"cpu-used": row["cpu-load"], "free-memory": row["free-memory"]}])


def _synchronized(store: Store, row: Item) -> None:
    if row.get("enabled") == "true":
        row["status"] = "synchronized" if store.uptime_s() > _SYNCHRONIZED_S else "waiting"


def _cpu_name(architecture: str) -> str:
    return {"arm": "ARM", "arm64": "ARM64", "mipsbe": "MIPS 24Kc V7.4", "mmips": "MIPS 1004Kc V2.15"}.get(
        architecture, "Intel(R)"
    )


def _cpus(store: Store) -> Iterable[Item]:
    for number in range(store.profile.cpu_count):
        load = 1 + dice(store, "cpu", str(number), str(int(store.uptime_s() // 5))) % 12
        yield {".id": f"*{number:X}", "cpu": f"cpu{number}", "load": str(load), "irq": "0", "disk": "0"}


def _board(store: Store, row: Item) -> None:
    profile = store.profile
    row |= {
        "routerboard": "true", "board-name": profile.board, "model": profile.model, "serial-number": profile.serial,
        "firmware-type": "ipq4000L", "factory-firmware": "6.48.6", "current-firmware": str(profile.version),
        "upgrade-firmware": str(profile.version),
    }  # fmt: skip


def _licence(store: Store, row: Item) -> None:
    profile = store.profile
    if profile.board == "CHR":
        row |= {"system-id": f"{profile.software_id.replace('-', '')}aB1", "level": "p1"}
        row["next-renewal-at"] = stamp(store, store.now_s() + 30 * 86_400)
        return
    row |= {"software-id": profile.software_id, "nlevel": "4", "features": ""}


def _packages(store: Store) -> Iterable[Item]:
    profile = store.profile
    names = ["routeros"]
    if any(name.startswith("wlan") for name in profile.radios) and profile.at_least("7.13"):
        names.append("wireless")
    if any(name.startswith("wifi") for name in profile.radios) and profile.at_least("7.13"):
        names.append("wifi-qcom")
    if profile.version.major < 7:  # noqa: PLR2004 - the generation
        names = ["routeros-" + profile.architecture, "system", "security", "dhcp", "ppp", "wireless", "advanced-tools"]
    for number, name in enumerate(names, 1):
        built = "2026-01-30 09:17:54" if profile.at_least("7.10") else "jan/30/2023 09:17:54"
        yield {
            ".id": f"*{number:X}", "name": name, "version": str(profile.version), "build-time": built,
            "scheduled": "", "disabled": "false",
        }  # fmt: skip


def _update(store: Store, row: Item) -> None:
    row.setdefault("channel", "stable")
    row["installed-version"] = str(store.profile.version)


def _device_mode(store: Store, row: Item) -> None:
    mode = store.profile.device_mode
    if not store.profile.at_least("7.17") and mode == "advanced":
        mode = "enterprise"
    row["mode"] = mode
    row["allowed-versions"] = "7.13+,6.49.8+"
    row["flagged"], row["flagging-enabled"], row["attempt-count"] = "false", "true", "0"
    forbidden = FORBIDDEN.get(store.profile.device_mode, frozenset())
    row |= {feature: "false" if feature in forbidden else "true" for feature in FEATURES}


def _readings(store: Store) -> list[tuple[str, str, str]]:
    if store.profile.board == "CHR":
        return []
    wobble = dice(store, "heat", str(int(store.uptime_s() // 60)))
    return [
        ("voltage", f"{23.6 + wobble % 7 / 10:.1f}", "V"),
        ("temperature", str(36 + wobble % 6), "C"),
        ("cpu-temperature", str(44 + wobble % 9), "C"),
    ]


def _sensors(store: Store) -> Iterable[Item]:
    for number, (name, value, kind) in enumerate(_readings(store), 13):
        yield {".id": f"*{number:X}", "name": name, "value": value, "type": kind}


def _sensors_v6(store: Store, row: Item) -> None:
    if store.profile.version.major < 7:  # noqa: PLR2004 - the generation
        row |= {name: value for name, value, _ in _readings(store)}


def _history(store: Store) -> Iterable[Item]:
    for action in reversed(store.journal.actions):
        yield {
            ".id": f"*{action.number:X}", "action": action.text, "by": action.by, "policy": action.policies,
            "time": stamp(store, action.moment_s), "undoable": "false" if action.undone else "true",
            "redoable": "true" if action.undone else "false",
        }  # fmt: skip


def _undo(store: Store, *, redo: bool) -> Answer:
    """Take the newest action back, or do the last one that was taken back again."""
    actions = list(store.journal.actions)
    found = next((a for a in (actions if redo else reversed(actions)) if a.undone is redo), None)
    if found is None:
        raise Refused(f"nothing to {'redo' if redo else 'undo'}", GENERAL)
    for change in found.changes if redo else reversed(found.changes):
        if change.order:
            store.arrange(change.menu, change.order[1 if redo else 0])
            continue
        before, after = (change.before, change.after) if redo else (change.after, change.before)
        store.restore(change.menu, before, after, change.place)
    found.undone = not redo
    return Answer()
