r"""Regular expressions of the `~` operator: POSIX extended, as the manual names them, without backtracking.

A script may come from anybody, and a backtracking matcher takes exponential time for `(a+)+b`. This one walks all
alternatives at once and remembers what it learned about a state, so time is linear in the text.
`\d`, `\w`, `\s` and their opposites are taken as elsewhere. [unverified: whether RouterOS has them]
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from tikfleet.virtual.scripting.errors import RosError

_MAX_NODES: Final = 5_000
_MAX_KNOWN: Final = 2_000
_MAX_DEPTH: Final = 60
_MAX_REPEAT: Final = 255
_ANY: Final = frozenset(map(chr, range(256)))
_DIGITS: Final = frozenset("0123456789")
_WORD: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") | _DIGITS
_SPACE: Final = frozenset(" \t\n\r\f\v")
_CLASSES: Final = {
    "alpha": _WORD - _DIGITS - {"_"}, "digit": _DIGITS, "alnum": _WORD - {"_"}, "space": _SPACE,
    "blank": frozenset(" \t"),
    "upper": frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "lower": frozenset("abcdefghijklmnopqrstuvwxyz"),
    "xdigit": _DIGITS | frozenset("abcdefABCDEF"), "print": frozenset(map(chr, range(32, 127))),
    "graph": frozenset(map(chr, range(33, 127))), "cntrl": frozenset(map(chr, range(32))) | {"\x7f"},
    "punct": frozenset(map(chr, range(33, 127))) - (_WORD - {"_"}),
}  # fmt: skip
_ESCAPED: Final = {
    "d": _DIGITS, "D": _ANY - _DIGITS, "w": _WORD, "W": _ANY - _WORD, "s": _SPACE, "S": _ANY - _SPACE,
}  # fmt: skip


@dataclass(slots=True)
class _Node:
    """A state: it takes one of `chars` and goes to `following`, or goes there at once when `chars` is `None`."""

    chars: frozenset[str] | None = None
    following: list[int] = field(default_factory=list)
    anchor: str = ""


class _Reader:
    """Builds the states of a pattern. Each method gives the first state and the last, an empty one."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._pos = 0
        self._depth = 0
        self.nodes: list[_Node] = []

    def whole(self) -> tuple[int, int]:
        part = self._alternatives()
        if self._pos < len(self._text):
            raise RosError("invalid regular expression")
        return part

    def _node(self, chars: frozenset[str] | None = None, anchor: str = "") -> int:
        if len(self.nodes) >= _MAX_NODES:
            raise RosError("the regular expression is too long")
        self.nodes.append(_Node(chars, anchor=anchor))
        return len(self.nodes) - 1

    def _link(self, first: int, last: int) -> None:
        self.nodes[first].following.append(last)

    def _alternatives(self) -> tuple[int, int]:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise RosError("the regular expression is nested too deeply")
        start, end = self._node(), self._node()
        while True:
            first, last = self._sequence()
            self._link(start, first)
            self._link(last, end)
            if self._text[self._pos : self._pos + 1] != "|":
                self._depth -= 1
                return start, end
            self._pos += 1

    def _sequence(self) -> tuple[int, int]:
        start = last = self._node()
        while self._pos < len(self._text) and self._text[self._pos] not in "|)":
            first, end = self._repeated()
            self._link(last, first)
            last = end
        return start, last

    def _repeated(self) -> tuple[int, int]:
        begin = self._pos
        part = self._single()
        while (mark := self._text[self._pos : self._pos + 1]) and mark in "*+?{":
            bounds = self._bounds(mark)
            if bounds is None:
                break
            part = self._times(part, begin, *bounds)
        return part

    def _bounds(self, mark: str) -> tuple[int, int | None] | None:
        """How often, at least and at most; `None` for a brace that starts no such thing."""
        if mark != "{":
            self._pos += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[mark]
        end = self._text.find("}", self._pos)
        least, comma, most = self._text[self._pos + 1 : end].partition(",")
        if end < 0 or not least.isdigit() or (most and not most.isdigit()):
            return None
        self._pos = end + 1
        low, high = int(least), int(most) if most else None if comma else int(least)
        if low > _MAX_REPEAT or (high is not None and not low <= high <= _MAX_REPEAT):
            raise RosError("invalid regular expression")
        return low, high

    def _times(self, part: tuple[int, int], begin: int, low: int, high: int | None) -> tuple[int, int]:
        start = last = self._node()
        end, after = self._node(), self._pos
        for count in range(low if high is None else high):
            if count >= low:
                self._link(last, end)
            first, stop = part if count == 0 else self._again(begin)
            self._link(last, first)
            last = stop
        if high is None:
            loop = self._node()
            first, stop = part if low == 0 else self._again(begin)
            self._link(last, loop)
            self._link(loop, first)
            self._link(stop, loop)
            last = loop
        self._pos = after
        self._link(last, end)
        return start, end

    def _again(self, begin: int) -> tuple[int, int]:
        """The same piece of the pattern once more, as new states."""
        self._pos = begin
        return self._single()

    def _single(self) -> tuple[int, int]:
        char = self._text[self._pos]
        self._pos += 1
        if char == "(":
            part = self._alternatives()
            if self._text[self._pos : self._pos + 1] != ")":
                raise RosError("invalid regular expression")
            self._pos += 1
            return part
        if char in "^$":
            node = self._node(anchor=char)
            return node, node
        return self._taking(self._chars(char))

    def _taking(self, chars: frozenset[str]) -> tuple[int, int]:
        node, end = self._node(chars), self._node()
        self._link(node, end)
        return node, end

    def _chars(self, char: str) -> frozenset[str]:
        if char == ".":
            return _ANY
        if char == "[":
            return self._bracket()
        if char == "\\" and self._pos < len(self._text):
            char = self._text[self._pos]
            self._pos += 1
            return _ESCAPED.get(char, frozenset(char))
        return frozenset(char)

    def _bracket(self) -> frozenset[str]:
        inverted = self._text[self._pos : self._pos + 1] == "^"
        self._pos += inverted
        found: set[str] = set()
        first = True
        while first or self._text[self._pos : self._pos + 1] != "]":
            if self._pos >= len(self._text):
                raise RosError("invalid regular expression")
            found |= self._member()
            first = False
        self._pos += 1
        return _ANY - found if inverted else frozenset(found)

    def _member(self) -> frozenset[str]:
        if self._text.startswith("[:", self._pos):
            end = self._text.find(":]", self._pos)
            name = self._text[self._pos + 2 : end]
            if name in _CLASSES:
                self._pos = end + 2
                return _CLASSES[name]
        low = self._text[self._pos]
        self._pos += 1
        if self._text[self._pos : self._pos + 1] == "-" and self._text[self._pos + 1 : self._pos + 2] not in ("]", ""):
            high = self._text[self._pos + 1]
            self._pos += 2
            return frozenset(map(chr, range(ord(low), ord(high) + 1)))
        return frozenset(low)


class Pattern:
    """A pattern that can be searched for."""

    def __init__(self, pattern: str) -> None:
        reader = _Reader(pattern)
        self._start, self._end = reader.whole()
        self._nodes = reader.nodes
        self._known: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def found(self, text: str) -> bool:
        """Whether it matches anywhere in the text."""
        states = self._closure({self._start}, first=True, last=not text)
        for place, char in enumerate(text):
            if self._end in states:
                return True
            if place == len(text) - 1:
                return self._end in self._closure(self._moved(states, char) | {self._start}, first=False, last=True)
            states = self._next(states, char)
        return self._end in states

    def _next(self, states: frozenset[int], char: str) -> frozenset[int]:
        known = self._known.get((states, char))
        if known is None:
            # A match may also begin here.
            known = self._closure(self._moved(states, char) | {self._start}, first=False, last=False)
            if len(self._known) < _MAX_KNOWN:
                self._known[states, char] = known
        return known

    def _moved(self, states: frozenset[int], char: str) -> set[int]:
        moved: set[int] = set()
        for state in states:
            node = self._nodes[state]
            if node.chars is not None and char in node.chars:
                moved.update(node.following)
        return moved

    def _closure(self, states: set[int], *, first: bool, last: bool) -> frozenset[int]:
        """The states that are reached without a character, at the first or last place of the text or between."""
        reached: set[int] = set()
        waiting = list(states)
        while waiting:
            state = waiting.pop()
            if state in reached:
                continue
            reached.add(state)
            node = self._nodes[state]
            if node.chars is None and (not node.anchor or (first if node.anchor == "^" else last)):
                waiting.extend(node.following)
        # An anchor that does not hold here must not be taken for the end.
        return frozenset(state for state in reached if not self._nodes[state].anchor or state != self._end)


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Pattern:
    """Raises `RosError` for what is no regular expression."""
    return Pattern(pattern)
