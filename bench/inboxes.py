"""Several processes that append durably: into one inbox file, with and without a fair turn, or each into its own.

`python -m bench.inboxes` prints appends per second, by the clock and by CPU-second, and how long an append waited.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.adapters.sqlite.shared import SharedInbox
from tikfleet.app.measuring import reports
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope

_DURATION_S = 4.0
_AT_ONCE = 32
_KINDS = ("own files", "one file", "one file, in turn")


async def _append(kind: str, path: Path, starts_s: float) -> dict[str, Any]:
    inbox = SharedInbox(path) if kind == "one file, in turn" else SqliteInbox(path)
    envelope = Envelope(
        OrganisationId("org_0000000000000000"),
        DeviceId("dev_0000000000000000"),
        0,
        "checkin",
        "json",
        "",
        reports.body(),
    )
    await asyncio.sleep(starts_s - time.time())
    waits: list[float] = []
    cpu_s, ends_s = time.process_time(), time.monotonic() + _DURATION_S

    async def one() -> None:
        while time.monotonic() < ends_s:
            began = time.monotonic()
            await inbox.append(envelope)
            waits.append(time.monotonic() - began)

    await asyncio.gather(*(one() for _ in range(_AT_ONCE)))
    spent_s = time.process_time() - cpu_s
    await inbox.close()
    return {"count": len(waits), "cpu_s": spent_s, "waits": sorted(waits)}


def _round(kind: str, processes: int) -> tuple[float, float, float, float]:
    """Appends a second and a CPU-second, and the median and 99th percentile of their waits in ms."""
    with tempfile.TemporaryDirectory() as directory:
        starts_s = time.time() + 1.5
        children = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.inboxes", kind, str(_path(kind, Path(directory), number)), str(starts_s)],
                stdout=subprocess.PIPE,
                env=os.environ,
            )
            for number in range(processes)
        ]
        found = [json.loads(child.communicate()[0]) for child in children]
    count = sum(item["count"] for item in found)
    waits = sorted(wait for item in found for wait in item["waits"])
    cpu_s = sum(item["cpu_s"] for item in found)
    return count / _DURATION_S, count / cpu_s, waits[len(waits) // 2] * 1000, waits[int(len(waits) * 0.99)] * 1000


def _path(kind: str, directory: Path, number: int) -> Path:
    return directory / (f"inbox-{number}.sqlite" if kind == "own files" else "inbox.sqlite")


def main() -> None:
    """One, two and four processes, each way, twice in turn; the better of the two is shown."""
    table = Table("processes", "into", "appends/s", "per CPU-s", "p50 ms", "p99 ms")
    for processes in (1, 2, 4):
        rounds = {kind: [_round(kind, processes)] for kind in _KINDS}
        for kind in _KINDS:
            best = max(*rounds[kind], _round(kind, processes))
            table.add_row(str(processes), kind, *(f"{value:,.1f}" for value in best))
    Console().print(table)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(asyncio.run(_append(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))))
    else:
        main()
