"""The platform as one process or several: listeners on one event loop, and the background work beside them."""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, assert_never
from urllib.parse import urlsplit

import structlog
from granian.constants import Interfaces, SSLProtocols
from granian.server.embed import Server

from tikfleet.adapters.worker.server import answering
from tikfleet.app.backups.door import Door, closed_door, open_door
from tikfleet.app.certificates import Certificates, own_certificates
from tikfleet.app.compose import Platform, build
from tikfleet.app.given_certificates import given_certificates
from tikfleet.app.housekeeping import housekeeping
from tikfleet.app.job_keys import tidy
from tikfleet.app.log_parts import forget_lines, syslog
from tikfleet.app.observability.traffic import watch_lateness
from tikfleet.app.processes.children import edges
from tikfleet.app.processes.edge import EdgeProcess, build_edge
from tikfleet.app.processes.garbage import settle
from tikfleet.app.processes.memory import bounded_arenas, let_go_of_code
from tikfleet.app.processes.passing import PassedOn
from tikfleet.app.processes.place import ALONE, Place, Role, make_control, socket_of, warehouse_socket
from tikfleet.app.settings import Settings, own_address
from tikfleet.app.shared_job_key import FOLLOW_S
from tikfleet.domains.inventory.public import DeviceStates, StretchConsumer
from tikfleet.httpkit.asgi import App
from tikfleet.kernel.clock import utc_now
from tikfleet.ports.warehouse import WarehouseUnavailable

_BACKLOG: Final = 4096
# Granian takes no more connections at once than its backlog unless told otherwise: routers in live mode, which hold one
# each, would keep everybody else out. What bounds them is the limit of open files.
_CONNECTIONS: Final = 60_000
_log = structlog.get_logger("tikfleet.serve")

Ready = Callable[[Platform], Awaitable[None]]


async def serve(settings: Settings, ready: Ready, place: Place = ALONE) -> None:
    """Run until SIGINT or SIGTERM. `ready` is called once all listeners answer."""
    bounded_arenas()
    stop = stop_signals(child=place.child)
    if place.shares:
        make_control(settings)
    certificates = await asyncio.to_thread(certificates_for, settings)
    ca_pem = certificates.ca_pem if certificates else ""
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(build(settings, ca_pem, place))
        await stack.enter_async_context(background(platform))
        draining = await stack.enter_async_context(flows(platform))
        await stack.enter_async_context(listening(platform, certificates))
        await stack.enter_async_context(syslog(platform, certificates))
        await stack.enter_async_context(backups(platform, draining))
        if place.role is Role.WORKER:
            await stack.enter_async_context(
                answering(warehouse_socket(settings), platform.infra.warehouse, platform.counts.figures)
            )
        if place.role is Role.MAIN:
            await stack.enter_async_context(edges(settings, partial(_answers, settings)))
        settle()
        let_go_of_code()
        await ready(platform)
        await stop.wait()
        _log.info("stopping")


async def serve_edge(settings: Settings, place: Place) -> None:
    """Answer routers until SIGINT or SIGTERM, and pass everything else on."""
    bounded_arenas()
    stop = stop_signals(child=place.child)
    make_control(settings)
    certificates = await asyncio.to_thread(certificates_for, settings)
    ca_pem = certificates.ca_pem if certificates else ""
    async with build_edge(settings, ca_pem, place) as edge:
        tasks = [
            *_news(edge),
            asyncio.create_task(edge.live_watch.run(), name="live-watch"),
            asyncio.create_task(watch_lateness(edge.infra.watch.measures), name="lateness"),
        ]
        async with running(tasks), listening(edge, certificates):
            settle()
            _log.info("an edge is ready", name=place.name)
            await stop.wait()
            _log.info("stopping", name=place.name)


def stop_signals(*, child: bool) -> asyncio.Event:
    """Set by SIGINT and SIGTERM, and for a child by the end of its standard input: its parent is gone."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if child:
        loop.add_reader(sys.stdin.fileno(), stop.set)
    return stop


def certificates_for(settings: Settings) -> Certificates | None:
    """The files for the HTTPS listener: those of the settings, or our own authority's. Raises SettingsWrong."""
    if not settings.https_port:
        return None
    host = urlsplit(settings.agent_url).hostname or "localhost"
    if settings.tls_certificate:
        return given_certificates(Path(settings.tls_certificate), Path(settings.tls_key), host, datetime.now(UTC))
    names = {own_address(), host}
    keys = settings.directory / "keys"
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (keys / "issuing.lock").open("ab") as lock:
        # Of several processes that start together, one makes what there is to make.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return own_certificates(keys, names, datetime.now(UTC))


@asynccontextmanager
async def listening(served: Platform | EdgeProcess, certificates: Certificates | None) -> AsyncIterator[None]:
    """All listeners of a process, until the block ends."""
    settings, place = served.settings, served.place
    servers = []
    if settings.http_port and _takes_http(settings, place):
        servers.append(_server(served.http, address=settings.http_host, port=settings.http_port))
    if certificates is not None and place.role in {Role.ALONE, Role.EDGE}:
        tls = {
            "ssl_cert": certificates.chain,
            "ssl_key": certificates.key,
            # RouterOS before 7 speaks TLS 1.2 at most.
            "ssl_protocol_min": SSLProtocols.tls12,
        }
        servers.append(_server(served.http, address=settings.https_host, port=settings.https_port, **tls))
    if place.shares:
        socket = socket_of(settings, place.socket_name)
        await asyncio.to_thread(socket.unlink, missing_ok=True)
        servers.append(_server(PassedOn(served.http), uds=socket))
        servers[-1].uds_permissions = 0o600
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    try:
        await asyncio.sleep(0)
        yield
    finally:
        served.live.end()
        for server in servers:
            server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait(tasks, timeout=10)


def _takes_http(settings: Settings, place: Place) -> bool:
    """Plain HTTP is for this machine, and for routers only where there is no HTTPS: then edges have it."""
    match place.role:
        case Role.ALONE | Role.API:
            return True
        case Role.MAIN:
            return bool(settings.https_port)
        case Role.EDGE:
            return not settings.https_port
        case Role.WORKER | Role.FUNCTION:
            return False
        case unknown:
            assert_never(unknown)


def _server(app: App, **where: Any) -> Server:
    return Server(
        app, interface=Interfaces.ASGI, backlog=_BACKLOG, backpressure=_CONNECTIONS, websockets=False,
        log_enabled=False, **where,
    )  # fmt: skip


async def _answers(settings: Settings) -> bool:
    """Whether an edge takes connections yet."""
    host, port = (settings.https_host, settings.https_port or settings.http_port)
    if not settings.https_port:
        host = settings.http_host
    try:
        _, writer = await asyncio.open_connection("127.0.0.1" if host in {"0.0.0.0", "::"} else host, port)  # noqa: S104
    except OSError:
        return False
    writer.close()
    return True


def flows(platform: Platform) -> AbstractAsyncContextManager[list[StretchConsumer]]:
    """Taking flows, where this process is the one that works. Gives who brings them to the warehouse."""
    if not platform.place.works:
        return nullcontext([])
    # numpy, which a tenth of a start would go to, is for the process that takes flows.
    from tikfleet.app.flow_taking import FlowParts, taking_flows

    infra, own = platform.infra, platform.identity.services["organisation_settings"]
    states = DeviceStates(infra.database, utc_now)
    return taking_flows(FlowParts(platform.settings, infra, platform.attribution, states, own))


def backups(platform: Platform, draining: Sequence[StretchConsumer]) -> AbstractAsyncContextManager[None]:
    """The socket by which `tikfleet backup` asks for a still moment, where this process has every store itself.

    `draining` are the consumers of other buffers than the platform's own.
    """
    settings, store = platform.settings, platform.infra.store
    if not platform.place.works:
        return nullcontext()
    if store is None:
        return closed_door(settings.directory, "telemetry is on a server of its own")
    if settings.database_url:
        return closed_door(settings.directory, "the database is on a PostgreSQL server")
    if settings.cloud.inbox:
        return closed_door(settings.directory, "reports wait on a stream of Kinesis")
    consumers = [platform.consumer, *([platform.logs.consumer] if platform.logs else []), *draining]
    return open_door(settings.directory, Door(consumers, store))


@asynccontextmanager
async def background(platform: Platform) -> AsyncIterator[None]:
    """What this process has to do beside answering, until the block ends; what was begun is finished."""
    tasks = [
        *_news(platform),
        *(_work(platform) if platform.place.works else []),
        *(_live(platform) if platform.place.role is not Role.WORKER else []),
        asyncio.create_task(_every(1, _noted(platform)), name="rates"),
        asyncio.create_task(platform.attribution.directory.follow(platform.infra.bus), name="sources"),
        asyncio.create_task(_every(3, platform.attribution.tally.flush), name="source-tally"),
        asyncio.create_task(watch_lateness(platform.infra.watch.measures), name="lateness"),
    ]
    async with running(tasks):
        yield


def _news(served: Platform | EdgeProcess) -> list[asyncio.Task[None]]:
    """What follows what other parts, and other processes, do."""
    feed, key = served.infra.feed, served.infra.shared_key
    shared = [] if feed is None else [feed.run(), served.work_watch.run()]
    shared += [_every(FOLLOW_S, key.follow)] if key else []
    return [
        asyncio.create_task(served.session_watch.run(), name="session-watch"),
        asyncio.create_task(_every(10, served.session_watch.read_ahead), name="sessions"),
        *map(asyncio.create_task, shared),
    ]


def _live(platform: Platform) -> list[asyncio.Task[None]]:
    """What asks routers at once: only where the API is served, since that process holds their requests."""
    return [
        asyncio.create_task(platform.query_keeper.run(), name="query-keeper"),
        asyncio.create_task(platform.live_watch.run(), name="live-watch"),
    ]


def _work(platform: Platform) -> list[asyncio.Task[None]]:
    """What only one process may do, or needs to."""
    keys = partial(tidy, platform.settings, platform.infra.database, platform.infra.shared_key)
    own = platform.identity.services["organisation_settings"]
    forget = partial(forget_lines, platform.infra, own)
    keeping = housekeeping(platform.settings, platform.infra, own)
    return [
        asyncio.create_task(_every(600, keeping.sweep), name="housekeeping"),
        asyncio.create_task(platform.callback_post.run(), name="callbacks"),
        asyncio.create_task(_every(3600, keys), name="keys"),
        asyncio.create_task(_every(3600, forget), name="log-retention"),
        *([asyncio.create_task(platform.logs.consumer.run(), name="log-consumer")] if platform.logs else []),
        *([] if platform.settings.beside_functions else _due(platform)),
    ]


def _due(platform: Platform) -> list[asyncio.Task[None]]:
    """What AWS's functions do, where there are some: `consume`, and the sweeps of `work`."""

    async def jobs() -> object:
        return await platform.job_sweep.sweep(utc_now())

    feed = platform.infra.feed
    sweeps = [] if feed is None else [asyncio.create_task(_every(60, feed.sweep), name="news-sweep")]
    return [
        asyncio.create_task(platform.consumer.run(platform.infra.watch.tracer), name="consumer"),
        asyncio.create_task(_every(5, platform.watch.sweep), name="offline-watch"),
        asyncio.create_task(_every(5, jobs), name="job-sweep"),
        asyncio.create_task(platform.run_steerer.run(), name="run-steerer"),
        asyncio.create_task(_every(15, platform.removals.settle), name="removals"),
        asyncio.create_task(_every(600, platform.answers.sweep), name="idempotency"),
        *sweeps,
    ]


@asynccontextmanager
async def running(tasks: Sequence[asyncio.Task[None]]) -> AsyncIterator[None]:
    """Tasks that run until the block ends."""
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _every(period_s: float, work: Callable[[], Awaitable[object]]) -> None:
    """Run again and again; a fault is logged and does not end it."""
    while True:
        try:
            await work()
        except Exception:
            _log.exception("background work failed", work=getattr(work, "__qualname__", "?"))
        await asyncio.sleep(period_s)


def _noted(platform: Platform) -> Callable[[], Awaitable[object]]:
    async def note() -> object:
        worker = platform.infra.worker
        if worker is not None:
            with suppress(WarehouseUnavailable):
                platform.counts.take(await worker.figures())
        platform.server_info.rate.note()
        return None

    return note


def leave() -> None:
    """End the process at once: the listeners' own threads have nothing left to do, and do not end by themselves."""
    os._exit(0)
