"""Firewall: counters of rules, rules that the router adds itself, address lists that expire, connections.

The dummy rule of fasttrack (`special dummy rule to show fasttrack counters`) is as routers show it. Which connections
there are, and how much each rule has counted, is invented.
"""

from collections.abc import Iterable
from typing import Final

from tikfleet.routeros.values import format_duration, parse_duration_s
from tikfleet.virtual.menus.behaviours.addressing import derived_id, live_addresses
from tikfleet.virtual.menus.behaviours.chance import dice
from tikfleet.virtual.menus.behaviours.moments import stamp
from tikfleet.virtual.menus.commands import targets
from tikfleet.virtual.menus.hooks import Behaviours, Handler
from tikfleet.virtual.menus.request import Answer, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

LISTS: Final = ("/ip/firewall/address-list", "/ipv6/firewall/address-list")
_CHAINS: Final = tuple(
    f"/{family}/firewall/{chain}" for family in ("ip", "ipv6") for chain in ("filter", "nat", "mangle", "raw")
)
_BYTES_PER_PACKET: Final = 420
_MAX_ENTRIES: Final = 1_048_576


def attach(behaviours: Behaviours) -> None:
    for menu in (*_CHAINS, "/interface/bridge/filter", "/interface/bridge/nat"):
        behaviours.on(menu).show.append(_count)
        behaviours.on(menu).after_add.append(_start)
        behaviours.command(f"{menu}/reset-counters", _reset, "write")
        behaviours.command(f"{menu}/reset-counters-all", _reset_all(menu), "write")
    for menu in ("/ip/firewall/filter", "/ip/firewall/mangle", "/ip/firewall/raw"):
        behaviours.on(menu).rows.append(_dummy_rule)
    for menu in LISTS:
        behaviours.on(menu).before_add.append(_complete)
        behaviours.on(menu).before_set.append(_renewed)
        behaviours.on(menu).show.append(_show_entry)
    behaviours.on("/ip/firewall/connection").rows.append(_connections)
    behaviours.on("/ip/firewall/connection/tracking").show.append(_tracking)
    behaviours.on_reboot.append(_forget)


def _start(store: Store, item: Item) -> None:
    item["_since"] = str(store.uptime_s())


def _count(store: Store, row: Item) -> None:
    """Bytes and packets that a rule has seen since it was added or reset."""
    row.setdefault("dynamic", "false")
    row.setdefault("invalid", "false")
    if row.get("disabled") == "true":
        row["bytes"], row["packets"] = "0", "0"
        return
    counted_s = max(0.0, store.uptime_s() - float(row.get("_since", "0")))
    counted = int(dice(store, "rule", row[".id"], row.get("chain", "")) % 20_000 * counted_s)
    row["bytes"], row["packets"] = str(counted), str(counted // _BYTES_PER_PACKET)


def _reset(store: Store, request: Request) -> Answer:
    for _, item in targets(store, request):
        item["_since"] = str(store.uptime_s())
    return Answer()


def _reset_all(menu: str) -> Handler:
    def reset(store: Store, request: Request) -> Answer:
        for item in store.table(menu).items:
            item["_since"] = str(store.uptime_s())
        return Answer()

    return reset


def _dummy_rule(store: Store) -> Iterable[Item]:
    """With fasttrack on, each table shows what passed it by."""
    rules = store.table("/ip/firewall/filter").items
    if any(rule.get("action") == "fasttrack-connection" and rule.get("disabled") != "true" for rule in rules):
        counted = int(store.uptime_s() * 90_000)
        yield {
            ".id": "*FFFFFFFF", "chain": "forward", "action": "passthrough", "bytes": str(counted),
            "packets": str(counted // _BYTES_PER_PACKET), "dynamic": "true", "invalid": "false", "disabled": "false",
            "comment": "special dummy rule to show fasttrack counters",
        }  # fmt: skip


def _complete(store: Store, item: Item) -> None:
    """An entry with a timeout is dynamic: it goes when its time is over, and with a reboot."""
    item["_created"] = str(store.now_s())
    _renewed(store, {}, item)
    if "timeout" in item:
        item["dynamic"] = "true"


def _renewed(store: Store, item: Item, changes: Item) -> None:
    timeout = changes.get("timeout")
    if timeout in ("none-static", "0s"):
        del changes["timeout"]
    elif timeout not in (None, "none-dynamic"):
        lasts_s = parse_duration_s(timeout) or 0.0
        changes["_expires"] = str(store.clock.elapsed_s() + lasts_s)


def expire(store: Store) -> None:
    """Remove entries whose time is over."""
    now_s = store.clock.elapsed_s()
    for menu in LISTS:
        if menu in store.loaded():
            for item in list(store.table(menu).items):
                if "_expires" in item and float(item["_expires"]) <= now_s:
                    store.delete(menu, item)


def _show_entry(store: Store, row: Item) -> None:
    row["creation-time"] = stamp(store, float(row.get("_created", "0")))
    row.setdefault("dynamic", "false")
    if "_expires" in row:
        left_s = max(0, int(float(row["_expires"]) - store.clock.elapsed_s()))
        row["timeout"] = format_duration(left_s)


def _connections(store: Store) -> Iterable[Item]:
    """The router's own machines talking to the outside, and whoever is logged in."""
    for item_id, address, _ in live_addresses(store):
        for number in range(1 + dice(store, "connections", item_id) % 4):
            port = 30_000 + dice(store, "port", item_id, str(number)) % 30_000
            source, target = f"{address.network.network_address + 10 + number}", f"203.0.113.{10 + number}"
            seen = int(store.uptime_s() * 1_000)
            yield {
                ".id": derived_id("connection", item_id, str(number)), "protocol": "tcp",
                "src-address": f"{source}:{port}", "dst-address": f"{target}:443",
                "reply-src-address": f"{target}:443", "reply-dst-address": f"{source}:{port}",
                "tcp-state": "established", "timeout": "23h59m40s", "orig-packets": str(seen // 700),
                "orig-bytes": str(seen), "orig-fasttrack-packets": "0", "orig-fasttrack-bytes": "0",
                "repl-packets": str(seen // 350), "repl-bytes": str(seen * 4), "repl-fasttrack-packets": "0",
                "repl-fasttrack-bytes": "0", "orig-rate": "8000", "repl-rate": "32000", "expected": "false",
                "seen-reply": "true", "assured": "true", "confirmed": "true", "dying": "false", "fasttrack": "false",
                "srcnat": "false", "dstnat": "false",
            }  # fmt: skip


def _tracking(store: Store, row: Item) -> None:
    total = str(sum(1 for _ in _connections(store)))
    row["total-entries"], row["max-entries"] = total, str(_MAX_ENTRIES)
    if store.profile.at_least("7.1"):
        row["total-ip4-entries"], row["total-ip6-entries"] = total, "0"


def _forget(store: Store) -> None:
    for menu in LISTS:
        for item in list(store.table(menu).items) if menu in store.loaded() else ():
            if item.get("dynamic") == "true":
                store.table(menu).remove(item[".id"])
    for menu in _CHAINS:
        for item in store.table(menu).items if menu in store.loaded() else ():
            item["_since"] = "0"
