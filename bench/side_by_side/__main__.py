"""The platform's warehouse beside DuckDB, SQLite, PostgreSQL and MariaDB: the same rows, the same questions, one run.

`python -m bench.side_by_side --rows 1000000 5000000 --engines DuckDB PostgreSQL MariaDB SQLite` prints a table for each
size and adds it to build/side-by-side.json. Each engine may use 2 GB and two threads; each question is asked up
to seven times, one engine after the other. `--also-rows 50900951` is chDB and DuckDB alone.
"""

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import chdb
from rich.console import Console
from rich.table import Table

from bench.side_by_side.engines import ENGINES
from bench.side_by_side.questions import NAMES, statements
from bench.side_by_side.rows import KEEP, Rows, exported, filled
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.app.measuring.questions import questions, timed
from tikfleet.app.measuring.rows import device
from tikfleet.domains.telemetry.public import telemetry_tables

RESULT: Final = Path("build/side-by-side.json")
ROUNDS: Final = 7
_ENOUGH_MS: Final = 30_000
_SPACE_BYTES_A_ROW: Final = 900
_BUCKETS: Final = {"DuckDB": "received_at // 300000", "MariaDB": "received_at div 300000"}


def best_ms(question: Callable[[], Any]) -> float:
    """The best of some rounds, in ms: on a machine with other work, what remains is the engine's own.

    A question that takes long is asked less often, until half a minute has gone.
    """
    took: list[float] = []
    while len(took) < ROUNDS and sum(took) < _ENOUGH_MS:
        began = time.perf_counter()
        question()
        took.append((time.perf_counter() - began) * 1000)
    return round(min(took), 2)


def size_bytes(directory: Path) -> int:
    """What a directory takes on the disk."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


async def ours(directory: Path, rows: Rows) -> dict[str, dict[str, float]]:
    """The platform's way (rollups where it has them), and the same SQL on the rows."""
    now = datetime.fromtimestamp(rows.last_ms / 1000, UTC)
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(telemetry_tables(KEEP))
    asked = questions(warehouse, lambda: now, device(4321))
    asked["device_day"] = asked["device_day_raw"]
    platform = {name: min((await timed(asked[name], ROUNDS))["wall"]) for name in NAMES}
    sizes = await warehouse.storage()
    platform["bytes_a_row"] = round(
        sum(size.size_bytes for size in sizes if size.name.startswith("site_checkins")) / rows.count, 1
    )
    await warehouse.close()
    connection = chdb.connect(str(directory / "engine"))
    moment = "toUnixTimestamp64Milli(received_at)"
    plain: dict[str, float] = {}
    for name, sql in statements(rows, f"intDiv({moment}, 300000)").items():
        since, until = rows.last_ms - 86_400_000, rows.last_ms
        there = sql.replace("site_checkins", "tikfleet.site_checkins").replace(
            f"received_at >= {since} and received_at < {until}",
            f"received_at >= fromUnixTimestamp64Milli({since}) and received_at < fromUnixTimestamp64Milli({until})",
        )
        plain[name] = best_ms(lambda text=there: connection.query(text + " settings max_threads = 2"))  # type: ignore[misc]
    connection.close()
    plain["bytes_a_row"] = round(sum(s.size_bytes for s in sizes if s.name == "site_checkins") / rows.count, 1)
    return {"Tikfleet": platform, "chDB, rows alone": plain}


def measured(engine: str, directory: Path, files: Path, rows: Rows) -> dict[str, float]:
    """One engine: loaded, asked, gone."""
    home = directory / engine
    home.mkdir()
    began = time.perf_counter()
    asked = statements(rows, _BUCKETS.get(engine, "received_at / 300000"))
    with ENGINES[engine](home, files) as loaded:
        load_s = time.perf_counter() - began
        figures = {name: best_ms(lambda sql=sql: loaded.ask(sql)) for name, sql in asked.items()}  # type: ignore[misc]
        figures["bytes_a_row"] = round(size_bytes(loaded.directory) / rows.count, 1)
        figures["load_rows_per_s"] = round(rows.count / load_s)
    shutil.rmtree(home, ignore_errors=True)
    return figures


def side_by_side(rows: Rows, engines: list[str], console: Console) -> dict[str, dict[str, float]]:
    """All engines on these rows."""
    with tempfile.TemporaryDirectory(prefix="tikfleet-side-") as path:
        directory, files = Path(path), Path(path, "files")
        files.mkdir()
        with console.status(f"{rows.count:,} rows: made in chDB …"):
            asyncio.run(filled(directory / "ours", rows))
            found = asyncio.run(ours(directory / "ours", rows))
            exported(directory / "ours", files, "Parquet")
            if {"PostgreSQL", "MariaDB"} & set(engines):
                exported(directory / "ours", files, "TabSeparated")
        shutil.rmtree(directory / "ours")
        for engine in engines:
            with console.status(f"{rows.count:,} rows: {engine} …"):
                found[engine] = measured(engine, directory, files, rows)
            console.print(f"{engine}: {found[engine]}")
    return found


def shown(count: int, found: dict[str, dict[str, float]]) -> Table:
    """Engines as columns."""
    table = Table("question", *found, title=f"{count:,} check-ins, best of up to {ROUNDS}, ms")
    for key, label in {**NAMES, "bytes_a_row": "bytes a row", "load_rows_per_s": "rows loaded a second"}.items():
        table.add_row(label, *(f"{figures[key]:,}" if key in figures else "" for figures in found.values()))
    return table


def main() -> None:
    """Measure what was asked for, and keep it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 5_000_000])
    arguments.add_argument("--also-rows", type=int, nargs="*", default=[])
    arguments.add_argument("--engines", nargs="*", default=list(ENGINES), choices=list(ENGINES))
    chosen, console = arguments.parse_args(), Console()
    kept: dict[str, Any] = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for count, engines in [
        *((count, chosen.engines) for count in chosen.rows), *((count, ["DuckDB"]) for count in chosen.also_rows)
    ]:  # fmt: skip
        if shutil.disk_usage(tempfile.gettempdir()).free < count * _SPACE_BYTES_A_ROW:
            raise SystemExit(f"{count:,} rows need {count * _SPACE_BYTES_A_ROW >> 30} GiB of free disk")
        days_ms = (count // 5_000 + 1) * 60_000
        rows = Rows(count, (int(time.time() * 1000) - days_ms) // 60_000 * 60_000)
        found = side_by_side(rows, engines, console)
        console.print(shown(count, found))
        kept[str(count)] = {"load_average": os.getloadavg()[0], "engines": found}
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()
