"""The platform as one process: two listeners on one event loop, and the background work beside them."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from granian.constants import Interfaces, SSLProtocols
from granian.server.embed import Server

from tikfleet.app.backups.door import Door, closed_door, open_door
from tikfleet.app.certificates import Certificates, own_certificates
from tikfleet.app.compose import Platform, build
from tikfleet.app.observability.traffic import watch_lateness
from tikfleet.app.settings import Settings, own_address
from tikfleet.kernel.clock import utc_now

_BACKLOG: Final = 4096
_log = structlog.get_logger("tikfleet.serve")

Ready = Callable[[Platform], Awaitable[None]]


async def serve(settings: Settings, ready: Ready) -> None:
    """Run until SIGINT or SIGTERM. `ready` is called once both listeners answer."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    certificates = certificates_for(settings)
    ca_pem = certificates.ca_pem if certificates else ""
    async with (
        build(settings, ca_pem) as platform,
        background(platform),
        listening(platform, certificates),
        backups(platform),
    ):
        await ready(platform)
        await stop.wait()
        _log.info("stopping")


def certificates_for(settings: Settings) -> Certificates | None:
    """The files for the HTTPS listener: those of the settings, or our own authority's."""
    if not settings.https_port:
        return None
    if settings.tls_certificate:
        return Certificates(Path(settings.tls_certificate), Path(settings.tls_key), "")
    names = {own_address(), urlsplit(settings.agent_url).hostname or "localhost"}
    return own_certificates(settings.directory / "keys", names, datetime.now(UTC))


@asynccontextmanager
async def listening(platform: Platform, certificates: Certificates | None) -> AsyncIterator[None]:
    """Both listeners, until the block ends."""
    settings = platform.settings
    servers = []
    if settings.http_port:
        servers.append(_server(platform, settings.http_host, settings.http_port))
    if certificates is not None:
        tls = {
            "ssl_cert": certificates.chain,
            "ssl_key": certificates.key,
            # RouterOS before 7 speaks TLS 1.2 at most.
            "ssl_protocol_min": SSLProtocols.tls12,
        }
        servers.append(_server(platform, settings.https_host, settings.https_port, **tls))
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    try:
        await asyncio.sleep(0)
        yield
    finally:
        for server in servers:
            server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait(tasks, timeout=10)


def _server(platform: Platform, host: str, port: int, **tls: Any) -> Server:
    return Server(
        platform.http,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        backlog=_BACKLOG,
        websockets=False,
        log_enabled=False,
        **tls,
    )


def backups(platform: Platform) -> AbstractAsyncContextManager[None]:
    """The socket by which `tikfleet backup` asks for a still moment, where this process has every store itself."""
    settings, store = platform.settings, platform.infra.store
    if store is None:
        return closed_door(settings.directory, "telemetry is on a server of its own")
    if settings.database_url:
        return closed_door(settings.directory, "the database is on a PostgreSQL server")
    return open_door(settings.directory, Door(platform.consumer, store))


@asynccontextmanager
async def background(platform: Platform) -> AsyncIterator[None]:
    """The consumer and the sweeps, until the block ends; what was begun is finished."""

    async def jobs() -> object:
        return await platform.job_sweep.sweep(utc_now())

    watch = platform.infra.watch
    tasks = [
        asyncio.create_task(platform.consumer.run(watch.tracer), name="consumer"),
        asyncio.create_task(platform.session_watch.run(), name="session-watch"),
        asyncio.create_task(platform.live_watch.run(), name="live-watch"),
        asyncio.create_task(_every(5, platform.watch.sweep), name="offline-watch"),
        asyncio.create_task(_every(5, jobs), name="job-sweep"),
        asyncio.create_task(_every(15, platform.removals.settle), name="removals"),
        asyncio.create_task(_every(600, platform.answers.sweep), name="idempotency"),
        asyncio.create_task(_every(1, _noted(platform)), name="rates"),
        asyncio.create_task(watch_lateness(watch.measures), name="lateness"),
    ]
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
        platform.server_info.rate.note()
        return None

    return note


def leave() -> None:
    """End the process at once: the listeners' own threads have nothing left to do, and do not end by themselves."""
    os._exit(0)
