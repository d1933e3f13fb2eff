"""What a report costs `tikfleet serve` with 1,000 to 100,000 routers in its database, and what it holds in memory.

Each size has a platform of its own, one process, plain HTTP over kept connections as behind a proxy. All routers are
copies of one that has reported. Each reports once (which finds nothing in memory, as after a start), then at least
20,000 reports come as fast as they are answered, then every router reports on the schedule of its 60 s interval.
Processor time runs until the last row is written.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from bench.growth.plot import Chart, Points
from bench.growth.senders import Sent, in_rounds, send
from tikfleet.app.measuring.platform import Running, running
from tikfleet.app.measuring.processes import cpu_s, resident_mb
from tikfleet.app.measuring.reports import body_of
from tikfleet.kernel.secrets import DEVICE_TOKEN, digest, new_secret

SIZES: Final = (1_000, 5_000, 20_000, 50_000, 100_000)
_INTERVAL_S: Final = 60
_ENOUGH: Final = 20_000
_PATIENCE_S: Final = 900
_KEYS: Final = {"device": "id", "device_state": "device_id", "device_document": "device_id", "device_tag": "device_id"}
_NUMBERS: Final = "with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < :count)"
_PAGES: Final = {"page_ms": "/api/v1/devices?limit=50", "facets_ms": "/api/v1/devices/facets"}
_ROWS: Final = {
    "first_us": ("first report after a start", "{:,.0f} µs"),
    "report_us": ("a report, as fast as answers come", "{:,.0f} µs"),
    "paced_us": ("a report at 60 s, the same", "{:,.0f} µs"),
    "cores": ("cores at 60 s, standing included", "{:.2f}"),
    "taken_per_s": ("reports a second that were taken", "{:,}"),
    "p50_ms": ("answer at 60 s, p50", "{:,.1f} ms"),
    "p99_ms": ("answer at 60 s, p99", "{:,.0f} ms"),
    "memory_mb": ("memory after it", "{:,.0f} MiB"),
    "page_ms": ("first page of devices, best of five", "{:,.0f} ms"),
    "facets_ms": ("counts of all by status, version …", "{:,.0f} ms"),
}


def grown(directory: Path, sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Figures by number of routers."""
    for routers in sizes:
        yield measured(directory / str(routers), routers)


def measured(directory: Path, routers: int) -> dict[str, Any]:
    """Figures of one platform with so many routers. Microseconds are of its processor time, per report."""
    with running(str(directory), 1) as platform:
        at_rest_mb = resident_mb(platform.process.pid)
        # Nobody goes offline when the machine is too slow for a round in three minutes.
        platform.client.patch("/api/v1/settings", json={"checkin_interval_s": 3600}).raise_for_status()
        platform.check_in(platform.tokens[0], body_of(next(in_rounds(platform.tokens, platform.port))))
        platform.drained()
        tokens = cloned(directory / "tikfleet.sqlite", platform.devices[0], routers)
        requests = in_rounds(tokens, platform.port, first=1)
        first, first_us = _spent(platform, lambda: send(platform.port, requests, routers))
        again = max(1, _ENOUGH // routers) * min(routers, _ENOUGH)
        fast, report_us = _spent(platform, lambda: send(platform.port, requests, again))
        per_s = routers / _INTERVAL_S
        paced, paced_us = _spent(platform, lambda: send(platform.port, requests, routers, per_s))
        return {
            "routers": routers,
            "first_us": first_us,
            "report_us": report_us,
            "paced_us": paced_us,
            "cores": round(paced_us * per_s / 1e6, 3),
            "asked_per_s": round(per_s),
            "taken_per_s": round(routers / paced.elapsed_s),
            "p50_ms": round(paced.p50_ms, 2),
            "p99_ms": round(paced.p99_ms, 1),
            "errors": first.errors + fast.errors + paced.errors,
            "memory_at_rest_mb": round(at_rest_mb),
            "memory_mb": round(resident_mb(platform.process.pid)),
        } | {name: _best_ms(platform, path) for name, path in _PAGES.items()}


def cloned(database: Path, device_id: str, count: int) -> list[str]:
    """Copies of an enrolled router, each with a token of its own, which are returned."""
    tokens = [new_secret(DEVICE_TOKEN) for _ in range(count)]
    connection = sqlite3.connect(database, timeout=60)
    with connection:
        for table, key in _KEYS.items():
            names = [str(row[1]) for row in connection.execute(f"pragma table_info({table})")]
            other = {key: "printf('dev_%016d', n)", "serial": "'S' || n", "name": "'router ' || n"}
            connection.execute(
                f"insert into {table} ({', '.join(names)}) {_NUMBERS} "
                f"select {', '.join(other.get(name, name) for name in names)} from {table}, numbers where {key} = :id",
                {"count": count, "id": device_id},
            )
        connection.executemany(
            "insert into device_credential (digest, org_id, device_id, state, tier, created_at) "
            "select ?, org_id, ?, state, tier, created_at from device_credential where device_id = ?",
            ((digest(token), f"dev_{number:016d}", device_id) for number, token in enumerate(tokens, 1)),
        )
    connection.close()
    return tokens


def _spent(platform: Running, load: Callable[[], Sent]) -> tuple[Sent, float]:
    """A load until its last row is written: what came of it, and microseconds a report."""
    before = cpu_s(platform.process.pid)
    sent = load()
    platform.drained(_PATIENCE_S)
    return sent, round((cpu_s(platform.process.pid) - before) / sent.count * 1e6, 1)


def _best_ms(platform: Running, path: str) -> float:
    def rounds() -> Iterator[float]:
        for _ in range(5):
            began_s = time.perf_counter()
            platform.client.get(path).raise_for_status()
            yield (time.perf_counter() - began_s) * 1000

    return round(min(rounds()), 1)


def table(found: list[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows, a column for each size."""
    rows = [[label, *(form.format(one[name]) for one in found)] for name, (label, form) in _ROWS.items()]
    return ["routers", *(f"{one['routers']:,}" for one in found)], rows


def charts(found: list[dict[str, Any]]) -> list[Chart]:
    """Processor time a report, cores, memory, and what a person waits for, over routers."""

    def line(name: str) -> Points:
        return [(one["routers"], one[name]) for one in found]

    costs = {"first report": line("first_us"), "flat out": line("report_us"), "at 60 s": line("paced_us")}
    return [
        Chart("µs of processor time a report", "routers", costs),
        Chart("cores busy, reports every 60 s", "routers", {"cores": line("cores")}, linear=True),
        Chart("memory of the process, MiB", "routers", {"resident": line("memory_mb")}, linear=True),
        Chart("ms to answer a person", "routers", {"first page": line("page_ms"), "counts": line("facets_ms")}),
    ]
