"""What happened on a router: its log in memory, and the changes that can be undone.

The log keeps the newest 1,000 lines, as the default action `memory` does; the history 100 actions.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from tikfleet.virtual.menus.table import Item

_LINES: Final = 1_000
_ACTIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. `number` makes its id and never comes again."""

    number: int
    moment_s: float
    topics: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """One item before and after (`None`: it was not there), and the place that it had.

    Of a move, `order` holds the ids of the menu's items before and after it.
    """

    menu: str
    before: Item | None
    after: Item | None
    place: int
    order: tuple[tuple[str, ...], ...] = ()


@dataclass(slots=True)
class Action:
    """All that one command changed."""

    number: int
    moment_s: float
    text: str
    by: str
    policies: str
    changes: list[Change]
    undone: bool = False


@dataclass(slots=True)
class Journal:
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=_LINES))
    actions: deque[Action] = field(default_factory=lambda: deque(maxlen=_ACTIONS))
    _numbers: int = 0

    def write(self, moment_s: float, topics: str, message: str) -> Line:
        self._numbers += 1
        line = Line(self._numbers, moment_s, topics, message)
        self.lines.append(line)
        return line

    def act(self, moment_s: float, text: str, by: str, policies: str, changes: list[Change]) -> None:
        # What was undone can no longer be redone once something else was done.
        while self.actions and self.actions[-1].undone:
            self.actions.pop()
        self._numbers += 1
        self.actions.append(Action(self._numbers, moment_s, text, by, policies, changes))
