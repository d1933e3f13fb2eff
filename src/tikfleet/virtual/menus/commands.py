"""The commands that menus share: `print`, `get`, `find`, `add`, `set` and what goes with them."""

from collections.abc import Iterable
from typing import Final

from tikfleet.virtual.menus.checking import unmatched
from tikfleet.virtual.menus.editing import new_item, refuse_duplicates, values_of
from tikfleet.virtual.menus.hooks import Handler
from tikfleet.virtual.menus.request import ARGUMENT, GENERAL, MISSING, Answer, Refused, Request, Row
from tikfleet.virtual.menus.schema import Shape
from tikfleet.virtual.menus.schemas import MenuSchema
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

HIDDEN: Final = "*****"
_NO_SUCH_ITEM: Final = "no such item"


def show(store: Store, request: Request) -> Answer:
    """`print`: records, or their number with `count-only`. `.proplist` picks properties, `from` items."""
    rows: Iterable[Row] = shown_to(store, request)
    if "from" in request.arguments:
        chosen = set(request.arguments["from"].replace(";", ",").split(","))
        rows = [row for row in rows if row.get(".id") in chosen or row.get("name") in chosen]
    if request.where is not None:
        rows = [row for row in rows if request.where(row)]
    if "count-only" in request.arguments:
        return Answer(ret=str(len(list(rows))))
    names = request.arguments.get(".proplist") or request.arguments.get("proplist")
    if names and ".nextid" in names and store.schema(request.menu).ordered:
        rows = _with_next(list(rows))
    if names:
        listed = names.split(",")
        rows = [{name: row[name] for name in listed if name in row} for row in rows]
    return Answer(rows=list(rows))


def _with_next(rows: list[Row]) -> list[Row]:
    """Each row with the id of the one behind it; the last has none (`*FFFFFFFF`)."""
    following = [*(row.get(".id", "") for row in rows[1:]), "*FFFFFFFF"]
    return [{**row, ".nextid": behind} for row, behind in zip(rows, following, strict=True)]


def shown_to(store: Store, request: Request) -> list[Item]:
    """The rows of a menu, secrets hidden from who may not see them."""
    rows = store.rows(request.menu)
    if "sensitive" not in request.caller.policies:
        secrets = store.schema(request.menu).secrets
        for row in rows if secrets else ():
            row.update({name: HIDDEN for name in secrets if row.get(name)})
    return rows


def find(store: Store, request: Request) -> Answer:
    """Ids of the items that the condition keeps, joined by semicolons as the API returns an array."""
    rows = shown_to(store, request)
    if request.where is not None:
        rows = [row for row in rows if request.where(row)]
    return Answer(ret=";".join(row[".id"] for row in rows if ".id" in row))


def get(store: Store, request: Request) -> Answer:
    """One value, with `value-name`; otherwise the item as a record, and as text in `ret`."""
    row = _row(store, request)
    name = request.arguments.get("value-name")
    if name is None:
        return Answer(rows=[row], ret=";".join(f"{key}={value}" for key, value in row.items()))
    if name not in row and store.schema(request.menu).property(name) is None:
        raise unmatched("value-name")
    return Answer(ret=row.get(name, ""))


def _row(store: Store, request: Request) -> Item:
    rows = shown_to(store, request)
    if store.schema(request.menu).shape is Shape.SINGLE:
        return rows[0]
    wanted = next((request.arguments[name] for name in (".id", "number", "numbers") if name in request.arguments), None)
    if wanted is None:
        raise _no_target(request)
    place = ".id" if wanted.startswith("*") else "name"
    found = next((row for row in rows if row.get(place) == wanted), None)
    if found is None:
        raise Refused(_NO_SUCH_ITEM, MISSING)
    return found


def targets(store: Store, request: Request) -> list[tuple[str, Item]]:
    """The items that a command names by id or name, with the menus that keep them."""
    given = next((request.arguments[name] for name in (".id", "numbers", "number") if name in request.arguments), None)
    if given is None:
        raise _no_target(request)
    return [_target(store, request.menu, word) for word in given.replace(";", ",").split(",") if word]


def _target(store: Store, menu: str, word: str) -> tuple[str, Item]:
    found = store.find(menu, word)
    if found is not None:
        return found
    if any(word in (row.get(".id"), row.get("name")) for rows in store.hooks(menu).rows for row in rows(store)):
        raise Refused("failure: can not change dynamic item", GENERAL)
    raise Refused(_NO_SUCH_ITEM, MISSING)


def _no_target(request: Request) -> Refused:
    if request.caller.via in ("api", "rest-api"):
        return Refused("missing =.id=", ARGUMENT)
    return Refused("missing value(s) of argument(s) numbers", ARGUMENT)


def add(store: Store, request: Request) -> Answer:
    """A new item, at the end or before another; its id comes back."""
    schema = store.schema(request.menu)
    item = new_item(store, schema, request)
    # Some such menus have the command, and routers answered it with texts that `new_item` knows.
    if schema.fixed:
        raise Refused("no such command", MISSING)
    place = None
    before = request.arguments.get("place-before")
    if before is not None:
        place = store.table(request.menu).place(_target(store, request.menu, before)[1][".id"])
    store.insert(request.menu, item, place)
    return Answer(ret=item[".id"])


def change(store: Store, request: Request) -> Answer:
    """`set`: the same values for each of the items named, or for the one set of values of a menu."""
    schema = store.schema(request.menu)
    if schema.shape is Shape.SINGLE:
        values = values_of(store, schema, request)
        store.update(request.menu, store.table(request.menu).values, values, request.absent)
        return Answer()
    for menu, item in targets(store, request):
        kept = store.schema(menu)
        values = values_of(store, kept, request)
        refuse_duplicates(store, kept, {**item, **values}, values)
        absent = set(request.absent)
        if values.get("comment") == "":
            del values["comment"]
            absent.add("comment")
        store.update(menu, item, values, absent)
    return Answer()


def unset(store: Store, request: Request) -> Answer:
    """Take a property's value away."""
    names = request.arguments.get("value-name", "").split(",")
    for menu, item in targets(store, request):
        schema = store.schema(menu)
        unknown = next((name for name in names if schema.property(name) is None or not schema.can_unset(name)), None)
        if unknown is not None:
            raise unmatched("value-name")
        store.update(menu, item, {}, names)
    return Answer()


def remove(store: Store, request: Request) -> Answer:
    for menu, item in targets(store, request):
        _refuse_fixed(store.schema(menu), item)
        store.delete(menu, item)
    return Answer()


def _refuse_fixed(schema: MenuSchema, item: Item) -> None:
    if schema.fixed or "default-name" in item:
        raise Refused("failure: can not remove this item", GENERAL)
    if item.get("builtin") == "true":
        raise Refused("failure: can not remove builtin", GENERAL)
    if item.get("default") == "true":
        raise Refused("failure: can not remove default item", GENERAL)


def _toggle(store: Store, request: Request, disabled: str) -> Answer:
    for menu, item in targets(store, request):
        store.update(menu, item, {"disabled": disabled})
    return Answer()


def enable(store: Store, request: Request) -> Answer:
    return _toggle(store, request, "false")


def disable(store: Store, request: Request) -> Answer:
    return _toggle(store, request, "true")


def comment(store: Store, request: Request) -> Answer:
    text = request.arguments.get("comment", "")
    for menu, item in targets(store, request):
        store.update(menu, item, {"comment": text} if text else {}, () if text else ("comment",))
    return Answer()


def move(store: Store, request: Request) -> Answer:
    """Put items before `destination`, or at the end without one."""
    schema = store.schema(request.menu)
    if not schema.ordered:
        raise Refused("no such command", MISSING)
    moved = [item[".id"] for _, item in targets(store, request)]
    where = request.arguments.get("destination", "")
    store.move(request.menu, moved, _target(store, request.menu, where)[1][".id"] if where else None)
    return Answer()


def reset(store: Store, request: Request) -> Answer:
    """Give properties their defaults again: all of an item's that are named in `value-name`."""
    names = [name for name in request.arguments.get("value-name", "").split(",") if name]
    single = store.schema(request.menu).shape is Shape.SINGLE
    found = [(request.menu, store.table(request.menu).values)] if single else targets(store, request)
    for menu, item in found:
        store.update(menu, item, {}, names)
    return Answer()


def edit(store: Store, request: Request) -> Answer:
    """An editor needs a terminal with a person at it."""
    raise Refused("this command requires user input", GENERAL)


ITEM_COMMANDS: Final[dict[str, Handler]] = {
    "print": show,
    "getall": show,
    "get": get,
    "find": find,
    "add": add,
    "set": change,
    "unset": unset,
    "remove": remove,
    "enable": enable,
    "disable": disable,
    "comment": comment,
    "move": move,
    "reset": reset,
    "edit": edit,
}
READING: Final = frozenset({"print", "getall", "get", "find", "export"})
# What the log says an item was, by command.
DONE: Final = {
    "add": "added",
    "set": "changed",
    "unset": "changed",
    "remove": "removed",
    "enable": "changed",
    "disable": "changed",
    "comment": "changed",
    "move": "moved",
    "reset": "changed",
}
