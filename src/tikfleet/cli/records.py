"""What was done and what happened: the audit trail and the events, past and as they come."""

from dataclasses import dataclass
from typing import Annotated, Final

import typer

from tikfleet.cli import names
from tikfleet.cli.client import Api, Document
from tikfleet.cli.devices import EVENTS
from tikfleet.cli.failures import Failure
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain

_AUDIT: Final[Columns] = {
    "AT": plain("at"),
    "WHO": plain("actor.name"),
    "ACTION": plain("action"),
    "WHAT": plain("target.name"),
    "FROM": plain("source_address"),
}
_FOR_PROGRAMS: Final = frozenset({"fleet.pulse", "job.changed"})
_RECONNECT_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time."""

    since: Annotated[str, typer.Option("--from", help="From this moment, such as 2026-11-23T00:00:00Z.")] = ""
    until: Annotated[str, typer.Option("--to", help="Up to this moment.")] = ""

    def query(self) -> Document:
        return {"from": self.since, "to": self.until}


@command
def audit(
    terminal: Terminal,
    listed: Listed,
    span: Span,
    search: Annotated[str, typer.Option("--search", "-q", help="Text in names and actions.")] = "",
    action: Annotated[str, typer.Option(help="Only this action, such as device.approved.")] = "",
    actor: Annotated[str, typer.Option(help="Only this person or token, by id.")] = "",
) -> None:
    """Who changed what, newest first."""
    with terminal.api() as api:
        query = {"q": search, "action": action, "actor_id": actor, **span.query()}
        show_collection(terminal, api, "/audit", query, listed, _AUDIT, "Nothing was changed in that time.")


@command
def events(
    terminal: Terminal,
    listed: Listed,
    span: Span,
    device: Annotated[str, typer.Option(help="Only of this device.")] = "",
    kind: Annotated[Words, typer.Option(help="Only of this kind, such as device.offline.")] = [],  # noqa: B006
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Stay and show each as it comes; Ctrl-C ends.")
    ] = False,
) -> None:
    """What happened to the fleet, newest first; with --follow as it happens, with --json one document a line."""
    with terminal.api() as api:
        device_id = names.device_id(api, device) if device else ""
        if follow:
            _follow(terminal, api, device_id, kind, as_json=listed.as_json)
            return
        query = {"device_id": device_id, "kind": kind, **span.query()}
        show_collection(terminal, api, "/events", query, listed, EVENTS, "Nothing has happened in that time.")


def _follow(terminal: Terminal, api: Api, device_id: str, kinds: list[str], *, as_json: bool) -> None:
    heard = False
    while True:
        try:
            for kind, data in api.events("/events/stream"):
                heard = True
                if (kinds and kind not in kinds) or (device_id and data.get("device_id") != device_id):
                    continue
                if as_json:
                    terminal.json_line({"event": kind, **data})
                elif kinds or kind not in _FOR_PROGRAMS:
                    text = data.get("text") or data.get("status") or ""
                    terminal.say(f"{data.get('at', '')}  {kind}  {data.get('device_name', '')}  {text}")
        except Failure as failure:
            if failure.code or not heard:
                raise
            terminal.warn(f"{failure.sentence}; trying again")
        terminal.sleep(_RECONNECT_S)
