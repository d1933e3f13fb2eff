"""What a fleet counts while it runs, and what it says of it."""

import math
import resource
import sys
import time
from dataclasses import dataclass
from typing import Final

_STEP: Final = math.log(1.05)  # latency buckets grow by 5 %
_SHORTEST_S: Final = 1e-4
_BUCKETS: Final = 280  # up to about 85 s


@dataclass(frozen=True, slots=True)
class FleetSummary:
    """Figures since the start. Latencies are of whole check-ins, connection included, slow links left out.

    `lost` answers were not listened to, as happens on bad lines; `errors` are reports that nobody answered.
    `full` whole routers ran beside the `routers` light ones; only how many of them enrolled is counted.
    """

    routers: int
    enrolled: int
    elapsed_s: float
    cpu_s: float
    memory_mib: float
    sent: int
    ok: int
    pending: int
    refused: int
    errors: int
    late: int
    jobs: int
    removed: int
    away: int
    p50_ms: float
    p99_ms: float
    note: str
    lost: int = 0
    full: int = 0
    full_enrolled: int = 0

    def line(self) -> str:
        """The figures in one line of text; `note` is the last thing that went wrong."""
        rate = self.sent / self.elapsed_s if self.elapsed_s else 0.0
        text = (
            f"{self.elapsed_s:.0f} s: {self.enrolled}/{self.routers} routers, {self.sent} sent ({rate:.1f}/s), "
            f"{self.ok} ok, {self.pending} pending, {self.refused} refused, {self.errors} errors, {self.lost} lost, "
            f"{self.late} late, {self.jobs} jobs, {self.away} away, "
            f"p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms, {self.cpu_s:.1f} CPU-s, {self.memory_mib:.0f} MiB"
        )
        text += f", and {self.full_enrolled}/{self.full} whole routers" if self.full else ""
        return f"{text}; last trouble: {self.note}" if self.note else text


class Tally:
    """The counters of a run."""

    def __init__(self, routers: int) -> None:
        self.routers = routers
        self.counts = dict.fromkeys(
            ("enrolled", "sent", "ok", "pending", "refused", "errors", "lost", "late", "jobs", "removed", "away"), 0
        )
        self.note = ""
        self._buckets = [0] * _BUCKETS
        self._started = time.monotonic()
        self._cpu = time.process_time()

    def add(self, name: str, count: int = 1) -> None:
        self.counts[name] += count

    def took(self, latency_s: float) -> None:
        place = math.log(max(latency_s, _SHORTEST_S) / _SHORTEST_S) / _STEP
        self._buckets[min(_BUCKETS - 1, int(place))] += 1

    def summary(self) -> FleetSummary:
        return FleetSummary(
            routers=self.routers,
            elapsed_s=time.monotonic() - self._started,
            cpu_s=time.process_time() - self._cpu,
            memory_mib=_memory_mib(),
            p50_ms=self._quantile_ms(0.50),
            p99_ms=self._quantile_ms(0.99),
            note=self.note,
            **self.counts,
        )

    def _quantile_ms(self, share: float) -> float:
        left = share * sum(self._buckets)
        if not left:
            return 0.0
        for place, count in enumerate(self._buckets):
            left -= count
            if left <= 0:
                return _SHORTEST_S * math.exp((place + 0.5) * _STEP) * 1e3
        return 0.0


def _memory_mib() -> float:
    """The most that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
