"""P5, P6 and P7 at 1,000,000 check-ins through the real append path. Run: `python -m bench.warehouse`."""

import asyncio
import json
import random
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.app.measuring.batches import REPORTS, Router, batches
from tikfleet.app.measuring.questions import questions, timed
from tikfleet.app.measuring.rows import device
from tikfleet.domains.telemetry.public import Retention, TelemetryRows, telemetry_tables, to_batch
from tikfleet.ports.warehouse import Warehouse

SMALL_BATCHES: Final = 20


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
