"""R1: a fleet that reports on schedule, each report over a fresh TLS connection, as routers do."""

import time

from .houses import house
from .verdicts import Verdict

_SETTLE_S = 2.0


async def prove_fleet(rate: float = 834, duration_s: float = 60, routers: int = 500) -> Verdict:
    """Held when no report failed. How fast the answers were is a figure of the machine, and told beside it."""
    async with house(routers) as made:
        await made.under(made.load(20, _SETTLE_S, tls=True, boot="warm"))
        before, began = made.platform.processor_s(), time.monotonic()
        load = made.load(rate, duration_s, tls=True)
        outcome = await made.under(load)
        used_s, took_s = made.platform.processor_s() - before, time.monotonic() - began
        made.platform.drained_s(300)
        whole_s = made.platform.processor_s() - before
        assert made.platform.terminate() == 0
    good = outcome.statuses == {"200": outcome.sent} and len(outcome.taken) == outcome.sent
    return Verdict(
        f"R1 fleet at {rate:g}/s, fresh TLS",
        good,
        {
            "sent": outcome.sent,
            "offered_per_s": outcome.offered_per_s,
            "answers": outcome.statuses,
            "p50_ms": outcome.p50_ms,
            "p99_ms": outcome.p99_ms,
            "generator_late_ms": outcome.late_ms,
            "platform_cores": round(used_s / took_s, 2),
            "platform_cpu_ms_per_report": round(whole_s / outcome.sent * 1000, 2),
        },
    )
