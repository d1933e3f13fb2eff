"""`python -m tikfleet.virtual`: a fleet of virtual routers without the rest of Tikfleet."""

import argparse
import asyncio
import sys
from pathlib import Path

from tikfleet.virtual.light.fleet import FleetOptions, run_fleet
from tikfleet.virtual.light.register import RegisterUnusable
from tikfleet.virtual.light.tally import FleetSummary


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tikfleet.virtual", description=__doc__)
    parser.add_argument("--url", required=True, help="where the server is, such as http://127.0.0.1:8080")
    parser.add_argument("--key", default="", help="the enrolment key (tfe_…) that new routers present")
    parser.add_argument("--routers", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--interval-s", type=float, help="overrides the interval that the server gives")
    parser.add_argument("--duration-s", type=float, help="end after so long")
    parser.add_argument("--keep-alive", action="store_true", help="one connection for each router, kept open")
    parser.add_argument("--insecure", action="store_true", help="trust any certificate")
    parser.add_argument("--ca", dest="ca_file", type=Path, help="PEM file with the certificates to trust")
    parser.add_argument("--state", dest="state_file", type=Path, help="keeps tokens and counters between runs")
    parser.add_argument("--enrol-per-s", type=float, default=100.0)
    options = FleetOptions(**vars(parser.parse_args(arguments)))
    try:
        summary = asyncio.run(run_fleet(options, _say))
    except (RegisterUnusable, OSError, ValueError) as failure:
        print(failure, file=sys.stderr)
        return 2
    _say(summary)
    return 0 if summary.ok else 1


def _say(summary: FleetSummary) -> None:
    print(summary.line(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
