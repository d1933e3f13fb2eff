"""Interfaces of every kind: links, addresses of the hardware, and traffic that grows with time.

A port's link and its rate follow from who the router is; what is disabled neither runs nor counts. Which ports have a
link is invented; that `/interface` shows all kinds with these properties is from the manual.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from tikfleet.virtual.menus.behaviours.chance import dice, mac
from tikfleet.virtual.menus.behaviours.moments import stamp
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.kinds import INTERFACE, TYPES
from tikfleet.virtual.menus.request import Answer, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

ETHERNET: Final = "/interface/ethernet"
BRIDGE_PORT: Final = "/interface/bridge/port"
_MTU: Final = {"wg": 1_420, "pppoe-out": 1_480, "l2tp-out": 1_450, "vxlan": 1_450, "gre-tunnel": 1_476, "eoip": 1_458}
# Kinds that run when the interface below them does.
_STACKED: Final = frozenset({"/interface/vlan", "/interface/pppoe-client", "/interface/vrrp", "/interface/macvlan"})
_PACKET_BYTES: Final = 740
_COUNTED: Final = (
    *("rx-byte", "tx-byte", "rx-packet", "tx-packet", "rx-drop", "tx-drop", "tx-queue-drop", "rx-error", "tx-error"),
    *("fp-rx-byte", "fp-tx-byte", "fp-rx-packet", "fp-tx-packet"),
)
_SETTLING_S: Final = 5
_LOOPBACK_ID: Final = "*7FFFFFFF"


def attach(behaviours: Behaviours) -> None:
    for kind in TYPES:
        hooks = behaviours.on(kind)
        hooks.show.append(_show)
        hooks.after_set.append(_switched)
        hooks.after_add.append(_born)
    behaviours.on(ETHERNET).initial.append(_ports)
    behaviours.on("/interface/wireless").initial.append(lambda store: _radios(store, "wlan"))
    behaviours.on("/interface/wifi").initial.append(lambda store: _radios(store, "wifi"))
    behaviours.on(INTERFACE).rows.append(rows)
    behaviours.command("/interface/monitor-traffic", _monitor_traffic)
    behaviours.command("/interface/ethernet/monitor", _monitor_link)
    behaviours.command("/interface/reset-counters", _reset_counters, "write")
    behaviours.command("/interface/ethernet/reset-counters", _reset_counters, "write")


def _ports(store: Store) -> Iterator[Item]:
    for name in store.profile.ports:
        yield {"name": name, "default-name": name, "_mac": mac(store, name)}


def _radios(store: Store, head: str) -> Iterator[Item]:
    for name in store.profile.radios:
        if name.startswith(head):
            yield {"name": name, "default-name": name, "_mac": mac(store, name), "disabled": "true"}


def items(store: Store) -> Iterator[tuple[str, Item]]:
    """Every interface that is kept, with the menu of its kind."""
    for menu in store.menus_of(INTERFACE):
        for item in store.table(menu).items:
            yield menu, item


def find(store: Store, name: str) -> tuple[str, Item] | None:
    """The interface of that name."""
    return store.find(INTERFACE, name) if name else None


def runs(store: Store, menu: str, item: Item) -> bool:
    """Whether an interface is on and has its link."""
    if is_disabled(store, menu, item):
        return False
    if menu == ETHERNET:
        return has_link(store, item)
    found = find(store, item.get("interface", "")) if menu in _STACKED else None
    return found is None or runs(store, *found)


def is_disabled(store: Store, menu: str, item: Item) -> bool:
    """Whether an interface is switched off, as clients of tunnels and radios are until somebody enables them."""
    return item.get("disabled", store.schema(menu).defaults.get("disabled")) == "true"


def has_link(store: Store, item: Item) -> bool:
    """Whether something is plugged into a port: its first always has, three of four others have."""
    name = item.get("default-name", "")
    if name in store.state.get("unplugged", ()):
        return False
    return store.profile.board == "CHR" or name in store.profile.ports[:2] or dice(store, "link", name) % 4 != 0


def _meter(store: Store, item: Item) -> list[float]:
    """Seconds of uptime at which an interface began to count, and at which it stopped (-1: it counts)."""
    meters: dict[str, list[float]] = store.state.setdefault("meters", {})
    found = meters.get(item[".id"])
    if found is None:
        found = meters[item[".id"]] = [0.0, -1.0]
    return found


def _born(store: Store, item: Item) -> None:
    _meter(store, item)[0] = store.uptime_s()


def _switched(store: Store, item: Item, old: Item) -> None:
    if item.get("disabled", "false") == old.get("disabled", "false"):
        return
    meter = _meter(store, item)
    if item.get("disabled") == "true":
        meter[1] = store.uptime_s()
    elif meter[1] >= 0:
        meter[0] += store.uptime_s() - meter[1]
        meter[1] = -1.0


def rates_bps(store: Store, name: str) -> tuple[int, int]:
    """What an interface receives and sends, in bits a second."""
    return 64_000 + dice(store, "rx", name) % 40_000_000, 32_000 + dice(store, "tx", name) % 20_000_000


def counters(store: Store, item: Item, *, running: bool) -> Item:
    """Bytes and packets since the counters were reset."""
    since_s, until_s = _meter(store, item)
    counted_s = max(0.0, (until_s if until_s >= 0 else store.uptime_s()) - since_s)
    if not running and until_s < 0:
        counted_s = 0.0
    key = item.get("default-name") or item[".id"]
    rx_bytes, tx_bytes = (int(rate / 8 * counted_s) for rate in rates_bps(store, key))
    found = {
        "rx-byte": rx_bytes, "tx-byte": tx_bytes,
        "rx-packet": rx_bytes // _PACKET_BYTES, "tx-packet": tx_bytes // _PACKET_BYTES,
        "rx-drop": 0, "tx-drop": 0, "tx-queue-drop": 0, "rx-error": 0, "tx-error": 0,
        "fp-rx-byte": rx_bytes, "fp-tx-byte": 0, "fp-rx-packet": rx_bytes // _PACKET_BYTES, "fp-tx-packet": 0,
    }  # fmt: skip
    return {name: str(value) for name, value in found.items()}


def slaves(store: Store) -> frozenset[str]:
    """Names of interfaces that are ports of a bridge or a bond."""
    found = {port.get("interface", "") for port in store.table(BRIDGE_PORT).items if port.get("disabled") != "true"}
    if "/interface/bonding" in store.loaded():
        for bond in store.table("/interface/bonding").items:
            found.update(bond.get("slaves", "").split(","))
    return frozenset(found - {""})


def hardware_address(store: Store, menu: str, item: Item) -> str:
    """The address an interface has: its own, or that of the interface below it; empty for tunnels without one."""
    given = item.get("mac-address") or item.get("admin-mac") or item.get("_mac")
    if given:
        return given
    if menu == "/interface/vlan":
        found = find(store, item.get("interface", ""))
        return hardware_address(store, *found) if found is not None else ""
    if menu in ("/interface/bridge", "/interface/eoip", "/interface/vxlan", "/interface/veth", "/interface/bonding"):
        return mac(store, menu, item[".id"])
    return ""


def _show(store: Store, row: Item) -> None:
    """What each kind's own menu shows besides settings."""
    found = store.find(INTERFACE, row[".id"])
    menu, item = found if found is not None else ("", row)
    row["running"] = "true" if runs(store, menu, item) else "false"
    if menu == ETHERNET:
        row["orig-mac-address"] = item.get("_mac", "")
        row["slave"] = "true" if row["name"] in slaves(store) else "false"
    address = hardware_address(store, menu, item)
    if address:
        row["mac-address"] = address
    row.setdefault("mtu", str(_MTU.get(TYPES.get(menu, ""), 1_500)))


def rows(store: Store) -> Iterable[Item]:
    """`/interface`: every kind in one list."""
    enslaved = slaves(store)
    found = [_row(store, menu, item, enslaved) for menu, item in items(store)]
    found.sort(key=lambda row: int(row[".id"][1:], 16))
    if store.profile.at_least("7.14") and not any(row["name"] == "lo" for row in found):
        found.append(_loopback())
    return found


def _row(store: Store, menu: str, item: Item, enslaved: frozenset[str]) -> Item:
    kind = TYPES[menu]
    running = runs(store, menu, item)
    mtu = item.get("mtu", "auto")
    actual = mtu if mtu.isdigit() else str(_MTU.get(kind, 1_500))
    row = {".id": item[".id"], "name": item["name"]}
    if "default-name" in item:
        row["default-name"] = item["default-name"]
    row |= {"type": kind, "mtu": mtu if mtu.isdigit() or kind == "bridge" else actual, "actual-mtu": actual}
    if kind in ("ether", "bridge", "vlan", "wlan", "wifi", "bond"):
        row["l2mtu"] = item.get("l2mtu", "1598" if kind != "vlan" else "1594")
    address = hardware_address(store, menu, item)
    if address:
        row["mac-address"] = address
    if running:
        row["last-link-up-time"] = stamp(store, store.now_s() - store.uptime_s() + _SETTLING_S)
    row["link-downs"] = "0"
    row |= counters(store, item, running=running)
    disabled = is_disabled(store, menu, item)
    row |= {"running": "true" if running else "false", "disabled": "true" if disabled else "false"}
    if item["name"] in enslaved:
        row["slave"] = "true"
    if item.get("dynamic") == "true":
        row["dynamic"] = "true"
    if "comment" in item:
        row["comment"] = item["comment"]
    return row


def _loopback() -> Item:
    return {
        ".id": _LOOPBACK_ID, "name": "lo", "type": "loopback", "mtu": "65536", "actual-mtu": "65536",
        "mac-address": "00:00:00:00:00:00", "link-downs": "0", "running": "true", "disabled": "false",
        **dict.fromkeys(_COUNTED, "0"),
    }  # fmt: skip


def _chosen(store: Store, request: Request) -> list[tuple[str, Item]]:
    given = next((request.arguments[name] for name in ("interface", "numbers", ".id") if name in request.arguments), "")
    return [found for word in given.split(",") if (found := find(store, word)) is not None]


def _monitor_traffic(store: Store, request: Request) -> Answer:
    """One record an interface, as with `once`: who wants a stream asks again."""
    found = []
    for menu, item in _chosen(store, request):
        running = runs(store, menu, item)
        rates = rates_bps(store, item.get("default-name") or item[".id"]) if running else (0, 0)
        row = {"name": item["name"]}
        for side, rate in zip(("rx", "tx"), rates, strict=True):
            row |= {
                f"{side}-packets-per-second": str(rate // 8 // _PACKET_BYTES), f"{side}-bits-per-second": str(rate),
                f"fp-{side}-packets-per-second": "0", f"fp-{side}-bits-per-second": "0",
                f"{side}-drops-per-second": "0", f"{side}-errors-per-second": "0",
            }  # fmt: skip
        found.append({**row, "tx-queue-drops-per-second": "0"})
    return Answer(rows=list(found))


def _monitor_link(store: Store, request: Request) -> Answer:
    found = []
    for menu, item in _chosen(store, request):
        up = runs(store, menu, item)
        row = {"name": item["name"], "status": "link-ok" if up else "no-link", "auto-negotiation": "done"}
        if up:
            row |= {"rate": "1Gbps", "full-duplex": "true", "tx-flow-control": "false", "rx-flow-control": "false"}
        if item.get("default-name", "").startswith("sfp"):
            row["sfp-module-present"] = "true" if up else "false"
        found.append(row)
    return Answer(rows=list(found))


def _reset_counters(store: Store, request: Request) -> Answer:
    for _, item in _chosen(store, request):
        _meter(store, item)[:] = [store.uptime_s(), -1.0]
    return Answer()
