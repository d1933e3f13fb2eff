"""What outlives a router's power: the whole configuration as bytes, and what a reboot takes away."""

import base64
import json
from typing import Any, Final

from tikfleet.virtual.menus.store import Store

_FORMAT: Final = 1


def reboot(store: Store) -> None:
    """Configuration stays; dynamic items, counters, sessions and the log in memory go, uptime starts again."""
    for lose in store.behaviours.on_reboot:
        lose(store)
    for menu in store.loaded():
        table = store.table(menu)
        for item in [item for item in table.items if item.get("dynamic") == "true"]:
            table.remove(item[".id"])
    store.state.clear()
    store.journal.lines.clear()
    store.journal.actions.clear()
    store.booted_s = store.clock.elapsed_s()
    store.log("system,info", "router rebooted")


def snapshot(store: Store) -> bytes:
    """All tables and files, to be given to `restore`."""
    tables = {menu: {"items": store.table(menu).items, "initial": store.table(menu).initial} for menu in store.loaded()}
    contents = {item_id: base64.b64encode(data).decode() for item_id, data in store.contents.items()}
    kept = {"format": _FORMAT, "tables": tables, "last-ids": store.last_ids, "contents": contents}
    return json.dumps(kept, separators=(",", ":")).encode()


def restore(store: Store, data: bytes) -> None:
    """Put a snapshot in the place of the whole configuration. Raises `ValueError` for bytes that are none."""
    kept: Any = json.loads(data)
    if not isinstance(kept, dict) or kept.get("format") != _FORMAT:
        raise ValueError("this is no snapshot of a virtual router")
    store.forget()
    store.last_ids.clear()
    store.last_ids.update(kept["last-ids"])
    store.contents = {item_id: base64.b64decode(text) for item_id, text in kept["contents"].items()}
    for menu, saved in kept["tables"].items():
        table = store.emptied(menu)
        table.initial = saved["initial"]
        for item in saved["items"]:
            table.insert(item)
