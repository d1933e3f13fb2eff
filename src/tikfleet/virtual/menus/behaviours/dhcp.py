"""DHCP: clients that are bound at once, and leases of machines that are not there.

What a provider gives comes from 198.51.100.0/24 and 192.0.2.0/24, and who asks the router for an address follows
from who the router is: both invented. Spellings of properties are the manual's.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface
from typing import Final

from tikfleet.routeros.values import format_duration
from tikfleet.virtual.menus.behaviours import interfaces
from tikfleet.virtual.menus.behaviours.addressing import derived_id
from tikfleet.virtual.menus.behaviours.chance import dice, mac
from tikfleet.virtual.menus.commands import targets
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import GENERAL, Answer, Refused, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

CLIENT: Final = "/ip/dhcp-client"
SERVER: Final = "/ip/dhcp-server"
LEASE: Final = "/ip/dhcp-server/lease"
_LEASE_S: Final = 1_800
_NAMES: Final = ("laptop", "phone", "printer", "camera", "tv", "nas")


def attach(behaviours: Behaviours) -> None:
    behaviours.on(CLIENT).show.append(_bound)
    behaviours.on(CLIENT).before_add.append(_one_per_interface)
    for command in ("renew", "release"):
        behaviours.command(f"{CLIENT}/{command}", _ask_again, "write")
    behaviours.on(SERVER).show.append(_show_server)
    behaviours.on(LEASE).show.append(_show_lease)
    behaviours.on(LEASE).rows.append(_leases)
    behaviours.command(f"{LEASE}/make-static", _make_static, "write")


def _ask_again(store: Store, request: Request) -> Answer:
    """A client that gives its lease back asks for one at once, and gets the same."""
    for _, item in targets(store, request):
        item["_renewed"] = str(store.uptime_s())
    return Answer()


def _one_per_interface(store: Store, item: Item) -> None:
    if any(other.get("interface") == item.get("interface") for other in store.table(CLIENT).items):
        raise Refused("failure: dhcp-client on that interface already exists", GENERAL)


def _bound(store: Store, row: Item) -> None:
    found = interfaces.find(store, row.get("interface", ""))
    row["invalid"] = "false" if found is not None else "true"
    row["dynamic"] = "false"
    if row.get("disabled") == "true" or found is None:
        row["status"] = "stopped"
        return
    if not interfaces.runs(store, *found):
        row["status"] = "searching..."
        return
    network = "198.51.100" if dice(store, "provider", row[".id"]) % 2 else "192.0.2"
    left_s = _LEASE_S - int(store.uptime_s() - float(row.get("_renewed", "0"))) % (_LEASE_S // 2)
    row |= {
        "status": "bound", "address": f"{network}.{10 + dice(store, 'wan', row['interface']) % 240}/24",
        "gateway": f"{network}.1", "dhcp-server": f"{network}.1", "primary-dns": f"{network}.1",
        "expires-after": format_duration(left_s),
    }  # fmt: skip


def _show_server(store: Store, row: Item) -> None:
    known = interfaces.find(store, row.get("interface", "")) is not None
    row["invalid"] = "false" if known else "true"
    row["dynamic"] = "false"


def _pool(store: Store, name: str) -> list[IPv4Address]:
    """The first addresses of a pool: enough for the machines that are made up."""
    pool = store.table("/ip/pool").named(name)
    first = "" if pool is None else pool.get("ranges", "").split(",")[0].partition("-")[0]
    try:
        start = IPv4Interface(first).ip
    except ValueError:
        return []
    return [start + number for number in range(len(_NAMES))]


def _leases(store: Store) -> Iterator[Item]:
    """Of each server that runs, some machines that asked it."""
    static = {lease.get("mac-address") for lease in store.table(LEASE).items}
    for server in store.table(SERVER).items:
        addresses = _pool(store, server.get("address-pool", ""))
        if server.get("disabled") == "true" or interfaces.find(store, server.get("interface", "")) is None:
            continue
        for number, address in enumerate(addresses[: 1 + dice(store, "clients", server[".id"]) % len(_NAMES)]):
            asker = mac(store, server["name"], str(number))
            if asker not in static:
                yield _lease(store, server["name"], str(address), asker, f"{_NAMES[number]}-{number + 1}")


def _lease(store: Store, server: str, address: str, asker: str, host: str) -> Item:
    seen_s = int(store.uptime_s()) % (_LEASE_S // 2)
    return {
        ".id": derived_id("lease", server, address), "address": address, "mac-address": asker,
        "client-id": f"1:{asker.lower()}", "address-lists": "", "server": server, "dhcp-option": "",
        "status": "bound", "expires-after": format_duration(_LEASE_S - seen_s), "last-seen": format_duration(seen_s),
        "active-address": address, "active-mac-address": asker, "active-client-id": f"1:{asker.lower()}",
        "active-server": server, "host-name": host, "radius": "false", "dynamic": "true", "blocked": "false",
        "disabled": "false",
    }  # fmt: skip


def _show_lease(store: Store, row: Item) -> None:
    row.setdefault("server", "all")
    row |= {"radius": "false", "dynamic": "false", "blocked": row.get("block-access", "false")}
    row.setdefault("status", "waiting")
    row.setdefault("last-seen", "never")


def _make_static(store: Store, request: Request) -> Answer:
    wanted = request.arguments.get("numbers") or request.arguments.get(".id", "")
    chosen: Iterable[Item] = [row for row in _leases(store) if row[".id"] in wanted.split(",")]
    for row in chosen:
        kept = {name: row[name] for name in ("address", "mac-address", "client-id", "server")}
        store.insert(LEASE, kept)
    return Answer()
