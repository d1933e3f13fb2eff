"""The questions of P5, asked through the port and the telemetry service, and what they took."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import chdb

from tikfleet.app.measuring.rows import ORG
from tikfleet.domains.telemetry.public import Rankings, Retention, SeriesQuestion, Telemetry, TopQuestion, Window
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Aggregate, FactQuery, Measure, OneOf, Warehouse

SCOPE: Final = OrgScope.only(OrganisationId(ORG))
DAY_S: Final = 86_400
ROUNDS: Final = 5

PLAIN: Final = {
    "count_rows": "SELECT COUNT(seq) FROM tikfleet.site_checkins",
    "sum_cpu_count": "SELECT SUM(cpu_count) FROM tikfleet.site_checkins",
}

Question = Callable[[], Awaitable[Any]]


class NoLabels:
    """Ids are labels enough here."""

    async def devices(self, scope: OrgScope, ids: Sequence[Any]) -> Mapping[Any, str]:
        return {}

    async def sites(self, scope: OrgScope, ids: Sequence[Any]) -> Mapping[Any, str]:
        return {}


def questions(warehouse: Warehouse, clock: Clock, device_id: str) -> dict[str, Question]:
    """P5 by name: two over every row, one device's day, and the panels of a dashboard."""
    retention = Retention(36_500, 36_500, 36_500, 36_500)
    telemetry = Telemetry(warehouse, retention, clock)
    rankings = Rankings(warehouse, telemetry, NoLabels(), retention, clock)
    now_s = int(clock().timestamp())
    day = Window(now_s - DAY_S, now_s)

    def over_all(measure: Measure) -> Question:
        query = FactQuery("site_checkins", (measure,), None, None)
        return lambda: warehouse.select(SCOPE, query)

    def series(metrics: tuple[str, ...], devices: tuple[str, ...]) -> Question:
        return lambda: telemetry.series(SCOPE, SeriesQuestion(metrics, day, 300, devices))

    return {
        "count_rows": over_all(Measure("n", Aggregate.COUNT)),
        "sum_cpu_count": over_all(Measure("n", Aggregate.SUM, "cpu_count")),
        "device_day_raw": lambda: warehouse.select(SCOPE, _raw_day(day, device_id)),
        "device_day": series(("cpu_load", "memory_used_percent", "rx_bps", "tx_bps"), (device_id,)),
        "fleet_day": series(("cpu_load", "rx_bps", "checkins"), ()),
        "top_10": lambda: rankings.top(SCOPE, TopQuestion("cpu_load", "device", day)),
        "totals_day": lambda: rankings.totals(SCOPE, day),
        "breakdown": lambda: rankings.breakdown(SCOPE, "version", day),
    }


async def timed(question: Question, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """How many ms each round took, the first one first: by the clock, and of processor time."""
    took: dict[str, list[float]] = {"wall": [], "cpu": []}
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        await question()
        took["wall"].append(round((time.perf_counter() - wall) * 1000, 2))
        took["cpu"].append(round((time.process_time() - cpu) * 1000, 2))
    return took


async def plain(directory: Path) -> dict[str, dict[str, list[float]]]:
    """The published statements as they are published: no organisation, no time."""
    connection = chdb.connect(str(directory / "engine"))
    connection.query("SELECT 1")

    def stated(sql: str) -> Question:
        return lambda: asyncio.to_thread(connection.query, sql + " SETTINGS max_threads = 2")

    found = {name: await timed(stated(sql)) for name, sql in PLAIN.items()}
    connection.close()
    return found


def _raw_day(day: Window, device_id: str) -> FactQuery:
    loads = (Measure("cpu_load", Aggregate.MEAN, "cpu_load"), Measure("rx", Aggregate.SUM, "rx_bytes_delta"))
    return FactQuery(
        "site_checkins",
        loads,
        day.since_s * 1000,
        day.until_s * 1000,
        bucket_s=300,
        filters=(OneOf("device_id", (device_id,)),),
    )
