"""P5 at 50,900,951 check-ins, beside SingleStore's published times. Run: `python -m bench.fifty_million`.

The rows are made inside the engine in chunks of time, as a fleet's would arrive, and land in the real tables with all
rollups; the questions are asked through the port by the process that would serve a dashboard.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import chdb
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.app.measuring.questions import DAY_S, plain, questions, timed
from tikfleet.app.measuring.rows import device, insert
from tikfleet.domains.telemetry.public import Retention, telemetry_tables

ROWS: Final = 50_900_951
DEVICES: Final = 5_000
CHUNK: Final = 240
PUBLISHED_MS: Final = {"count_rows": 530, "sum_cpu_count": 950}
GOALS_MS: Final = {"count_rows": 10, "sum_cpu_count": 100, "device_day_raw": 20, "device_day": 20, "fleet_day": 100,
                   "top_10": 100, "totals_day": 100, "breakdown": 100}  # fmt: skip
KEEP: Final = Retention(36_500, 36_500, 36_500, 36_500)
RESULT: Final = Path("build/bench-50m.json")


async def prepared(directory: Path) -> None:
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(KEEP))
    await warehouse.close()


def filled(directory: Path, rows: int, start_ms: int, progress: Progress, before: int = 0) -> None:
    """The rows after the first `before`, and then the time that background merges ask for."""
    connection = chdb.connect(str(directory / "engine"))
    minutes, rest = divmod(rows, DEVICES)
    task = progress.add_task("check-ins", total=rows, completed=before)
    for first in range(before // DEVICES, minutes, CHUNK):
        count = min(CHUNK, minutes - first)
        connection.query(insert(DEVICES, first, count, start_ms))
        progress.advance(task, DEVICES * count)
    if rest:
        connection.query(insert(rest, minutes, 1, start_ms))
        progress.advance(task, rest)
    settling = progress.add_task("merges", total=None)
    quiet = 0
    for _ in range(120):
        busy = str(connection.query("SELECT count() FROM system.merges", "TSV")).strip() != "0"
        quiet = 0 if busy else quiet + 1
        if quiet > 5:
            break
        time.sleep(1)
    progress.update(settling, total=1, completed=1)
    connection.close()


async def asked(directory: Path, now: datetime) -> dict[str, Any]:
    """The questions, by a process that opens the store for them: the first round finds no cache of the engine's."""
    began = time.perf_counter()
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(KEEP))
    opened_ms = (time.perf_counter() - began) * 1000
    todo = questions(warehouse, lambda: now, device(4321))
    took = {name: await timed(question) for name, question in todo.items()}
    sizes = {size.name: size for size in await warehouse.storage() if size.name.startswith("site_checkins")}
    await warehouse.close()
    rows = sizes["site_checkins"].rows
    return {
        "rows": rows,
        "opened_ms": round(opened_ms),
        "bytes_per_row": round(sum(size.size_bytes for size in sizes.values()) / rows, 2),
        "bytes_per_row_by_table": {name: round(size.size_bytes / rows, 2) for name, size in sizes.items()},
        "rows_by_table": {name: size.rows for name, size in sizes.items()},
        "queries_ms": took,
    }


def resident_mb() -> dict[str, int]:
    """What this process holds in memory, after the questions."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {name: int(status[name].split()[0]) // 1024 for name in ("VmRSS", "RssAnon", "RssFile")}


def shown(figures: dict[str, Any], console: Console) -> None:
    table = Table("question", "first, ms", "best of next 4", "median", "its CPU", "goal", "SingleStore, published")
    rounds = {f"{name}, as published": took for name, took in figures["plain_ms"].items()} | figures["queries_ms"]
    for name, took in rounds.items():
        key = name.split(",")[0]
        goal, published = GOALS_MS.get(key, ""), PUBLISHED_MS.get(key, "")
        wall, cpu = took["wall"], took["cpu"]
        shown_ms = (wall[0], min(wall[1:]), sorted(wall)[2], sorted(cpu)[2], goal, published)
        table.add_row(name, *map(str, shown_ms))
    console.print(f"{figures['rows']:,} check-ins, {figures['bytes_per_row']} bytes each with all rollups (goal 45)")
    console.print(table)
    console.print(f"Memory {figures['resident_mb']} MB; opened in {figures['opened_ms']} ms")


def ask(directory: Path, now: datetime, result: Path) -> None:
    """In a fresh process: every question, then the result as JSON and a table."""
    figures = asyncio.run(asked(directory, now))
    figures |= {"plain_ms": asyncio.run(plain(directory)), "resident_mb": resident_mb()}
    result.parent.mkdir(exist_ok=True)
    result.write_text(json.dumps({"fifty_million": figures}, indent=2) + "\n")
    shown(figures, Console())


def main() -> None:
    parser = argparse.ArgumentParser(description="Build 50,900,951 check-ins and ask them the questions of P5.")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--directory", type=Path, help="keep the store here (asked again if it is there)")
    parser.add_argument("--ask", type=int, metavar="NOW_S", help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, default=RESULT, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        ask(options.directory, datetime.fromtimestamp(options.ask, UTC), options.result)
        return
    with tempfile.TemporaryDirectory(prefix="tikfleet-50m-") as temporary:
        directory = options.directory or Path(temporary)
        # A fixed time, so that the same rows are made, and a kept store can be asked again.
        end_s = 1_790_000_000 // DAY_S * DAY_S
        start_ms = (end_s - options.rows // DEVICES * 60) * 1000
        if not (directory / "engine").exists():
            asyncio.run(prepared(directory))
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            with Progress(*columns, TimeRemainingColumn()) as progress:
                filled(directory, options.rows, start_ms, progress)
        # Not the process that filled it: its caches would answer.
        arguments = ["--directory", str(directory), "--ask", str(end_s)]
        subprocess.run([sys.executable, "-m", "bench.fifty_million", *arguments], check=True)


if __name__ == "__main__":
    main()
