"""The log, its rules and where its lines go."""

from collections.abc import Iterable

from tikfleet.virtual.menus.behaviours.moments import local, stamp
from tikfleet.virtual.menus.hooks import Behaviours, Handler
from tikfleet.virtual.menus.request import Answer, Request
from tikfleet.virtual.menus.store import Store
from tikfleet.virtual.menus.table import Item


def attach(behaviours: Behaviours) -> None:
    behaviours.on("/log").rows.append(rows)
    for level in ("info", "warning", "error", "debug"):
        behaviours.command(f"/log/{level}", _writer(level), "write")
    behaviours.on("/system/logging").initial.append(_rules)
    behaviours.on("/system/logging/action").initial.append(_actions)


def rows(store: Store) -> Iterable[Item]:
    """Oldest first. Before 7.10 a line of today shows its time alone, one of this year its day too."""
    now = local(store, store.now_s())
    for line in store.journal.lines:
        moment = local(store, line.moment_s)
        text = stamp(store, line.moment_s)
        if not store.profile.at_least("7.10"):
            if moment.date() == now.date():
                text = f"{moment:%H:%M:%S}"
            elif now.year == moment.year:
                text = f"{text[:6]} {moment:%H:%M:%S}"
        yield {
            ".id": f"*{line.number:X}", "buffer": "memory", "time": text, "topics": line.topics,
            "message": line.message, "extra-info": "",
        }  # fmt: skip


def _writer(level: str) -> Handler:
    def write(store: Store, request: Request) -> Answer:
        store.log(f"script,{level}", request.arguments.get("message", ""))
        return Answer()

    return write


def _rules(store: Store) -> Iterable[Item]:
    for topic, action in (("info", "memory"), ("error", "memory"), ("warning", "memory"), ("critical", "echo")):
        yield {"topics": topic, "prefix": "", "action": action, "default": "true"}


def _actions(store: Store) -> Iterable[Item]:
    for name in ("memory", "disk", "echo", "remote"):
        yield {"name": name, "target": name, "default": "true"}
