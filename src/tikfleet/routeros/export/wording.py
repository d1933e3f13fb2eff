"""Differences in sentences for people and as plain documents for programs; secrets are named and never shown."""

from collections.abc import Iterator
from typing import Any, Final

from tikfleet.routeros.export import menus
from tikfleet.routeros.export.difference import Change, Difference, FieldChange, Kind
from tikfleet.routeros.export.model import Item, Value, Verb
from tikfleet.routeros.export.normal import spaced
from tikfleet.routeros.export.secrets import is_sensitive, redacted_text
from tikfleet.routeros.script.quoting import quote

_FIRST: Final = ("name", "list", "chain", "action", "address", "dst-address", "interface")
_MOST_WORDS: Final = 6
_LONGEST: Final = 200
_HIDDEN: Final = "(secret)"


def sentences(found: Difference) -> Iterator[str]:
    """A heading for each menu and below it a line for each change, then what could not be compared."""
    heading = ""
    for change in found.changes:
        if change.menu != heading:
            heading = change.menu
            yield spaced(heading)
        yield f"  {sentence(change)}"
    for note in found.notes:
        yield f"note: {note}"


def sentence(change: Change) -> str:
    """One change: `moved 5 to 2: chain=input action=drop`, `changed ether1: comment from "a" to "b"`."""
    item = change.old or change.new
    assert item is not None
    ordered = change.menu in menus.ORDERED
    if change.kind is Kind.MOVED:
        return f"moved {change.old_place} to {change.new_place}: {label(change.menu, item)}"
    if change.kind is Kind.CHANGED:
        place = f"{change.new_place} " if ordered and change.new_place else ""
        fields = ", ".join(_field(change.menu, field) for field in change.fields)
        return f"changed {place}{label(change.menu, item)}: {fields}"
    place = f" {change.new_place or change.old_place}:" if ordered else ""
    return f"{change.kind}{place} {label(change.menu, item)}"


def label(menu: str, item: Item) -> str:
    """What people call an item: its selector or name, else what it says first."""
    if item.verb is Verb.SET:
        words = [value or name for name, value in item.selector]
        return " ".join(words).strip() or ("every item" if item.selector else "settings")
    ranked = sorted(item.values, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    words = [_pair(menu, name, item.values[name]) for name in ranked if name != "comment"][:_MOST_WORDS]
    if len(item.values) - ("comment" in item.values) > _MOST_WORDS:
        words.append("…")
    if comment := item.values.get("comment"):
        words.append(f"({_shortened(comment)})")
    return " ".join(words)


def document(found: Difference) -> dict[str, Any]:
    """The same for programs. Values are text; a property that an export does not name is null."""
    return {
        "changes": [
            {
                "kind": change.kind.value,
                "menu": change.menu,
                "item": label(change.menu, change.old or change.new or Item(Verb.SET, (), {})),
                "old_place": change.old_place or None,
                "new_place": change.new_place or None,
                "fields": [
                    {
                        "name": field.name,
                        "old": _shown(change.menu, field.name, field.old),
                        "new": _shown(change.menu, field.name, field.new),
                    }
                    for field in change.fields
                ],
                "values": _values(change),
                "sentence": sentence(change),
            }
            for change in found.changes
        ],
        "notes": found.notes,
    }


def _values(change: Change) -> dict[str, Value]:
    item = change.new if change.kind is Kind.ADDED else change.old if change.kind is Kind.REMOVED else None
    return {} if item is None else {name: _shown(change.menu, name, item.values[name]) for name in item.values}


def _field(menu: str, field: FieldChange) -> str:
    if is_sensitive(menu, field.name):
        return f"{field.name} is another"
    before = "default" if field.old is None else _quoted(redacted_text(field.old))
    after = "default" if field.new is None else _quoted(redacted_text(field.new))
    return f"{field.name} from {before} to {after}"


def _pair(menu: str, name: str, value: Value) -> str:
    shown = _shown(menu, name, value)
    return name if shown is None else f"{name}={_shortened(shown)}"


def _shown(menu: str, name: str, value: Value) -> Value:
    if value is None:
        return None
    return _HIDDEN if is_sensitive(menu, name) else redacted_text(value)


def _quoted(text: str) -> str:
    return quote(_shortened(text).encode("utf-8", "surrogateescape")) if not text.isprintable() or not text else text


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
