"""Numbers that grow while the platform works. Each costs the one who counts well under a microsecond."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

LATENCIES_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Histogram:
    """How often a value fell at or below each bound."""

    def __init__(self, bounds: Sequence[float] = LATENCIES_S) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self._counts)

    @property
    def sum(self) -> float:
        """All values together."""
        return self._sum

    def buckets(self) -> list[tuple[str, float]]:
        """Pairs of bound and the count of values up to it, as Prometheus writes them."""
        found, so_far = [], 0
        for bound, count in zip((*map(repr, self._bounds), "+Inf"), self._counts, strict=True):
            so_far += count
            found.append((bound, float(so_far)))
        return found


# A mean over about the last three seconds.
_SHARE_OF_THE_LAST: Final = 0.1


class Measures:
    """What the layers around the domains count."""

    def __init__(self) -> None:
        self.checkins = Histogram()
        self.requests: defaultdict[tuple[str, str], Histogram] = defaultdict(Histogram)
        self.in_progress: Counter[str] = Counter()
        self.lateness = Histogram()
        self.mean_lateness_s = 0.0
        self.warehouse: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.warehouse_failures: Counter[tuple[str, str]] = Counter()
        self.slow_queries = 0
        self.removed: Counter[str] = Counter()

    def note_lateness(self, late_s: float) -> None:
        """How late the event loop was, four times a second."""
        self.lateness.observe(late_s)
        self.mean_lateness_s += (late_s - self.mean_lateness_s) * _SHARE_OF_THE_LAST
