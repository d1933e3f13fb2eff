"""The warehouse's part, in a process of its own: `python -m tikfleet.app.measuring.history append|ask DIRECTORY ROWS`.

Prints a line of JSON for each step: `{"done": 0.4}` on the way, the figures last. `append` sends rows through the
platform's own way, every batch synced; `ask` makes the rows inside the engine, and asks as people and pages do.
"""

import asyncio
import itertools
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import chdb

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.app.measuring.batches import DEVICES, ROWS_A_BATCH, batches, sections
from tikfleet.app.measuring.questions import plain, questions, timed
from tikfleet.app.measuring.rows import device, insert
from tikfleet.domains.telemetry.public import Retention, TelemetryRows, telemetry_tables, to_batch

KEEP: Final = Retention(36_500, 36_500, 36_500, 36_500)
_CHUNK: Final = 120
_MINUTES: Final = 60
_FEW: Final = 100


def told(**figures: Any) -> None:
    """A line for whoever started this process."""
    print(json.dumps(figures), flush=True)


async def appended(directory: Path, rows: int) -> None:
    """Rows in memory to rows that answer, with all rollups: a second, and a CPU-second."""
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(KEEP))
    start_ms = (int(time.time()) - rows // DEVICES * 60) * 1000
    wall_s = cpu_s = 0.0
    count = 0
    for number, part in enumerate(itertools.islice(batches(start_ms), -(-rows // ROWS_A_BATCH))):
        wall, cpu = time.perf_counter(), time.process_time()
        await warehouse.append(to_batch(f"bench {number}", TelemetryRows(checkins=part[:rows])))
        wall_s, cpu_s = wall_s + time.perf_counter() - wall, cpu_s + time.process_time() - cpu
        count += len(part[:rows])
        told(done=min(1.0, count / rows))
    for minute in range(_MINUTES):
        await warehouse.append(to_batch(f"rest {minute}", sections(_FEW, minute, start_ms + minute * 60_000)))
    await warehouse.close()
    rest = merged_bytes(directory, ("interface_counters", "health")) / (_MINUTES * _FEW)
    told(
        rows=count,
        rows_per_s=round(count / wall_s),
        rows_per_cpu_s=round(count / cpu_s),
        sections_bytes_a_report=round(rest, 1),
    )


def merged_bytes(directory: Path, tables: tuple[str, ...]) -> int:
    """What tables and their rollups take once the engine has merged their parts, as it does by and by."""
    connection = chdb.connect(str(directory / "engine"))
    named = " OR ".join(f"name = '{table}' OR startsWith(name, '{table}_')" for table in tables)
    found = connection.query(
        f"SELECT name FROM system.tables WHERE database = 'tikfleet' AND engine LIKE '%MergeTree' AND ({named})", "TSV"
    )
    names = str(found).split()
    for name in names:
        connection.query(f"OPTIMIZE TABLE tikfleet.{name} FINAL")
    quoted = ", ".join(f"'{name}'" for name in names)
    size = connection.query(f"SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table IN ({quoted})", "TSV")
    connection.close()
    return int(str(size))


async def asked(directory: Path, rows: int) -> None:
    """The size on the disk, and what each question took: the median of five, in ms."""
    devices = min(5_000, max(1, rows // 60))
    minutes, rest = divmod(rows, devices)
    end_s = int(time.time()) // 60 * 60
    start_ms = (end_s - (minutes + 1) * 60) * 1000
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(KEEP))
    await warehouse.close()
    connection = chdb.connect(str(directory / "engine"))
    for first in range(0, minutes, _CHUNK):
        connection.query(insert(devices, first, min(_CHUNK, minutes - first), start_ms))
        told(done=min(1.0, (first + _CHUNK) / minutes))
    if rest:
        connection.query(insert(rest, minutes, 1, start_ms))
    connection.close()
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(KEEP))
    now = datetime.fromtimestamp(end_s, UTC)
    took = {name: await timed(ask) for name, ask in questions(warehouse, lambda: now, device(devices // 2)).items()}
    sizes = [size for size in await warehouse.storage() if size.name.startswith("site_checkins")]
    await warehouse.close()
    published = await plain(directory)
    told(
        rows=rows,
        bytes_a_row=round(sum(size.size_bytes for size in sizes) / rows, 1),
        published_ms={name: middle(rounds["wall"]) for name, rounds in published.items()},
        queries_ms={name: middle(rounds["wall"]) for name, rounds in took.items()},
    )


def middle(rounds: list[float]) -> float:
    """The median."""
    return sorted(rounds)[len(rounds) // 2]


if __name__ == "__main__":
    work = appended if sys.argv[1] == "append" else asked
    asyncio.run(work(Path(sys.argv[2]), int(sys.argv[3])))
