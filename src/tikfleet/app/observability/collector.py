"""What Prometheus is told when it asks: the counters of this process, and what was found out for this answer."""

from collections.abc import Iterator, Mapping, Sized
from typing import Any

import msgspec
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from tikfleet.app.observability.arrivals import Arrivals
from tikfleet.app.observability.measures import Histogram, Measures
from tikfleet.app.observability.names import METRICS
from tikfleet.domains.checkin.public import Counts
from tikfleet.ports.inbox import Inbox

Labels = tuple[str, ...]


class Findings(msgspec.Struct):
    """What has to be asked for: gauges by name, each value by its labels."""

    gauges: dict[str, dict[Labels, float]] = {}


class PlatformCollector:
    """Reads the counters when Prometheus asks. `findings` are set by whoever gathers them just before."""

    def __init__(
        self,
        counts: Counts,
        measures: Measures,
        inbox: Inbox,
        sessions: Sized,
        refused_jobs: Mapping[str, int],
        arrivals: Arrivals | None = None,
    ) -> None:
        self._counts = counts
        self._measures = measures
        self._inbox = inbox
        self._sessions = sessions
        self._refused_jobs = refused_jobs
        self._arrivals = arrivals
        self.findings = Findings()

    def collect(self) -> Iterator[Metric]:
        counts, measures = self._counts, self._measures
        yield _counter("tikfleet_checkins_accepted", {(): counts.accepted})
        yield _counter("tikfleet_checkins_processed", {(): counts.processed})
        yield _counter("tikfleet_checkins_duplicate", {(): counts.duplicates})
        yield _counter("tikfleet_checkins_set_aside", {(): counts.set_aside})
        yield _counter("tikfleet_values_unreadable", {(): counts.unreadable_values})
        yield _counter("tikfleet_agent_refused", {(cause,): count for cause, count in counts.refused.items()})
        yield _counter("tikfleet_jobs_refused", {(code,): count for code, count in self._refused_jobs.items()})
        yield _counter("tikfleet_removed", {(kind,): count for kind, count in measures.removed.items()})
        yield _counter("tikfleet_consumer_stretches", {(): counts.batches})
        yield _counter("tikfleet_warehouse_failures", measures.warehouse_failures)
        yield _counter("tikfleet_warehouse_slow_queries", {(): measures.slow_queries})
        yield _histogram("tikfleet_checkin_duration_seconds", {(): measures.checkins})
        yield _histogram("tikfleet_http_request_duration_seconds", measures.requests)
        yield _histogram("tikfleet_event_loop_lateness_seconds", {(): measures.lateness})
        yield _histogram(
            "tikfleet_warehouse_duration_seconds", {(name,): found for name, found in measures.warehouse.items()}
        )
        yield _gauge("tikfleet_consumer_lag_seconds", {(): counts.lag_ms / 1000})
        yield _gauge("tikfleet_sessions", {(): len(self._sessions)})
        yield _gauge("tikfleet_inbox_depth", {(): self._inbox.depth()})
        yield _gauge("tikfleet_inbox_age_seconds", {(): self._inbox.age_s()})
        yield _gauge("tikfleet_inbox_bytes", {(): self._inbox.size_bytes()})
        yield _gauge("tikfleet_event_loop_mean_lateness_seconds", {(): measures.mean_lateness_s})
        running = measures.in_progress
        yield _gauge("tikfleet_http_requests_in_progress", {(group,): count for group, count in running.items()})
        yield _gauge("tikfleet_event_streams", {(): running["stream"]})
        if self._arrivals is not None:
            yield from (_counter(name, values) for name, values in self._arrivals.counters().items())
            yield from (_gauge(name, values) for name, values in self._arrivals.gauges().items())
        for name, values in self.findings.gauges.items():
            yield _gauge(name, values)


def _counter(name: str, values: Mapping[Any, float]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, METRICS[name].text, labels=METRICS[name].labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family


def _gauge(name: str, values: Mapping[Labels, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, METRICS[name].text, labels=METRICS[name].labels)
    for labels, value in values.items():
        family.add_metric(labels, float(value))
    return family


def _histogram(name: str, values: Mapping[Any, Histogram]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, METRICS[name].text, labels=METRICS[name].labels)
    for labels, histogram in values.items():
        family.add_metric(labels, histogram.buckets(), histogram.sum)
    return family
