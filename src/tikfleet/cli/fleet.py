"""The command that runs a fleet of virtual routers. Who runs it is given: this package knows no virtual routers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tikfleet.cli.options import command
from tikfleet.cli.terminal import Terminal


@dataclass(frozen=True, slots=True)
class FleetArguments:
    """What `tikfleet fleet` takes; the names are those of the options that a fleet has."""

    url: Annotated[str, typer.Option(help="Where the server is, such as http://127.0.0.1:8080.")]
    key: Annotated[str, typer.Option(help="The enrolment key (tfe_…) of new routers; several with commas.")] = ""
    routers: Annotated[int, typer.Option(help="How many.", min=1)] = 100
    full: Annotated[int, typer.Option(help="Whole virtual routers besides, which run the agent itself.", min=0)] = 0
    seed: Annotated[int, typer.Option(help="The same seed gives the same fleet.")] = 1
    interval_s: Annotated[float | None, typer.Option(help="Overrides the interval that the server gives.")] = None
    duration_s: Annotated[float | None, typer.Option(help="End after so long.")] = None
    keep_alive: Annotated[bool, typer.Option("--keep-alive", help="One connection for each router, kept open.")] = False
    insecure: Annotated[bool, typer.Option("--insecure", help="Trust any certificate.")] = False
    ca_file: Annotated[Path | None, typer.Option("--ca", help="PEM file with the certificates to trust.")] = None
    state_file: Annotated[Path | None, typer.Option("--state", help="Keeps tokens and counters between runs.")] = None
    enrol_per_s: Annotated[float, typer.Option(help="How fast new routers come.", min=0.1)] = 100.0
    syslog: Annotated[str, typer.Option(help="HOST:PORT of a syslog listener (UDP) that gets their log lines.")] = ""
    flows: Annotated[str, typer.Option(help="HOST:PORT of a collector that gets their traffic as NetFlow v9.")] = ""
    own_addresses: Annotated[
        bool, typer.Option("--own-addresses", help="Each has an address of its own on the loopback.")
    ] = False


def fleet_command(run: Callable[[FleetArguments], int]) -> Callable[..., None]:
    """The command `fleet`; `run` runs the fleet to its end and gives the exit code."""

    @command
    def fleet(terminal: Terminal, arguments: FleetArguments) -> None:
        """Run virtual routers that enrol, report and take jobs as real ones do."""
        raise typer.Exit(run(arguments))

    return fleet
