"""Which item of one configuration is which item of the other."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tikfleet.routeros.export.menus import ORDERED, key, key_names
from tikfleet.routeros.export.model import Item
from tikfleet.routeros.export.sequence import common, rising

Identity = Callable[[Item], Hashable]

# Half of what two lines say must be the same to call one a change of the other.
_ALIKE: Final = 0.5
# Lines that are compared each with each: past this they count as removed and added.
_MOST_COMPARED: Final = 40_000


@dataclass(slots=True)
class Matching:
    """Places in the old and in the new list. `moved` holds new places of pairs that did not keep their order."""

    pairs: list[tuple[int, int]] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)
    removed: list[int] = field(default_factory=list)
    added: list[int] = field(default_factory=list)


def match(menu: str, old: Sequence[Item], new: Sequence[Item], identity: Identity) -> Matching:
    """Match the added items of a menu: the fewest moves where order counts, keys where they tell items apart."""
    before, after = [identity(item) for item in old], [identity(item) for item in new]
    ordered = menu in ORDERED
    pairs = dict(common(before, after)) if ordered else {}
    _pair(pairs, before, after, unique=False)
    if len(pairs) < len(old) and len(pairs) < len(new):
        _pair(pairs, [key(menu, item) for item in old], [key(menu, item) for item in new], unique=True)
        _alike(menu, pairs, old, new)
    taken = set(pairs.values())
    found = Matching(
        pairs=sorted(pairs.items(), key=lambda pair: pair[1]),
        removed=[place for place in range(len(old)) if place not in pairs],
        added=[place for place in range(len(new)) if place not in taken],
    )
    if ordered:
        staying = set(rising([place for place, _ in found.pairs]))
        found.moved = {pair[1] for rank, pair in enumerate(found.pairs) if rank not in staying}
    return found


def _pair(pairs: dict[int, int], before: Sequence[Hashable], after: Sequence[Hashable], *, unique: bool) -> None:
    """Pair what is equal and still alone, first with first; with `unique` only what is there once."""
    taken = set(pairs.values())
    old = _places(before, set() if unique else set(pairs))
    new = _places(after, set() if unique else taken)
    for value, places in old.items():
        others = new.get(value, [])
        if unique and not len(places) == len(others) == 1:
            continue
        pairs.update((a, b) for a, b in zip(places, others, strict=False) if a not in pairs and b not in taken)


def _places(values: Sequence[Hashable], used: set[int]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for place, value in enumerate(values):
        if value is not None and place not in used:
            found.setdefault(value, []).append(place)
    return found


def _alike(menu: str, pairs: dict[int, int], old: Sequence[Item], new: Sequence[Item]) -> None:
    """Pair what is left by how much it says the same, best first: a rule whose address changed, a renamed item."""
    taken = set(pairs.values())
    left = [place for place in range(len(old)) if place not in pairs]
    right = [place for place in range(len(new)) if place not in taken]
    if not left or not right or len(left) * len(right) > _MOST_COMPARED:
        return
    keyed = key_names(menu)
    sides = [set(item.values.items()) for item in new]
    scored = []
    for a in left:
        ours = set(old[a].values.items())
        for b in right:
            score = _likeness(ours, sides[b], keyed)
            if score > _ALIKE:
                scored.append((-score, abs(a - b), a, b))
    for _, _, a, b in sorted(scored):
        if a not in pairs and b not in taken:
            pairs[a] = b
            taken.add(b)


def _likeness(
    ours: "set[tuple[str, str | None]]", theirs: "set[tuple[str, str | None]]", keyed: frozenset[str]
) -> float:
    """Between 0 and 1. Items that have the same kind of key with other values differ, unless all else agrees."""
    shared = ours & theirs
    apart = {name for name, _ in ours ^ theirs}
    if apart & keyed:
        return 0.9 if apart <= keyed and len(shared) > 1 else 0.0
    bonus = any(name == "comment" and value for name, value in shared)
    return (len(shared) + bonus) / (max(len(ours), len(theirs)) + bonus)
