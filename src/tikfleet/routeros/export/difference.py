"""What is different between two configurations, in RouterOS's terms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tikfleet.routeros.export.matching import match
from tikfleet.routeros.export.model import NOTHING, Configuration, Item, Value, Verb
from tikfleet.routeros.export.secrets import is_redacted, is_sensitive, shows_secrets

_ABSENT: Final = Item(Verb.SET, NOTHING, {})


class Kind(StrEnum):
    """What happened to an item."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One property: its values before and after, `None` where the export does not name it (or it is a flag)."""

    name: str
    old: Value
    new: Value


@dataclass(frozen=True, slots=True)
class Change:
    """One item. `old` is `None` if added, `new` if removed; places count from 1 among the added items of a menu."""

    kind: Kind
    menu: str
    old: Item | None
    new: Item | None
    fields: tuple[FieldChange, ...] = ()
    old_place: int = 0
    new_place: int = 0


@dataclass(slots=True)
class Difference:
    """Changes in the order of the new configuration, and what could not be compared."""

    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changes)


class Comparison:
    """How values of two configurations are compared: secrets that one of them hides are not."""

    def __init__(self, old: Configuration, new: Configuration) -> None:
        shown = shows_secrets(old), shows_secrets(new)
        self.hidden = shown[0] != shown[1]

    def fields(self, menu: str, old: Item, new: Item) -> tuple[FieldChange, ...]:
        """The properties that differ, by name."""
        before, after = old.values, new.values
        if before == after:
            return ()
        names = sorted({*before, *after})
        return tuple(
            FieldChange(name, before.get(name), after.get(name))
            for name in names
            if (before.get(name), name in before) != (after.get(name), name in after)
            and not self._incomparable(menu, name, before.get(name), after.get(name))
        )

    def identity(self, menu: str, item: Item) -> tuple[tuple[str, Value], ...]:
        """What an item says, without what is not compared."""
        if not self.hidden:
            return item.identity
        return tuple(pair for pair in item.identity if not is_sensitive(menu, pair[0]))

    def _incomparable(self, menu: str, name: str, old: Value, new: Value) -> bool:
        if is_redacted(old) or is_redacted(new):
            return True
        return self.hidden and is_sensitive(menu, name) and (not old or not new)


def difference(old: Configuration, new: Configuration) -> Difference:
    """What turns `old` into `new`. The same configuration from another moment or in another form has no changes."""
    comparison = Comparison(old, new)
    found = Difference(notes=_notes(old, new, comparison))
    skipped = {entry.menu for entry in (*old.unexported, *new.unexported)} | _cut(old, new) | _cut(new, old)
    for menu in _menus(old, new):
        if menu not in skipped:
            found.changes += _settings(menu, old, new, comparison)
            found.changes += _items(menu, old, new, comparison)
    return found


def _cut(configuration: Configuration, other: Configuration) -> set[str]:
    """Menus that an interrupted export does not show, or not to their end."""
    if not configuration.interrupted:
        return set()
    return {menu for menu in other.menus if menu not in configuration.menus} | set(list(configuration.menus)[-1:])


def _menus(old: Configuration, new: Configuration) -> list[str]:
    """All menus in the order of the new export, those that only the old one has behind what stood before them."""
    found = list(new.menus)
    before = -1
    for menu in old.menus:
        if menu in new.menus:
            before = found.index(menu)
        else:
            before += 1
            found.insert(before, menu)
    return found


def added_items(configuration: Configuration, menu: str) -> list[Item]:
    """The items of a menu that the export adds, in order."""
    return [item for item in configuration.items(menu) if item.verb is Verb.ADD]


def _settings(menu: str, old: Configuration, new: Configuration, comparison: Comparison) -> Iterator[Change]:
    """What `set` says: an item that one export does not name has its defaults there."""
    before = {item.selector: item for item in old.items(menu) if item.verb is Verb.SET}
    after = {item.selector: item for item in new.items(menu) if item.verb is Verb.SET}
    for selector in dict.fromkeys((*after, *before)):
        ours, theirs = before.get(selector), after.get(selector)
        fields = comparison.fields(menu, ours or _ABSENT, theirs or _ABSENT)
        if fields:
            empty = Item(Verb.SET, selector, {})
            yield Change(Kind.CHANGED, menu, ours or empty, theirs or empty, fields)


def _items(menu: str, old: Configuration, new: Configuration, comparison: Comparison) -> Iterator[Change]:
    before, after = added_items(old, menu), added_items(new, menu)
    if not before and not after:
        return
    found = match(menu, before, after, lambda item: comparison.identity(menu, item))
    for place in found.removed:
        yield Change(Kind.REMOVED, menu, before[place], None, old_place=place + 1)
    partner = {b: a for a, b in found.pairs}
    for place, item in enumerate(after):
        other = partner.get(place)
        if other is None:
            yield Change(Kind.ADDED, menu, None, item, new_place=place + 1)
            continue
        if place in found.moved:
            yield Change(Kind.MOVED, menu, before[other], item, (), other + 1, place + 1)
        fields = comparison.fields(menu, before[other], item)
        if fields:
            yield Change(Kind.CHANGED, menu, before[other], item, fields, other + 1, place + 1)


def _notes(old: Configuration, new: Configuration, comparison: Comparison) -> list[str]:
    notes = [
        f"{entry.menu} was not compared: the {side} export could not read it"
        + (f" ({entry.reason})" if entry.reason else "")
        for side, configuration in (("old", old), ("new", new))
        for entry in configuration.unexported
    ]
    for side, configuration in (("old", old), ("new", new)):
        if configuration.interrupted:
            notes.append(f"the {side} export was interrupted: what is not in it was not compared")
    if comparison.hidden:
        notes.append("secrets were not compared: only one of the exports shows them")
    for side, configuration in (("old", old), ("new", new)):
        if configuration.unread:
            first = configuration.unread[0]
            notes.append(
                f"the {side} export has {len(configuration.unread)} lines that are no configuration, "
                f"the first is line {first.line}"
            )
    return notes
