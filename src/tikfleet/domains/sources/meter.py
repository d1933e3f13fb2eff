"""How much one sender may send: one that floods is shed alone."""

import time
from collections.abc import Callable
from typing import Final

from tikfleet.domains.sources.model import Arrival

_MAX_SENDERS: Final = 100_000
# What may come at once, in seconds of the rate.
_BURST_S: Final = 2.0


class SourceMeter:
    """A bucket for each sender, by what it is recognised by first: token, certificate, else address."""

    def __init__(self, per_second: int, now_s: Callable[[], float] = time.monotonic) -> None:
        """`per_second` is how many lines, packets or records one sender may send."""
        self._rate = float(per_second)
        self._now_s = now_s
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def admit(self, arrival: Arrival, count: int) -> int:
        """How many of `count` are within the sender's rate; the others have to be dropped and counted."""
        key = (arrival.stream, arrival.token or arrival.certificate or arrival.address)
        now_s, most = self._now_s(), self._rate * _BURST_S
        room, then_s = self._buckets.get(key, (most, now_s))
        room = min(most, room + (now_s - then_s) * self._rate)
        taken = min(count, int(room))
        if key not in self._buckets and len(self._buckets) >= _MAX_SENDERS:
            self._forget(now_s)
        self._buckets[key] = (room - taken, now_s)
        return taken

    def _forget(self, now_s: float) -> None:
        """Drop those whose bucket is full again; if none is, the older half: memory is bounded either way."""
        full = [key for key, (_, then_s) in self._buckets.items() if now_s - then_s >= _BURST_S]
        for key in full or list(self._buckets)[: _MAX_SENDERS // 2]:
            del self._buckets[key]
