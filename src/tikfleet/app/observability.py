"""Metrics for Prometheus, health for balancers, and logs that machines can read."""

import logging
import sys
from collections.abc import Iterator, Sequence, Sized
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from tikfleet.domains.checkin.public import Counts
from tikfleet.httpkit.asgi import Receive, Scope, Send, respond
from tikfleet.httpkit.gateway import Network, within
from tikfleet.ports.database import Database, DatabaseUnavailable
from tikfleet.ports.inbox import Inbox

METRICS: Final = {
    "tikfleet_checkins_accepted": "Reports that were stored durably and answered.",
    "tikfleet_checkins_processed": "Reports that reached history and last state.",
    "tikfleet_checkins_duplicate": "Reports that had been counted before.",
    "tikfleet_checkins_set_aside": "Stored reports that could not be read again.",
    "tikfleet_values_unreadable": "Values of reports that could not be read and were left out.",
    "tikfleet_agent_refused": "Requests of routers that were refused, by cause.",
    "tikfleet_inbox_depth": "Reports that wait to be processed.",
    "tikfleet_consumer_lag_seconds": "Age of the oldest report of the last stretch when it was done.",
    "tikfleet_sessions": "Device sessions in memory.",
}


class PlatformCollector:
    """Reads the counters when Prometheus asks."""

    def __init__(self, counts: Counts, inbox: Inbox, sessions: Sized) -> None:
        self._counts = counts
        self._inbox = inbox
        self._sessions = sessions

    def collect(self) -> Iterator[Metric]:
        counts = self._counts
        for name, value in (
            ("tikfleet_checkins_accepted", counts.accepted),
            ("tikfleet_checkins_processed", counts.processed),
            ("tikfleet_checkins_duplicate", counts.duplicates),
            ("tikfleet_checkins_set_aside", counts.set_aside),
            ("tikfleet_values_unreadable", counts.unreadable_values),
        ):
            yield CounterMetricFamily(name, METRICS[name], value=value)
        refused = CounterMetricFamily("tikfleet_agent_refused", METRICS["tikfleet_agent_refused"], labels=["cause"])
        for cause, count in counts.refused.items():
            refused.add_metric([cause], count)
        yield refused
        for name, gauge in (
            ("tikfleet_inbox_depth", float(self._inbox.depth())),
            ("tikfleet_consumer_lag_seconds", counts.lag_ms / 1000),
            ("tikfleet_sessions", float(len(self._sessions))),
        ):
            yield GaugeMetricFamily(name, METRICS[name], value=gauge)


class Health:
    """`/healthz` (this process lives), `/readyz` (it can do its work), `/metrics` (to some networks only)."""

    def __init__(self, database: Database, collector: PlatformCollector, readers: Sequence[Network]) -> None:
        """`readers`: the networks that may read the metrics; from elsewhere there are none."""
        self._database = database
        self._readers = readers
        self._registry = CollectorRegistry()
        self._registry.register(collector)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = [(b"content-type", b"text/plain; charset=utf-8")]
        if scope["path"] == "/healthz":
            await respond(send, 200, kind, b"ok\n")
        elif scope["path"] == "/readyz":
            try:
                async with self._database.read() as tx:
                    await tx.fetch("select 1")
                await respond(send, 200, kind, b"ready\n")
            except DatabaseUnavailable:
                await respond(send, 503, kind, b"the database does not answer\n")
        elif not within(scope.get("tikfleet.source", ""), self._readers):
            await respond(send, 404, kind, b"There is no such page.\n")
        else:
            await respond(send, 200, [(b"content-type", b"text/plain; version=0.0.4")], generate_latest(self._registry))


def set_up_logs(level: str, *, as_json: bool) -> None:
    """Structured log lines on standard error: for people on a terminal, as JSON elsewhere or when asked."""
    processors = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if as_json or not sys.stderr.isatty():
        finish = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        finish = [structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[*processors, *finish],  # type: ignore[list-item]
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.getLogger().setLevel(logging.WARNING)
