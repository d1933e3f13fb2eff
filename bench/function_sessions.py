"""Where a function learns who a router is: PostgreSQL as it does, or an item of DynamoDB as it might.

`python -m bench.function_sessions`. A function's process keeps sessions for five minutes; what it does not know it
reads again. Measured against local servers, one router at a time as functions answer them: the processor time of this
process and of PostgreSQL's, and the transactions, of one such reading; the processor time of reading one item of
DynamoDB in its place. How often it comes to that is reckoned: a fleet's reports go to any of as many processes as are
busy at once.
"""

import argparse
import asyncio
import math
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.on_aws import Stands, standing, transactions
from bench.sessions import _OnePace
from tikfleet.adapters.aws.clients import AwsPlace, Clients
from tikfleet.adapters.dynamodb.cache import DynamoCache
from tikfleet.adapters.postgres.database import PostgresDatabase
from tikfleet.app.cloud.prices import price_table
from tikfleet.app.cloud.sizes import sizes
from tikfleet.app.cloud.traffic import MEASURED
from tikfleet.app.measuring.processes import cpu_s
from tikfleet.domains.checkin.sessions import Sessions
from tikfleet.domains.enrolment.service import Enrolment
from tikfleet.domains.inventory.public import DeviceStates
from tikfleet.kernel.clock import to_text, utc_now
from tikfleet.kernel.secrets import digest

_FRESH_S: Final = 300.0
_INTERVAL_S: Final = 60.0
# Aurora Serverless: an ACU has 2 GiB, and of a processor about a quarter (from memory: AWS's page names no figure).
_CPU_OF_ACU: Final = 0.25
_WHOLE_CPU_MB: Final = 1769
_SESSION: Final = {
    "org": "org_01m3k5x0v7q2a9bc", "device": "dev_01m3k5x0v7q2a9bc", "state": "active", "tier": "A", "interval": 60,
    "inventory": "t1a2b3c4d5e6", "neighbors": "t0f9e8d7c6b5", "status": "online", "plan": "p1-60",
}  # fmt: skip


class Reading(msgspec.Struct, frozen=True):
    """Of one session: ms of the processor here, ms of the server's, and transactions or calls."""

    here_ms: float
    server_ms: float
    calls: float


async def from_postgres(stands: Stands) -> Reading:
    """As `Sessions.find` reads it."""
    database = PostgresDatabase(stands.database_url)
    unused: Any = None
    enrolment = Enrolment(database, unused, unused, unused, lambda: to_text(utc_now()))
    sessions = Sessions(enrolment, DeviceStates(database, utc_now), _OnePace())
    await sessions.find(stands.tokens[0])
    before, server_s = await transactions(stands), _backends_s()
    here_ms = await _each_ms(sessions.find, stands.tokens[1:])
    server_s = _backends_s() - server_s
    asked = await transactions(stands) - before
    await database.close()
    return Reading(here_ms, 1000 * server_s / len(stands.tokens[1:]), asked / len(stands.tokens[1:]))


async def from_dynamodb(stands: Stands) -> Reading:
    """As the cache's adapter reads an item of about 250 bytes."""
    clients = Clients(AwsPlace("eu-central-1", stands.ministack.url))
    cache = DynamoCache(clients, "bench-cache")
    for token in stands.tokens:
        await cache.put(_key(token), msgspec.msgpack.encode(_SESSION), 3600)
    here_ms = await _each_ms(lambda token: cache.get(_key(token)), stands.tokens)
    await clients.close()
    return Reading(here_ms, 0.0, 1.0)


def _key(token: str) -> str:
    return "session/" + digest(token).hex()


async def _each_ms(work: Callable[[str], Awaitable[Any]], tokens: Sequence[str]) -> float:
    before = time.process_time()
    for token in tokens:
        assert await work(token) is not None
    return 1000 * (time.process_time() - before) / len(tokens)


def _backends_s() -> float:
    """Processor time of PostgreSQL's processes that serve the database of the benchmark."""
    found = 0.0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"postgres: postgres bench " in path.read_bytes():
                found += cpu_s(int(path.parent.name))
        except OSError:
            continue
    return found


def unknown_share(routers: int) -> tuple[float, float]:
    """Of a fleet's check-ins: how many processes answer at once, and which share of reports finds no session there.

    A report goes to any of them alike; a process knows a router that came to it within five minutes.
    """
    took_ms = MEASURED.function_cpu_ms * _WHOLE_CPU_MB / sizes()["large"].http_memory_mb + MEASURED.store_wait_ms
    processes = max(1.0, routers / _INTERVAL_S * took_ms / 1000)
    reports = math.floor(_FRESH_S / _INTERVAL_S)
    # One process reads each router anew every five minutes; of several, whenever the last visits were elsewhere.
    return processes, max(1 / reports, (1 - 1 / processes) ** reports)


def main(routers: int) -> None:
    """Print the readings, then for some fleets what a million check-ins cost by each way."""
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    with standing(routers) as stands:
        postgres, dynamodb = asyncio.run(_both(stands))
    prices, memory_mb = price_table(), sizes()["large"].http_memory_mb
    function_usd = _WHOLE_CPU_MB / 1024 * prices["lambda_gb_s"]
    database_usd = prices["database_acu_hour"] / 3600 / _CPU_OF_ACU
    print("a session from   ms here   ms of the server   transactions or calls")
    for name, reading in (("PostgreSQL", postgres), ("DynamoDB", dynamodb)):
        print(f"{name:<14} {reading.here_ms:>9.2f} {reading.server_ms:>18.2f} {reading.calls:>23.2f}")
    print(f"\nfunctions of {memory_mb} MiB; dollars for a million check-ins")
    print(
        "routers  processes  not known there  PostgreSQL: calls, $  DynamoDB: calls, $  the same, read as it was lately"
    )
    for fleet in (1_000, 10_000, 50_000, 100_000):
        processes, share = unknown_share(fleet)
        # An item is written when a session changes, and before it ends: once in an hour at least.
        written = _INTERVAL_S / 3600
        reading_usd = [prices["cache_read"] * part + dynamodb.here_ms * 1000 * function_usd for part in (1, 0.5)]
        strong_usd, eventual_usd = (share * usd + written * prices["cache_write"] for usd in reading_usd)
        asked_usd = share * 1000 * (postgres.here_ms * function_usd + postgres.server_ms * database_usd)
        print(
            f"{fleet:>7,} {processes:>10.1f} {share:>16.2f} {share * postgres.calls:>14.2f}, {asked_usd:.3f} "
            f"{share + written:>13.2f}, {strong_usd:.3f} {eventual_usd:>15.3f}"
        )


async def _both(stands: Stands) -> tuple[Reading, Reading]:
    return await from_postgres(stands), await from_dynamodb(stands)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routers", type=int, default=1_500)
    main(parser.parse_args().routers)
