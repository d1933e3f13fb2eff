"""The items of one menu, in order. An item is a plain dict: its id, and the properties that were given to it.

A name that starts with `_` is the engine's own and never shown; defaults are not kept with the item.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

Item: TypeAlias = dict[str, str]


class Table:
    """Items in their order, found by id at once. A set of values is a table of one item without an id."""

    __slots__ = ("_by_id", "initial", "items")

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self.items: list[Item] = []
        # What a reset router holds, by id ("" for a set of values): an export shows what differs from it.
        self.initial: dict[str, Item] = {}
        self._by_id: dict[str, Item] = {}
        for item in items:
            self.insert(item)

    @property
    def values(self) -> Item:
        """The one item of a set of values."""
        if not self.items:
            self.items.append({})
        return self.items[0]

    def get(self, item_id: str) -> Item | None:
        return self._by_id.get(item_id)

    def named(self, name: str) -> Item | None:
        """The first item of that name."""
        return next((item for item in self.items if item.get("name") == name), None)

    def place(self, item_id: str) -> int:
        """Where an item stands; behind the last for an id that there is not."""
        found = self._by_id.get(item_id)
        return next((place for place, item in enumerate(self.items) if item is found), len(self.items))

    def insert(self, item: Item, place: int | None = None) -> None:
        if place is None or place >= len(self.items):
            self.items.append(item)
        else:
            self.items.insert(place, item)
        if ".id" in item:
            self._by_id[item[".id"]] = item

    def remove(self, item_id: str) -> Item:
        item = self._by_id.pop(item_id)
        del self.items[next(place for place, other in enumerate(self.items) if other is item)]
        return item

    def move(self, item_ids: Sequence[str], destination: str | None) -> None:
        """Put items, in the order given, before another one; without a destination at the end."""
        moved = [self._by_id[item_id] for item_id in item_ids if item_id != destination]
        chosen = {id(item) for item in moved}
        self.items = [item for item in self.items if id(item) not in chosen]
        place = len(self.items) if destination is None else self.place(destination)
        self.items[place:place] = moved

    def order(self, items: Sequence[Item]) -> None:
        """Put the same items into another order."""
        self.items = list(items)
