"""Menus whose items are what happens to run: they are listed anew each time, by the commands that read."""

from collections.abc import Callable, Iterable
from typing import Final

from tikfleet.virtual.menus.request import MISSING, Answer, Refused, Request, Row

_GIVEN: Final = (".id", "numbers", "number")


class Listing:
    """`print`, `find` and `get` over rows that a function gives; each row has an `.id`."""

    def __init__(self, rows: Callable[[], Iterable[Row]]) -> None:
        self._rows = rows

    def show(self, request: Request) -> Answer:
        rows = self._kept(request)
        if "count-only" in request.arguments:
            return Answer(ret=str(len(rows)))
        names = request.arguments.get(".proplist") or request.arguments.get("proplist")
        if names:
            rows = [{name: row[name] for name in names.split(",") if name in row} for row in rows]
        return Answer(rows=rows)

    def find(self, request: Request) -> Answer:
        return Answer(ret=";".join(row[".id"] for row in self._kept(request)))

    def get(self, request: Request) -> Answer:
        row = self.chosen(request)[0]
        name = request.arguments.get("value-name")
        return Answer(rows=[row]) if name is None else Answer(ret=row.get(name, ""))

    def chosen(self, request: Request) -> list[Row]:
        """The rows that a command names by id or name. Raises `Refused` for one that is not there."""
        given = next((request.arguments[name] for name in _GIVEN if name in request.arguments), "")
        rows = list(self._rows())
        found = []
        for word in given.replace(";", ",").split(","):
            row = next((row for row in rows if word in (row[".id"], row.get("name"))), None)
            if row is None:
                raise Refused("no such item", MISSING)
            found.append(row)
        return found

    def _kept(self, request: Request) -> list[Row]:
        return [row for row in self._rows() if request.where is None or request.where(row)]
