"""Settings of the organisation."""

import json
from typing import Annotated

import typer

from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.options import Shown, command
from tikfleet.cli.terminal import Terminal

Changes = Annotated[
    list[str], typer.Argument(metavar="NAME=VALUE...", help="Such as job_devices_per_minute=500 or timezone=UTC.")
]

settings = typer.Typer(no_args_is_help=True, help="Settings of the organisation.")


@settings.command("show")
@command
def show_settings(terminal: Terminal, shown: Shown) -> None:
    """How routers check in, whether runs need approval, and how many devices may be asked in a minute."""
    with terminal.api() as api:
        _tell(terminal, shown, api.get("/settings"))


@settings.command("set")
@command
def change_settings(terminal: Terminal, changes: Changes, shown: Shown) -> None:
    """Change settings by the names that `settings show` has; the others stay."""
    wanted = dict(_change(text) for text in changes)
    with terminal.api() as api:
        _tell(terminal, shown, api.patch("/settings", wanted))


def _change(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise Failure(f"{text!r} is not NAME=VALUE", USAGE)
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _tell(terminal: Terminal, shown: Shown, found: dict[str, object]) -> None:
    if shown.as_json:
        terminal.json(found)
    else:
        terminal.facts(list(found.items()))
