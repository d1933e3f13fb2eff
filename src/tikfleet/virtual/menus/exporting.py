"""A router's configuration as `/export` writes it: compact, verbose or terse, with secrets or without.

The form is that of REFERENCE of configuration text and of recorded exports. Sections come in an order in which they
can be read back: what others name stands first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tikfleet.routeros.export.menus import unexported_flags
from tikfleet.routeros.script.quoting import quote
from tikfleet.virtual.menus.behaviours.moments import stamp
from tikfleet.virtual.menus.facts.conditions import counts
from tikfleet.virtual.menus.facts.exported import EXPORTED, NAMED_WHEN_SET
from tikfleet.virtual.menus.kinds import INTERFACE, TYPES
from tikfleet.virtual.menus.schema import Kind, Shape
from tikfleet.virtual.menus.schemas import MenuSchema
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item
from tikfleet.virtual.menus.wrapping import wrapped

_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:/,*+@!<>|^~%&'")
# What others name, in the order in which they need it; the rest follows by name.
_FIRST: Final = (
    "/interface/bridge", "/interface/ethernet", "/interface/wireless", "/interface/wifi", "/interface/wifiwave2",
    "/interface/lte", "/interface/veth", "/interface/eoip", "/interface/gre", "/interface/ipip",
    "/interface/wireguard", "/interface/bonding", "/interface/vxlan", "/interface/vlan", "/interface/macvlan",
    "/interface/vrrp", *sorted(TYPES), "/interface/list", "/interface/wireless/security-profiles",
    "/ip/pool", "/ip/dhcp-server", "/ip/dhcp-server/option", "/ip/ipsec/profile", "/ip/ipsec/peer",
    "/ip/ipsec/proposal", "/ip/vrf", "/port", "/ppp/profile", "/queue/type", "/queue/simple", "/queue/tree",
    "/routing/table", "/routing/id", "/routing/bgp/template", "/routing/ospf/instance", "/routing/ospf/area",
    "/snmp/community", "/system/logging/action", "/user/group",
)  # fmt: skip
_RANK: Final = {path: rank for rank, path in reversed(list(enumerate(_FIRST)))}
# Never in an export: users' passwords and keys, certificates, and what other files hold.
_NEVER: Final = ("/certificate", "/file", "/log", "/user", "/system/history")
_EXPORTED_USERS: Final = frozenset({"/user/group", "/user/aaa", "/user/settings", "/certificate/settings"})
# How exports name the items that every router has: the others of such items say `[ find default=yes ]`.
_BY_ID: Final = frozenset({"/ppp/profile"})
_BY_NAME: Final = frozenset({"/routing/bgp/instance", "/routing/bgp/template"})
_BY_NUMBER: Final = frozenset(
    {"/ip/ipsec/policy", "/port", "/queue/type", "/system/console", "/system/logging", "/system/logging/action"}
)
# Arguments that stand without a value.
_BARE: Final = frozenset({"blackhole", "fib", "passive"})
# Counted in KiB, and written with that unit.
_KIB: Final = frozenset({"cache-size"})
_NOT_WRITTEN: Final = frozenset({".id", "default-name", "dynamic", "invalid", "builtin", "default"})


@dataclass(frozen=True, slots=True)
class Form:
    """How to write: everything or what differs, one command a line with its path, secrets or not."""

    verbose: bool = False
    terse: bool = False
    secrets: bool = False


def export(store: Store, menu: str, form: Form) -> str:
    """The text for a menu and all below it; for the whole router where the menu is empty."""
    lines = list(_header(store))
    for path in _order(store, menu):
        commands = list(_commands(store, path, form))
        spaced = path.replace("/", " ").strip()
        if form.terse:
            lines += [f"/{spaced} {command}" for command in commands]
        elif commands:
            lines += [f"/{spaced}", *(wrapped(command) for command in commands)]
    return "".join(f"{line}\n" for line in lines)


def _header(store: Store) -> Iterator[str]:
    profile = store.profile
    yield f"# {stamp(store, store.now_s())} by RouterOS {profile.version}"
    if profile.model:
        yield f"# software id = {profile.software_id}"
    elif profile.at_least("7.20"):
        yield f"# system id = {profile.software_id}"
    else:
        yield "# software id = "
    yield "#"
    if profile.model:
        yield f"# model = {profile.model}"
        yield f"# serial number = {profile.serial}"


def _order(store: Store, menu: str) -> list[str]:
    """Menus that hold something; a verbose export shows those, too, that were only looked at."""
    found = [
        path
        for path in store.loaded()
        if path.startswith(menu) and (path == menu or not menu or path[len(menu)] == "/")
    ]
    return sorted((path for path in found if _is_exported(path)), key=lambda path: (_RANK.get(path, len(_FIRST)), path))


def _is_exported(path: str) -> bool:
    if path in _EXPORTED_USERS:
        return True
    return path != INTERFACE and not any(path == head or path.startswith(f"{head}/") for head in _NEVER)


def _commands(store: Store, path: str, form: Form) -> Iterator[str]:
    schema = store.schemas.get(path)
    if schema is None:
        return
    table = store.table(path)
    if schema.shape is Shape.SINGLE:
        words = _words(schema, table.values, table.initial.get("", {}), form)
        if words:
            yield " ".join(["set", *words])
        return
    for place, item in enumerate(table.items):
        initial = table.initial.get(item[".id"])
        if initial is None:
            if not any(item.get(flag) == "true" for flag in ("dynamic", *unexported_flags(path))):
                yield " ".join(["add", *_words(schema, item, {}, form)])
            continue
        words = _words(schema, item, initial, form)
        if words and item.get("builtin") != "true":
            yield " ".join(["set", _selector(schema, item, place), *words])


def _selector(schema: MenuSchema, item: Item, place: int) -> str:
    """How an export names an item that is there on every router."""
    if "_selector" in item:
        return _word(item["_selector"])
    if "default-name" in item:
        return f"[ find default-name={_word(item['default-name'])} ]"
    if schema.path in _BY_ID:
        return item[".id"]
    if schema.path in _BY_NUMBER:
        return str(place)
    if item.get("default") == "true" and schema.path not in _BY_NAME:
        return "[ find default=yes ]"
    return _word(item["name"]) if schema.named and "name" in item else str(place)


def _words(schema: MenuSchema, item: Item, initial: Item, form: Form) -> list[str]:
    always = {} if initial else {name: schema.defaults[name] for name in _always(schema) if name in schema.defaults}
    shown = (schema.defaults if form.verbose else always) | item
    told = item.get("_told", "").split(",")
    words = []
    for name in sorted(shown):
        value = shown[name]
        if name in _NOT_WRITTEN or name[0] == "_":
            continue
        fact = schema.property(name)
        if fact is None or fact.read_only or (name in schema.secrets and not form.secrets):
            continue
        if form.verbose and name not in item and not counts(schema.path, name, shown):
            continue
        if not form.verbose and name not in told and _is_default(schema, initial, name, value):
            continue
        bare = name in _BARE and value in ("", "true")
        spelled = _spelled(schema, fact.kind, name, value)
        if name == "address" and "from-pool" in item:
            spelled = spelled.removesuffix("/64")
        words.append(name if bare else f"{name}={_word(spelled)}")
    # What an item has on every router and somebody took away.
    words += [f'{name}=""' for name in sorted(initial) if name not in item and name == "comment"]
    return words


def _always(schema: MenuSchema) -> frozenset[str]:
    """What an export says of an added item even where it is the default."""
    return EXPORTED.get(schema.path, frozenset()) if schema.shape is Shape.TABLE else frozenset()


def _is_default(schema: MenuSchema, initial: Item, name: str, value: str) -> bool:
    if initial:
        return initial.get(name, schema.defaults.get(name)) == value
    named = name == "name" or name in _always(schema) or schema.path.startswith(NAMED_WHEN_SET)
    return not named and schema.defaults.get(name) == value


def _spelled(schema: MenuSchema, kind: Kind, name: str, value: str) -> str:
    """The console's spelling of a value that is kept in the API's."""
    if kind is Kind.BOOLEAN:
        return {"true": "yes", "false": "no"}.get(value, value)
    if kind is Kind.RATE:
        return "/".join(_short(part) for part in value.split("/"))
    if name in _KIB and value.isdigit():
        return f"{value}KiB"
    if schema.path == "/ip/address" and name == "address":
        return value.removesuffix("/32")
    return value


def _short(rate: str) -> str:
    """`10M` for 10000000."""
    if not rate.isdigit() or rate == "0":
        return rate
    for factor, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if int(rate) % factor == 0:
            return f"{int(rate) // factor}{letter}"
    return rate


def _word(text: str) -> str:
    if text and _PLAIN.issuperset(text):
        return text
    return quote(text.encode("utf-8", "surrogateescape"))
