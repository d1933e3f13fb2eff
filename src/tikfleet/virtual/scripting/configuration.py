"""The configuration of a router's menus as a whole: exported, kept in a backup, and put back."""

import json
import re
from collections.abc import Mapping
from typing import Final

from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.table import Item

# Files stay out of backups; the rest is what runs, and not what is configured.
_LEFT_OUT: Final = ("/file", "/log", "/system/script/job", "/system/script/environment", "/system/history")
# A larger one in a file from elsewhere would keep the router counting.
_ID: Final = re.compile(r"\*[0-9A-F]{1,5}")
_YES: Final = frozenset({"", "yes", "true"})


class StoredConfiguration:
    """A backup holds every table of every menu, items with their ids."""

    def __init__(self, menus: Menus) -> None:
        self._menus = menus
        self._store = menus.store

    def export(self, menu: str, options: Mapping[str, str]) -> str:
        """`/export` of a menu and what is below."""

        def asked(name: str) -> bool:
            return options.get(name, "no") in _YES

        shown = True if asked("show-sensitive") else False if asked("hide-sensitive") else None
        return self._menus.export(menu, verbose=asked("verbose"), terse=asked("terse"), show_sensitive=shown)

    def snapshot(self) -> Mapping[str, bytes]:
        return {path: json.dumps(self._store.table(path).items).encode() for path in self._paths()}

    def restore(self, snapshot: Mapping[str, bytes]) -> None:
        """Put every table back. Raises `ValueError` for what no snapshot holds, before anything changes."""
        tables = {path: _items(data) for path, data in snapshot.items()}
        for path in self._paths():
            table = self._store.table(path)
            for item in list(table.items):
                if ".id" in item:
                    table.remove(item[".id"])
            table.items.clear()
            for item in tables.get(path, []):
                table.insert(item)
                self._outgrow(path, item.get(".id", "*0"))

    def _paths(self) -> list[str]:
        return [path for path in self._store.schemas.paths() if path not in _LEFT_OUT]

    def _outgrow(self, path: str, item_id: str) -> None:
        """Let ids that come be larger than one that came back."""
        wanted = int(item_id[1:], 16)
        while wanted > 0 and int(self._store.new_id(path)[1:], 16) < wanted:
            pass


def _items(data: bytes) -> list[Item]:
    try:
        found = json.loads(data)
    except RecursionError as cause:
        raise ValueError("no items") from cause
    if not isinstance(found, list) or not all(_is_item(item) for item in found):
        raise ValueError("no items")
    return found


def _is_item(item: object) -> bool:
    return (
        isinstance(item, dict)
        and all(isinstance(part, str) for pair in item.items() for part in pair)
        and _ID.fullmatch(item.get(".id", "*0")) is not None
    )
