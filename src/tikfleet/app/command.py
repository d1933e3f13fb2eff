"""The program `tikfleet`: the client's commands, and those that run the platform on this machine."""

import os
import sys
from types import ModuleType
from typing import Annotated, Any

import typer

from tikfleet.app.backups import commands
from tikfleet.app.cloud import command as cloud
from tikfleet.app.demonstration_options import DemonstrationOptions, hearing
from tikfleet.app.job_key_rotation import rotate_command
from tikfleet.app.later import later
from tikfleet.app.measuring.command import bench
from tikfleet.app.processes.command import add_commands
from tikfleet.app.processes.garbage import hold
from tikfleet.app.processes.place import Place
from tikfleet.app.relocation import command as relocation
from tikfleet.app.settings import Settings, load_settings
from tikfleet.cli.application import build
from tikfleet.cli.fleet import FleetArguments, fleet_command
from tikfleet.cli.router import RouterArguments, router_command
from tikfleet.cli.scripts import Offline, check_command, diff_command
from tikfleet.cli.terminal import Terminal
from tikfleet.kernel.errors import TikfleetError

Data = Annotated[str | None, typer.Option(help="Directory of everything that is kept.")]
HttpPort = Annotated[int | None, typer.Option(help="Port of plain HTTP on this machine; 0 turns it off.")]
HttpsPort = Annotated[int | None, typer.Option(help="Port of HTTPS, which routers use; 0 turns it off.")]
PublicUrl = Annotated[str | None, typer.Option(help="Address by which routers reach the platform.")]
Edges = Annotated[int | None, typer.Option(help="Processes beside this one that answer routers; 0 is none.")]


def serve_command(
    data: Data = None,
    http_port: HttpPort = None,
    https_port: HttpsPort = None,
    public_url: PublicUrl = None,
    edges: Edges = None,
) -> None:
    """Run the platform: API, dashboard and routers' address in one process, or with edges beside it.

    Every setting is also an environment variable; docs/reference/settings.md lists them.
    """
    settings = _settings(data=data, http_port=http_port, https_port=https_port, public_url=public_url, edges=edges)
    _run(settings)


def demonstration_command(
    data: Data = None,
    http_port: HttpPort = None,
    https_port: HttpsPort = None,
    routers: Annotated[int, typer.Option(min=1, max=20_000, help="How many virtual routers.")] = 200,
    full: Annotated[int, typer.Option(min=0, max=1_000, help="Whole virtual routers besides, running the agent.")] = 40,
    interval_s: Annotated[int, typer.Option(min=2, max=3600, help="How often each reports, in seconds.")] = 10,
) -> None:
    """Run the platform with an owner, sites and a fleet of virtual routers, and print how to sign in."""
    settings = _settings(data=data, http_port=http_port, https_port=https_port, demonstration=True)
    _run(hearing(settings), DemonstrationOptions(routers, full, interval_s))


def _run(settings: Settings, demonstration: DemonstrationOptions | None = None, *, place: Place | None = None) -> None:
    hold()
    # The platform takes a second to import, and the client's commands need none of it.
    from tikfleet.app.running import run, run_part

    if place is None:
        run(settings, demonstration)
    else:
        run_part(settings, place)


def _settings(**options: Any) -> Settings:
    try:
        return load_settings(os.environ, **options)
    except TikfleetError as error:
        print(f"{error.title}: {error.detail}.\n{error.advice}", file=sys.stderr)
        raise SystemExit(2) from error


def _virtual() -> ModuleType:
    # Menus and scripts of RouterOS take half a second to import, and hardly a command needs them.
    from tikfleet.app import virtual_commands

    return virtual_commands


def _fleet(arguments: FleetArguments) -> int:
    return int(_virtual().fleet(arguments))


def _router(terminal: Terminal, arguments: RouterArguments) -> int:
    return int(_virtual().router(terminal, arguments))


def _offline() -> Offline:
    known: Offline = later("offline").offline()
    return known


def application() -> typer.Typer:
    """All commands, under one name."""
    app = build()
    app.command("serve")(serve_command)
    add_commands(app, _settings, lambda settings, place: _run(settings, place=place))
    app.command("demo")(demonstration_command)
    app.command("backup")(commands.backup)
    app.command("restore")(commands.restore)
    app.command("backups")(commands.backups)
    app.command("rotate-job-key")(rotate_command(_settings))
    app.add_typer(relocation.app, name="warehouse")
    app.add_typer(cloud.app, name="deploy")
    app.command("bench")(bench)
    app.command("fleet")(fleet_command(_fleet))
    app.command("router")(router_command(_router))
    app.command("check")(check_command(_offline))
    app.command("diff")(diff_command(_offline))
    return app


def main() -> None:
    """The entry point of the program."""
    application()()


if __name__ == "__main__":
    main()
