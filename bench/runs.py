"""A run over 10,000 devices, from the request to the last job made: `python -m bench.runs [DEVICES]`."""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.signing import MemoryKey
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.bridges import RenderedScripts
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.inventory.public import DeviceReader, Selection
from tikfleet.domains.jobs.public import JobIssuer, JobOrders, Ledger, OneLimit, OpenWork, Reach
from tikfleet.domains.runs.public import Planner, RunLedger, Runs, Steering
from tikfleet.domains.runs.schemas import RunCreate, RunParameter, RunWave
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import OrganisationId, RunId, new_id
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database

_VERSIONS = ("7.20.1 (stable)", "7.18.2 (stable)", "7.16.2 (stable)", "7.12.1 (stable)")
_SCRIPT = "/system identity set name=${device.serial}\n/ip dns set servers=${server}\n:log info ${device.identity}"


class NobodyApproves:
    """No run needs a second person here."""

    async def needed(self, org_id: OrganisationId) -> bool:
        return False

    async def person_behind(self, org_id: OrganisationId, actor: Actor) -> str:
        return actor.id


async def measured(devices: int) -> dict[str, Any]:
    """Seconds to plan with a script of its own for each device, and to make every job of one wave."""
    org = OrgScope.only(OrganisationId(new_id("org")))
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "state.sqlite"
        await migrate(sqlite_url(path))
        database = SqliteDatabase(path)
        await fill(database, org, devices)
        ledger = RunLedger(database, AuditTrail(database, utc_now), MemoryBus(), utc_now)
        planner = Planner(DeviceReader(database), frozenset())
        runs = Runs(ledger, planner, NobodyApproves(), utc_now)
        issuer = JobIssuer(Ledger(database, MemoryBus(), OpenWork()), MemoryKey(), Reach(OneLimit(), utc_now))
        orders = JobOrders(issuer, RenderedScripts("https://fleet.example", ""), utc_now)
        steering = Steering(ledger, planner, orders, utc_now)
        actor = Actor("person", new_id("per"), "Ada")
        wish = RunCreate(
            name="Bench", script=_SCRIPT, selection=Selection(), waves=[RunWave(percent=100)],
            parameters=[RunParameter("server", "192.0.2.53")],
        )  # fmt: skip
        began = time.perf_counter()
        run = await runs.create(org, actor, wish)
        planned_s = time.perf_counter() - began
        await runs.start(org, actor, run.id)
        began = time.perf_counter()
        while await steering.steer(RunId(run.id)):
            pass
        asked_s = time.perf_counter() - began
        began = time.perf_counter()
        await steering.steer(RunId(run.id))
        turn_s = time.perf_counter() - began
        counts = (await runs.get(org, run.id)).counts
        await database.close()
    return {
        "devices": devices, "plan_s": round(planned_s, 2), "make_all_jobs_s": round(asked_s, 2),
        "quiet_turn_s": round(turn_s, 3), "asked": counts.asked, "note": run.history[0].note,
    }  # fmt: skip


async def fill(database: Database, org: OrgScope, devices: int) -> None:
    """So many online devices."""
    rows = [
        {"id": new_id("dev"), "org": org.org_id, "serial": f"S{n}", "identity": f"r{n}", "version": _VERSIONS[n % 4]}
        for n in range(devices)
    ]
    async with database.write() as tx:
        await tx.execute_many(
            """insert into device (id, org_id, name, named_by_person, tags, notes, serial, enrolment_key_id,
            enrolled_at, findings, warnings) values (:id, :org, '', 0, '[]', '', :serial, 'key_none',
            '2026-11-23T04:20:11.000Z', '[]', '[]')""",
            [{name: row[name] for name in ("id", "org", "serial")} for row in rows],
        )
        await tx.execute_many(
            """insert into device_state (device_id, org_id, status, status_since, interval_s, boot_id, seq, seen_window,
            last_address, wan_address, identity, board, model, architecture, version, firmware, agent_tier,
            agent_version, inventory_tag, neighbors_tag, detail, counters) values (:id, :org, 'online',
            '2026-11-23T04:20:11.000Z', 60, '', 0, 0, '', '', :identity, '', 'hEX S', 'mmips', :version, '', 'A', '',
            '', '', :empty, :empty)""",
            [{name: row[name] for name in ("id", "org", "identity", "version")} | {"empty": b""} for row in rows],
        )


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measured(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)), indent=2))
