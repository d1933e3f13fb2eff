"""Flow rows in the warehouse: stored in a CPU-second, bytes a row, and top talkers from rollups (P9).

Run `python -m bench.flow_history`; `--rows 100000000` is the size of the goal, and takes some twenty minutes of two
idle cores and 3 GB of disk. Traffic of a day: 1,000 routers with 50 hosts each, services and peers by Zipf's law.
"""

import argparse
import asyncio
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.flows.facts import FLOWS, FlowRetention, flow_tables
from tikfleet.domains.flows.names import Names
from tikfleet.domains.flows.questions import Only
from tikfleet.domains.flows.rows import Nowhere, Owner, rows_of
from tikfleet.domains.flows.service import Traffic
from tikfleet.domains.flows.wire.flows import FLOW, MAPPED
from tikfleet.domains.telemetry.public import Window
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Batch

_ORG = OrganisationId("org_bench0000000000")
_ROUTERS = 1_000
_BATCH = 250_000
_DAY_S = 86_400
_ASKED = 9
_PORTS = np.array([443, 443, 443, 80, 53, 53, 123, 5060, 22, 8291, 25, 3389, 1194, 51820], np.uint16)


class NoNames:
    """Nothing has a name."""

    async def devices(self, scope: Any, ids: Any) -> dict[Any, str]:
        return {}

    async def sites(self, scope: Any, ids: Any) -> dict[Any, str]:
        return {}

    async def names(self, scope: Any) -> dict[Any, str]:
        return {}

    async def interfaces(self, scope: Any, ids: Any) -> dict[Any, Any]:
        return {}


def traffic_of(dice: np.random.Generator, count: int, since_s: int, length_s: float) -> Any:
    """Flows that ended within a time; `exporter` is the router."""
    flows = np.zeros(count, FLOW)
    flows["exporter"] = np.sort(dice.integers(0, _ROUTERS, count))
    host = dice.integers(10, 60, count).astype(np.uint64)
    local = np.uint64(MAPPED | 0x0A00_0000) | (flows["exporter"].astype(np.uint64) % np.uint64(256)) << np.uint64(8)
    remote = np.uint64(MAPPED | 0xCB00_7100) + np.minimum(dice.zipf(1.3, count), 200_000).astype(np.uint64)
    up = dice.random(count) < 0.5
    client, port = dice.integers(32_768, 61_000, count), dice.choice(_PORTS, count)
    flows["source_low"] = np.where(up, local | host, remote)
    flows["destination_low"] = np.where(up, remote, local | host)
    flows["source_port"], flows["destination_port"] = np.where(up, client, port), np.where(up, port, client)
    flows["protocol"] = np.where(np.isin(port, (53, 123, 5060, 1194, 51820)), 17, 6)
    flows["in_interface"], flows["out_interface"] = np.where(up, 5, 1), np.where(up, 1, 5)
    flows["packets"] = np.minimum(dice.zipf(1.8, count), 100_000)
    flows["octets"] = flows["packets"] * dice.integers(60, 1_400, count).astype(np.uint64)
    flows["duration_ms"] = dice.integers(0, 60_000, count)
    flows["ended_ms"] = since_s * 1000 + (dice.random(count) * length_s * 1000).astype(np.int64)
    return flows


async def measured(directory: Path, rows: int) -> dict[str, float]:
    """The figures, with so many rows of one day."""
    since_s = (int(time.time()) // _DAY_S - 1) * _DAY_S
    warehouse = await ChdbWarehouse.open(directory)
    await warehouse.prepare(flow_tables(FlowRetention(36_500, 36_500, 36_500, 36_500)))
    dice, batches, cpu_s = np.random.default_rng(1), -(-rows // _BATCH), 0.0
    began_s = time.monotonic()
    for number in range(batches):
        flows = traffic_of(dice, _BATCH, since_s + number * _DAY_S // batches, _DAY_S / batches)
        owners = [Owner(_ORG, f"dev_{router:016d}", "") for router in range(_ROUTERS)]
        bounds = np.searchsorted(flows["exporter"], np.arange(1, _ROUTERS))
        began_cpu_s = time.process_time()
        made = rows_of(list(zip(owners, np.split(flows, bounds), strict=True)), Nowhere())
        await warehouse.append(Batch(f"bench/{number}", {FLOWS: made}))
        cpu_s += time.process_time() - began_cpu_s
    took_s = time.monotonic() - began_s
    stored = batches * _BATCH
    sizes = {size.name: size for size in await warehouse.storage()}
    names = Names(NoNames(), NoNames(), NoNames())
    traffic = Traffic(warehouse, names, FlowRetention(), lambda: datetime.fromtimestamp(since_s + _DAY_S, UTC))
    scope, window = OrgScope.only(_ORG), Window(since_s, since_s + _DAY_S)
    figures: dict[str, float] = {
        "rows": stored,
        "rows_per_cpu_s": round(stored / cpu_s),
        "rows_per_s": round(stored / took_s),
        "bytes_per_row": round(sizes[FLOWS].size_bytes / stored, 1),
        "bytes_per_row_with_rollups": round(sum(size.size_bytes for size in sizes.values()) / stored, 1),
    }
    for by in ("talker", "service", "conversation", "device"):
        times = []
        for _ in range(_ASKED):
            asked_s = time.monotonic()
            await traffic.top(scope, by, window, Only(), "total", 10)
            times.append((time.monotonic() - asked_s) * 1000)
        figures[f"top_{by}_ms.best"], figures[f"top_{by}_ms.median"] = (
            round(min(times), 1), round(sorted(times)[_ASKED // 2], 1),
        )  # fmt: skip
    await warehouse.close()
    return figures


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    with tempfile.TemporaryDirectory() as directory:
        print(json.dumps(asyncio.run(measured(Path(directory) / "warehouse", arguments.parse_args().rows)), indent=2))


if __name__ == "__main__":
    main()
