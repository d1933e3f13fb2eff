"""IP addresses, the routes that follow from them, and which routes are active.

A connected route exists while its address is enabled and its interface runs. Flags of routes are properties that are
`true` or absent, as the v7 API shows them; an `immediate-gw` is the gateway and its interface.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Interface
from typing import Final
from zlib import crc32

from tikfleet.virtual.menus.behaviours import interfaces
from tikfleet.virtual.menus.behaviours.chance import dice, mac
from tikfleet.virtual.menus.checking import invalid
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import GENERAL, Refused
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

ADDRESS: Final = "/ip/address"
ROUTE: Final = "/ip/route"
_LONGEST_MASK: Final = 32


def attach(behaviours: Behaviours) -> None:
    hooks = behaviours.on(ADDRESS)
    hooks.before_add.append(_complete)
    hooks.before_set.append(_changed)
    hooks.show.append(_show_address)
    hooks.rows.append(_leased)
    routes = behaviours.on(ROUTE)
    routes.before_add.append(lambda _, item: _spell_destination(item))
    routes.before_set.append(lambda _, __, changes: _spell_destination(changes))
    routes.show.append(_show_route)
    routes.rows.append(_dynamic_routes)
    behaviours.on("/ip/arp").rows.append(_neighbours)
    behaviours.on("/ip/arp").show.append(_show_static)
    behaviours.on("/ipv6/address").show.append(_show_address6)
    behaviours.on("/ip/pool/used").rows.append(_used)


def derived_id(*words: str) -> str:
    """The id of an item that follows from others: high, and the same as long as they are."""
    return f"*8{crc32('/'.join(words).encode('utf-8', 'surrogateescape')) & 0x0FFFFFFF:07X}"


def _prefix(text: str) -> IPv4Interface | None:
    with suppress(ValueError):
        return IPv4Interface(text)
    return None


def _complete(store: Store, item: Item) -> None:
    """An address without a mask takes the one of `netmask`, or stands alone; its network follows from both."""
    found = _prefix(item.get("address", ""))
    if found is None:
        raise invalid("address")
    mask = item.pop("netmask", "")
    if mask and "/" not in item["address"]:
        found = _prefix(f"{found.ip}/{mask}") or found
    item["address"] = str(found)
    _refuse_second(store, item)
    item.setdefault("network", str(found.network.network_address))


def _refuse_second(store: Store, item: Item) -> None:
    for other in store.table(ADDRESS).items:
        same = other["address"] == item["address"] and other.get("interface") == item.get("interface")
        if same and other.get(".id") != item.get(".id"):
            raise Refused("failure: already have such address", GENERAL)


def _changed(store: Store, item: Item, changes: Item) -> None:
    changes.pop("netmask", None)
    if "address" not in changes:
        return
    found = _prefix(changes["address"])
    if found is None:
        raise invalid("address")
    changes["address"] = str(found)
    _refuse_second(store, {**item, **changes})
    changes.setdefault("network", str(found.network.network_address))


def actual_interface(store: Store, name: str) -> str:
    """Where packets go: the bridge, for a port of one."""
    for port in store.table(interfaces.BRIDGE_PORT).items:
        if port.get("interface") == name and port.get("disabled") != "true":
            return port.get("bridge", name)
    return name


def _show_address(store: Store, row: Item) -> None:
    name = row.get("interface", "")
    known = interfaces.find(store, name) is not None or name == "lo"
    row["invalid"] = "false" if known else "true"
    row["actual-interface"] = actual_interface(store, name)


def _show_address6(store: Store, row: Item) -> None:
    known = interfaces.find(store, row.get("interface", "")) is not None or row.get("interface") == "lo"
    row["invalid"] = "false" if known else "true"
    with suppress(ValueError):
        row["link-local"] = "true" if IPv6Interface(row.get("address", "")).is_link_local else "false"
    row["actual-interface"] = row.get("interface", "")


def _leased(store: Store) -> Iterable[Item]:
    """Addresses that DHCP clients have got."""
    for client in store.rows("/ip/dhcp-client"):
        if client.get("status") == "bound":
            found = IPv4Interface(client["address"])
            yield {
                ".id": derived_id("address", client[".id"]), "address": client["address"],
                "network": str(found.network.network_address), "interface": client["interface"],
                "actual-interface": actual_interface(store, client["interface"]), "invalid": "false",
                "dynamic": "true", "disabled": "false",
            }  # fmt: skip


def live_addresses(store: Store) -> Iterator[tuple[str, IPv4Interface, str]]:
    """Id, address and interface of every address that is enabled on an interface that runs."""
    for row in store.rows(ADDRESS):
        if row.get("disabled") == "true" or row.get("invalid") == "true":
            continue
        name = row.get("actual-interface", "")
        found = interfaces.find(store, name)
        address = _prefix(row["address"])
        if address is not None and (found is None or interfaces.runs(store, *found)):
            yield row[".id"], address, name


def _spell_destination(values: Item) -> None:
    if "dst-address" in values:
        with suppress(ValueError):
            values["dst-address"] = str(IPv4Network(values["dst-address"], strict=False))


def _dynamic_routes(store: Store) -> Iterable[Item]:
    modern = store.profile.version.major > 6  # noqa: PLR2004 - the generation
    for client in store.rows("/ip/dhcp-client"):
        if client.get("status") == "bound" and client.get("add-default-route", "yes") != "no":
            yield _route(
                store, derived_id("gateway", client[".id"]), "0.0.0.0/0", client["gateway"],
                {"distance": client.get("default-route-distance", "1"), "dhcp" if modern else "static": "true"},
            )  # fmt: skip
    for item_id, address, name in live_addresses(store):
        row = _route(store, derived_id("connected", item_id), str(address.network), name, {"connect": "true"})
        row |= {"distance": "0", "scope": "10", "local-address" if modern else "pref-src": f"{address.ip}"}
        if modern:
            row["local-address"] = f"{address.ip}%{name}"
        yield row


def _route(store: Store, item_id: str, destination: str, gateway: str, facts: Item) -> Item:
    row = {
        ".id": item_id, "dst-address": destination, "routing-table": "main", "gateway": gateway,
        "immediate-gw": _reach(store, gateway) or gateway, "distance": "1", "scope": "30", "target-scope": "10",
        "dynamic": "true", "inactive": "false", "active": "true", "disabled": "false",
    }  # fmt: skip
    if store.profile.version.major < 7:  # noqa: PLR2004 - the generation
        for name in ("routing-table", "immediate-gw", "inactive"):
            del row[name]
    return row | facts


def _reach(store: Store, gateway: str) -> str:
    """`gateway%interface` for an address in a connected network or an interface that runs; empty if out of reach."""
    bare, _, scope = gateway.partition("%")
    try:
        address = IPv4Address(bare)
    except ValueError:
        found = interfaces.find(store, bare.partition("@")[0])
        return bare if found is not None and interfaces.runs(store, *found) else ""
    if scope:
        return gateway
    return next((f"{bare}%{name}" for _, held, name in live_addresses(store) if address in held.network), "")


def _show_route(store: Store, row: Item) -> None:
    """Static routes: active when enabled, in reach, and no better one leads there."""
    reach = [found for word in row.get("gateway", "").split(",") if word and (found := _reach(store, word))]
    blackhole = row.get("blackhole") not in (None, "false")
    active = row.get("disabled") != "true" and (bool(reach) or blackhole) and not _outdone(store, row)
    row["active"], row["static"], row["dynamic"] = ("true" if active else "false"), "true", "false"
    row.setdefault("dst-address", "0.0.0.0/0")
    row.setdefault("distance", "1")
    row.setdefault("scope", "30")
    row.setdefault("target-scope", "10")
    if store.profile.version.major > 6:  # noqa: PLR2004 - the generation
        row.setdefault("routing-table", "main")
        row["inactive"] = "false" if active or row.get("disabled") == "true" else "true"
        if reach:
            row["immediate-gw"] = ",".join(reach)


def _outdone(store: Store, row: Item) -> bool:
    table = row.get("routing-table", "main")
    distance = int(row.get("distance", "1") or 1)
    return any(
        other is not row
        and other.get(".id") != row.get(".id")
        and other.get("dst-address", "0.0.0.0/0") == row.get("dst-address", "0.0.0.0/0")
        and other.get("routing-table", "main") == table
        and other.get("disabled") != "true"
        and int(other.get("distance", "1") or 1) < distance
        and any(_reach(store, word) for word in other.get("gateway", "").split(",") if word)
        for other in store.table(ROUTE).items
    )


def _neighbours(store: Store) -> Iterable[Item]:
    """A few machines in each connected network."""
    for item_id, address, name in live_addresses(store):
        for number in range(dice(store, "arp", item_id) % 3 + 1 if address.network.prefixlen < _LONGEST_MASK else 0):
            host = address.network.network_address + 2 + number
            if host in address.network and host != address.ip:
                yield {
                    ".id": derived_id("arp", str(host), name), "address": str(host),
                    "mac-address": mac(store, str(host)),
                    "interface": name, "published": "false", "status": "reachable", "invalid": "false",
                    "DHCP": "false", "dynamic": "true", "complete": "true", "disabled": "false",
                }  # fmt: skip


def _show_static(store: Store, row: Item) -> None:
    row |= {"published": row.get("published", "false"), "invalid": "false", "DHCP": "false", "complete": "true"}


def _used(store: Store) -> Iterable[Item]:
    for lease in store.rows("/ip/dhcp-server/lease"):
        server = store.table("/ip/dhcp-server").named(lease.get("server", ""))
        pool = "" if server is None else server.get("address-pool", "")
        if pool and lease.get("dynamic") == "true":
            owner = "DHCP"
            yield {"pool": pool, "address": lease["address"], "owner": owner, "info": lease.get("mac-address", "")}
