"""How fast who reads the stream of reports on AWS catches up: `python -m bench.catch_up [--routers N] [--minutes M]`.

Routers have reported for an hour and nobody has read: all of it stands in a stream (MiniStack's). Then one process
reads it to the end, as `tikfleet worker` does, into PostgreSQL and ClickHouse's protocol. Counted are the clock, the
processor time of that process, and that each report came to the history once.
"""

import argparse
import asyncio
import time
from typing import Final

import msgspec

from bench.on_aws import Stands, standing
from bench.pipeline import SteadyPaces, arrived
from tikfleet.app.infra import Infra, open_infra
from tikfleet.app.settings import load_settings
from tikfleet.domains.checkin.consumer import Consumer
from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.inventory.public import DeviceStates
from tikfleet.domains.telemetry.facts import CHECKINS
from tikfleet.kernel.clock import utc_now

_QUIET_S: Final = 1.0
_PATIENCE: Final = 30


class CaughtUp(msgspec.Struct, frozen=True):
    """Reports read to the end of the stream, rows of the history, and what it took."""

    reports: int
    rows: int
    elapsed_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        """Reports a second, by the clock."""
        return self.reports / self.elapsed_s


async def measured(stands: Stands, routers: int, minutes: int) -> CaughtUp:
    """Fill the stream, then read it."""
    async with open_infra(load_settings(stands.settings)) as infra:
        await arrived(infra, routers, range(minutes))
        counts, wanted = Counts(), routers * minutes
        states = DeviceStates(infra.database, utc_now)
        consumer = Consumer(infra.inbox, infra.warehouse, states, infra.bus, SteadyPaces(), counts, utc_now)
        began_s, spent_s, quiet = time.perf_counter(), time.process_time(), 0
        while counts.processed + counts.duplicates < wanted and quiet < _PATIENCE:
            if await consumer.step():
                quiet = 0
            else:
                quiet += 1
                await infra.inbox.wait(_QUIET_S)
        elapsed_s, spent_s = time.perf_counter() - began_s, time.process_time() - spent_s
        return CaughtUp(counts.processed, await _rows(infra), elapsed_s, spent_s)


async def _rows(infra: Infra) -> int:
    return sum(size.rows for size in await infra.warehouse.storage() if size.name == CHECKINS)


def main(routers: int, minutes: int) -> None:
    """Print the figures."""
    with standing(routers) as stands:
        found = asyncio.run(measured(stands, routers, minutes))
    print(f"{routers * minutes:,} reports of {routers:,} routers waited, {minutes} minutes of them")
    print(f"read to the end: {found.reports:,}; in the history: {found.rows:,}")
    print(f"{found.elapsed_s:.1f} s by the clock, {found.per_s:,.0f} a second")
    print(f"{found.cpu_s:.1f} s of the processor, {found.reports / found.cpu_s:,.0f} a CPU-second")
    arriving = found.per_s / 2
    print(f"a fleet of {arriving * 60:,.0f} routers that goes on reporting is caught up with in as long as it waited")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routers", type=int, default=1_000)
    parser.add_argument("--minutes", type=int, default=60)
    chosen = parser.parse_args()
    main(chosen.routers, chosen.minutes)
