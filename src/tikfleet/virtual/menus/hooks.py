"""What a menu does besides keeping values: functions that behaviours attach to events of a menu, and to commands.

Behaviours are shared by all routers: a function gets the router's `Store` and keeps nothing of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from tikfleet.virtual.menus.request import Answer, Request
from tikfleet.virtual.menus.table import Item

if TYPE_CHECKING:
    from tikfleet.virtual.menus.store import Store

OnItem: TypeAlias = "Callable[[Store, Item], None]"
OnChange: TypeAlias = "Callable[[Store, Item, Item], None]"
Rows: TypeAlias = "Callable[[Store], Iterable[Item]]"
Handler: TypeAlias = "Callable[[Store, Request], Answer]"


@dataclass(slots=True)
class Hooks:
    """By event of one menu.

    `initial` gives the items of a reset router. `before_add` may complete an item or raise `Refused`; `before_set` gets
    the item as it is and the new values; `after_set` the item and what it was. `show` completes the copy that is
    shown, `rows` gives items that follow from the router's state, behind those that are kept.
    """

    initial: list[Rows] = field(default_factory=list)
    before_add: list[OnItem] = field(default_factory=list)
    after_add: list[OnItem] = field(default_factory=list)
    before_set: list[OnChange] = field(default_factory=list)
    after_set: list[OnChange] = field(default_factory=list)
    before_remove: list[OnItem] = field(default_factory=list)
    after_remove: list[OnItem] = field(default_factory=list)
    show: list[OnItem] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)


@dataclass(slots=True)
class Behaviours:
    """All hooks by menu, and extra commands by path with the policy that each needs."""

    menus: dict[str, Hooks] = field(default_factory=dict)
    commands: dict[str, tuple[Handler, str]] = field(default_factory=dict)
    on_reboot: list[Callable[[Store], None]] = field(default_factory=list)

    def on(self, menu: str) -> Hooks:
        """The hooks of a menu, to add to."""
        return self.menus.setdefault(menu, Hooks())

    def command(self, path: str, handler: Handler, policy: str = "read") -> None:
        """Let a function answer a command."""
        self.commands[path] = (handler, policy)


NOTHING = Hooks()
