"""Longest common and longest rising sequences: what stays in place when a list changes."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import Final

# More pairs of equal elements than this are not searched: thousands of lines that say the same.
_MOST_PAIRS: Final = 400_000


def common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Places of the longest sequence that both have, in order (Hunt and Szymanski).

    Beginnings and ends that agree are taken as they are. Past a bound on repetition the answer is a common sequence,
    though perhaps not the longest.
    """
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = _longest(old[head : len(old) - tail], new[head : len(new) - tail])
    return [
        *((place, place) for place in range(head)),
        *((head + a, head + b) for a, b in middle),
        *((len(old) - tail + place, len(new) - tail + place) for place in range(tail)),
    ]


def rising(values: Sequence[int]) -> list[int]:
    """Places of a longest strictly rising subsequence."""
    tops: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        rank = bisect_left(tops, value)
        before.append(places[rank - 1] if rank else -1)
        if rank == len(tops):
            tops.append(value)
            places.append(place)
        else:
            tops[rank] = value
            places[rank] = place
    found: list[int] = []
    place = places[-1] if places else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found[::-1]


def _longest(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    where: dict[Hashable, list[int]] = {}
    for place, element in enumerate(new):
        where.setdefault(element, []).append(place)
    pairs: list[tuple[int, int]] = []
    for place, element in enumerate(old):
        # From the last: of one old element at most one new may rise.
        pairs += [(place, other) for other in reversed(where.get(element, ()))]
        if len(pairs) > _MOST_PAIRS:
            return _greedy(old, where)
    return [pairs[place] for place in rising([other for _, other in pairs])]


def _greedy(old: Sequence[Hashable], where: dict[Hashable, list[int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    latest = -1
    for place, element in enumerate(old):
        others = where.get(element, [])
        rank = bisect_left(others, latest + 1)
        if rank < len(others):
            latest = others[rank]
            found.append((place, latest))
    return found
