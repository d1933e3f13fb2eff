"""Configurations of real routers put onto virtual ones: an export read, and applied line by line.

What an export sets exists on that router: ports, radios, disks and the like that are not there yet are made. A value
that an export names though it is this engine's default is not the default of that router, so later exports name it
again.
"""

import re
from dataclasses import dataclass
from typing import Final

from tikfleet.routeros.check import releases
from tikfleet.routeros.export.model import Configuration, Item, Selector, Verb
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.menus.commands import add, change
from tikfleet.virtual.menus.editing import free_name
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import MISSING, Refused, Request
from tikfleet.virtual.menus.schema import Shape
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item as Row

# Menus whose items are hardware: an export that sets one proves it.
_HARDWARE: Final = frozenset(
    {
        "/disk", "/interface/ethernet", "/interface/ethernet/switch", "/interface/ethernet/switch/port",
        "/interface/lte", "/interface/lte/apn", "/interface/wifi", "/interface/wifiwave2", "/interface/wireless",
        "/interface/w60g", "/port", "/system/leds", "/system/console", "/zerotier", "/caps-man/manager/interface",
        "/interface/wireless/security-profiles", "/routing/bgp/instance", "/routing/ospf/instance",
        "/routing/ospf/area", "/interface/wireless/security-profile", "/ip/hotspot/profile", "/queue/interface",
    }
)  # fmt: skip
# The share of values that are defaults in a verbose export; in compact ones it is a few in a hundred.
_VERBOSE: Final = 0.4
_RADIOS: Final = ("wlan", "wifi", "w60g")
_HARDWARE_NAME: Final = re.compile(r"(?:ether|wlan|wifi|w60g-|(?:q?sfp|combo)[a-z0-9-]*?)\d+(?:-\d+)?")
_INTERFACES: Final = frozenset({"interface", "in-interface", "out-interface", "slaves", "tagged", "untagged"})
_BOOLEANS: Final = {"yes": "true", "no": "false"}


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of an export that the router would not take, and its words for why."""

    line: int
    menu: str
    text: str


def profile_of(configuration: Configuration) -> Profile:
    """The router that wrote an export, as far as its header and its ports tell."""
    header = configuration.header
    named = _default_names(configuration)
    ports = [name for name in named if not name.startswith(_RADIOS)]
    radios = [name for name in named if name.startswith(_RADIOS)]
    try:
        version = RouterOSVersion.parse(header.version)
    except ValueError:
        version = Profile().version
    if not header.model or set(header.model) == {"X"}:
        return Profile(version=version, ports=tuple(ports) or Profile().ports, radios=tuple(radios))
    numbers = [name.removeprefix("ether") for name in ports]
    count = max([5, *(int(number) for number in numbers if number.isdigit())])
    ether = tuple(f"ether{number}" for number in range(1, count + 1))
    others = tuple(name for name in ports if name not in ether)
    return Profile(
        version=version, board=header.model, model=header.model, architecture="arm", serial=header.serial,
        software_id=header.software_id, ports=ether + others, radios=tuple(radios),
    )  # fmt: skip


def _default_names(configuration: Configuration) -> list[str]:
    """Names of the hardware's interfaces: those that `set` selects, and those that are used and never added."""
    items = [item for found in configuration.menus.values() for item in found]
    added = {item.values.get("name") for item in items if item.verb is Verb.ADD}
    renamed = {item.values.get("name") for item in items if item.selector}
    found = [value for item in items for name, value in item.selector if name == "default-name"]
    for item in items:
        for name in _INTERFACES & item.values.keys():
            words = (item.values[name] or "").lstrip("!").split(",")
            found += [word for word in words if _HARDWARE_NAME.fullmatch(word) and word not in added | renamed]
    return list(dict.fromkeys(found))


def load(store: Store, configuration: Configuration) -> list[Problem]:
    """Apply every line; those that are refused are told and left out."""
    problems = []
    told: list[tuple[Row, list[str]]] = []
    for menu, items in configuration.menus.items():
        for item in items:
            try:
                told += _apply(store, menu, item)
            except Refused as refused:
                problems.append(Problem(item.line, menu, refused.message))
    values = sum(len(item.values) for items in configuration.menus.values() for item in items)
    # An export that names defaults everywhere is a verbose one, and tells nothing by it.
    if sum(len(names) for _, names in told) < values * _VERBOSE:
        for row, names in told:
            row["_told"] = ",".join(names)
    store.changes = []
    return problems


def _apply(store: Store, menu: str, item: Item) -> list[tuple[Row, list[str]]]:
    """What was written, with the names of values that are this engine's defaults."""
    schema = store.schema(menu)
    arguments = {name: "" if value is None else value for name, value in item.values.items()}
    if item.verb is Verb.ADD:
        made = store.table(menu).get(add(store, Request(menu, "add", arguments)).ret or "")
        rows = [made] if made is not None else []
    elif schema.shape is Shape.SINGLE:
        change(store, Request(menu, "set", arguments))
        rows = [store.table(menu).values]
    else:
        rows = _chosen(store, menu, item.selector)
        for row in rows:
            change(store, Request(menu, "set", {**arguments, "numbers": row[".id"]}))
    return [(row, names) for row in rows if (names := _defaults_in(store, menu, row, arguments))]


def _defaults_in(store: Store, menu: str, row: Row, arguments: dict[str, str]) -> list[str]:
    defaults = store.schema(menu).defaults
    initial = store.table(menu).initial.get(row.get(".id", ""), {})
    return [name for name in arguments if row.get(name) == initial.get(name, defaults.get(name))]


def _chosen(store: Store, menu: str, selector: Selector) -> list[Row]:
    """The items that `[ find ... ]`, a name or a number mean; one that has to be there is made."""
    table = store.table(menu)
    found = [item for place, item in enumerate(table.items) if _is_meant(store, menu, selector, item, place)]
    if found:
        return found
    is_hardware = menu in _HARDWARE or menu.startswith(releases.HARDWARE)
    if not is_hardware and selector == (("", ""),):
        return []
    if not is_hardware:
        raise Refused("no such item", MISSING)
    while not found:
        item = _made(selector if selector != (("", ""),) else (("default-name", free_name(store, menu)),))
        item = {".id": store.new_id(menu), **item}
        table.insert(item)
        table.initial[item[".id"]] = dict(item)
        if _is_meant(store, menu, selector, item, len(table.items) - 1):
            found = [item]
    return found


def _made(selector: Selector) -> Row:
    name, value = selector[0]
    if name == "default-name":
        return {"name": value, "default-name": value}
    if name:
        return {name: _BOOLEANS.get(value, value)}
    return {"_selector": value} if value.isdigit() else {"name": value, "_selector": value}


def _is_meant(store: Store, menu: str, selector: Selector, item: Row, place: int) -> bool:
    if len(selector) == 1 and not selector[0][0]:
        word = selector[0][1]
        return not word or word == item.get("name") or word in (item.get(".id"), item.get("_selector"), str(place))
    shown = store.schema(menu).defaults | item
    return all(shown.get(name) in (value, _BOOLEANS.get(value, value)) for name, value in selector)
