"""The demonstration's fleet as a process of its own. Its options come on standard input, since they hold secrets."""

import asyncio
import sys
from pathlib import Path

import msgspec

from tikfleet.app.fleets import run_fleets
from tikfleet.virtual.light.fleet import FleetOptions


def main() -> None:
    """Run until a signal."""
    options = msgspec.json.decode(sys.stdin.buffer.read())
    state_file = Path(options.pop("state_file"))
    full = options.pop("full")
    asyncio.run(run_fleets(FleetOptions(**options, state_file=state_file), full, lambda summary: None))


if __name__ == "__main__":
    main()
