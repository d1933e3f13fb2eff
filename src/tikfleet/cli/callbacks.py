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

_SUBSCRIPTIONS: Final[Columns] = {
    "NAME": plain("name"),
    "RECEIVER": plain("host"),
    "EVENTS": plain("events"),
    "MADE": plain("created_at"),
    "BY": plain("created_by"),
    "ID": plain("id"),
}

app = typer.Typer(no_args_is_help=True, help="News of jobs, runs and devices, sent to addresses.")


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
def subscribe(
    terminal: Terminal,
    url: Annotated[str, typer.Argument(help="https:// address that is told.")],
    name: Annotated[str, typer.Option(help="What it is called here.")],
    event: Annotated[
        list[str],
        typer.Option(
            help="device.online, device.offline, device.rebooted, job.failed, run.halted, run.finished, run.cancelled."
        ),
    ],
    shown: Shown,
) -> None:
    """Have an address told of events from now on, until `unsubscribe`."""
    with terminal.api() as api:
        made = api.post("/callbacks/subscriptions", {"name": name, "url": url, "events": event})
    if shown.as_json:
        terminal.json(made)
    else:
        terminal.say(f"{made.get('host')} is told of {', '.join(made.get('events') or [])} ({made.get('id')}).")


@app.command()
@command
def subscriptions(terminal: Terminal, listed: Listed) -> None:
    """Who is told of which events."""
    with terminal.api() as api:
        path = "/callbacks/subscriptions"
        show_collection(terminal, api, path, {}, listed, _SUBSCRIPTIONS, "Nobody is told of anything.")


@app.command()
@command
def unsubscribe(terminal: Terminal, subscription: Annotated[str, typer.Argument(help="Id of a subscription.")]) -> None:
    """Tell an address nothing more."""
    with terminal.api() as api:
        api.delete(f"/callbacks/subscriptions/{subscription}")
    terminal.say(f"{subscription} is told nothing more.")


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
