"""What may be written into a menu: arguments checked against its schema, with RouterOS's texts where they are wrong."""

from collections.abc import Iterable
from typing import Final

from tikfleet.routeros.check.releases import known
from tikfleet.routeros.check.requirements import MISSING as MISSING_TEXT
from tikfleet.routeros.check.requirements import requirement
from tikfleet.routeros.export.menus import key_names
from tikfleet.virtual.menus.checking import checked, unmatched
from tikfleet.virtual.menus.kinds import INTERFACE, is_interface_kind
from tikfleet.virtual.menus.request import ARGUMENT, GENERAL, Refused, Request
from tikfleet.virtual.menus.schema import Kind, Property
from tikfleet.virtual.menus.schemas import MenuSchema
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item
from tikfleet.virtual.menus.wording import duplicate, new_name

TARGETS: Final = frozenset({".id", "numbers", "number"})
_ABOUT_PLACE: Final = frozenset({"copy-from", "place-before"})
# Names of what may come later: pools that a DHCPv6 client brings.
_LATER: Final = frozenset({"from-pool"})
# Names of these tell nothing apart: several items may have the same.
_SHARED_NAMES: Final = frozenset(
    {"/ip/dns/static", "/ip/dns/cache", "/container/envs", "/container/mounts", "/disk", "/container"}
)


def values_of(store: Store, schema: MenuSchema, request: Request, *ignored: str) -> Item:
    """The arguments of `add` and `set` as values to keep."""
    found: Item = {}
    for name, given in request.arguments.items():
        if name in TARGETS or name in ignored:
            continue
        fact = schema.property(name)
        if fact is None or (name not in schema.writable and not schema.open_arguments) or fact.read_only:
            raise Refused(f"unknown parameter {name}", ARGUMENT)
        value = checked(fact, given)
        found[name] = reference(store, fact, value) if fact.refers and name not in _LATER else value
    unknown = next((name for name in request.absent if schema.property(name) is None), None)
    if unknown is not None:
        raise Refused(f"unknown parameter {unknown}", ARGUMENT)
    return found


def reference(store: Store, fact: Property, value: str) -> str:
    """The names of items that a value means, which may be given by their ids."""
    words = value.split(",") if fact.kind is Kind.LIST else [value]
    return ",".join(_referred(store, fact, word) for word in words)


def _referred(store: Store, fact: Property, word: str) -> str:
    mark, bare = ("!", word[1:]) if word.startswith("!") else ("", word)
    if not bare or bare in fact.choices:
        return word
    for menu in fact.refers:
        if store.schemas.exists(menu):
            item = store.find(menu, bare)
            if item is not None:
                return mark + item[1].get("name", bare)
            if any(row.get("name") == bare for rows in store.hooks(menu).rows for row in rows(store)):
                return word
    raise unmatched(fact.name)


def new_item(store: Store, schema: MenuSchema, request: Request) -> Item:
    """The item that `add` makes, complete but for its id."""
    item = copied(store, schema, request.arguments.get("copy-from"))
    given = request.arguments.keys() - _ABOUT_PLACE
    # What is wrong in itself is found before what is not there, as by whoever reads a line from its beginning.
    values = values_of(store, schema, request, *_ABOUT_PLACE)
    _require(store, schema, request.arguments.keys() - {"place-before"})
    item |= values
    for name in request.absent:
        item.pop(name, None)
    if "name" not in item and (is_interface_kind(schema.path) or _names_itself(store, schema)):
        item["name"] = free_name(store, schema.path)
    if item.get("comment") == "":
        del item["comment"]
    refuse_duplicates(store, schema, item, given)
    return item


def copied(store: Store, schema: MenuSchema, source: str | None) -> Item:
    """The values of the item that `copy-from` names, but for its identity."""
    if source is None:
        return {}
    found = store.find(schema.path, source)
    if found is None:
        raise unmatched("copy-from")
    return {name: value for name, value in found[1].items() if name not in (".id", "name") and name[0] != "_"}


def _require(store: Store, schema: MenuSchema, given: Iterable[str]) -> None:
    needed = requirement(schema.path, store.profile.version)
    names = set(given)
    if needed is not None:
        text = needed.missing(names, lambda name: name in schema.properties)
        if text:
            raise Refused(text, ARGUMENT if text.startswith(MISSING_TEXT) else GENERAL)
        return
    # What the router's own answers do not cover: menus of hardware and of v6.
    if f"{schema.path}/add" in known().commands or "copy-from" in names:
        return
    absent = [fact.name for fact in schema.properties.values() if fact.required and fact.name not in names]
    if absent:
        raise Refused(schema.facts.required_text or MISSING_TEXT + " ".join(absent), ARGUMENT)


def _names_itself(store: Store, schema: MenuSchema) -> bool:
    if not schema.named or not _unique_name(schema):
        return False
    fact = schema.properties["name"]
    return not fact.read_only and fact.default is None


def _unique_name(schema: MenuSchema) -> bool:
    return schema.path not in _SHARED_NAMES and key_names(schema.path) == frozenset({"name"})


def free_name(store: Store, menu: str) -> str:
    """`bridge1`, or the first such name that nothing has."""
    family = INTERFACE if is_interface_kind(menu) else menu
    head = new_name(menu)
    number = 1
    while store.find(family, f"{head}{number}") is not None:
        number += 1
    return f"{head}{number}"


def refuse_duplicates(store: Store, schema: MenuSchema, item: Item, given: Iterable[str]) -> None:
    """Raise `Refused` where a name or a key that was given is another item's."""
    menu = schema.path
    names = set(given)
    interface = is_interface_kind(menu)
    refusal = Refused(schema.facts.duplicate_text or duplicate(menu, is_interface=interface), GENERAL)
    if "name" in names and schema.named and _unique_name(schema):
        other = store.find(INTERFACE if interface else menu, item.get("name", ""))
        if other is not None and other[1] is not item and other[1].get(".id") != item.get(".id"):
            raise refusal
    keys = [(fact.name,) for fact in schema.properties.values() if fact.unique and fact.name != "name"]
    for key in (*keys, *schema.facts.unique_together):
        if names.isdisjoint(key) or not all(name in item for name in key):
            continue
        if _is_taken(store, menu, item, key):
            raise refusal


def _is_taken(store: Store, menu: str, item: Item, key: tuple[str, ...]) -> bool:
    """Whether another item has the same values; lists of addresses are long, so the last property decides first."""
    *others, last = key
    value = item[last]
    return any(
        other.get(last) == value
        and other.get(".id") != item.get(".id")
        and all(other.get(name) == item[name] for name in others)
        for other in store.table(menu).items
    )
