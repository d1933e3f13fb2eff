"""Callbacks: the secret that signs them, what was sent, and what was given up."""

from typing import Annotated, Final

import typer

from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Shown, Words, command
from tikfleet.cli.terminal import Columns, Terminal, plain

CallbackArgument = Annotated[str, typer.Argument(help="Id of a callback.")]

_COLUMNS: Final[Columns] = {
    "CREATED": plain("created_at"),
    "EVENT": plain("event"),
    "ABOUT": plain("subject_id"),
    "RECEIVER": plain("host"),
    "STATE": plain("state"),
    "ATTEMPTS": plain("attempts"),
    "ERROR": plain("error"),
    "ID": plain("id"),
}

app = typer.Typer(no_args_is_help=True, help="News of jobs and runs, sent to an address (`--notify`).")


@app.command("list")
@command
def list_callbacks(
    terminal: Terminal,
    listed: Listed,
    about: Annotated[Words, typer.Option(help="Only about this job or run.")] = [],  # noqa: B006
    state: Annotated[Words, typer.Option(help="waiting, delivered or dead.")] = [],  # noqa: B006
) -> None:
    """Callbacks, newest first; `--state dead` are those that were given up."""
    with terminal.api() as api:
        query = {"subject_id": about, "state": state}
        show_collection(terminal, api, "/callbacks", query, listed, _COLUMNS, "Nothing was to be told.")


@app.command()
@command
def show(terminal: Terminal, callback: CallbackArgument, shown: Shown) -> None:
    """One callback with the log of its attempts."""
    with terminal.api() as api:
        found = api.get(f"/callbacks/{callback}", {"fields": shown.fields})
    if shown.as_json or shown.fields:
        terminal.json(found)
        return
    known = ("id", "event", "subject_id", "host", "state", "attempts", "next_at", "error")
    terminal.facts([(name, found.get(name)) for name in known])
    for attempt in found.get("log") or []:
        came = attempt.get("status") or attempt.get("error")
        terminal.say(f"{attempt.get('at')}  {came}  {attempt.get('took_ms')} ms")


@app.command()
@command
def retry(terminal: Terminal, callback: CallbackArgument) -> None:
    """Send one again that is dead or was delivered."""
    with terminal.api() as api:
        found = api.post(f"/callbacks/{callback}/retry")
    terminal.say(f"{callback} is {found.get('state')}.")


@app.command()
@command
def secret(
    terminal: Terminal,
    shown: Shown,
    new: Annotated[bool, typer.Option("--new", help="Make one; another that is there signs for a day more.")] = False,
) -> None:
    """Whether there is a secret to sign callbacks with; with --new make one, which is shown this once."""
    with terminal.api() as api:
        found = api.post("/callbacks/secret") if new else api.get("/callbacks/secret")
    if shown.as_json:
        terminal.json(found)
    else:
        terminal.facts(list(found.items()))
