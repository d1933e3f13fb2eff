"""A program: prints a checksum of everything that a platform keeps, each table in an order of its own.

Usage: dumping.py DATA-DIRECTORY, which nobody holds. Prints a JSON object of name and SHA-256.
"""

import asyncio
import hashlib
import json
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from chdb.state.sqlitelike import Connection

from tikfleet.adapters.chdb.engine import rows_of
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tables_of(path: Path) -> dict[str, str]:
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    return {
        f"{path.name}/{name}": digest(repr(sorted(map(repr, connection.execute(f"select * from {name}")))).encode())
        for name in names
    }


def facts_of(connection: Connection) -> dict[str, str]:
    def rows(sql: str) -> list[list[Any]]:
        return rows_of(connection.query(sql, "JSONCompactEachRow"))

    found = {}
    engines = "SELECT name, engine, sorting_key FROM system.tables WHERE engine LIKE '%MergeTree'"
    for name, engine, key in rows(engines):
        # A rollup's rows of one key may be merged or not: merged, they are the same.
        final = "FINAL" if engine != "MergeTree" else ""
        order = "ALL" if engine == "MergeTree" else key
        content = connection.query(f"SELECT * FROM tikfleet.{name} {final} ORDER BY {order}", "RowBinary").bytes()
        count = rows(f"SELECT count() FROM tikfleet.{name} {final}")[0][0]
        found[f"history/{name} ({count} rows)"] = digest(content)
    return found


async def dump(data: Path) -> dict[str, str]:
    found = tables_of(data / "tikfleet.sqlite") | tables_of(data / "inbox.sqlite")
    for folder in ("blobs", "keys"):
        for path in sorted((data / folder).rglob("*")):
            if path.is_file():
                found[path.relative_to(data).as_posix()] = digest(path.read_bytes())
    warehouse = await ChdbWarehouse.open(data / "warehouse")
    found |= await warehouse._engine.write(facts_of)
    await warehouse.close()
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(dump(Path(sys.argv[1])))), flush=True)
    os._exit(0)
