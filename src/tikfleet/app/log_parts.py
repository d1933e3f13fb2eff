"""The objects of logs, wired, and the listeners that feed them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import lru_cache, partial
from socket import socket
from typing import Any, Final, Protocol

import msgspec
import structlog

from tikfleet.adapters.syslog.listener import Door, dropped_packets, stream, tls_context, udp
from tikfleet.app.certificates import Certificates
from tikfleet.app.infra import Infra
from tikfleet.app.processes.place import Place
from tikfleet.app.settings import Settings, SettingsWrong
from tikfleet.app.source_parts import Attribution
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.inventory.public import DeviceStates
from tikfleet.domains.logs.ingest_http import IngestApi
from tikfleet.domains.logs.public import LogBuffer, LogConsumer, LogIntake, LogRetention, LogSearches, SavedSearches
from tikfleet.domains.sources.public import Arrival, normal_address
from tikfleet.kernel.clock import utc_now
from tikfleet.routeros.syslog.framing import Framer

_LOST_EVERY_S: Final = 1.0
_PORTS_EVERY_S: Final = 5.0
_log = structlog.get_logger("tikfleet.logs")


class LogParts(msgspec.Struct, frozen=True):
    """What takes lines, what stores them, and what programs send them to."""

    intake: LogIntake
    consumer: LogConsumer
    ingest: IngestApi

    @classmethod
    def of(cls, settings: Settings, infra: Infra, states: DeviceStates, attribution: Attribution) -> "LogParts | None":
        """None where there is no buffer: the process only answers routers."""
        if infra.lines is None:
            return None
        intake = LogIntake(attribution.directory, attribution.meter, attribution.tally, infra.lines, utc_now)
        return cls(
            intake,
            LogConsumer(infra.lines, infra.warehouse, states, infra.bus),
            IngestApi(intake, infra.lines, settings.proxies),
        )


class Listening(Protocol):
    """What of the platform listeners need."""

    @property
    def settings(self) -> Settings: ...
    @property
    def place(self) -> Place: ...
    @property
    def attribution(self) -> Attribution: ...
    @property
    def logs(self) -> LogParts | None: ...


def log_services(settings: Settings, infra: Infra, audit: AuditTrail, chosen: OrganisationSettings) -> dict[str, Any]:
    """What routes of logs may name."""
    retention = LogRetention(chosen, utc_now)
    return {
        "log_buffer": LogBuffer(infra.lines, settings.log_buffer_mb << 20),
        "log_searches": LogSearches(infra.warehouse, retention, utc_now),
        "saved_searches": SavedSearches(infra.database, audit, utc_now),
    }


async def forget_lines(infra: Infra, chosen: OrganisationSettings) -> None:
    """Remove the lines that organisations keep no longer. Raises WarehouseUnavailable."""
    await LogRetention(chosen, utc_now).sweep(infra.warehouse)


@asynccontextmanager
async def syslog(platform: Listening, certificates: Certificates | None) -> AsyncIterator[None]:
    """Listen for syslog where the settings say so, until the block ends; what was taken goes to the buffer.

    Of several processes the one that works listens.
    """
    settings, logs = platform.settings, platform.logs
    if logs is None or not platform.place.works:
        yield
        return
    take = partial(_take, logs.intake)
    async with AsyncExitStack() as stack:
        sockets = await _listen(settings, take, certificates, stack)
        tasks = [asyncio.create_task(logs.intake.run(), name="log-intake")]
        if sockets:
            tasks.append(asyncio.create_task(_watch_losses(logs.intake, sockets), name="log-losses"))
        if settings.device_port_range:
            ports = _device_ports(platform, take, sockets)
            tasks.append(asyncio.create_task(ports, name="log-ports"))
        try:
            yield
        finally:
            await stack.aclose()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(
    settings: Settings, take: Any, certificates: Certificates | None, stack: AsyncExitStack
) -> list[socket]:
    """The listeners of the settings; gives the sockets of packets. Raises SettingsWrong."""
    host, sockets = settings.syslog_host, []
    try:
        if settings.syslog_udp_port:
            sockets.append(await stack.enter_async_context(udp(host, settings.syslog_udp_port, take)))
        if settings.syslog_tcp_port:
            await stack.enter_async_context(stream(Door(host, settings.syslog_tcp_port, Framer), take))
        if settings.syslog_tls_port:
            if certificates is None:
                raise SettingsWrong("syslog_tls_port needs a certificate, and https_port is 0")
            tls = tls_context(certificates.chain, certificates.key, settings.syslog_tls_clients)
            await stack.enter_async_context(stream(Door(host, settings.syslog_tls_port, Framer, tls), take))
    except OSError as cause:
        raise SettingsWrong(f"the syslog listeners cannot be opened: {cause.strerror or cause}") from cause
    return sockets


async def _device_ports(platform: Listening, take: Any, sockets: list[socket]) -> None:
    """Listen on the ports that are given to devices, for packets of lines and of flows, for ever."""
    host, directory, aside = (
        platform.settings.syslog_host,
        platform.attribution.directory,
        platform.attribution.door.take,
    )
    async with AsyncExitStack() as stack:
        refused: set[int] = set()
        listening: set[int] = set()
        while True:
            for port in sorted(await directory.ports() - listening - refused):
                try:
                    sockets.append(await stack.enter_async_context(udp(host, port, take, aside)))
                    listening.add(port)
                except OSError as error:
                    refused.add(port)
                    _log.warning("a port for a device cannot be opened", port=port, fault=str(error))
            await asyncio.sleep(_PORTS_EVERY_S)


async def _watch_losses(intake: LogIntake, sockets: Sequence[socket]) -> None:
    """Count what the system itself had to drop, for ever."""
    known: dict[int, int] = {}
    while True:
        await asyncio.sleep(_LOST_EVERY_S)
        for sock in list(sockets):
            number = sock.fileno()
            now = await asyncio.to_thread(dropped_packets, sock) if number >= 0 else 0
            if now > known.get(number, 0):
                intake.lost(now - known.get(number, 0))
                known[number] = now


def _take(intake: LogIntake, address: str, port: int, certificate: str, lines: Sequence[bytes]) -> None:
    intake.take(_arrival(address, port, certificate), lines)


@lru_cache(4096)
def _arrival(address: str, port: int, certificate: str) -> Arrival:
    try:
        address = normal_address(address)
    except ValueError:
        address = address[:64]
    return Arrival("syslog", address, port, certificate)
