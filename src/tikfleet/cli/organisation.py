"""Settings of the organisation."""

import json
from typing import Annotated

import typer

from tikfleet.cli.client import Document
from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.options import Shown, command
from tikfleet.cli.terminal import Terminal

Changes = Annotated[
    list[str], typer.Argument(metavar="NAME=VALUE...", help="Such as job_devices_per_minute=500 or timezone=UTC.")
]

Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Such as timezone.")]

settings = typer.Typer(no_args_is_help=True, help="Settings of the organisation.")


@settings.command("show")
@command
def show_settings(terminal: Terminal, shown: Shown) -> None:
    """What is in force, each setting with whose it is: this organisation's own, one's above, or the default."""
    with terminal.api() as api:
        _tell(terminal, shown, api.get("/settings"))


@settings.command("set")
@command
def change_settings(terminal: Terminal, changes: Changes, shown: Shown) -> None:
    """Change settings by the names that `settings show` has; the others stay."""
    wanted = dict(_change(text) for text in changes)
    with terminal.api() as api:
        _tell(terminal, shown, api.patch("/settings", wanted))


@settings.command("reset")
@command
def reset_settings(terminal: Terminal, names: Names, shown: Shown) -> None:
    """Give settings back: they follow the organisation above again, else the default."""
    with terminal.api() as api:
        _tell(terminal, shown, api.patch("/settings", dict.fromkeys(names)))


def _change(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Failure(f"{text!r} is not NAME=VALUE", USAGE)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _tell(terminal: Terminal, shown: Shown, found: Document) -> None:
    if shown.as_json:
        terminal.json(found)
    else:
        terminal.facts([(name, f"{_word(found[name])}  ({_source(found, name)})") for name in found["inherited"]])


def _source(found: Document, name: str) -> str:
    above = found["inherited"][name]
    whose = f"from {above['organisation_name']}" if above["organisation_name"] else "the default"
    return f"its own; {_word(above['value'])} {whose}" if name in found["own"] else whose


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
