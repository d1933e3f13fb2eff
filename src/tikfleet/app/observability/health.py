"""`/healthz` (this process lives), `/readyz` (it can do its work, or why not), `/metrics` (for some networks only)."""

import asyncio
import shutil
import time
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from tikfleet.app.observability.collector import PlatformCollector
from tikfleet.app.observability.state import State
from tikfleet.app.settings import Settings
from tikfleet.app.upgrade import newest
from tikfleet.httpkit.asgi import Receive, Scope, Send, respond
from tikfleet.httpkit.gateway import Network, within
from tikfleet.kernel.errors import TikfleetError, Unavailable
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import Inbox
from tikfleet.ports.warehouse import Warehouse

_TEXT: Final = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
_PATIENCE_S: Final = 3.0
# Anybody may ask; the stores are asked no oftener than this.
_FRESH_S: Final = 1.0


class Readiness:
    """Whether the platform can do its work now."""

    def __init__(self, settings: Settings, database: Database, warehouse: Warehouse | None, inbox: Inbox) -> None:
        """`warehouse` is None where the process does its work without."""
        self._settings = settings
        self._database = database
        self._warehouse = warehouse
        self._inbox = inbox
        self._asking = asyncio.Lock()
        self._said = ""
        self._asked_s = -_FRESH_S

    async def problem(self) -> str:
        """What stands in the way, as a sentence; nothing when the platform is ready."""
        async with self._asking:
            if time.monotonic() - self._asked_s >= _FRESH_S:
                self._said = self._disk() or self._inbox.refusal() or await self._stores()
                self._asked_s = time.monotonic()
            return self._said

    def _disk(self) -> str:
        free, reserve = shutil.disk_usage(self._settings.directory).free, self._settings.disk_reserve_mb << 20
        return f"the disk of the data directory is nearly full: {free >> 20} MiB are free" if free < reserve else ""

    async def _stores(self) -> str:
        try:
            async with asyncio.timeout(_PATIENCE_S), self._database.read() as tx:
                revision = str((await tx.fetch("select version_num from alembic_version"))[0][0])
        except (Unavailable, TimeoutError):
            return "the database does not answer"
        except (TikfleetError, IndexError):
            return "the database has not been migrated"
        if revision != newest():
            return f"the database is at revision {revision}, and this version needs {newest()}"
        if self._warehouse is None:
            return ""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._warehouse.storage()
        except (TikfleetError, TimeoutError):
            return "the telemetry store does not answer"
        return ""


class Health:
    """The three pages."""

    def __init__(
        self, readiness: Readiness, state: State, collector: PlatformCollector, readers: Sequence[Network]
    ) -> None:
        """`readers`: the networks that may read the metrics; from elsewhere there are none."""
        self._readiness = readiness
        self._state = state
        self._collector = collector
        self._readers = readers
        self._registry = CollectorRegistry()
        self._registry.register(collector)
        ProcessCollector(registry=self._registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/healthz":
            await respond(send, 200, _TEXT, b"ok\n")
        elif scope["path"] == "/readyz":
            problem = await self._readiness.problem()
            await respond(send, 503 if problem else 200, _TEXT, f"{problem or 'ready'}\n".encode())
        elif not within(scope.get("tikfleet.source", ""), self._readers):
            await respond(send, 404, _TEXT, b"There is no such page.\n")
        else:
            self._collector.findings = await self._state.gather(ready=not await self._readiness.problem())
            await respond(send, 200, [(b"content-type", b"text/plain; version=0.0.4")], generate_latest(self._registry))
