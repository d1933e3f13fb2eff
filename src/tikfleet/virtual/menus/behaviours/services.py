"""Names, neighbours, the maker's cloud, PPP, queues and services: what the router does for others.

Peers, loads and addresses are invented; `<serial>.sn.mynetname.net` is the cloud's name of a router.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from tikfleet.routeros.values import format_duration
from tikfleet.virtual.menus.behaviours import interfaces
from tikfleet.virtual.menus.behaviours.addressing import derived_id
from tikfleet.virtual.menus.behaviours.chance import dice, mac
from tikfleet.virtual.menus.hooks import Behaviours, OnItem
from tikfleet.virtual.menus.request import GENERAL, Answer, Refused, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

SECRET: Final = "/ppp/secret"  # noqa: S105 - a menu
_SCRIPT_POLICIES: Final = (
    "ftp", "reboot", "read", "write", "policy", "test", "password", "sniff", "sensitive", "romon",
)  # fmt: skip
_ASKED_EVERY_S: Final = 60
_IDENTITIES: Final = ("core", "switch", "ap-roof", "branch")


def attach(behaviours: Behaviours) -> None:
    behaviours.on("/ip/dns").show.append(_dns)
    behaviours.on("/snmp").show.append(_snmp)
    behaviours.on("/ip/dns/cache").rows.append(_cache)
    behaviours.command("/ip/dns/cache/flush", _flush, "write")
    behaviours.on("/ip/dns/static").before_add.append(_complete_static)
    behaviours.on("/ip/neighbor").rows.append(_neighbours)
    behaviours.on("/ip/cloud").show.append(_cloud)
    behaviours.command("/ip/cloud/force-update", lambda _, __: Answer(), "write")
    behaviours.on("/ppp/active").rows.append(_sessions)
    behaviours.on("/ppp/profile").before_remove.append(_keep_profile)
    for menu in ("/queue/simple", "/queue/tree"):
        behaviours.on(menu).show.append(_queue(pair=menu.endswith("simple")))
    for menu in ("/system/script", "/system/scheduler"):
        behaviours.on(menu).before_add.append(_owned)
        behaviours.on(menu).before_set.append(_refuse_more_rights)
    behaviours.on("/tool/netwatch").show.append(_watched)


def _snmp(store: Store, row: Item) -> None:
    """What was set before 7.10 only follows from its suffix since; clients rely on it. [unverified: its value]."""
    row.setdefault("engine-id", "80003a8c04")


def _dns(store: Store, row: Item) -> None:
    given = [
        client.get("primary-dns", "") for client in store.rows("/ip/dhcp-client") if client.get("status") == "bound"
    ]
    row["dynamic-servers"] = ",".join(given)
    row["cache-used"] = str(40 + len(store.table("/ip/dns/static").items))


def _cache(store: Store) -> Iterable[Item]:
    """Entries of the static table, and what was asked for lately."""
    for item in store.table("/ip/dns/static").items:
        if item.get("disabled") != "true" and "name" in item:
            yield {
                ".id": derived_id("dns", item[".id"]), "name": item["name"], "type": item.get("type", "A"),
                "data": item.get("address", item.get("cname", "")), "ttl": item.get("ttl", "1d"), "static": "true",
            }  # fmt: skip
    # What was flushed comes back when somebody asks for it again.
    if store.uptime_s() - store.state.get("dns flushed", -_ASKED_EVERY_S) < _ASKED_EVERY_S:
        return
    for number, name in enumerate(("upgrade.mikrotik.com", "cloud2.mikrotik.com")):
        left_s = 300 - int(store.uptime_s()) % 300
        yield {
            ".id": derived_id("dns", name), "name": name, "type": "A", "data": f"203.0.113.{20 + number}",
            "ttl": format_duration(left_s), "static": "false",
        }  # fmt: skip


def _flush(store: Store, request: Request) -> Answer:
    store.state["dns flushed"] = store.uptime_s()
    return Answer()


def _complete_static(store: Store, item: Item) -> None:
    if "name" not in item and "regexp" not in item:
        raise Refused("failure: name or regexp required", GENERAL)


def _neighbours(store: Store) -> Iterable[Item]:
    release = store.profile.version
    for menu, item in interfaces.items(store):
        if menu != interfaces.ETHERNET or dice(store, "mndp", item[".id"]) % 2:
            continue
        if not interfaces.runs(store, menu, item):
            continue
        number = dice(store, "neighbour", item[".id"])
        name = _IDENTITIES[number % len(_IDENTITIES)]
        address = f"198.51.100.{number % 250 + 1}"
        yield {
            ".id": derived_id("neighbour", item[".id"]), "interface": item["name"], "address": address,
            "address4": address, "mac-address": mac(store, "neighbour", item[".id"]), "identity": name,
            "platform": "MikroTik", "version": f"{release} (stable)", "unpack": "none",
            "age": format_duration(int(store.uptime_s()) % 60),
            "uptime": format_duration(86_400 + int(store.uptime_s())),
            "software-id": "AAAA-AAAA", "board": "RB5009UG+S+", "ipv6": "false", "interface-name": "ether1",
            "system-description": f"MikroTik RouterOS {release} RB5009UG+S+", "system-caps": "bridge,router",
            "system-caps-enabled": "bridge,router", "discovered-by": "cdp,lldp,mndp",
        }  # fmt: skip


def _cloud(store: Store, row: Item) -> None:
    if row.get("ddns-enabled") not in ("true", "yes"):
        return
    serial = store.profile.serial or store.profile.software_id.replace("-", "")
    row["public-address"] = f"203.0.113.{dice(store, 'cloud') % 250 + 1}"
    row["dns-name"], row["status"] = f"{serial.lower()}.sn.mynetname.net", "updated"


def _sessions(store: Store) -> Iterator[Item]:
    """Of those who may dial in, some have."""
    for secret in store.table(SECRET).items:
        if secret.get("disabled") == "true" or dice(store, "ppp", secret[".id"]) % 3 == 0:
            continue
        number = int(secret[".id"][1:], 16)
        service = secret.get("service", "any")
        yield {
            ".id": derived_id("ppp", secret[".id"]), "name": secret["name"],
            "service": "pppoe" if service == "any" else service, "caller-id": mac(store, "ppp", secret["name"]),
            "address": secret.get("remote-address", f"10.255.0.{number % 250 + 2}"),
            "uptime": format_duration(int(store.uptime_s())), "encoding": "",
            "session-id": f"0x{0x81000000 + number:x}",
            "limit-bytes-in": "0", "limit-bytes-out": "0", "radius": "false",
        }  # fmt: skip


def _keep_profile(store: Store, item: Item) -> None:
    if item.get("default") == "true" or item["name"] in ("default", "default-encryption"):
        raise Refused("failure: can not remove default profile", GENERAL)
    if any(secret.get("profile") == item["name"] for secret in store.table(SECRET).items):
        raise Refused("failure: profile is in use", GENERAL)


def _queue(*, pair: bool) -> OnItem:
    def show(store: Store, row: Item) -> None:
        running = row.get("disabled") != "true"
        rate = dice(store, "queue", row[".id"]) % 4_000_000 if running else 0
        counted = int(rate / 8 * store.uptime_s())
        values = {"bytes": counted, "packets": counted // 700, "rate": rate, "packet-rate": rate // 8 // 700}
        values |= {"dropped": counted // 400_000, "queued-bytes": 0, "queued-packets": 0}
        row |= {name: f"{value // 4}/{value}" if pair else str(value) for name, value in values.items()}
        row.setdefault("invalid", "false")
        row.setdefault("dynamic", "false")

    return show


def _owned(store: Store, item: Item) -> None:
    """Scripts and scheduler entries belong to who added them, and have that user's rights if nothing else is said."""
    item.setdefault("owner", store.caller.user or "admin")
    if "policy" not in item:
        item["policy"] = ",".join(policy for policy in _SCRIPT_POLICIES if policy in store.caller.policies)
    _refuse_more_rights(store, item, item)


def _refuse_more_rights(store: Store, _: Item, values: Item) -> None:
    """Only who holds a policy can give it to a script."""
    if not {word for word in values.get("policy", "").split(",") if word} - {"dude"} <= store.caller.policies:
        raise Refused("not enough permissions (9)", GENERAL)


def _watched(store: Store, row: Item) -> None:
    if row.get("disabled") == "true":
        row["status"] = "unknown"
        return
    row["status"] = "down" if row.get("host", "") in store.state.get("unreachable", ()) else "up"
    tests = int(store.uptime_s() // 10)
    row["done-tests"], row["failed-tests"] = str(tests), "0"
    if row.get("type") == "icmp":
        row |= {"sent-count": "10", "response-count": "10", "loss-count": "0", "loss-percent": "0"}
        row |= {"rtt-avg": "4ms120us", "rtt-min": "3ms900us", "rtt-max": "5ms40us", "rtt-jitter": "1ms140us"}
