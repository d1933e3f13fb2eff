"""Files: contents, sizes, kinds, and pieces of them.

`contents` is limited to 4,095 bytes before 7.16 and to 60,000 since. That a file has `creation-time` before 7.15 and
`last-modified` since, and the text for contents that are too long, are not verified.
"""

from collections.abc import Iterable
from typing import Final

from tikfleet.virtual.menus.behaviours.moments import stamp
from tikfleet.virtual.menus.hooks import Behaviours
from tikfleet.virtual.menus.request import ARGUMENT, GENERAL, MISSING, Answer, Refused, Request
from tikfleet.virtual.menus.rights import demand
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item

FILE: Final = "/file"
FLASH: Final = "flash"
_OLD_LIMIT_BYTES: Final = 4_095
_LIMIT_BYTES: Final = 60_000
_LONGEST_PIECE_BYTES: Final = 32_768
_TYPES: Final = {"rsc": "script", "backup": "backup", "npk": "package"}


def attach(behaviours: Behaviours) -> None:
    hooks = behaviours.on(FILE)
    hooks.initial.append(_folders)
    hooks.before_add.append(_take_contents)
    hooks.after_add.append(_keep_contents)
    hooks.before_set.append(_replace_contents)
    hooks.after_remove.append(lambda store, item: _forget(store, item[".id"]))
    hooks.show.append(_show)
    behaviours.command("/file/read", _read_piece)
    behaviours.on_reboot.append(_lose_volatile)


def write(store: Store, name: str, data: bytes) -> str:
    """Make a file or replace what is in it, without the limit of `contents`; the id of its item comes back."""
    item = store.table(FILE).named(name)
    if item is None:
        item = {"name": name}
        store.insert(FILE, item)
    store.contents[item[".id"]] = data
    item["_changed"] = str(store.now_s())
    store.announce(FILE, item)
    return item[".id"]


def read(store: Store, name: str) -> bytes | None:
    """What is in a file; `None` if there is none of that name."""
    item = store.table(FILE).named(name)
    return None if item is None else store.contents.get(item[".id"], b"")


def contents_limit_bytes(store: Store) -> int:
    """How much the property `contents` holds."""
    return _LIMIT_BYTES if store.profile.at_least("7.16") else _OLD_LIMIT_BYTES


def _folders(store: Store) -> Iterable[Item]:
    if store.profile.flash_folder:
        yield {"name": FLASH, "_type": "disk"}
    else:
        yield {"name": "skins", "_type": "directory"}


def _encoded(store: Store, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if len(data) > contents_limit_bytes(store):
        raise Refused("failure: contents too long", GENERAL)
    return data


def _take_contents(store: Store, item: Item) -> None:
    if store.table(FILE).named(item.get("name", "")) is not None:
        raise Refused("failure: already have such file", GENERAL)
    if item.pop("type", "") == "directory":
        item["_type"] = "directory"
    item["_new"] = item.pop("contents", "")
    _encoded(store, item["_new"])


def _keep_contents(store: Store, item: Item) -> None:
    store.contents[item[".id"]] = _encoded(store, item.pop("_new", ""))
    item["_changed"] = str(store.now_s())


def _replace_contents(store: Store, item: Item, changes: Item) -> None:
    if "contents" in changes:
        store.contents[item[".id"]] = _encoded(store, changes.pop("contents"))
        changes["_changed"] = str(store.now_s())


def _forget(store: Store, item_id: str) -> None:
    store.contents.pop(item_id, None)


def file_type(name: str) -> str:
    """What `type` says of a file: by the end of its name."""
    _, dot, ending = name.rpartition("/")[2].rpartition(".")
    return _TYPES.get(ending, f".{ending} file") if dot else "file"


def _show(store: Store, row: Item) -> None:
    kind = row.get("_type") or file_type(row["name"])
    row["type"] = kind
    moment = stamp(store, float(row.get("_changed", store.now_s() - store.uptime_s())))
    row["last-modified" if store.profile.at_least("7.15") else "creation-time"] = moment
    if "_type" in row:
        return
    data = store.contents.get(row[".id"], b"")
    row["size"] = str(len(data))
    if len(data) <= contents_limit_bytes(store) and kind not in ("backup", "package"):
        row["contents"] = data.decode("utf-8", "surrogateescape")


def _read_piece(store: Store, request: Request) -> Answer:
    """`/file/read`: up to 32,768 bytes from an offset; nothing at the end, refused behind it."""
    demand(request, "ftp")
    demand(request, "test")
    try:
        offset = int(request.arguments.get("offset", "0"))
        size_bytes = int(request.arguments.get("chunk-size", str(_LONGEST_PIECE_BYTES)))
    except ValueError as cause:
        raise Refused("invalid value for argument offset", ARGUMENT) from cause
    if not 1 <= size_bytes <= _LONGEST_PIECE_BYTES:
        raise Refused(f"value of chunk-size out of range (1..{_LONGEST_PIECE_BYTES})", ARGUMENT)
    found = store.find(FILE, request.arguments.get("file", ""))
    if found is None:
        raise Refused("no such item", MISSING)
    data = store.contents.get(found[1][".id"], b"")
    if not 0 <= offset <= len(data):
        raise Refused("failure: chunk out of file bounds", GENERAL)
    return Answer(rows=[{"data": data[offset : offset + size_bytes].decode("utf-8", "surrogateescape")}])


def _lose_volatile(store: Store) -> None:
    """Outside of `flash` a board that has such a folder keeps files in memory only."""
    if not store.profile.flash_folder:
        return
    for item in list(store.table(FILE).items):
        if item["name"].partition("/")[0] != FLASH:
            store.table(FILE).remove(item[".id"])
            _forget(store, item[".id"])
