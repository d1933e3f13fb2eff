"""From settings to a running platform, and back to a shell with a true exit code."""

import sys
from collections.abc import Coroutine
from typing import Any

import uvloop

from tikfleet.app.compose import Platform
from tikfleet.app.demonstration import Demonstration
from tikfleet.app.demonstration_options import DemonstrationOptions
from tikfleet.app.observability.logs import set_up_logs
from tikfleet.app.processes.place import ALONE, Place, Role
from tikfleet.app.processes.turns import take_short_turns
from tikfleet.app.serve import leave, serve, serve_edge
from tikfleet.app.settings import Settings
from tikfleet.kernel.errors import TikfleetError


def run(settings: Settings, demonstration: DemonstrationOptions | None = None) -> None:
    """Serve until a signal; with options of one, as a demonstration. Faults at the start are told with their remedy."""
    welcome = Demonstration(settings, demonstration)
    place = Place(Role.MAIN, "main") if settings.edges else ALONE
    try:
        _run(settings, serve(settings, welcome.greet, place))
    finally:
        welcome.stop()
    _leave()


def run_part(settings: Settings, place: Place) -> None:
    """Serve one of several processes until a signal."""
    match place.role:
        case Role.EDGE:
            _run(settings, serve_edge(settings, place))
        case Role.API:
            _run(settings, serve(settings, Demonstration(settings, None).greet, place))
        case _:
            _run(settings, serve(settings, _greet_worker, place))
    _leave()


async def _greet_worker(platform: Platform) -> None:
    print(f"\n  Tikfleet's worker is ready. Data is in {platform.settings.directory}", flush=True)


def _run(settings: Settings, serving: Coroutine[Any, Any, None]) -> None:
    set_up_logs(settings.log_level, as_json=settings.log_json)
    take_short_turns()
    try:
        uvloop.run(serving)
    except TikfleetError as error:
        print(f"{error.title}: {error.detail}.\n{error.advice}", file=sys.stderr)
        raise SystemExit(1) from error


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    leave()
