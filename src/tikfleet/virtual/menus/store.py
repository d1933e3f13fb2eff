"""One router's configuration and state: tables by menu, ids, events, and the journal of what changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from tikfleet.virtual.clock import Clock
from tikfleet.virtual.menus.hooks import NOTHING, Behaviours, Hooks
from tikfleet.virtual.menus.journal import Change, Journal
from tikfleet.virtual.menus.kinds import INTERFACE, WELL_KNOWN_IDS, is_interface_kind
from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import MISSING, Caller, Refused, Row
from tikfleet.virtual.menus.schema import Shape
from tikfleet.virtual.menus.schemas import MenuSchema, schemas
from tikfleet.virtual.menus.table import Item, Table

# Boards without ports of their own: x86 in a case or in a cloud.
_NO_HARDWARE: Final = frozenset({"x86_64", "x86"})
NOBODY: Final = Caller(user="", via="system")


class Store:
    """Tables are made when they are first used. `state` is for behaviours: what outlives no reboot, by their key."""

    def __init__(self, profile: Profile, clock: Clock, behaviours: Behaviours) -> None:
        self.profile = profile
        self.clock = clock
        self.behaviours = behaviours
        self.schemas = schemas(profile.version, hardware=profile.architecture not in _NO_HARDWARE)
        self.journal = Journal()
        self.state: dict[str, Any] = {}
        self.booted_s = clock.elapsed_s()
        self.clock_offset_s = 0.0
        self.caller: Caller = NOBODY
        self.changes: list[Change] = []
        # Contents of files, by the id of their item.
        self.contents: dict[str, bytes] = {}
        self._tables: dict[str, Table] = {}
        self.last_ids: dict[str, int] = {}
        self._subscribers: dict[str, list[Callable[[Row], None]]] = {}
        self._plug_in()

    def _plug_in(self) -> None:
        """The hardware's interfaces get their ids first."""
        for menu in ("/interface/ethernet", "/interface/wireless", "/interface/wifi", "/interface/wifiwave2"):
            if self.schemas.exists(menu):
                self.table(menu)

    def schema(self, menu: str) -> MenuSchema:
        """Raises `Refused` for a menu that this router does not have."""
        found = self.schemas.get(menu)
        if found is None:
            raise Refused("no such command prefix", MISSING)
        return found

    def hooks(self, menu: str) -> Hooks:
        return self.behaviours.menus.get(menu, NOTHING)

    def table(self, menu: str) -> Table:
        """The items that a menu keeps, those of a reset router at first."""
        found = self._tables.get(menu)
        if found is None:
            found = self._tables[menu] = Table()
            self._fill(menu, found)
        return found

    def emptied(self, menu: str) -> Table:
        """A new table without items in the place of a menu's."""
        self._tables[menu] = Table()
        return self._tables[menu]

    def loaded(self) -> Iterable[str]:
        """Menus whose tables were made."""
        return tuple(self._tables)

    def _fill(self, menu: str, table: Table) -> None:
        schema = self.schemas.get(menu)
        initial = () if schema is None else schema.facts.initial
        items: list[Item] = [dict(pairs) for pairs in initial]
        # Facts win: behaviours say what follows from this router's board, and what no facts tell.
        for rows in () if items else self.hooks(menu).initial:
            items += rows(self)
        single = schema is not None and schema.shape is Shape.SINGLE
        for item in items:
            if single:
                table.values.update(item)
                table.initial[""] = dict(table.values)
                continue
            known = WELL_KNOWN_IDS.get(menu, {}).get(item.get("name", ""))
            kept = item if ".id" in item else {".id": known or self.new_id(menu), **item}
            table.insert(kept)
            table.initial[kept[".id"]] = dict(kept)

    def new_id(self, menu: str) -> str:
        """Ids grow and never come again; all kinds of interfaces share theirs."""
        group = INTERFACE if is_interface_kind(menu) else menu
        number = self.last_ids[group] = self.last_ids.get(group, 0) + 1
        return f"*{number:X}"

    def menus_of(self, menu: str) -> tuple[str, ...]:
        """The menus that keep the items of a menu: `/interface` shows those of all kinds."""
        if menu == INTERFACE:
            return tuple(path for path in self._tables if is_interface_kind(path))
        return (menu,)

    def find(self, menu: str, text: str) -> tuple[str, Item] | None:
        """The item of an id or a name, with the menu that keeps it."""
        for place in self.menus_of(menu):
            table = self.table(place)
            item = table.get(text) if text.startswith("*") else table.named(text)
            if item is not None:
                return place, item
        return None

    def rows(self, menu: str) -> list[Item]:
        """What `print` shows: every item with its defaults and what behaviours know of it."""
        schema = self.schema(menu)
        hooks = self.hooks(menu)
        if schema.shape is Shape.SINGLE:
            return [self.shown(schema, hooks, self.table(menu).values)]
        shown = [self.shown(schema, hooks, item) for item in self.table(menu).items]
        for rows in hooks.rows:
            shown += rows(self)
        return shown

    def shown(self, schema: MenuSchema, hooks: Hooks, item: Item) -> Item:
        """A copy of an item as the API shows it."""
        row = schema.defaults | item
        for condition in schema.conditions:
            if row.get(condition.decider) not in condition.values:
                for name in condition.names:
                    if name not in item:
                        row.pop(name, None)
        for name in schema.references:
            if item.get(name, "").startswith("*") and "invalid" not in item:
                row["invalid"] = "true"
        for show in hooks.show:
            show(self, row)
        hidden = [name for name in row if name[0] == "_"]
        for name in hidden:
            del row[name]
        return row

    def insert(self, menu: str, item: Item, place: int | None = None) -> None:
        """Add an item whose values are checked; it gets its id here."""
        hooks = self.hooks(menu)
        for before in hooks.before_add:
            before(self, item)
        values = dict(item)
        item.clear()
        item[".id"] = self.new_id(menu)
        item.update(values)
        table = self.table(menu)
        table.insert(item, place)
        self._record(menu, None, dict(item), table.place(item[".id"]) if place is not None else len(table.items) - 1)
        for after in hooks.after_add:
            after(self, item)
        self.announce(menu, item)

    def update(self, menu: str, item: Item, values: Mapping[str, str], absent: Iterable[str] = ()) -> None:
        """Set values of an item, and take those of `absent` away; names elsewhere follow a new name."""
        hooks = self.hooks(menu)
        changes = dict(values)
        for before in hooks.before_set:
            before(self, item, changes)
        old = dict(item)
        self._record(menu, old, item, 0)
        item.update(changes)
        for name in absent:
            # An interface always has a name.
            if name != "name" or not is_interface_kind(menu):
                item.pop(name, None)
        if "name" in changes and old.get("name") != item["name"]:
            self.rename(menu, old.get("name", ""), item["name"])
        for after in hooks.after_set:
            after(self, item, old)
        self.announce(menu, item)

    def delete(self, menu: str, item: Item) -> None:
        """Remove an item; what refers to it is left with its id."""
        hooks = self.hooks(menu)
        for before in hooks.before_remove:
            before(self, item)
        table = self.table(menu)
        self._record(menu, item, None, table.place(item[".id"]))
        table.remove(item[".id"])
        if "name" in item:
            self.rename(menu, item["name"], item[".id"])
        for after in hooks.after_remove:
            after(self, item)
        self.announce(menu, item, dead=True)

    def move(self, menu: str, item_ids: Sequence[str], destination: str | None) -> None:
        """Put items before another one, or at the end."""
        table = self.table(menu)
        before = tuple(item[".id"] for item in table.items)
        table.move(item_ids, destination)
        after = tuple(item[".id"] for item in table.items)
        self.changes.append(Change(menu, None, None, 0, (before, after)))
        for item_id in item_ids:
            self.announce(menu, table.get(item_id) or {})

    def arrange(self, menu: str, order: Sequence[str]) -> None:
        """Give the items of a menu an order that they had, those that it does not know at the end."""
        table = self.table(menu)
        rank = {item_id: place for place, item_id in enumerate(order)}
        table.order(sorted(table.items, key=lambda item: rank.get(item[".id"], len(rank))))

    def restore(self, menu: str, now: Item | None, then: Item | None, place: int) -> None:
        """Put an item back to what it was, for undo and redo: gone where `then` is `None`."""
        table = self.table(menu)
        if now is None and then is not None:
            table.insert(then, place)
        elif then is None and now is not None:
            table.remove(now[".id"])
        elif then is not None and now is not None:
            kept = table.get(then[".id"]) if ".id" in then else table.values
            if kept is not None:
                kept.clear()
                kept.update(then)
        if then is not None or now is not None:
            self.announce(menu, then or now or {}, dead=then is None)

    def rename(self, menu: str, old: str, new: str) -> None:
        """Let properties that name an item follow it: RouterOS keeps ids, and shows the name of the moment."""
        if not old:
            return
        targets = {menu, INTERFACE} if is_interface_kind(menu) else {menu}
        for place in tuple(self._tables):
            schema = self.schemas.get(place)
            if schema is None:
                continue
            names = [name for name, refers in schema.references.items() if targets & set(refers)]
            for item in self._tables[place].items if names else ():
                changed = {name: _renamed(item[name], old, new) for name in names if old in item.get(name, "")}
                if any(item[name] != value for name, value in changed.items()):
                    self._record(place, dict(item), item, 0)
                    item.update(changed)

    def _record(self, menu: str, before: Item | None, after: Item | None, place: int) -> None:
        self.changes.append(Change(menu, before, after, place))

    def subscribe(self, menu: str, callback: Callable[[Row], None]) -> Callable[[], None]:
        """Call back with every item that is added or changed, and with its id and `.dead` once it is gone."""
        self._subscribers.setdefault(menu, []).append(callback)

        def unsubscribe() -> None:
            callbacks = self._subscribers.get(menu, [])
            if callback in callbacks:
                callbacks.remove(callback)

        return unsubscribe

    def announce(self, menu: str, item: Item, *, dead: bool = False) -> None:
        """Tell subscribers of a menu, and of the menu that shows its items too."""
        for place in (menu, INTERFACE) if is_interface_kind(menu) else (menu,):
            callbacks = self._subscribers.get(place)
            if callbacks:
                row = (
                    {".id": item.get(".id", ""), ".dead": "yes"}
                    if dead
                    else self.shown(self.schema(menu), self.hooks(menu), item)
                )
                for callback in tuple(callbacks):
                    callback(row)

    def log(self, topics: str, message: str) -> None:
        """Write a line of the log: topics joined by commas (`system,info`)."""
        line = self.journal.write(self.now_s(), topics, message)
        for callback in tuple(self._subscribers.get("/log", ())):
            callback({".id": f"*{line.number:X}", "topics": topics, "message": message})

    def now_s(self) -> float:
        """The router's own clock, which somebody may have set: seconds since 1970 UTC."""
        return self.clock.now_s() + self.clock_offset_s

    def uptime_s(self) -> float:
        return self.clock.elapsed_s() - self.booted_s

    def forget(self) -> None:
        """Back to a router that was just reset."""
        self._tables.clear()
        self.last_ids.clear()
        self.state.clear()
        self.contents.clear()
        self._plug_in()


def _renamed(value: str, old: str, new: str) -> str:
    """The value with a name replaced where it stands alone, in a list, after `!`, or behind an address."""
    words = []
    for word in value.split(","):
        bare = word.lstrip("!")
        address, mark, scope = bare.partition("%")
        if bare == old:
            word = word[: len(word) - len(bare)] + new  # noqa: PLW2901 - the word with its mark
        elif mark and scope == old:
            word = f"{address}%{new}"  # noqa: PLW2901 - likewise
        words.append(word)
    return ",".join(words)
