"""The command that runs one virtual router. Who runs it is given: this package knows no virtual routers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tikfleet.cli.options import command
from tikfleet.cli.terminal import Terminal


@dataclass(frozen=True, slots=True)
class RouterArguments:
    """What `tikfleet router` takes. A port of 0 is any free one, and of -1 none."""

    version: Annotated[str, typer.Option(help="RouterOS version, such as 7.16.2; by default that of the export.")] = ""
    export: Annotated[Path | None, typer.Option(help="An export to begin with: it is this router's configuration.")] = (
        None
    )
    state: Annotated[Path | None, typer.Option(help="A file that keeps what the router has become between runs.")] = (
        None
    )
    seed: Annotated[
        str,
        typer.Option(help="Gives serial number and software id; else the state file's path, else new ones each run."),
    ] = ""
    device_mode: Annotated[str, typer.Option(help="advanced, basic, home or rose.")] = "advanced"
    password: Annotated[str, typer.Option(help="Password of the user admin.", envvar="TIKFLEET_ROUTER_PASSWORD")] = ""
    host: Annotated[str, typer.Option(help="Address of this machine to listen on.")] = "127.0.0.1"
    api_port: Annotated[int, typer.Option(help="Binary API.", min=-1, max=65_535)] = 8728
    api_ssl_port: Annotated[int, typer.Option(help="Binary API over TLS.", min=-1, max=65_535)] = 8729
    www_port: Annotated[int, typer.Option(help="REST.", min=-1, max=65_535)] = 8180
    www_ssl_port: Annotated[int, typer.Option(help="REST over TLS.", min=-1, max=65_535)] = 8543
    ssh_port: Annotated[int, typer.Option(help="SSH and SFTP.", min=-1, max=65_535)] = 8222
    url: Annotated[str, typer.Option(help="A Tikfleet server to enrol at, such as https://fleet.example:8443.")] = ""
    key: Annotated[str, typer.Option(help="The enrolment key (tfe_…) to enrol with.", envvar="TIKFLEET_KEY")] = ""
    ca: Annotated[Path | None, typer.Option(help="PEM file of the server's own authority.")] = None


def router_command(run: Callable[[Terminal, RouterArguments], int]) -> Callable[..., None]:
    """The command `router`; `run` runs the router to its end and gives the exit code."""

    @command
    def router(terminal: Terminal, arguments: RouterArguments) -> None:
        """Run a virtual router with its API, REST, SSH and scripts, from an export or empty.

        Any MikroTik client can talk to it. With --url and --key it enrols as a real router does.
        """
        raise typer.Exit(run(terminal, arguments))

    return router
