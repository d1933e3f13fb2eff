"""Settings of the organisation."""

from typing import Annotated

import typer

from tikfleet.cli.failures import USAGE, Failure
from tikfleet.cli.options import Shown, command
from tikfleet.cli.terminal import Terminal

_OWN = "0 leaves the installation's limit."

settings = typer.Typer(no_args_is_help=True, help="Settings of the organisation.")


@settings.command("show")
@command
def show_settings(terminal: Terminal, shown: Shown) -> None:
    """How routers check in, whether runs need approval, and how many devices may be asked in a minute."""
    with terminal.api() as api:
        _tell(terminal, shown, api.get("/settings"))


@settings.command("set")
@command
def change_settings(
    terminal: Terminal,
    shown: Shown,
    interval_s: Annotated[int | None, typer.Option(help="How often routers report, in seconds.")] = None,
    offline_after_missed: Annotated[int | None, typer.Option(help="Missed reports until a router is offline.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Time zone, such as Europe/Riga.")] = None,
    approval: Annotated[bool | None, typer.Option(help="Whether runs need a second person.")] = None,
    devices_per_minute: Annotated[
        int | None, typer.Option(help=f"Devices that may be asked for a change in a minute. {_OWN}")
    ] = None,
    devices_per_person_minute: Annotated[
        int | None, typer.Option(help=f"The same for one person or API token. {_OWN}")
    ] = None,
    devices_per_request: Annotated[
        int | None, typer.Option(help=f"Devices that one request may ask; more have to be a run. {_OWN}")
    ] = None,
) -> None:
    """Change settings; those that are not named stay."""
    given = {
        "checkin_interval_s": interval_s,
        "offline_after_missed": offline_after_missed,
        "timezone": timezone,
        "runs_need_approval": approval,
        "job_devices_per_minute": devices_per_minute,
        "job_devices_per_person_minute": devices_per_person_minute,
        "job_devices_per_request": devices_per_request,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise Failure("nothing is to be changed: name at least one setting", USAGE)
    with terminal.api() as api:
        _tell(terminal, shown, api.patch("/settings", wanted))


def _tell(terminal: Terminal, shown: Shown, found: dict[str, object]) -> None:
    if shown.as_json:
        terminal.json(found)
    else:
        terminal.facts(list(found.items()))
