"""How questions and storage grow from 1,000,000 to 50,900,951 check-ins: one store that is asked as it is filled.

The rows and the questions are those of `bench.fifty_million`; each asking is a process of its own.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.fifty_million import DEVICES, ROWS, filled, prepared
from bench.growth.plot import Chart, Points
from tikfleet.app.measuring.questions import DAY_S

SIZES: Final = (1_000_000, 5_000_000, 20_000_000, ROWS)
NAMES: Final = {
    "count_rows, as published": "COUNT",
    "sum_cpu_count, as published": "SUM(cpu_count)",
    "device_day": "panels of one device",
    "fleet_day": "panels of all",
    "top_10": "ten busiest",
    "totals_day": "totals of a day",
    "breakdown": "by version",
}
_MINUTE_S: Final = 60
_ASKINGS: Final = 3


def grown(directory: Path, sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """For each size: the best of the rounds of each question in ms, bytes a row, and rows a second of the filling."""
    start_s = 1_790_000_000 // DAY_S * DAY_S - ROWS // DEVICES * _MINUTE_S
    asyncio.run(prepared(directory))
    before = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    for rows in sizes:
        began_s = time.monotonic()
        with Progress(*columns) as progress:
            filled(directory, rows, start_s * 1000, progress, before)
        took_s = time.monotonic() - began_s
        askings = [_asked(directory, start_s + rows // DEVICES * _MINUTE_S) for _ in range(_ASKINGS)]
        yield {
            "rows": askings[0]["rows"],
            "best_ms": {name: min(_took(asking, name, "wall")[0] for asking in askings) for name in NAMES},
            "cpu_ms": {name: min(_took(asking, name, "cpu")[0] for asking in askings) for name in NAMES},
            "medians_ms": {name: [_took(asking, name, "wall")[2] for asking in askings] for name in NAMES},
            "bytes_a_row": askings[-1]["bytes_per_row"],
            "filled_rows_per_s": round((rows - before) / took_s),
            "memory_mb": max(asking["resident_mb"]["VmRSS"] for asking in askings),
        }
        before = rows


def _took(asking: dict[str, Any], name: str, clock: str) -> list[float]:
    """The rounds of a question, the shortest first."""
    key, _, published = name.partition(",")
    rounds: dict[str, list[float]] = (asking["plain_ms"] if published else asking["queries_ms"])[key]
    return sorted(rounds[clock])


def _asked(directory: Path, now_s: int) -> dict[str, Any]:
    result = directory / "asked.json"
    arguments = ["--directory", str(directory), "--ask", str(now_s), "--result", str(result)]
    subprocess.run([sys.executable, "-m", "bench.fifty_million", *arguments], check=True, stdout=subprocess.DEVNULL)
    figures: dict[str, Any] = json.loads(result.read_text())["fifty_million"]
    return figures


def table(found: list[dict[str, Any]]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows, a column for each size."""
    rows = [[label, *(f"{one['best_ms'][name]:.3g} ms" for one in found)] for name, label in NAMES.items()]
    rows.append(["bytes a row, rollups included", *(str(one["bytes_a_row"]) for one in found)])
    rows.append(["memory of the asking process", *(f"{one['memory_mb']} MiB" for one in found)])
    return ["question, best of fifteen", *(f"{one['rows']:,}" for one in found)], rows


def charts(found: list[dict[str, Any]]) -> list[Chart]:
    """Time and bytes over rows."""
    lines: dict[str, Points] = {
        label: [(one["rows"], one["best_ms"][name]) for one in found] for name, label in NAMES.items()
    }
    sizes: dict[str, Points] = {"with rollups": [(one["rows"], one["bytes_a_row"]) for one in found]}
    return [
        Chart("ms to answer, best of fifteen", "check-ins in the store", lines),
        Chart("bytes a row", "check-ins in the store", sizes, linear=True),
    ]
