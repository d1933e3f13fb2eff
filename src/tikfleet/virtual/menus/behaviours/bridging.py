"""Bridges: what their ports do, which machines are behind them, and VLANs in use."""

from collections.abc import Iterable
from typing import Final

from tikfleet.virtual.menus.behaviours import interfaces
from tikfleet.virtual.menus.behaviours.addressing import derived_id
from tikfleet.virtual.menus.behaviours.chance import dice, mac
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import GENERAL, Refused
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

BRIDGE: Final = "/interface/bridge"
PORT: Final = "/interface/bridge/port"
_LISTS: Final = "/interface/list"
_MEMBER: Final = "/interface/list/member"


def attach(behaviours: Behaviours) -> None:
    behaviours.on(PORT).before_add.append(_once)
    behaviours.on(PORT).before_set.append(lambda store, item, changes: _once(store, {**item, **changes}))
    behaviours.on(PORT).show.append(_show_port)
    behaviours.on("/interface/bridge/host").rows.append(_hosts)
    behaviours.on("/interface/bridge/vlan").show.append(_show_vlan)
    behaviours.on("/interface/bridge/vlan").rows.append(_own_vlans)
    behaviours.on(_MEMBER).before_add.append(_one_member)


def _once(store: Store, item: Item) -> None:
    name = item.get("interface", "")
    if name == item.get("bridge"):
        raise Refused("failure: can not add bridge to itself", GENERAL)
    for other in store.table(PORT).items:
        if other.get("interface") == name and other.get(".id") != item.get(".id"):
            raise Refused("failure: device already added as bridge port", GENERAL)


def _one_member(store: Store, item: Item) -> None:
    for other in store.table(_MEMBER).items:
        if (other.get("interface"), other.get("list")) == (item.get("interface"), item.get("list")):
            raise Refused("failure: already have such entry", GENERAL)


def _runs(store: Store, name: str) -> bool:
    found = interfaces.find(store, name)
    return found is not None and interfaces.runs(store, *found)


def _show_port(store: Store, row: Item) -> None:
    active = row.get("disabled") != "true" and _runs(store, row.get("interface", ""))
    row["inactive"] = "false" if active else "true"
    row["role"] = "designated-port" if active else "disabled-port"
    row["forwarding"] = row["learning"] = "true" if active else "false"
    row["status"] = "in-bridge" if active else "inactive"
    row["edge-port"] = row["point-to-point-port"] = "true" if active else "false"
    row["port-number"] = str(int(row[".id"][1:], 16))
    row["hw-offload"] = "true" if active and store.profile.board != "CHR" and row.get("hw") != "false" else "false"


def _hosts(store: Store) -> Iterable[Item]:
    """The bridge itself, and a few machines behind each port that runs."""
    for bridge in store.table(BRIDGE).items:
        own = interfaces.hardware_address(store, BRIDGE, bridge)
        yield _host(bridge["name"], bridge["name"], own, local="true")
    for port in store.table(PORT).items:
        name = port.get("interface", "")
        if port.get("disabled") == "true" or not _runs(store, name):
            continue
        for number in range(dice(store, "hosts", name) % 4):
            yield _host(port.get("bridge", ""), name, mac(store, "host", name, str(number)), local="false")


def _host(bridge: str, interface: str, address: str, *, local: str) -> Item:
    return {
        ".id": derived_id("host", bridge, interface, address), "mac-address": address, "interface": interface,
        "bridge": bridge, "on-interface": interface, "dynamic": "true", "local": local, "external": "false",
        "invalid": "false", "disabled": "false",
    }  # fmt: skip


def _ports_of(store: Store, bridge: str) -> list[Item]:
    return [
        port
        for port in store.table(PORT).items
        if port.get("bridge") == bridge and port.get("disabled") != "true" and _runs(store, port.get("interface", ""))
    ]


def _show_vlan(store: Store, row: Item) -> None:
    running = {port.get("interface", "") for port in _ports_of(store, row.get("bridge", ""))}
    running.add(row.get("bridge", ""))
    for side in ("tagged", "untagged"):
        words = [word for word in row.get(side, "").split(",") if word in running]
        row[f"current-{side}"] = ",".join(words)


def _own_vlans(store: Store) -> Iterable[Item]:
    """What VLAN filtering adds itself: ports without a tag are in the VLAN of their `pvid`."""
    for bridge in store.table(BRIDGE).items:
        if bridge.get("vlan-filtering") != "true":
            continue
        by_vlan: dict[str, list[str]] = {bridge.get("pvid", "1"): [bridge["name"]]}
        for port in _ports_of(store, bridge["name"]):
            by_vlan.setdefault(port.get("pvid", "1"), []).append(port["interface"])
        for vlan, names in by_vlan.items():
            yield {
                ".id": derived_id("vlan", bridge["name"], vlan), "bridge": bridge["name"], "vlan-ids": vlan,
                "tagged": "", "untagged": "", "mvrp-forbidden": "", "current-tagged": "",
                "current-untagged": ",".join(names), "dynamic": "true", "disabled": "false",
                "comment": "added by pvid",
            }  # fmt: skip
