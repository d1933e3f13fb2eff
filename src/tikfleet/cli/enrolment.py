"""Enrolment: the key and the lines to paste, and who has used them."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Final

import typer

from tikfleet.cli import names
from tikfleet.cli.client import Api, Document
from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain

KeyArgument = Annotated[str, typer.Argument(help="Id of an enrolment key.")]
WaitOption = Annotated[bool, typer.Option("--wait", help="Stay and show each router as it comes; Ctrl-C ends.")]
CountOption = Annotated[int, typer.Option("--count", help="With --wait: end after so many routers; 0 for never.")]
KeyOption = Annotated[str, typer.Option("--key", help="Only attempts with this key.")]

_POLL_S: Final = 2.0
_KEYS: Final[Columns] = {
    "NAME": plain("name"),
    "STATE": plain("state"),
    "BEGINS": plain("prefix"),
    "USES": lambda row: f"{row.get('uses')}/{row.get('max_uses') or '∞'}",
    "APPROVAL": plain("needs_approval"),
    "EXPIRES": plain("expires_at"),
    "TAGS": plain("tags"),
    "ID": plain("id"),
}
_ATTEMPTS: Final[Columns] = {
    "AT": plain("at"),
    "OUTCOME": plain("outcome"),
    "IDENTITY": plain("identity"),
    "SERIAL": plain("serial"),
    "BOARD": plain("board"),
    "VERSION": plain("version"),
    "FROM": plain("source_address"),
    "REASON": plain("reason"),
}

app = typer.Typer(help="Let routers in: make a key, print the lines to paste.")


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a new key is like."""

    name: Annotated[str, typer.Option(help="What the key is for.")] = "From the command line"
    site: Annotated[str, typer.Option(help="Name or id of the site that its routers go to.")] = ""
    max_uses: Annotated[int | None, typer.Option(help="How many routers may use it.", min=1)] = None
    expires_at: Annotated[str, typer.Option(help="When it ends, such as 2027-01-01T00:00:00Z.")] = ""
    approval: Annotated[bool, typer.Option("--approval", help="Its routers wait until somebody approves them.")] = False
    tag: Annotated[Words, typer.Option(help="Tags that its routers get.")] = field(default_factory=list)

    def body(self, api: Api) -> Document:
        """The key as the API takes it."""
        body: Document = {"name": self.name, "needs_approval": self.approval, "tags": self.tag}
        optional: dict[str, Any] = {"max_uses": self.max_uses, "expires_at": self.expires_at or None}
        if self.site:
            optional["site_id"] = names.site_id(api, self.site)
        return body | {name: value for name, value in optional.items() if value is not None}


@app.callback(invoke_without_command=True)
@command
def enrol(
    terminal: Terminal,
    group: typer.Context,
    key: NewKey,
    shown: Shown,
    wait: WaitOption = False,
    count: CountOption = 0,
) -> None:
    """Make an enrolment key and print the lines to paste into a router's terminal."""
    if group.invoked_subcommand is not None:
        return
    with terminal.api() as api:
        made = api.post("/enrolment-keys", key.body(api))
        if shown.as_json:
            terminal.json(made)
        else:
            _print_lines(terminal, made)
        if wait:
            _follow(terminal, api, str(made["id"]), count, as_json=shown.as_json)


@app.command()
@command
def keys(terminal: Terminal, listed: Listed) -> None:
    """Enrolment keys, newest first."""
    with terminal.api() as api:
        show_collection(terminal, api, "/enrolment-keys", {}, listed, _KEYS, "There are no enrolment keys.")


@app.command()
@command
def revoke(terminal: Terminal, key: KeyArgument) -> None:
    """End a key. Routers that came in by it stay."""
    with terminal.api() as api:
        api.delete(f"/enrolment-keys/{key}")
    terminal.say(f"{key} is revoked.")


@app.command()
@command
def attempts(terminal: Terminal, listed: Listed, key: KeyOption = "") -> None:
    """Every router that presented a key, and what came of it."""
    with terminal.api() as api:
        show_collection(terminal, api, "/enrolments", {"key_id": key}, listed, _ATTEMPTS, "No router has tried yet.")


def _print_lines(terminal: Terminal, made: Document) -> None:
    lines = made.get("lines") or {}
    terminal.warn(f"Key {made.get('id')}. The lines hold its secret and are not shown again.")
    for release, title in (("v7", "RouterOS 7"), ("v6", "RouterOS 6")):
        if lines.get(release):
            terminal.warn(f"\nPaste into the terminal of a router with {title}:", "bold")
            terminal.say(str(lines[release]))


def _follow(terminal: Terminal, api: Api, key_id: str, count: int, *, as_json: bool) -> None:
    terminal.warn("\nWaiting for routers; Ctrl-C ends.")
    seen: set[str] = set()
    let_in = 0
    while not count or let_in < count:
        fresh = [item for item in api.pages("/enrolments", {"key_id": key_id}, 0) if item["id"] not in seen]
        for item in reversed(fresh):
            seen.add(str(item["id"]))
            let_in += item.get("outcome") in {"enrolled", "pending"}
            if as_json:
                terminal.json_line(item)
            else:
                terminal.say(_sentence(item))
        if not count or let_in < count:
            terminal.sleep(_POLL_S)


def _sentence(item: Document) -> str:
    who = f"{item.get('identity')} ({item.get('board')}, {item.get('serial') or 'no serial'})"
    text = f"{item.get('outcome')}: {who} from {item.get('source_address')}"
    told = [
        f"  {found.get('severity')}: {found.get('text')} {found.get('remedy')}" for found in item.get("findings") or []
    ]
    return "\n".join([f"{text}: {item['reason']}" if item.get("reason") else text, *told])
