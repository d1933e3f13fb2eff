"""What `tikfleet fleet` and `tikfleet router` run."""

import asyncio
import sys
from dataclasses import asdict

from tikfleet.app.fleets import run_fleets
from tikfleet.app.virtual_router import run_router
from tikfleet.cli.fleet import FleetArguments
from tikfleet.cli.router import RouterArguments
from tikfleet.cli.terminal import Terminal
from tikfleet.virtual.light.fleet import FleetOptions
from tikfleet.virtual.light.register import RegisterUnusable
from tikfleet.virtual.light.telling import Telling


def fleet(arguments: FleetArguments) -> int:
    """Run virtual routers until their time is over. 0 when a report was accepted, 1 when none was, 2 on a fault."""
    given = asdict(arguments)
    full = given.pop("full")
    telling = Telling(given.pop("syslog"), given.pop("flows"), own_addresses=given.pop("own_addresses"))
    options = FleetOptions(**given, telling=telling)
    try:
        summary = asyncio.run(run_fleets(options, full, lambda now: print(now.line(), flush=True)))
    except (RegisterUnusable, OSError, ValueError) as failure:
        print(failure, file=sys.stderr)
        return 2
    print(summary.line())
    return 0 if summary.ok else 1


def router(terminal: Terminal, arguments: RouterArguments) -> int:
    """Run one virtual router until a signal comes. 0 at the end, 2 for options that make no router."""
    return run_router(terminal, arguments)
