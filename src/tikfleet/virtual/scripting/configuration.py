"""The configuration of a router's menus as a whole: exported, kept in a backup, and put back."""

import json
from collections.abc import Mapping
from typing import Any, Final

from tikfleet.virtual.menus.engine import Menus

# Files stay out of backups; the rest is what happens, and not what is configured.
_LEFT_OUT: Final = frozenset({"/file", "/log", "/system/script/job", "/system/script/environment", "/system/history"})
_IDS: Final = "last-ids"


class StoredConfiguration:
    """A backup holds every menu's table: its items with their ids, and what a reset router has there."""

    def __init__(self, menus: Menus) -> None:
        self._menus = menus
        self._store = menus.store
        # Whether one was put back and the router has not booted with it.
        self.waits = False

    def export(self, menu: str, options: Mapping[str, str]) -> str:
        """`/export` of a menu and what is below."""

        def asked(name: str) -> bool:
            # A flag may have the value that stands before it, whatever that is.
            return options.get(name, "no") not in ("no", "false")

        shown = True if asked("show-sensitive") else False if asked("hide-sensitive") else None
        return self._menus.export(menu, verbose=asked("verbose"), terse=asked("terse"), show_sensitive=shown)

    def snapshot(self) -> Mapping[str, bytes]:
        found: dict[str, Any] = {_IDS: self._store.last_ids}
        for path in self._paths():
            table = self._store.table(path)
            found[path] = {"items": table.items, "initial": table.initial}
        return {path: json.dumps(kept).encode() for path, kept in found.items()}

    def restore(self, snapshot: Mapping[str, bytes]) -> None:
        """Put every table back. Raises `ValueError` for what no snapshot holds, before anything changes."""
        kept = {path: _read(data) for path, data in snapshot.items()}
        ids = kept.pop(_IDS, {})
        if not all(type(number) is int and 0 <= number < 1 << 32 for number in ids.values()):
            raise ValueError("no snapshot")
        tables = {path: _checked(table) for path, table in kept.items()}
        for path in self._paths():
            if path not in tables:
                continue
            table = self._store.emptied(path)
            table.initial = tables[path]["initial"]
            for item in tables[path]["items"]:
                table.insert(item)
        for group, number in ids.items():
            self._store.last_ids[group] = max(number, self._store.last_ids.get(group, 0))
        self.waits = True

    def _paths(self) -> list[str]:
        """Every menu: one that nobody looked at yet has a table too, or its changes would stay after a restore."""
        return [path for path in self._store.schemas.paths() if path not in _LEFT_OUT]


def _read(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except RecursionError as cause:
        raise ValueError("no snapshot") from cause
    if isinstance(found, dict):
        return found
    raise ValueError("no snapshot")


def _checked(table: dict[str, Any]) -> dict[str, Any]:
    items, initial = table.get("items"), table.get("initial")
    if isinstance(items, list) and isinstance(initial, dict):
        every = [*items, *initial.values()]
        if all(_is_item(item) for item in every):
            return table
    raise ValueError("no snapshot")


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and all(isinstance(part, str) for pair in item.items() for part in pair)
