"""The load and the questions of `bench.warehouse` on any engine, side by side.

Run: `python -m bench.engines chdb` · `… clickhouse://user@host:8123/database` · `… mysql://user@host:3306/database`
(MariaDB; the database must be there), any of them together. `--batches 10` is a million rows.
"""

import argparse
import asyncio
import itertools
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.clickhouse.driver import ServerAddress as ClickHouseAddress
from tikfleet.adapters.clickhouse.warehouse import ClickHouseWarehouse
from tikfleet.adapters.clickhouse_sql.topology import Topology
from tikfleet.adapters.singlestore.dialect import Mysql, SingleStore
from tikfleet.adapters.singlestore.driver import ServerAddress
from tikfleet.adapters.singlestore.warehouse import SingleStoreWarehouse
from tikfleet.app.measuring import batches as load
from tikfleet.app.measuring.questions import questions, timed
from tikfleet.app.measuring.rows import device
from tikfleet.domains.telemetry.public import Retention, TelemetryRows, telemetry_tables, to_batch
from tikfleet.ports.warehouse import Warehouse


async def opened(engine: str, directory: Path) -> Warehouse:
    """The warehouse of an engine's address."""
    url = urlsplit(engine)
    host, user, password, database = url.hostname or "", url.username, url.password or "", url.path.strip("/")
    match url.scheme:
        case "clickhouse":
            address = ClickHouseAddress(host, url.port or 8123, user or "default", password)
            return await ClickHouseWarehouse.open(address, Topology(database or "tikfleet"))
        case "mysql" | "singlestore":
            dialect = Mysql() if url.scheme == "mysql" else SingleStore()
            login = ServerAddress(host, url.port or 3306, database or "tikfleet", user or "root", password)
            return await SingleStoreWarehouse.open(login, dialect)
        case _:
            return await ChdbWarehouse.open(directory)


async def measured(engine: str, directory: Path, batches: int) -> dict[str, Any]:
    """Rows a second from rows in memory to rows that answer, and what questions took."""
    now = datetime.now(UTC)
    start_ms = (int(now.timestamp()) - load.REPORTS * 60) * 1000
    store = await opened(engine, directory)
    await store.prepare(telemetry_tables(Retention()))
    clock_s, rows_n, spent_s = asyncio.get_running_loop().time, 0, 0.0
    for number, rows in enumerate(itertools.islice(load.batches(start_ms), batches)):
        batch = to_batch(f"bench {number}", TelemetryRows(checkins=rows))
        began = clock_s()
        await store.append(batch)
        spent_s += clock_s() - began
        rows_n += len(rows)
    asked = questions(store, lambda: now, device(7))
    took = {name: sorted((await timed(question))["wall"])[2] for name, question in asked.items()}
    await store.close()
    return {"engine": urlsplit(engine).scheme or engine, "rows": rows_n, "rows_per_s": round(rows_n / spent_s), **took}


def main() -> None:
    """Print one document for each engine."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("engines", nargs="+")
    arguments.add_argument("--batches", type=int, default=10, help="of 100,000 rows")
    chosen = arguments.parse_args()
    for engine in chosen.engines:
        with tempfile.TemporaryDirectory(prefix="tikfleet-bench-") as path:
            print(json.dumps(asyncio.run(measured(engine, Path(path), chosen.batches))), flush=True)


if __name__ == "__main__":
    main()
