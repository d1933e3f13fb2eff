"""A program: opens a warehouse that nobody holds and prints what it has of each report.

Usage: counting.py WAREHOUSE-DIRECTORY ORGANISATION. Prints a JSON list of [device, boot, seq, rows].
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from tikfleet.adapters.chdb.engine import EngineLimits
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.domains.telemetry.public import Retention, telemetry_tables
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import Aggregate, FactQuery, Measure

_MOST = 5_000_000


async def count(directory: Path, org_id: OrganisationId) -> list[list[object]]:
    warehouse = await ChdbWarehouse.open(directory, EngineLimits(query_time_s=50))
    await warehouse.prepare(telemetry_tables(Retention()))
    query = FactQuery(
        "site_checkins",
        (Measure("rows", Aggregate.COUNT),),
        0,
        2**42,
        group_by=("device_id", "boot_id", "seq"),
        # A question's own limit of 100,000 rows would make all beyond it look lost.
        limit=_MOST,
    )
    answer = await warehouse.select(OrgScope.only(org_id), query)
    await warehouse.close()
    assert len(answer.rows) < _MOST, "there are more reports than this can count"
    return [list(row) for row in answer.rows]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(count(Path(sys.argv[1]), OrganisationId(sys.argv[2])))), flush=True)
    os._exit(0)
