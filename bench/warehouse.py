"""P5, P6 and P7 at 1,000,000 check-ins through the real append path. Run: `python -m bench.warehouse`."""

import asyncio
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.warehouse_queries import questions, timed
from bench.warehouse_rows import ORG, device
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.telemetry.public import CheckinRow, Retention, TelemetryRows, telemetry_tables, to_batch
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.warehouse import Warehouse

DEVICES: Final = 2_000
REPORTS: Final = 500
ROWS_A_BATCH: Final = 100_000
SMALL_BATCHES: Final = 20
BOARDS: Final = (("RB5009UG+S+", "arm64", 4, 1 << 30), ("hAP ax^3", "arm64", 4, 1 << 30), ("mAP", "mipsbe", 1, 1 << 26))


class Router:
    """One device's state, so that its rows follow each other as a real one's do."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self._chance = chance
        self._id = DeviceId(device(number))
        self._board, self._architecture, self._cores, self._memory = BOARDS[number % len(BOARDS)]
        self._load = chance.randrange(5, 40)
        self._leases = chance.randrange(0, 60)
        self._uptime_s = chance.randrange(1_000, 4_000_000)
        self._boot = f"{chance.getrandbits(64):x}"

    def row(self, seq: int, at_ms: int) -> CheckinRow:
        chance = self._chance
        every_s = 60 + chance.randrange(-6000, 6000) / 1000
        self._uptime_s += int(every_s)
        self._leases = max(0, self._leases + chance.choice((-1, 0, 0, 0, 1)))
        return CheckinRow(
            OrganisationId(ORG),
            self._id,
            self._id.replace("dev", "sit"),
            at_ms + chance.randrange(12_000),
            self._boot,
            seq,
            self._uptime_s,
            cpu_count=self._cores,
            cpu_load=self._load + chance.randrange(10),
            cpu_frequency_mhz=1400,
            memory_total_bytes=self._memory,
            memory_free_bytes=self._memory // 2 - 4096 * chance.randrange(600),
            disk_total_bytes=1 << 27,
            disk_free_bytes=90 << 20,
            version="7.20.4",
            board=self._board,
            model=self._board,
            architecture=self._architecture,
            temperature_c=float(40 + chance.randrange(3)),
            dhcp_leases=self._leases,
            interfaces_total=10,
            interfaces_running=7,
            rx_bytes_delta=int(chance.lognormvariate(15, 1.5)),
            tx_bytes_delta=int(chance.lognormvariate(13, 1.5)),
            interval_s=every_s,
        )


def batches(start_ms: int) -> Iterator[list[CheckinRow]]:
    """Rows in the order in which a fleet reports: minute by minute, every device once."""
    chance = random.Random(1)
    routers = [Router(number, chance) for number in range(DEVICES)]
    rows: list[CheckinRow] = []
    for minute in range(REPORTS):
        rows += [router.row(minute + 1, start_ms + minute * 60_000) for router in routers]
        if len(rows) >= ROWS_A_BATCH:
            yield rows
            rows = []
    if rows:
        yield rows


async def loaded(warehouse: Warehouse, start_ms: int) -> dict[str, float]:
    """Rows into the store, timed from rows in memory to rows that answer; and small batches, one by one."""
    rows_n = 0
    wall_s = cpu_s = 0.0
    for number, rows in enumerate(batches(start_ms)):
        wall, cpu = time.perf_counter(), time.process_time()
        await warehouse.append(to_batch(f"bench {number}", TelemetryRows(checkins=rows)))
        wall_s += time.perf_counter() - wall
        cpu_s += time.process_time() - cpu
        rows_n += len(rows)
    small, small_cpu = [], time.process_time()
    for number in range(SMALL_BATCHES):
        again = [Router(n, random.Random(n)).row(9999, start_ms + REPORTS * 60_000) for n in range(500)]
        wall = time.perf_counter()
        await warehouse.append(to_batch(f"small {number}", TelemetryRows(checkins=again)))
        small.append((time.perf_counter() - wall) * 1000)
    return {
        "rows": rows_n + SMALL_BATCHES * 500,
        "rows_per_s": round(rows_n / wall_s),
        "rows_per_cpu_s": round(rows_n / cpu_s),
        "batch_of_500_ms": round(sorted(small)[len(small) // 2], 1),
        "batch_of_500_cpu_ms": round((time.process_time() - small_cpu) / SMALL_BATCHES * 1000, 1),
    }


async def measured(directory: Path) -> dict[str, Any]:
    """All figures of this benchmark."""
    now = datetime.now(UTC)
    start_s = int(now.timestamp()) - REPORTS * 60
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(Retention()))
    figures: dict[str, Any] = await loaded(warehouse, start_s * 1000)
    await asyncio.sleep(10)
    sizes = {size.name: size.size_bytes for size in await warehouse.storage() if size.name.startswith("site_checkins")}
    figures["bytes_per_row"] = round(sum(sizes.values()) / figures["rows"], 1)
    figures["bytes_per_row_by_table"] = {name: round(size / figures["rows"], 2) for name, size in sizes.items()}
    asked = questions(warehouse, lambda: now, device(7))
    figures["queries_ms"] = {name: await timed(question) for name, question in asked.items()}
    figures["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    await warehouse.close()
    return figures


def shown(figures: dict[str, Any]) -> None:
    """The figures for people, then for machines."""
    table = Table("what", "figure", "goal", title="Warehouse, 1,000,000 check-ins, every batch synced")
    table.add_row("P6 rows/s (wall)", f"{figures['rows_per_s']:,}", "150,000")
    table.add_row("P6 rows per CPU-s", f"{figures['rows_per_cpu_s']:,}", "")
    table.add_row(
        "500 rows, table and four rollups, ms",
        f"{figures['batch_of_500_ms']} (CPU {figures['batch_of_500_cpu_ms']})",
        "",
    )
    table.add_row("P7 bytes a row, rollups included", str(figures["bytes_per_row"]), "45")
    for name, took in figures["queries_ms"].items():
        table.add_row(f"P5 {name}, ms", f"{sorted(took['wall'])[2]} (CPU {sorted(took['cpu'])[2]})", "")
    console = Console()
    console.print(table)
    console.print_json(json.dumps({"warehouse": figures}))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tikfleet-bench-") as path:
        shown(asyncio.run(measured(Path(path))))
