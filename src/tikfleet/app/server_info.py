"""What the platform says of itself: `GET /server`, and the numbers behind it."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency

from tikfleet.app.settings import Settings
from tikfleet.app.version import VERSION
from tikfleet.app.warehouse_address import Engine
from tikfleet.domains.checkin.public import Counts
from tikfleet.httpkit.policies import permits
from tikfleet.kernel.clock import to_text, utc_now
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Database
from tikfleet.ports.inbox import Inbox
from tikfleet.ports.warehouse import Warehouse

_WINDOW_S: Final = 30.0


class ServerView(msgspec.Struct, frozen=True, kw_only=True):
    """The platform itself: which parts it runs on, how much it keeps, how busy it is."""

    version: str
    started_at: str
    adapters: dict[str, str]
    public_url: str
    agent_url: str
    has_public_certificate: bool
    retention_days: dict[str, int]
    storage: dict[str, int]
    rows: dict[str, int]
    checkins_per_s: float
    checkins_accepted: int
    inbox_depth: int
    lag_ms: int
    unreadable_values: int
    demonstration: bool


class Rate:
    """How many per second, over the last half minute, of a counter that only grows."""

    def __init__(self, count: Callable[[], int], now_s: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._now_s = now_s
        self._points: deque[tuple[float, int]] = deque([(now_s(), count())])

    def per_s(self) -> float:
        """The rate up to now."""
        self.note()
        (first_s, first), (last_s, last) = self._points[0], self._points[-1]
        return round((last - first) / (last_s - first_s), 2) if last_s > first_s else 0.0

    def note(self) -> None:
        """Remember the present count; call it every second or so."""
        now_s = self._now_s()
        self._points.append((now_s, self._count()))
        while now_s - self._points[0][0] > _WINDOW_S:
            self._points.popleft()


class ServerInfo:
    """Gathers what `GET /server` shows."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        warehouse: Warehouse,
        inbox: Inbox,
        counts: Counts,
        *,
        shared: bool = False,
    ) -> None:
        """With several processes (`shared`), others accept reports: what is shown is what was processed of them."""
        self._shared = shared
        self._settings = settings
        self._database = database
        self._warehouse = warehouse
        self._inbox = inbox
        self._counts = counts
        self._started_at = to_text(utc_now())
        self.rate = Rate(lambda: self._checkins)

    @property
    def _checkins(self) -> int:
        return self._counts.processed if self._shared else self._counts.accepted

    async def view(self) -> ServerView:
        """The present numbers."""
        settings, server = self._settings, self._settings.warehouse_server
        cloud = settings.cloud
        tables = await self._warehouse.storage()
        storage = {table.name: table.size_bytes for table in tables}
        inbox_file = settings.directory / "inbox.sqlite"
        storage |= {"database": await self._database.size_bytes(), "inbox": _size(inbox_file)}
        return ServerView(
            version=VERSION,
            started_at=self._started_at,
            adapters={
                "database": "PostgreSQL" if settings.database_url else "SQLite",
                "warehouse": (server.engine if server else Engine.CHDB).value,
                "inbox": "Kinesis" if cloud.inbox else "SQLite, group commit",
                "blobs": "S3" if cloud.blobs else "files",
                "queue": "SQS" if cloud.queue else "SQLite",
                "cache": "DynamoDB" if cloud.cache else "memory",
                "bus": "database" if self._shared else "memory",
                "vault": "KMS" if cloud.vault else "root key file",
            },
            public_url=settings.public_url or settings.agent_url,
            agent_url=settings.agent_url,
            has_public_certificate=settings.has_public_certificate,
            retention_days={
                "raw": settings.retention_raw_days,
                "5m": settings.retention_5m_days,
                "1h": settings.retention_1h_days,
                "1d": settings.retention_1d_days,
                "logs": settings.retention_logs_days,
                "flows_raw": settings.retention_flows_raw_days,
                "flows_1d": settings.retention_flows_1d_days,
                "jobs": settings.retention_jobs_days,
                "runs": settings.retention_runs_days,
                "events": settings.retention_events_days,
                "enrolments": settings.retention_enrolments_days,
                "audit": settings.retention_audit_days,
                "script_versions": settings.retention_script_versions_days,
            },
            storage=storage,
            rows={table.name: table.rows for table in tables},
            checkins_per_s=self.rate.per_s(),
            checkins_accepted=self._checkins,
            inbox_depth=self._inbox.depth(),
            lag_ms=self._counts.lag_ms,
            unreadable_values=self._counts.unreadable_values,
            demonstration=settings.demonstration,
        )


def _size(path: Path) -> int:
    return sum(part.stat().st_size for part in path.parent.glob(path.name + "*"))


@get(
    "/server",
    tags=["Settings"],
    policy=permits("settings:read"),
    operation_id="getServer",
    summary="Read about the platform",
)
async def read_server(org: NamedDependency[OrgScope], server_info: NamedDependency[ServerInfo]) -> ServerView:
    """Which parts the platform runs on, what it keeps and for how long, and how busy it is."""
    return await server_info.view()
