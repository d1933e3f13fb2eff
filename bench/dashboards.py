"""What each question of the dashboard's pages takes with a large fleet: `python -m bench.dashboards [ROUTERS]`.

The routers are copies of one that has reported, spread over sites, tags, models, versions and states, with events,
ended jobs and a planned run. A share of them reports, so that there is history to ask for. Each question is asked on
its own, then all of the first page at once, as a browser does.
"""

import argparse
import json
import sqlite3
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.growth.fleet import cloned
from bench.growth.senders import in_rounds, send
from tikfleet.app.measuring.platform import Running, running
from tikfleet.app.measuring.processes import cpu_s
from tikfleet.app.measuring.reports import body_of

_RESULT: Final = Path(__file__).parents[1] / "build" / "dashboards.json"
_ROUNDS: Final = 11
_SHOWN: Final = 90
_NUMBERS: Final = "with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < {0})"
_NOW: Final = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

_SPREAD: Final = f"""
insert into site {_NUMBERS.format(500)}
  select printf('sit_%016d', n), (select org_id from device limit 1), 'site ' || n, null, '', 50 + n / 300.0,
  6 + n % 300 / 30.0, '[]', '', {_NOW} from numbers;
update device set site_id = printf('sit_%016d', 1 + rowid % 500) where rowid % 20 > 0;
insert into device_tag select id, 'area-' || (rowid % 40), org_id from device;
insert into device_tag select id, 'kind-' || (rowid % 7), org_id from device where rowid % 2 = 0;
update device set tags = (select json_group_array(tag) from device_tag where device_id = device.id);
update device_state set identity = 'router-' || rowid, cpu_load = rowid % 97, clients = rowid % 61,
  model = 'model ' || (rowid * 7 % 31), version = '7.' || (rowid * 11 % 19) || ' (stable)',
  last_address = '198.51.' || (rowid / 250 % 250) || '.' || (rowid % 250), rx_bps = rowid * 7919 % 100000,
  architecture = case rowid % 4 when 0 then 'arm' when 1 then 'mipsbe' else 'arm64' end,
  status = case when rowid % 50 = 0 then 'offline' when rowid % 211 = 0 then 'never' else 'online' end
"""
_COPIES: Final[dict[str, dict[str, str]]] = {
    "device_event": {
        "id": "printf('evt_%016d', n)", "device_id": "d.id", "device_name": "d.name", "site_id": "d.site_id",
        "kind": "'device.' || case n % 2 when 0 then 'online' else 'offline' end",
    },
    "job": {"id": "printf('job_%016d', n)", "device_id": "d.id", "device_name": "d.name", "status": "'succeeded'"},
    "audit_entry": {"id": "printf('aud_%016d', n)"},
}  # fmt: skip
_EACH: Final = {"device_event": 4, "job": 2, "audit_entry": 1}


def _copied(connection: sqlite3.Connection, table: str, routers: int) -> None:
    """Copy a row of a table, so many times for each router."""
    names = [str(row[1]) for row in connection.execute(f"pragma table_info({table})")]
    chosen = ", ".join(_COPIES[table].get(name, f"t.{name}") for name in names)
    connection.execute(
        f"insert into {table} {_NUMBERS.format(routers * _EACH[table])} select {chosen} from numbers "
        f"join (select * from {table} limit 1) t join device d on d.rowid = 2 + n % :others",
        {"others": routers - 1},
    )


def _spread(database: Path, routers: int) -> None:
    connection = sqlite3.connect(database, timeout=60)
    with connection:
        for statement in _SPREAD.split(";"):
            connection.execute(statement)
        for table in _COPIES:
            _copied(connection, table, routers)
    connection.close()


def _paths(platform: Running) -> list[str]:
    """What the pages ask, as `web/app/client/api.ts` has it."""

    def first(path: str) -> str:
        return str(platform.client.get(f"/api/v1/{path}?limit=1").json()["items"][0]["id"])

    device, site, run = platform.devices[0], first("sites"), f"/runs/{first('runs')}"
    orders = ("name", "-last_seen_at", "-rx_bps", "status", "version")
    filters = (
        "q=router-4999",
        "q=model+7&status=offline",
        "tag=area-7",
        f"site_id={site}",
        "version=7.3+(stable)&model=model+4",
        "status=online",
    )
    lines = "&".join(f"device_id=dev_{number:016d}" for number in range(1, 51))
    return [
        *_FIRST_PAGE,
        *(f"/devices?limit=50&sort={order}" for order in orders),
        *(f"/devices?limit=50&{given}" for given in filters),
        *(f"/devices/facets?{given}" for given in filters),
        f"/devices/{device}", f"/devices/{device}/interfaces", "/sites?limit=50", f"/sites/{site}", "/site-groups",
        f"/events?limit=50&device_id={device}", "/events?limit=50&kind=device.online",
        "/events?limit=50&kind=device.enrolled", "/jobs?limit=50", "/jobs?limit=50&status=failed",
        "/jobs?limit=50&q=router+77", f"/jobs?limit=20&device_id={device}", f"/jobs/{first('jobs')}", "/job-kinds",
        "/runs?limit=50", run, f"{run}/targets?limit=50", f"{run}/preview?limit=50",
        "/audit?limit=50", "/audit?limit=50&q=setup", "/people", "/tokens", "/enrolments", "/enrolment-keys",
        "/callbacks", "/library", "/queries", "/sources?limit=50", "/sources/totals", "/sources/seen", "/logs?limit=50",
        "/logs/histogram", "/server", "/organisations", "/settings", "/telemetry/top?metric=rx_bps&last=6h",
        "/telemetry/series?metric=checkins&last=7d", f"/telemetry/series?metric=cpu_load&device_id={device}&last=6h",
        f"/telemetry/sparklines?metric=cpu_load&last=6h&points=24&{lines}",
    ]  # fmt: skip


_FIRST_PAGE: Final = (
    "/session", "/devices/facets", "/telemetry/totals?last=6h", "/telemetry/series?metric=rx_bps&last=6h",
    "/telemetry/series?metric=tx_bps&last=6h", "/telemetry/series?metric=checkins&last=6h", "/events?limit=50",
    "/telemetry/top?metric=cpu_load&last=6h", "/telemetry/breakdown?by=version", "/telemetry/breakdown?by=model",
    "/sites?limit=200", "/devices?limit=1&sort=enrolled_at&fields=id,enrolled_at",
)  # fmt: skip


def _asked(platform: Running, path: str) -> dict[str, float | int | str]:
    took_ms, before_s = [], cpu_s(platform.process.pid)
    for _ in range(_ROUNDS):
        began_s = time.perf_counter()
        answer = platform.client.get(f"/api/v1{path}")
        took_ms.append((time.perf_counter() - began_s) * 1000)
    cpu_ms = (cpu_s(platform.process.pid) - before_s) / _ROUNDS * 1000
    took_ms.sort()
    return {
        "path": path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…",
        "status": answer.status_code,
        "best_ms": round(took_ms[0], 1),
        "median_ms": round(took_ms[_ROUNDS // 2], 1),
        "cpu_ms": round(cpu_ms, 1),
    }


def _first_page_ms(platform: Running) -> float:
    """From the first question to the last answer, all at once; median."""
    took_ms = []
    with ThreadPoolExecutor(len(_FIRST_PAGE)) as pool:
        for _ in range(_ROUNDS):
            began_s = time.perf_counter()
            list(pool.map(lambda path: platform.client.get(f"/api/v1{path}").raise_for_status(), _FIRST_PAGE))
            took_ms.append((time.perf_counter() - began_s) * 1000)
    return round(sorted(took_ms)[_ROUNDS // 2], 1)


def measured(directory: Path, routers: int, reports: int) -> tuple[list[dict[str, float | int | str]], float]:
    """Each question's figures, and the first page's median."""
    with running(str(directory), 1) as platform:
        platform.client.patch("/api/v1/settings", json={"checkin_interval_s": 3600}).raise_for_status()
        platform.check_in(platform.tokens[0], body_of(next(in_rounds(platform.tokens, platform.port))))
        platform.drained()
        asked = {"kind": "script", "script": ":put 1", "device_ids": platform.devices}
        platform.client.post("/api/v1/jobs", json=asked).raise_for_status()
        tokens = cloned(directory / "tikfleet.sqlite", platform.devices[0], routers)
        _spread(directory / "tikfleet.sqlite", routers)
        wanted = {"name": "all", "script": ":put 1", "selection": {"status": ["online"]}, "needs_approval": True}
        platform.client.post("/api/v1/runs", json=wanted).raise_for_status()
        send(platform.port, in_rounds(tokens, platform.port, first=1), reports)
        platform.drained(900)
        return [_asked(platform, path) for path in _paths(platform)], _first_page_ms(platform)


def main() -> None:
    """Measure, print the slowest first, keep the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("routers", type=int, nargs="?", default=50_000)
    arguments.add_argument("--reports", type=int, default=10_000)
    arguments.add_argument("--directory", type=Path, help="keep the data here; it must be empty")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="tikfleet-dashboards-") as path:
        found, first_page_ms = measured(chosen.directory or Path(path), chosen.routers, chosen.reports)
    found.sort(key=lambda one: -float(one["median_ms"]))
    _RESULT.parent.mkdir(exist_ok=True)
    kept = {"routers": chosen.routers, "first_page_ms": first_page_ms, "found": found}
    _RESULT.write_text(json.dumps(kept, indent=2) + "\n")
    shown = Table(*found[0], title=f"{chosen.routers:,} routers; the first page, all at once: {first_page_ms} ms")
    for one in found:
        shown.add_row(*map(str, one.values()))
    Console(width=150).print(shown)


if __name__ == "__main__":
    main()
