"""The file table of a router's menus, for scripts and servers."""

from collections.abc import Mapping
from typing import Final

from tikfleet.virtual.menus.behaviours import files
from tikfleet.virtual.menus.request import MISSING, Refused
from tikfleet.virtual.menus.store import Store

_MAX_BYTES: Final = 64 << 20


class StoredFiles:
    """Files by name as `/file` shows them. Writing needs room on the disk of the router's profile."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def sizes(self) -> Mapping[str, int]:
        """Every file with its size in bytes, and every folder with -1."""
        items = self._store.table(files.FILE).items
        contents = self._store.contents
        return {item["name"]: -1 if "_type" in item else len(contents.get(item[".id"], b"")) for item in items}

    def read(self, name: str) -> bytes:
        found = files.read(self._store, name)
        if found is None:
            raise Refused("no such item", MISSING)
        return found

    def write(self, name: str, contents: bytes) -> None:
        """Make or replace a file. Raises `Refused` when there is no room."""
        sizes = self.sizes()
        used_bytes = sum(size for held, size in sizes.items() if size > 0 and held != name)
        if used_bytes + len(contents) > min(_MAX_BYTES, self._store.profile.disk_bytes):
            raise Refused("failure: not enough disk space")
        files.write(self._store, name, contents)

    def remove(self, name: str) -> None:
        item = self._store.table(files.FILE).named(name)
        if item is None:
            raise Refused("no such item", MISSING)
        self._store.delete(files.FILE, item)
