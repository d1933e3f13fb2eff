"""Top talkers, services and conversations over 100 million flow rows, from their rollups (P9).

Run `python -m bench.flow_rollups` (`--rows` for fewer): some twelve minutes of two idle cores, some 7 GB of disk. The
rows are made inside the engine, by SQL, and reach raw table and rollups as inserted rows do; collector and decoder
take no part (`bench.flow_history` and `bench.flows` measure those). Traffic of one day: 1,000 routers with 50 hosts
each, of which some do much more than others, peers by a power law. Asked as the API asks, for the last 24 hours and
the last hour; `--merged` first brings the parts of each table together, as the engine does by itself in time.
"""

import argparse
import asyncio
import json
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.flow_history import NoNames
from tikfleet.adapters.chdb.engine import Engine, EngineLimits, Statements
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.flows.facts import FLOWS, FlowRetention, flow_tables
from tikfleet.domains.flows.names import Names
from tikfleet.domains.flows.questions import By, Only
from tikfleet.domains.flows.service import Traffic
from tikfleet.domains.telemetry.public import Window
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import QueryTooHeavy

_ORG: Final = OrganisationId("org_bench0000000000")
_CHUNK: Final = 2_000_000
_DAY_S: Final = 86_400
_ASKED: Final = 9
_BYS: Final[tuple[By, ...]] = ("talker", "service", "device", "conversation")
_ALL: Final = Only()
# What a question that was too heavy is narrowed to: by its remedy, one router or site; or one service, one host.
_PARTS: Final = {
    "device": Only(device_id=("dev_0000000000000007",)),
    "site": Only(site_id=("sit_7",)),
    "host": Only(local_address=("10.7.0.12",)),
    "service": Only(service=("tcp/8291",)),
}
_ALWAYS: Final = FlowRetention(36_500, 36_500, 36_500, 36_500)

_ROWS: Final = """
INSERT INTO tikfleet.flows (org_id, device_id, site_id, ended_at, local_address, remote_address, service, local_port,
 remote_port, protocol, local_interface, remote_interface, up_bytes, down_bytes, up_packets, down_packets, duration_ms)
SELECT '{org}', concat('dev_', leftPad(toString(router), 16, '0')), concat('sit_', toString(router % 100)),
 fromUnixTimestamp64Milli(toInt64({begin_ms} + rand64(3) % {length_ms}), 'UTC'),
 concat('10.', toString(router % 256), '.', toString(intDiv(router, 256)), '.',
  toString(10 + toUInt8(50 * pow(rand(2) / 4294967297., 2)))),
 IPv4NumToString(toUInt32(3405803776 + least(pow((rand(4) + 1) / 4294967296., -3.3), 200000.))),
 concat(if(port IN (53, 123, 5060, 1194, 51820), 'udp/', 'tcp/'), toString(port)) AS service,
 32768 + rand(5) % 28000, port, if(startsWith(service, 'udp'), 17, 6), '5', '1',
 if(up, octets, 0), if(up, 0, octets), if(up, packets, 0), if(up, 0, packets), rand(6) % 60000
FROM (SELECT rand(1) % 1000 AS router, rand(7) % 2 AS up,
 [443, 443, 443, 80, 53, 53, 123, 5060, 22, 8291, 25, 3389, 1194, 51820][1 + rand(8) % 14] AS port,
 toUInt64(least(pow((rand(9) + 1) / 4294967296., -1.25), 100000.)) AS packets,
 packets * (60 + rand(10) % 1340) AS octets FROM numbers({count}))
SETTINGS optimize_on_insert = 0, max_partitions_per_insert_block = 0, min_insert_block_size_rows = 1000000
"""


def _run(sql: str, connection: Any) -> None:
    Statements(connection).run(sql)


async def filled(directory: Path, rows: int, since_s: int, *, merged: bool) -> None:
    """A store whose day has so many rows, left closed."""
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(flow_tables(_ALWAYS))
    await warehouse.close()
    chunks = -(-rows // _CHUNK)
    engine = Engine(directory / "engine", EngineLimits())
    for number in range(chunks):
        begin_ms, length_ms = (since_s * 1000 + number * _DAY_S * 1000 // chunks), _DAY_S * 1000 // chunks
        sql = _ROWS.format(org=_ORG, begin_ms=begin_ms, length_ms=length_ms, count=min(_CHUNK, rows - number * _CHUNK))
        await engine.write(partial(_run, sql))
    if merged:
        names = [FLOWS, *(f"{FLOWS}_{rollup.name}" for rollup in flow_tables(_ALWAYS)[0].rollups)]
        for name in names:
            await engine.write(partial(_run, f"OPTIMIZE TABLE tikfleet.{name} FINAL"))
    await engine.close()


async def measured(directory: Path, rows: int, *, merged: bool) -> dict[str, float | str]:
    """The figures, with so many rows of one day."""
    since_s = (int(time.time()) // _DAY_S - 1) * _DAY_S
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    await filled(directory, rows, since_s, merged=merged)
    figures: dict[str, float | str] = {
        "rows": rows,
        "filled_s": round(time.monotonic() - began_s),
        "filled_cpu_s": round(time.process_time() - began_cpu_s),
    }
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(flow_tables(_ALWAYS))
    for size in await warehouse.storage():
        figures[f"rows.{size.name}"], figures[f"mb.{size.name}"] = size.rows, round(size.size_bytes / 1e6)
    until_s = since_s + _DAY_S
    traffic = Traffic(
        warehouse, Names(NoNames(), NoNames(), NoNames()), FlowRetention(), lambda: datetime.fromtimestamp(until_s, UTC)
    )
    for name, length_s in (("24h", _DAY_S), ("1h", 3600)):
        window = Window(until_s - length_s, until_s)
        for by in _BYS:
            figures |= await _asked(traffic, by, window, f"top_{by}_{name}")
        for part, only in _PARTS.items():
            figures |= await _asked(traffic, "conversation", window, f"top_conversation_of_a_{part}_{name}", only)
    await warehouse.close()
    return figures


async def _asked(traffic: Traffic, by: By, window: Window, name: str, only: Only = _ALL) -> dict[str, float | str]:
    times, read = [], 0
    for _ in range(_ASKED):
        began_s = time.monotonic()
        try:
            read = (await traffic.top(OrgScope.only(_ORG), by, window, only, "total", 10)).rows_read
        except QueryTooHeavy as error:
            return {name: error.code}
        times.append((time.monotonic() - began_s) * 1000)
    times.sort()
    return {
        f"{name}_ms.first": round(times[-1], 1),
        f"{name}_ms.median": round(times[_ASKED // 2], 1),
        f"{name}.rows_read": read,
    }


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000_000)
    arguments.add_argument("--merged", action="store_true")
    arguments.add_argument("--in", dest="place", help="a directory with room")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.place) as directory:
        figures = asyncio.run(measured(Path(directory) / "warehouse", given.rows, merged=given.merged))
        print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
