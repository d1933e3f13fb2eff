"""Our API clients beside librouteros and RouterOS-api, against the same server in a process of its own.

`python -m bench.api_client [--short]`. Two kinds of work: the smallest command there is, one after the other, and a
`print` of 200 rows with 14 properties each. Figures are medians of rounds in which the clients take turns; processor
time is the client's own, and the server's where it says so.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import librouteros  # type: ignore[import-untyped]
import routeros_api  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table

from bench.api_server import ROWS
from tikfleet.app.measuring.processes import child, cpu_s, free_port, wait_for_port
from tikfleet.routeros.api import asynchronous, connection
from tikfleet.routeros.api.command import command
from tikfleet.routeros.api.tls import PLAIN

HOST, USER, PASSWORD = "127.0.0.1", "admin", "x"
SMALL, LARGE = "/system/identity", "/interface"
IN_FLIGHT = 50


@dataclass
class Sample:
    """What one client did in one round."""

    commands: int = 0
    client_cpu_s: float = 0.0
    server_cpu_s: float = 0.0
    took_s: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Rival:
    """A client: `work(port, menu, commands, took_s)` logs in, runs so many prints and notes how long each took.

    `share` of the commands is what it runs: one that waits 40 ms for every command would take the whole afternoon.
    """

    name: str
    work: Callable[[int, str, int, list[float]], None]
    share: float = 1.0


def ours(port: int, menu: str, commands: int, took_s: list[float]) -> None:
    """`Connection`, one command after the other."""
    with connection.connect(HOST, USER, PASSWORD, tls=PLAIN, port=port) as api:
        path = f"{menu}/print"
        timed(commands, took_s, lambda: api.call(path))


def ours_in_flight(port: int, menu: str, commands: int, took_s: list[float]) -> None:
    """`Connection`, many commands under way."""
    with connection.connect(HOST, USER, PASSWORD, tls=PLAIN, port=port) as api:
        what = command(f"{menu}/print")

        def batch() -> None:
            for one in [api.start(what) for _ in range(IN_FLIGHT)]:
                one.reply()

        timed(commands // IN_FLIGHT, took_s, batch)


def ours_async(port: int, menu: str, commands: int, took_s: list[float]) -> None:
    """`AsyncConnection`, one command after the other."""

    async def session() -> None:
        async with await asynchronous.connect(HOST, USER, PASSWORD, tls=PLAIN, port=port) as api:
            path = f"{menu}/print"
            await timed_async(commands, took_s, lambda: api.call(path))

    asyncio.run(session())


def ours_async_in_flight(port: int, menu: str, commands: int, took_s: list[float]) -> None:
    """`AsyncConnection`, many tasks at once."""

    async def session() -> None:
        async with await asynchronous.connect(HOST, USER, PASSWORD, tls=PLAIN, port=port) as api:
            path = f"{menu}/print"

            async def batch() -> None:
                await asyncio.gather(*(api.call(path) for _ in range(IN_FLIGHT)))

            await timed_async(commands // IN_FLIGHT, took_s, batch)

    asyncio.run(session())


def by_librouteros(port: int, menu: str, commands: int, took_s: list[float]) -> None:
    """Its blocking interface."""
    api = librouteros.connect(HOST, USER, PASSWORD, port=port)
    path = f"{menu}/print"
    timed(commands, took_s, lambda: list(api(path)))
    api.close()


def by_librouteros_async(port: int, menu: str, commands: int, took_s: list[float]) -> None:
    """Its asynchronous interface."""

    async def session() -> None:
        api = await librouteros.async_connect(HOST, USER, PASSWORD, port=port)
        path = f"{menu}/print"

        async def one() -> None:
            async for _ in api(path):
                pass

        await timed_async(commands, took_s, one)
        await api.close()

    asyncio.run(session())


def by_routeros_api(port: int, menu: str, commands: int, took_s: list[float]) -> None:
    """Its resources."""
    pool: Any = routeros_api.RouterOsApiPool(HOST, USER, PASSWORD, port=port, plaintext_login=True)
    resource = pool.get_api().get_resource(menu)
    timed(commands, took_s, resource.get)
    pool.disconnect()


RIVALS = [
    Rival("tikfleet", ours), Rival("tikfleet async", ours_async), Rival("librouteros", by_librouteros),
    Rival("librouteros async", by_librouteros_async), Rival("RouterOS-api", by_routeros_api, 0.1),
    Rival(f"tikfleet, {IN_FLIGHT} in flight", ours_in_flight),
    Rival(f"tikfleet async, {IN_FLIGHT} in flight", ours_async_in_flight),
]  # fmt: skip


def timed(commands: int, took_s: list[float], one: Callable[[], object]) -> None:
    """Run something so many times."""
    for _ in range(commands):
        began_s = time.perf_counter()
        one()
        took_s.append(time.perf_counter() - began_s)


async def timed_async(commands: int, took_s: list[float], one: Callable[[], Awaitable[object]]) -> None:
    """The same in an event loop."""
    for _ in range(commands):
        began_s = time.perf_counter()
        await one()
        took_s.append(time.perf_counter() - began_s)


def round_of(rival: Rival, server: tuple[int, int], menu: str, commands: int) -> Sample:
    """One client's turn."""
    port, pid = server
    commands = max(1, round(commands * rival.share))
    sample = Sample(commands)
    server_before_s, client_before_s = cpu_s(pid), time.process_time()
    rival.work(port, menu, commands, sample.took_s)
    sample.client_cpu_s = time.process_time() - client_before_s
    sample.server_cpu_s = cpu_s(pid) - server_before_s
    return sample


def compared(menu: str, commands: int, rounds: int) -> dict[str, list[Sample]]:
    """Every client's samples, taken in turns so that a busy machine is busy for all."""
    samples: dict[str, list[Sample]] = {rival.name: [] for rival in RIVALS}
    port = free_port()
    with child("bench.api_server", str(port)) as process:
        wait_for_port(port)
        for _ in range(rounds):
            for rival in RIVALS:
                samples[rival.name].append(round_of(rival, (port, process.pid), menu, commands))
    return samples


def table(title: str, samples: dict[str, list[Sample]], rows: int) -> Table:
    """Medians, a line for each client. Where many are in flight, the times are of a whole batch."""
    columns = (
        "client",
        "commands / client CPU s",
        "rows / client CPU s",
        "p50 ms",
        "p99 ms",
        "commands / server CPU s",
    )
    shown = Table(*columns, title=title)
    for name, taken in samples.items():
        per_client = statistics.median(one.commands / one.client_cpu_s for one in taken)
        per_server = sum(one.commands for one in taken) / max(0.01, sum(one.server_cpu_s for one in taken))
        took_ms = sorted(1000 * took_s for one in taken for took_s in one.took_s)
        p50, p99 = took_ms[len(took_ms) // 2], took_ms[min(len(took_ms) - 1, len(took_ms) * 99 // 100)]
        figures = (f"{per_client:,.0f}", f"{per_client * rows:,.0f}", f"{p50:.3f}", f"{p99:.3f}", f"{per_server:,.0f}")
        shown.add_row(name, *figures)
    return shown


def main() -> None:
    """Print both tables."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--short", action="store_true", help="fewer rounds; the figures are rough")
    rounds, share = (3, 4) if arguments.parse_args().short else (7, 1)
    console = Console()
    console.print(table(f"{SMALL}/print, one row", compared(SMALL, 4_000 // share, rounds), 1))
    console.print(table(f"{LARGE}/print, {ROWS} rows", compared(LARGE, 100 // min(share, 2), rounds), ROWS))


if __name__ == "__main__":
    main()
