"""Methods and URLs of REST as commands of the router's menus.

Which status and which words answer what is from the manual's REST page, the rest from public probes of 7.21 and 7.23:
a record that is not there is 404 without a detail, `PATCH` and `DELETE` hide most reasons behind one sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tikfleet.routeros.script import catalogue
from tikfleet.virtual.menus.request import GENERAL, MISSING, Answer, Caller, Refused, Request, Row
from tikfleet.virtual.servers.queries import Predicate, compiled, projected
from tikfleet.virtual.servers.rest_inspection import inspected
from tikfleet.virtual.servers.rest_json import Body, arguments
from tikfleet.virtual.servers.router import Router

NO_ITEM: Final = "no such item"
_NO_RESOURCE: Final = "missing or invalid resource identifier"
_ID: Final = ".id"
_SECTION: Final = ".section"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request came to: `value` is for JSON, `location` is the path of a new record below `/rest`."""

    value: object
    location: str = ""


@dataclass(frozen=True, slots=True)
class Resources:
    """One router's menus. The words of a path are decoded; every method raises `Refused` and may wait."""

    router: Router

    def get(self, caller: Caller, words: Sequence[str], filters: Mapping[str, str]) -> Outcome:
        names = _names(filters.get(".proplist"))
        menu = _path(words)
        if not words or not self.router.exists(menu):
            _, row = self._record(caller, words)
            return Outcome(_selected(row, names))
        wanted = [f"{name}={value}" for name, value in filters.items() if name != ".proplist"]
        rows = self._rows(caller, menu, compiled(wanted))
        if self.router.is_single(menu):
            return Outcome(_selected(rows[0] if rows else {}, names))
        return Outcome([_selected(row, [_ID, *names] if names else []) for row in rows])

    def put(self, caller: Caller, words: Sequence[str], body: Body) -> Outcome:
        menu = self._menu(words)
        names = _names(body.pop(".proplist", None))
        added = self.router.perform(Request(menu, "add", arguments(body), caller))
        row = self._by_id(caller, menu, added.ret or "")
        return Outcome(_selected(row, names), location=f"{menu}/{added.ret}")

    def patch(self, caller: Caller, words: Sequence[str], body: Body) -> Outcome:
        names = _names(body.pop(".proplist", None))
        menu, number = self._change(caller, words, "set", arguments(body))
        return Outcome(_selected(self._by_id(caller, menu, number), names))

    def delete(self, caller: Caller, words: Sequence[str]) -> Outcome:
        self._change(caller, words, "remove", {})
        return Outcome(None)

    def post(self, caller: Caller, words: Sequence[str], body: Body) -> Outcome:
        if words and self.router.exists(_path(words)):
            raise Refused("no such command", MISSING)
        menu, command = self._resolved(words)
        names = _names(body.pop(".proplist", None))
        query = body.pop(".query", None)
        where = compiled([query] if isinstance(query, str) else query) if query else None
        given = arguments(body)
        if given.get("once") == "false":
            del given["once"]
        answer = self._answer(Request(menu, command, given, caller, where))
        if answer.rows:
            return Outcome([_selected(_sectioned(row, given), names, also=_SECTION) for row in answer.rows])
        return Outcome([] if answer.ret is None else {"ret": answer.ret})

    def _answer(self, request: Request) -> Answer:
        match request.path:
            case "/execute" if "as-string" in request.arguments:
                script = request.arguments.get("script")
                if script is None:
                    raise Refused("missing =script=", GENERAL)
                text = self.router.console(request.caller).run(script)
                return Answer(ret=text.removesuffix("\n").replace("\n", "\r\n"))
            case "/console/inspect":
                return Answer(inspected(request.arguments))
            case _:
                return self.router.perform(request)

    def _change(self, caller: Caller, words: Sequence[str], command: str, given: dict[str, str]) -> tuple[str, str]:
        """Set or remove the record that a path names; its menu and `.id`."""
        if not words or self.router.exists(_path(words)):
            raise Refused(_NO_RESOURCE, GENERAL)
        menu, number = self._menu(words[:-1]), words[-1]
        by_id = number.startswith("*")
        if not by_id:
            number = self._record(caller, words)[1].get(_ID, "")
        try:
            self.router.perform(Request(menu, command, {**given, _ID: number}, caller))
        except Refused as refused:
            if refused.message.startswith(NO_ITEM) or (by_id and refused.message.startswith("unknown parameter")):
                raise
            raise Refused(_NO_RESOURCE, GENERAL) from refused
        return menu, number

    def _menu(self, words: Sequence[str]) -> str:
        menu = _path(words)
        if not words or not self.router.exists(menu):
            raise self._unknown(words)
        return menu

    def _rows(self, caller: Caller, menu: str, where: Predicate | None) -> list[Row]:
        return self.router.perform(Request(menu, "print", caller=caller, where=where)).rows

    def _by_id(self, caller: Caller, menu: str, number: str) -> Row:
        rows = self._rows(caller, menu, lambda row: row.get(_ID) == number)
        if not rows:
            raise Refused(NO_ITEM, MISSING)
        return rows[0]

    def _record(self, caller: Caller, words: Sequence[str]) -> tuple[str, Row]:
        """The menu and the row of a path that ends in the `.id` or the name of a record."""
        menu = _path(words[:-1])
        if len(words) <= 1 or not self.router.exists(menu) or self.router.is_single(menu):
            raise self._unknown(words)
        key = words[-1]
        if key.startswith("*"):
            return menu, self._by_id(caller, menu, key)
        try:
            rows = self._rows(caller, menu, lambda row: row.get("name") == key)
        except Refused as refused:
            # A menu that only holds other menus prints nothing.
            raise (self._unknown(words) if refused.message == "no such command" else refused) from refused
        if rows:
            return menu, rows[0]
        if not _has_names(menu) and not self._resolves(words):
            raise Refused("no such command prefix", MISSING)
        raise self._unknown(words)

    def _resolves(self, words: Sequence[str]) -> bool:
        try:
            self.router.resolve(words)
        except Refused:
            return False
        return True

    def _resolved(self, words: Sequence[str]) -> tuple[str, str]:
        try:
            return self.router.resolve(words)
        except Refused as refused:
            raise self._unknown(words) from refused

    def _unknown(self, words: Sequence[str]) -> Refused:
        """Why a path does not do: its first word that names nothing, or a command where a menu is wanted."""
        if not words or self._resolves(words):
            return Refused("no such command", MISSING)
        for count in range(1, len(words)):
            if not self.router.exists(_path(words[:count])):
                return Refused(f"no such command or directory ({words[count - 1]})", MISSING)
        return Refused(f"no such command or directory ({words[-1]})", MISSING)


def _path(words: Sequence[str]) -> str:
    return "".join(f"/{word}" for word in words)


def _names(proplist: str | list[str] | None) -> list[str]:
    if proplist is None:
        return []
    return [name for name in (proplist.split(",") if isinstance(proplist, str) else proplist) if name]


def _selected(row: Row, names: Sequence[str], also: str = "") -> Row:
    if not names:
        return row
    return projected(row, [also, *names] if also else names)


def _sectioned(row: Row, given: Mapping[str, str]) -> Row:
    """A single sample has no number; samples over time keep theirs."""
    if "once" in given and _SECTION in row:
        return {name: value for name, value in row.items() if name != _SECTION}
    return row


def _has_names(menu: str) -> bool:
    found = catalogue.root()
    for word in menu.split("/")[1:]:
        entry = found.entries.get(word)
        if not isinstance(entry, catalogue.Menu):
            return False
        found = entry
    return "name" in found.properties
