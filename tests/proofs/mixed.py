"""R13: dashboards while the fleet reports and somebody scans everything."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import httpx

from .houses import House, house
from .verdicts import Verdict

GOAL_P95_MS = 500.0
_A_SECOND = 20.0
_SCAN_EVERY_S = 10.0


def questions(made: House) -> list[str]:
    """What the pages of the dashboard ask, one after the other."""
    now = datetime.now(UTC)
    since = f"from={(now - timedelta(hours=6)).isoformat().replace('+00:00', 'Z')}"
    device = made.ids[0]
    return [
        "/devices?limit=50",
        f"/devices/{device}",
        "/devices/facets",
        f"/telemetry/series?metric=cpu_load&device_id={device}&{since}",
        f"/telemetry/top?metric=cpu_load&{since}",
        f"/telemetry/totals?{since}",
        "/events?limit=50",
        "/server",
    ]


async def dashboards(made: House, duration_s: float, took_ms: list[float], statuses: dict[int, int]) -> None:
    """Twenty requests a second, on schedule; now and then one over everything that is kept."""
    todo = questions(made)
    month = (datetime.now(UTC) - timedelta(days=29)).isoformat().replace("+00:00", "Z")
    scan = f"/telemetry/totals?from={month}"
    tasks: list[asyncio.Task[None]] = []
    async with httpx.AsyncClient(
        base_url=f"{made.platform.url}/api/v1", cookies=made.owner.http.cookies, trust_env=False, timeout=60
    ) as client:

        async def ask(path: str, *, counts: bool) -> None:
            began = time.perf_counter()
            answer = await client.get(path)
            if counts:
                took_ms.append((time.perf_counter() - began) * 1000)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1

        start = time.monotonic()
        for number in range(int(_A_SECOND * duration_s)):
            await asyncio.sleep(max(0.0, start + number / _A_SECOND - time.monotonic()))
            tasks.append(asyncio.create_task(ask(todo[number % len(todo)], counts=True)))
            if number % int(_A_SECOND * _SCAN_EVERY_S) == 0:
                tasks.append(asyncio.create_task(ask(scan, counts=False)))
        await asyncio.gather(*tasks)


async def mixed(made: House, rate: float, duration_s: float) -> Verdict:
    """Held when nobody was refused and dashboards were quick enough."""
    took_ms: list[float] = []
    statuses: dict[int, int] = {}
    under = asyncio.create_task(made.under(made.load(rate, duration_s, fresh=False, boot="mixed")))
    await dashboards(made, duration_s, took_ms, statuses)
    outcome = await under
    ordered = sorted(took_ms)
    p95_ms = ordered[int(len(ordered) * 0.95)]
    fine = outcome.statuses == {"200": outcome.sent} and set(statuses) == {200}
    return Verdict(
        f"R13 {rate:g} check-ins/s and {_A_SECOND:g} dashboard requests/s",
        fine and p95_ms <= GOAL_P95_MS,
        {
            "answered": fine,
            "offered_per_s": outcome.offered_per_s,
            "checkin_answers": outcome.statuses,
            "checkin_p99_ms": outcome.p99_ms,
            "dashboard_answers": statuses,
            "dashboard_p50_ms": round(ordered[len(ordered) // 2], 1),
            "dashboard_p95_ms": round(p95_ms, 1),
        },
    )


async def prove_mixed(rate: float = 1_667, duration_s: float = 40, routers: int = 200) -> Verdict:
    async with house(routers) as made:
        await made.under(made.load(50, 5, fresh=False, boot="warm"))
        found = await mixed(made, rate, duration_s)
        return found.with_(await made.counted())
