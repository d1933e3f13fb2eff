"""What a container that answers routers carries on AWS (`container_for_routers`), by the entry point that it has there.

`python -m bench.container`. `tikfleet api` and `tikfleet worker` run as in the stack's task, with the adapters of AWS,
PostgreSQL and ClickHouse's protocol, against local servers (`bench/on_aws.py`). Routers report at the rate of the fleet
that each size is made for, whether the answers keep up or not, over connections that stay open, as a balancer keeps
them. Counted is the processor time of both processes; what the servers take is not. The last line is how fast it goes
when each connection waits for its answer only.
"""

import argparse
import asyncio
import math
import random
import time
from collections.abc import Sequence
from typing import Final

import msgspec
import uvloop

from bench.on_aws import Stands, standing, transactions
from tikfleet.app.cloud.costs import Shape, carried_by_container, container_cpu_ms
from tikfleet.app.cloud.sizes import sizes
from tikfleet.app.cloud.traffic import MEASURED
from tikfleet.app.measuring import reports
from tikfleet.app.measuring.processes import child, cpu_s, free_port, wait_for_port

_CONNECTIONS: Final = 400
_WARM_S: Final = 2.0
_IDLE_S: Final = 5.0
_LENGTH: Final = b"content-length: "


class Rate(msgspec.Struct, frozen=True):
    """Check-ins at a rate that was wanted (0: as fast as it goes), with what they took of the processor."""

    wanted_per_s: float
    answers: int
    errors: int
    cpu_s: float
    elapsed_s: float
    times_ms: list[float]

    @property
    def cpu_ms(self) -> float:
        """Of the processor, for one."""
        return 1000 * self.cpu_s / self.answers

    @property
    def line(self) -> str:
        """For people."""
        ordered = sorted(self.times_ms)
        middle, late = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
        return (
            f"{self.wanted_per_s or math.inf:>9,.0f} {self.answers / self.elapsed_s:>9,.0f} {self.cpu_ms:>8.3f} "
            f"{self.cpu_s / self.elapsed_s:>8.3f} {middle:>7.1f} {late:>7.1f} {self.errors:>6}"
        )


def measure(stands: Stands, rates: Sequence[float], duration_s: float) -> tuple[list[Rate], float]:
    """At each rate, and how many transactions of PostgreSQL there were for a check-in."""
    port = free_port()
    settings = stands.settings | {"TIKFLEET_HTTP_PORT": str(port)}
    with (
        child("tikfleet", "worker", environment=settings) as worker,
        child("tikfleet", "api", environment=settings) as api,
    ):
        wait_for_port(port)
        uvloop.run(_load(port, stands.tokens, 0, _WARM_S + len(stands.tokens) / 1000))
        before, found = asyncio.run(transactions(stands)), []
        idle_s = _idle_s([api.pid, worker.pid])
        for rate in rates:
            spent_s, began_s = cpu_s(api.pid) + cpu_s(worker.pid), time.perf_counter()
            times_ms, errors = uvloop.run(_load(port, stands.tokens, rate, duration_s))
            spent_s = cpu_s(api.pid) + cpu_s(worker.pid) - spent_s
            elapsed_s = time.perf_counter() - began_s
            found.append(Rate(rate, len(times_ms), errors, spent_s - idle_s * elapsed_s, elapsed_s, times_ms))
        asked = asyncio.run(transactions(stands)) - before
    return found, asked / sum(rate.answers for rate in found)


def _idle_s(pids: Sequence[int]) -> float:
    """What both take of the processor in a second when nobody reports: that is paid by the month."""
    before = sum(map(cpu_s, pids))
    time.sleep(_IDLE_S)
    idle_s = (sum(map(cpu_s, pids)) - before) / _IDLE_S
    print(f"nobody reports: {idle_s:.3f} of a CPU, which is taken off below")
    return idle_s


async def _load(port: int, tokens: Sequence[str], rate: float, duration_s: float) -> tuple[list[float], int]:
    """How long each took, in ms, and how many were not answered well. `rate` 0 waits for nothing but answers."""
    times_ms: list[float] = []
    errors = 0
    ends_s = time.perf_counter() + duration_s

    async def connection(number: int) -> None:
        nonlocal errors
        share = tokens[number::_CONNECTIONS]
        turns = reports.in_turn([reports.requests_of(token, port) for token in share])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        due_s = time.perf_counter() + random.random() * (_CONNECTIONS / rate if rate else 0)
        while due_s < ends_s:
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            began_s = time.perf_counter()
            writer.write(turns())
            head = await reader.readuntil(b"\r\n\r\n")
            content = await reader.readexactly(int(head.lower().partition(_LENGTH)[2].partition(b"\r")[0]))
            times_ms.append(1000 * (time.perf_counter() - began_s))
            errors += not head.startswith(b"HTTP/1.1 200") or b'"ok":true' not in content
            due_s = due_s + _CONNECTIONS / rate if rate else time.perf_counter()
        writer.close()

    await asyncio.gather(*map(connection, range(_CONNECTIONS)))
    return times_ms, errors


def main(routers: int, duration_s: float) -> None:
    """Print the rates, and what a task of each size carries by the figures that the cost model has."""
    shapes = {name: Shape(size, size.for_routers, by_container=True) for name, size in sizes().items()}
    with standing(routers) as stands:
        rates = [shape.routers / shape.interval_s for shape in shapes.values()]
        found, asked = measure(stands, [*rates, 0], duration_s)
    print("   wanted  a second  ms each  of a CPU  p50 ms  p99 ms errors")
    print(*(rate.line for rate in found), sep="\n")
    print(f"transactions of PostgreSQL for a check-in: {asked:.4f}")
    for (name, shape), rate in zip(shapes.items(), found, strict=False):
        reckoned = container_cpu_ms(shape, MEASURED)
        carried = math.floor(carried_by_container(shape, MEASURED))
        print(
            f"{name:<7} {shape.size.live_cpu / 1024:.2f} vCPU, {shape.routers:,} routers at 60 s: {rate.cpu_ms:.3f} ms "
            f"each, reckoned with {reckoned:.3f}; half of it carries {carried:,} routers"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--routers", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    chosen = parser.parse_args()
    main(chosen.routers, chosen.seconds)
