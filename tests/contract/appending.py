"""A process that appends one batch to a server, to be killed while it does. Run: `python appending.py KIND PORT`."""

import asyncio
import sys

from tikfleet.adapters.clickhouse.driver import ServerAddress as ClickHouseAddress
from tikfleet.adapters.clickhouse.warehouse import ClickHouseWarehouse
from tikfleet.adapters.singlestore.dialect import Mysql
from tikfleet.adapters.singlestore.driver import ServerAddress
from tikfleet.adapters.singlestore.warehouse import SingleStoreWarehouse
from tikfleet.ports.warehouse import Aggregate, Batch, Column, FactTable, Kind, Rollup, Span, Warehouse

NOW = 1_700_000_000_000
READINGS = FactTable(
    "readings",
    1,
    (
        Column("org_id", Kind.LABEL),
        Column("device_id", Kind.LABEL),
        Column("received_at", Kind.MOMENT),
        Column("bytes", Kind.U64),
    ),
    ("device_id", "received_at"),
    Span.DAY,
    36500,
    tuple(
        Rollup(name, bucket_s, ("device_id",), {"bytes": (Aggregate.SUM,)}, Span.MONTH, 36500)
        for name, bucket_s in (("5m", 300), ("1h", 3600))
    ),
)
BATCH = [("org_a", f"dev_{n}", NOW, 1) for n in range(20_000)]


async def opened(kind: str, port: int) -> Warehouse:
    store: Warehouse
    if kind == "clickhouse":
        store = await ClickHouseWarehouse.open(ClickHouseAddress("127.0.0.1", port))
    else:
        store = await SingleStoreWarehouse.open(ServerAddress("127.0.0.1", port, "tikfleet"), Mysql())
    await store.prepare([READINGS])
    return store


async def main(kind: str, port: str) -> None:
    store = await opened(kind, int(port))
    print("begins", flush=True)
    await store.append(Batch("one", {"readings": BATCH}))
    print("stored", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
