"""Sources: who sends log lines and flows, and whose they are."""

from typing import Annotated, Final

import typer

from tikfleet.cli.listing import show_collection
from tikfleet.cli.options import Listed, Shown, command
from tikfleet.cli.terminal import Columns, Terminal, plain

_CLAIMS: Final[Columns] = {
    "WAY": plain("way"),
    "VALUE": plain("value"),
    "DEVICE": plain("device_id"),
    "NAME": plain("name"),
    "CLAIMED": plain("created_at"),
    "ID": plain("id"),
}
_SEEN: Final[Columns] = {
    "STREAM": plain("stream"),
    "BY": plain("way"),
    "FROM": plain("value"),
    "DEVICE": plain("device_id"),
    "WHY NOT": plain("reason"),
    "RECEIVED": plain("counts.received"),
    "TAKEN": plain("counts.accepted"),
    "LAST": plain("last_at"),
    "SAMPLE": plain("sample"),
}

app = typer.Typer(no_args_is_help=True, help="Who sends log lines and flows, and whose they are.")


@app.command("list")
@command
def list_sources(terminal: Terminal, listed: Listed) -> None:
    """What was claimed: addresses, ports, certificates and tokens."""
    with terminal.api() as api:
        show_collection(terminal, api, "/sources", {}, listed, _CLAIMS, "Nothing was claimed.")


@app.command()
@command
def seen(
    terminal: Terminal,
    listed: Listed,
    lost: Annotated[bool, typer.Option("--lost", help="Only those that are no single device's.")] = False,
) -> None:
    """Who sends, with what came and what became of it."""
    with terminal.api() as api:
        query = {"lost": "true"} if lost else {}
        show_collection(terminal, api, "/sources/seen", query, listed, _SEEN, "Nobody has sent anything.")


@app.command()
@command
def totals(terminal: Terminal, shown: Shown) -> None:
    """What came, what was taken, and what was dropped and why."""
    with terminal.api() as api:
        found = api.get("/sources/totals")
    if shown.as_json or shown.fields:
        terminal.json(found)
        return
    for stream in found["streams"]:
        terminal.facts([("stream", stream["stream"]), *stream["counts"].items()])


@app.command()
@command
def claim(
    terminal: Terminal,
    way: Annotated[str, typer.Argument(help="address, port, token, certificate or tunnel.")],
    shown: Shown,
    value: Annotated[str, typer.Option(help="The address, or the certificate's SHA-256.")] = "",
    device: Annotated[str, typer.Option(help="Id of the device; none for a program that sends for many.")] = "",
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
) -> None:
    """Say whose a sender is; a port or token is made and shown."""
    body = {"way": way, "value": value, "name": name} | ({"device_id": device} if device else {})
    with terminal.api() as api:
        made = api.post("/sources", body)
    if shown.as_json or shown.fields:
        terminal.json(made)
        return
    terminal.say(f"Claimed as {made['id']}.")
    if made["secret"]:
        terminal.say(f"Its token, shown once: {made['secret']}")
    elif way == "port":
        terminal.say(f"Let the device send to port {made['value']}.")


@app.command()
@command
def remove(terminal: Terminal, source: Annotated[str, typer.Argument(help="Id of a source.")]) -> None:
    """Recognise nothing by it any more."""
    with terminal.api() as api:
        api.delete(f"/sources/{source}")
    terminal.say(f"{source} is removed.")
