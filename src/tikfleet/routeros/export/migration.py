"""The script that turns one configuration into another, built of typed commands only.

It names items in ways that do not depend on what a terminal printed before: by the selector that the export itself
used (`[ find default-name=ether1 ]`), by a key that nothing else has (`[find name="lan"]`), by all that an item says,
or by place in the list of ids that `find` gave at the start of the script. Places come with a guard: when a menu does
not have as many items as the export showed, the script ends with an error before it changes anything. Where order
counts a place is certain; elsewhere it is a last resort, and a note says so.
"""

from collections import Counter
from dataclasses import dataclass, field

from tikfleet.routeros.export import menus
from tikfleet.routeros.export.difference import Change, Kind, added_items, difference
from tikfleet.routeros.export.model import Configuration, Item, Selector, Value, Verb
from tikfleet.routeros.export.secrets import is_redacted, is_sensitive
from tikfleet.routeros.script.builder import (
    FLAG,
    UNSET,
    Argument,
    Block,
    Command,
    Comparison,
    Dialect,
    Result,
    Variable,
    find,
    script,
)


@dataclass(slots=True)
class Migration:
    """Commands in the order in which they are to run, and what they leave undone, in sentences."""

    commands: list[Command] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self, dialect: Dialect = Dialect.V7) -> str:
        """The script; empty when there is nothing to do."""
        return script(self.commands, dialect)


def migration(old: Configuration, new: Configuration) -> Migration:
    """What to run on a router that is configured as `old` to have it configured as `new`; swap them to go back."""
    found = difference(old, new)
    plan = _Plan(old, new)
    for change in reversed(found.changes):
        # What nothing can refer to makes room first; what others may refer to by name leaves last.
        if change.kind is Kind.REMOVED and change.old is not None:
            steps = plan.last if menus.is_named(change.old) else plan.first
            steps.append(Command(change.menu, "remove", numbers=plan.id_of(change)))
    for change in found.changes:
        plan.take(change)
    return Migration([*plan.guards(), *plan.first, *plan.middle, *plan.last], [*found.notes, *plan.notes])


class _Plan:
    """The script while it is put together."""

    def __init__(self, old: Configuration, new: Configuration) -> None:
        self.first: list[Command] = []
        self.middle: list[Command] = []
        self.last: list[Command] = []
        self.notes: list[str] = []
        self._old = {menu: added_items(old, menu) for menu in old.menus}
        self._new = {menu: added_items(new, menu) for menu in new.menus}
        self._lists: dict[str, Variable] = {}
        self._keys: dict[str, tuple[Counter[Selector | None], Counter[Selector | None]]] = {}
        self._pairs: dict[str, dict[tuple[str, Value], list[Item]]] = {}
        self._anchors: dict[str, dict[int, int]] = {}
        self._old_configuration, self._new_configuration = old, new
        self._same_release = old.header.version == new.header.version != ""

    def take(self, change: Change) -> None:
        """Add the commands for what is added, moved or changed."""
        if change.kind is Kind.ADDED and change.new is not None:
            self._add(change, change.new)
        elif change.kind is Kind.MOVED:
            self._move(change)
        elif change.kind is Kind.CHANGED and change.old is not None and change.new is not None:
            self._set(change, change.old, change.new)

    def guards(self) -> list[Command]:
        """The lists of ids by which items are picked, and the check that each has the length that it should."""
        commands = []
        for menu, variable in self._lists.items():
            flags = dict.fromkeys(menus.unexported_flags(menu), False)
            commands.append(Command("", "local", name=variable.name, value=find(menu, flags)))
        for menu, variable in self._lists.items():
            count = len(self._old[menu])
            wrong = Comparison(Result(Command("", "len", value=variable)), "!=", count)
            text = f"{menu} does not have the {count} items that the export shows; nothing was changed"
            commands.append(Command("", "if", condition=wrong, do=Block([Command("", "error", message=text)])))
        return commands

    def id_of(self, change: Change) -> Argument:
        """How a command names the item as it was before."""
        assert change.old is not None
        if change.old.verb is Verb.SET:
            return _selected(change.menu, change.old.selector)
        if change.menu in menus.ORDERED:
            return self._picked(change.menu, change.old_place)
        key = menus.key(change.menu, change.old)
        if key is not None and self._is_alone(change, key):
            return find(change.menu, {name: _argument(value) for name, value in key})
        return self._described(change, change.old)

    def _described(self, change: Change, old: Item) -> Argument:
        """By all that an item says, the first of those that say the same; by place if others say it and more."""
        said = {
            (name, value)
            for name, value in old.values.items()
            if value is not None and not is_sensitive(change.menu, name)
        }
        having = self._having(change.menu)
        # Only items that say the rarest thing can say all of them.
        others = min((having[pair] for pair in said), key=len, default=[])
        more = any(
            item.values != old.values and item is not change.new and said <= item.values.items() for item in others
        )
        if said and not more:
            wanted = {name: _argument(value) for name, value in sorted(said)}
            return Result(Command("", "pick", counter=find(change.menu, wanted), begin=0))
        self._note(change, "named by its place, which only holds on a router that was exported just before")
        return self._picked(change.menu, change.old_place)

    def _is_alone(self, change: Change, key: Selector) -> bool:
        """Whether nothing else has the key, neither before nor after nor while the script runs."""
        if change.menu not in self._keys:
            sides = self._old.get(change.menu, []), self._new.get(change.menu, [])
            self._keys[change.menu] = (
                Counter(menus.key(change.menu, item) for item in sides[0]),
                Counter(menus.key(change.menu, item) for item in sides[1]),
            )
        before, after = self._keys[change.menu]
        kept = change.new is not None and menus.key(change.menu, change.new) == key
        return before[key] == 1 and after[key] == int(kept)

    def _having(self, menu: str) -> dict[tuple[str, Value], list[Item]]:
        """The items of both configurations by each thing that they say."""
        found = self._pairs.get(menu)
        if found is None:
            found = self._pairs[menu] = {}
            for item in (*self._old.get(menu, []), *self._new.get(menu, [])):
                for pair in item.values.items():
                    found.setdefault(pair, []).append(item)
        return found

    def _picked(self, menu: str, place: int) -> Result:
        variable = self._lists.setdefault(menu, Variable(f"ids{len(self._lists) + 1}"))
        return Result(Command("", "pick", counter=variable, begin=place - 1))

    def _add(self, change: Change, item: Item) -> None:
        values: dict[str, Argument] = {}
        for name, value in item.values.items():
            if is_redacted(value):
                self._note(change, f"{name} is hidden in the export and was left out")
            else:
                values[name] = _argument(value)
        if change.menu in menus.ORDERED and change.menu not in menus.UNMOVABLE:
            anchor = self._anchor(change)
            if anchor:
                values["place-before"] = self._picked(change.menu, anchor)
        self.middle.append(Command(change.menu, "add", values))

    def _move(self, change: Change) -> None:
        if change.menu in menus.UNMOVABLE:
            self._note(change, "no command moves items of this menu: their order was left as it is")
            return
        arguments: dict[str, Argument] = {"numbers": self.id_of(change)}
        anchor = self._anchor(change)
        if anchor:
            arguments["destination"] = self._picked(change.menu, anchor)
        self.middle.append(Command(change.menu, "move", arguments))

    def _anchor(self, change: Change) -> int:
        """The old place of the next item that stays where it is; 0 at the end of the list.

        Items that are added or moved come in their new order, each before the same anchor.
        """
        anchors = self._anchors.get(change.menu)
        if anchors is None:
            anchors = self._anchors[change.menu] = self._staying(change.menu)
        return anchors[change.new_place]

    def _staying(self, menu: str) -> dict[int, int]:
        changes = difference(
            Configuration(menus={menu: self._old_configuration.items(menu)}),
            Configuration(menus={menu: self._new_configuration.items(menu)}),
        ).changes
        gone = {change.old_place for change in changes if change.kind in (Kind.REMOVED, Kind.MOVED)}
        come = {change.new_place for change in changes if change.kind in (Kind.ADDED, Kind.MOVED)}
        stayed = [place for place in range(1, len(self._old.get(menu, ())) + 1) if place not in gone]
        anchors: dict[int, int] = {}
        following = 0
        for place in range(len(self._new.get(menu, ())), 0, -1):
            if place in come:
                anchors[place] = following
            else:
                following = stayed.pop()
        return anchors

    def _set(self, change: Change, old: Item, new: Item) -> None:
        values: dict[str, Argument] = {}
        for item in change.fields:
            if item.name in new.values:
                values[item.name] = _argument(item.new)
                continue
            known = self._default(change, old, item.name)
            if known is not None:
                values[item.name] = known
            elif menus.can_unset(change.menu, item.name):
                values[item.name] = UNSET
            elif is_sensitive(change.menu, item.name):
                values[item.name] = ""
            else:
                self._note(change, f"{item.name} goes back to its default, which is not known here: set it by hand")
        if not values:
            return
        target = self.id_of(change)
        arguments: dict[str, Argument] = {} if target == "" else {"numbers": target}
        self.middle.append(Command(change.menu, "set", {**arguments, **values}))

    def _default(self, change: Change, old: Item, name: str) -> str | None:
        """What a property goes back to: exports of one release leave out defaults, so it is what it was not."""
        opposite = {"yes": "no", "no": "yes"}.get(old.values.get(name) or "")
        if opposite is not None and self._same_release:
            return opposite
        return menus.default(change.menu, old, name)

    def _note(self, change: Change, sentence: str) -> None:
        place = change.new_place or change.old_place
        where = f"item {place} of {change.menu}" if place else change.menu
        self.notes.append(f"{where}: {sentence}")


def _argument(value: Value) -> Argument:
    """A value for the builder: bytes where a router's text is no UTF-8."""
    if value is None:
        return FLAG
    return value if value.isascii() else value.encode("utf-8", "surrogateescape")


def _selected(menu: str, selector: Selector) -> Argument:
    """The argument that stands for `[ find ... ]`, a number or a name in the export; empty for a menu's settings."""
    if not selector:
        return ""
    name, word = selector[0]
    if not name and word:
        return int(word) if word.isascii() and word.isdigit() else _argument(word)
    return find(menu, {name: _argument(value) for name, value in selector if name})
