"""From settings to a running platform, and back to a shell with a true exit code."""

import sys

import uvloop

from tikfleet.app.demonstration import Demonstration
from tikfleet.app.demonstration_options import DemonstrationOptions
from tikfleet.app.observability.logs import set_up_logs
from tikfleet.app.serve import leave, serve
from tikfleet.app.settings import Settings
from tikfleet.kernel.errors import TikfleetError


def run(settings: Settings, demonstration: DemonstrationOptions | None = None) -> None:
    """Serve until a signal; with options of one, as a demonstration. Faults at the start are told with their remedy."""
    set_up_logs(settings.log_level, as_json=settings.log_json)
    welcome = Demonstration(settings, demonstration)
    try:
        uvloop.run(serve(settings, welcome.greet))
    except TikfleetError as error:
        print(f"{error.title}: {error.detail}.\n{error.advice}", file=sys.stderr)
        raise SystemExit(1) from error
    finally:
        welcome.stop()
    sys.stdout.flush()
    sys.stderr.flush()
    leave()
