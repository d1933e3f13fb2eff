"""The commands `edge`, `api` and `worker`: parts of the platform as processes of their own on one data directory."""

import os
from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from tikfleet.app.processes.place import NAME, Place, Role
from tikfleet.app.settings import Settings

Data = Annotated[str | None, typer.Option(help="Directory of everything that is kept, the same for all processes.")]
HttpPort = Annotated[int | None, typer.Option(help="Port of plain HTTP on this machine; 0 turns it off.")]
HttpsPort = Annotated[int | None, typer.Option(help="Port of HTTPS, which edges share; 0 turns it off.")]
PublicUrl = Annotated[str | None, typer.Option(help="Address by which routers reach the platform.")]
Edges = Annotated[int | None, typer.Option(help="How many edges there are in all: each takes its share.")]
Name = Annotated[str, typer.Option(help="Name of this process among the others; by default `edge-` and its number.")]
Child = Annotated[bool, typer.Option("--child", hidden=True)]

_RESERVED: Final = frozenset({"api", "worker", "warehouse", "serve"})
Run = Callable[[Settings, Place], None]
Load = Callable[..., Settings]


def add_commands(app: typer.Typer, load: Load, run: Run) -> None:
    """Put the three under `app`. `load` makes settings of options, `run` serves until a signal."""

    @app.command("edge")
    def edge_command(
        data: Data = None,
        http_port: HttpPort = None,
        https_port: HttpsPort = None,
        public_url: PublicUrl = None,
        edges: Edges = None,
        name: Name = "",
        child: Child = False,
    ) -> None:
        """Answer routers, as one of several processes on one port; pass everything else on to `tikfleet api`."""
        name = name or f"edge-{os.getpid()}"
        if not NAME.fullmatch(name) or name in _RESERVED:
            raise typer.BadParameter(f"{name} can't be the name of an edge: use a-z, 0-9 and -", param_hint="--name")
        settings = load(data=data, http_port=http_port, https_port=https_port, public_url=public_url, edges=edges)
        run(settings, Place(Role.EDGE, name, child=child))

    @app.command("api")
    def api_command(
        data: Data = None,
        http_port: HttpPort = None,
        https_port: HttpsPort = None,
        public_url: PublicUrl = None,
        edges: Edges = None,
    ) -> None:
        """Serve the API and the dashboard, beside `tikfleet worker`; `--https-port` is that of the edges."""
        run(_shared(load, data, http_port, https_port, public_url, edges), Place(Role.API, "api"))

    @app.command("worker")
    def worker_command(
        data: Data = None, https_port: HttpsPort = None, public_url: PublicUrl = None, edges: Edges = None
    ) -> None:
        """Process what routers reported and hold the telemetry: one on each data directory."""
        run(_shared(load, data, None, https_port, public_url, edges), Place(Role.WORKER, "worker"))


def _shared(load: Load, *options: Any) -> Settings:
    names = ("data", "http_port", "https_port", "public_url", "edges")
    return load(**dict(zip(names, options, strict=True)))
