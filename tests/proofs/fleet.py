"""R1: a fleet that reports on schedule, each report over a fresh TLS connection, as routers do."""

import asyncio
import time

from .houses import House, house
from .verdicts import Verdict

_WARM_S = 2.0
_DURATIONS = "tikfleet_checkin_duration_seconds"


def bounds_ms(before: dict[float, float], after: dict[float, float]) -> list[float]:
    """Between which buckets' upper bounds the 50th, 95th and 99th percentile of what came in between lie."""
    grown = {at: after[at] - before.get(at, 0.0) for at in sorted(after)}
    whole = max(grown.values(), default=0.0)
    return [next(at for at, n in grown.items() if n >= share * whole) * 1000 for share in (0.5, 0.95, 0.99)]


async def fleet(made: House, rate: float, duration_s: float) -> Verdict:
    """Held when no report failed. How fast the answers were is a figure of the machine, and told beside it."""
    await made.under(made.load(20, _WARM_S, tls=True, boot="warm"))
    counted = made.platform.durations(_DURATIONS)
    before, began = made.platform.processor_s(), time.monotonic()
    outcome = await made.under(made.load(rate, duration_s, tls=True, boot="fleet", niceness=2))
    used_s, took_s = made.platform.processor_s() - before, time.monotonic() - began
    await asyncio.to_thread(made.platform.drained_s, 300)
    whole_s = made.platform.processor_s() - before
    return Verdict(
        f"R1 fleet at {rate:g}/s, fresh TLS",
        outcome.statuses == {"200": outcome.sent} and len(outcome.taken) == outcome.sent,
        {
            "sent": outcome.sent,
            "offered_per_s": outcome.offered_per_s,
            "answers": outcome.statuses,
            "p50_ms": outcome.p50_ms,
            "p95_ms": outcome.p95_ms,
            "p99_ms": outcome.p99_ms,
            "from_begun_p50_p95_p99_ms": outcome.answered_ms,
            "inside_the_platform_p50_p95_p99_at_most_ms": bounds_ms(counted, made.platform.durations(_DURATIONS)),
            "generator_late_ms": outcome.late_ms,
            "platform_cores": round(used_s / took_s, 2),
            "platform_cpu_ms_per_report": round(whole_s / outcome.sent * 1000, 2),
        },
    )


async def prove_fleet(rate: float = 834, duration_s: float = 60, routers: int = 500) -> Verdict:
    async with house(routers) as made:
        found = await fleet(made, rate, duration_s)
        return found.with_(await made.counted())
