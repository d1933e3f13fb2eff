"""Log lines: search them, follow them, and keep searches."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import typer

from tikfleet.cli.client import Api, Document
from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain

_SEARCHES: Final[Columns] = {
    "NAME": plain("name"),
    "WORDS": plain("search.q"),
    "WHERE": lambda row: " ".join(row["search"].get("where") or []),
    "SHARED": plain("shared"),
    "BY": plain("created_by"),
    "ID": plain("id"),
}
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_PAGE: Final = 200
_RECONNECT_S: Final = 3.0
_MOST_MISSED: Final = 5_000


@dataclass(frozen=True, slots=True)
class Looking:
    """What is looked for."""

    text: Annotated[str, typer.Option("--search", "-q", help='Words; "a phrase" as it stands, -word not there.')] = ""
    where: Annotated[
        Words,
        typer.Option("--where", "-w", help="field=value or field!=value, such as action=login-failure."),
    ] = field(default_factory=list)
    device: Annotated[Words, typer.Option(help="Id of a device; repeated for more.")] = field(default_factory=list)
    last: Annotated[str, typer.Option(help="How far back, such as 30m, 6h or 7d.")] = "1h"
    saved: Annotated[str, typer.Option(help="Id of a saved search to begin with.")] = ""

    def query(self, api: Api) -> Document:
        """The parameters of the request."""
        kept = api.get(f"/logs/searches/{self.saved}")["search"] if self.saved else {}
        words = " ".join(part for part in (kept.get("q", ""), self.text) if part)
        where = [*kept.get("where", []), *self.where, *(f"device_id={one}" for one in self.device)]
        since = datetime.now(UTC) - timedelta(seconds=seconds_of(self.last))
        return {"q": words, "where": where, "since": since.isoformat(timespec="seconds").replace("+00:00", "Z")}


def seconds_of(text: str) -> int:
    """Such as `30m` as seconds. Raises Failure."""
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isascii() or not number.isdigit():
        raise Failure(f"{text} is no length of time", USAGE, remedy="Write a number and s, m, h or d, such as 6h.")
    return int(number) * _UNITS[unit]


app = typer.Typer(no_args_is_help=False, invoke_without_command=True, help="What routers log.")


@app.command("search")
@command
def search(
    terminal: Terminal,
    looking: Looking,
    shown: Shown,
    limit: Annotated[int, typer.Option(help="How many lines at most.", min=1, max=100_000)] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Then show lines as they come, until Ctrl-C.")] = False,
) -> None:
    """Lines that match, the newest at the end."""
    with terminal.api() as api:
        query = looking.query(api)
        lines = list(_lines(api, query, limit))
        for line in reversed(lines):
            _show(terminal, line, shown)
        if follow:
            _follow(terminal, api, query, shown, lines[0]["id"] if lines else "")


@app.command("values")
@command
def values(
    terminal: Terminal,
    field_name: Annotated[str, typer.Argument(metavar="FIELD", help="A field, such as action, address or chain.")],
    looking: Looking,
    shown: Shown,
    limit: Annotated[int, typer.Option(help="How many values at most.", min=1, max=200)] = 20,
) -> None:
    """The values of a field that most of the lines have."""
    with terminal.api() as api:
        found = api.get("/logs/facet", {**looking.query(api), "field": field_name, "limit": str(limit)})
    if shown.as_json or shown.fields:
        terminal.json(found)
        return
    for one in found["values"]:
        terminal.say(f"{one['lines']:>10}  {one['value']}")


@app.command("saved")
@command
def saved(terminal: Terminal, listed: Listed) -> None:
    """Searches that are kept."""
    with terminal.api() as api:
        show_collection(terminal, api, "/logs/searches", {}, listed, _SEARCHES, "No searches are saved.")


@app.command("save")
@command
def save(
    terminal: Terminal,
    name: Annotated[str, typer.Argument(help="What people call it.")],
    looking: Looking,
    shared: Annotated[bool, typer.Option("--shared", help="For the whole organisation.")] = False,
) -> None:
    """Keep a search under a name."""
    with terminal.api() as api:
        query = looking.query(api)
        ask = {"q": query["q"], "where": query["where"], "last_s": seconds_of(looking.last)}
        made = api.post("/logs/searches", {"name": name, "search": ask, "shared": shared})
    terminal.say(f"Kept as {made['id']}.")


@app.command("forget")
@command
def forget(terminal: Terminal, search_id: Annotated[str, typer.Argument(help="Id of a saved search.")]) -> None:
    """Delete a saved search."""
    with terminal.api() as api:
        api.delete(f"/logs/searches/{search_id}")
    terminal.say(f"{search_id} is deleted.")


def _lines(api: Api, query: Document, limit: int) -> Iterator[Document]:
    cursor, left = "", limit
    while left > 0:
        page = api.get("/logs", {**query, "limit": str(min(left, _PAGE)), **({"cursor": cursor} if cursor else {})})
        yield from page["items"]
        left -= len(page["items"])
        cursor = page["next_cursor"] or ""
        if not cursor:
            return


def _follow(terminal: Any, api: Api, query: Document, shown: Any, last: str) -> None:
    """Lines as the server tells of them. Where it was away, or ended the stream, those since the last come first."""
    path = f"/logs/follow?{urlencode({'q': query['q'], 'where': query['where']}, doseq=True)}"
    seen, heard = _place(last), False
    while True:
        try:
            if heard:
                seen = _missed(terminal, api, query, shown, seen)
            for kind, line in api.events(path):
                heard = True
                # A stream begins some seconds back.
                if kind == "line" and _place(line["id"]) > seen:
                    seen = _place(line["id"])
                    _show(terminal, line, shown)
            heard = True
        except Failure as failure:
            if failure.code or not heard:
                raise
            terminal.warn(f"{failure.sentence}; trying again")
        terminal.sleep(_RECONNECT_S)


def _missed(terminal: Any, api: Api, query: Document, shown: Any, seen: tuple[int, int]) -> tuple[int, int]:
    if seen > (0, 0):
        since = datetime.fromtimestamp(seen[0] // 1000, UTC)
        query = {**query, "since": since.isoformat(timespec="seconds").replace("+00:00", "Z")}
    fresh = [line for line in _lines(api, query, _MOST_MISSED) if _place(line["id"]) > seen]
    for line in reversed(fresh):
        _show(terminal, line, shown)
    return _place(fresh[0]["id"]) if fresh else seen


def _place(line_id: str) -> tuple[int, int]:
    at, _, number = line_id.partition("-")
    return (int(at), int(number)) if number else (0, 0)


def _show(terminal: Any, line: Document, shown: Any) -> None:
    if shown.as_json or shown.fields:
        typer.echo(json.dumps(line, ensure_ascii=False))
        return
    device = line.get("device_id") or "-"
    terminal.say(f"{line['received_at']} {device} {line['severity']:<8} {line.get('topics', '')} {line['message']}")
