"""A fleet of virtual routers against a real server."""

import asyncio
import contextlib
import resource
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tikfleet.virtual.light import register
from tikfleet.virtual.light.driver import Driver
from tikfleet.virtual.light.exchange import Exchange
from tikfleet.virtual.light.faults import Faults
from tikfleet.virtual.light.machine import Machine
from tikfleet.virtual.light.population import blueprints
from tikfleet.virtual.light.router import Router
from tikfleet.virtual.light.tally import FleetSummary, Tally
from tikfleet.virtual.light.telling import Teller, Telling

_SAVE_EVERY_S: Final = 30.0
_SPREAD_S: Final = 60.0  # routers that were enrolled before begin within this time


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """Where to send, who sends, and how.

    `key` is one enrolment key, or several joined by commas, of which each site's routers use one. `interval_s` and
    `duration_s`: None leaves the pace to the server and the end to a signal.
    `enrol_per_s` bounds how fast new routers come; `most_at_once` bounds connections. `ca_file` names the
    certificates to trust; `insecure` trusts anybody, for trials on one machine only.
    """

    url: str
    key: str = ""
    routers: int = 100
    seed: int = 1
    interval_s: float | None = None
    duration_s: float | None = None
    keep_alive: bool = False
    insecure: bool = False
    ca_file: Path | None = None
    state_file: Path | None = None
    faults: Faults = field(default_factory=Faults)
    telling: Telling = field(default_factory=Telling)
    enrol_per_s: float = 100.0
    most_at_once: int = 500
    patience_s: float = 30.0
    report_every_s: float = 5.0


def build_fleet(seed: int, count: int, now: float, faults: Faults) -> list[Router]:
    """The routers of a fleet as they are at `now` (seconds since 1970). Nothing is sent."""
    return [Router(Machine(blueprint, seed, now), faults) for blueprint in blueprints(seed, count)]


async def run_fleet(options: FleetOptions, report: Callable[[FleetSummary], None]) -> FleetSummary:
    """Run until the duration has passed or SIGINT or SIGTERM comes. `report` hears of progress now and then.

    Raises `RegisterUnusable` for a state file of another fleet, and OSError or ValueError for an address that
    cannot be.
    """
    exchange = Exchange(options.url, _tls(options), options.patience_s, keep_alive=options.keep_alive)
    await exchange.resolve()
    exchange.own_addresses = options.telling.own_addresses
    routers = build_fleet(options.seed, options.routers, time.time(), options.faults)
    tally = Tally(len(routers))
    if options.state_file:
        tally.add("enrolled", register.load(options.state_file, options.seed, options.url, routers))
    teller = Teller(routers, options.telling, options.seed)
    driver = Driver(exchange, routers, tally, options.faults, options.key)
    _schedule(driver, routers, options)
    _allow_connections(options.most_at_once if not options.keep_alive else len(routers))
    stop = asyncio.Event()
    with _signals(stop):
        watcher = asyncio.create_task(_watch(options, routers, tally, stop, report))
        telling = asyncio.create_task(teller.run())
        try:
            await driver.run(stop, options.most_at_once, options.interval_s)
        finally:
            stop.set()
            telling.cancel()
            await watcher
            with contextlib.suppress(asyncio.CancelledError):
                await telling
            _save(options, routers)
    return tally.summary()


def _schedule(driver: Driver, routers: list[Router], options: FleetOptions) -> None:
    start = asyncio.get_running_loop().time()
    newcomers = 0
    for index, router in enumerate(routers):
        if router.token:
            driver.plan(index, start + router.machine.dice.between(0, options.interval_s or _SPREAD_S))
        else:
            driver.plan(index, start + newcomers / options.enrol_per_s)
            newcomers += 1


async def _watch(
    options: FleetOptions,
    routers: list[Router],
    tally: Tally,
    stop: asyncio.Event,
    report: Callable[[FleetSummary], None],
) -> None:
    loop = asyncio.get_running_loop()
    end = None if options.duration_s is None else loop.time() + options.duration_s
    saved = loop.time()
    while not stop.is_set():
        wait_s = options.report_every_s if end is None else min(options.report_every_s, max(0.0, end - loop.time()))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait_s)
        if end is not None and loop.time() >= end:
            stop.set()
            return
        if not stop.is_set():
            report(tally.summary())
        if loop.time() - saved > _SAVE_EVERY_S:
            _save(options, routers)
            saved = loop.time()


def _save(options: FleetOptions, routers: list[Router]) -> None:
    if options.state_file:
        register.save(options.state_file, options.seed, options.url, routers)


def _tls(options: FleetOptions) -> ssl.SSLContext | None:
    if not options.url.startswith("https:"):
        return None
    context = ssl.create_default_context(cafile=str(options.ca_file) if options.ca_file else None)
    if options.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _allow_connections(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 256
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """The first signal asks for a clean end; a second one has its usual effect."""
    loop = asyncio.get_running_loop()
    taken: list[signal.Signals] = []

    def end() -> None:
        stop.set()
        for number in taken:
            loop.remove_signal_handler(number)
        taken.clear()

    for number in (signal.SIGINT, signal.SIGTERM):
        # Only the main thread may take signals; elsewhere whoever runs the fleet ends it.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, end)
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
