"""The demonstration's fleet as a process of its own. Its options come on standard input, since they hold secrets.

They are one line; the input stays open as long as whoever started the fleet lives, and the fleet ends when it does.
"""

import asyncio
import signal
import sys
from pathlib import Path

import msgspec

from tikfleet.app.fleets import run_fleets
from tikfleet.virtual.light.addresses import may_be_bound
from tikfleet.virtual.light.fleet import FleetOptions
from tikfleet.virtual.light.telling import Telling


def main() -> None:
    """Run until a signal, or the end of standard input."""
    options = msgspec.json.decode(sys.stdin.buffer.readline())
    state_file = Path(options.pop("state_file"))
    full = options.pop("full")
    telling = Telling(options.pop("syslog"), options.pop("flows"), own_addresses=may_be_bound())
    fleet = FleetOptions(**options, state_file=state_file, telling=telling)
    asyncio.run(_run(fleet, full))


async def _run(fleet: FleetOptions, full: int) -> None:
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), signal.raise_signal, signal.SIGTERM)
    await run_fleets(fleet, full, lambda summary: None)


if __name__ == "__main__":
    main()
