"""What one report costs behind the answer, and where: inbox, translation, history, last state. In one process, no HTTP.

`python -m bench.pipeline --routers 2000 --reports 10`. CPU is of the whole process: the engine's threads as well.
`--profile FILE` writes the profile of the loop's own thread instead of trusting the figures.
"""

import argparse
import asyncio
import cProfile
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from tikfleet.app.infra import Infra, open_infra
from tikfleet.app.measuring import reports
from tikfleet.app.settings import load_settings
from tikfleet.domains.checkin.consumer import Consumer, Pace
from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.inventory.public import DeviceStates
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope

ORG: Final = OrganisationId("org_0000000000000000")
_MINUTE_MS: Final = 60_000
_AT_ONCE: Final = 10_000


class SteadyPaces:
    """Every organisation's routers report each minute."""

    async def of(self, org_id: OrganisationId) -> Pace:
        """The same for all."""
        return Pace(60, 3)


class Stages:
    """CPU seconds of this process, by what it was spent on."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = {}

    def watch(self, target: Any, name: str, stage: str) -> None:
        """Count what calls of `target.name` take."""
        real: Callable[..., Awaitable[Any]] = getattr(target, name)

        async def counted(*values: Any) -> Any:
            before = time.process_time()
            try:
                return await real(*values)
            finally:
                self.spent_s[stage] = self.spent_s.get(stage, 0.0) + time.process_time() - before

        setattr(target, name, counted)


def device(number: int) -> DeviceId:
    """The id of a router of this benchmark."""
    return DeviceId(f"dev_{number:016d}")


async def enrolled(infra: Infra, routers: int) -> None:
    """Devices with the state that a router has right after enrolment."""
    fields = {
        "status": "never", "status_since": "2026-01-01T00:00:00.000Z", "interval_s": 60, "boot_id": "", "seq": 0,
        "seen_window": 0, "last_address": "", "wan_address": "", "identity": "office", "board": "RB5009UG+S+",
        "model": "RB5009UG+S+IN", "architecture": "arm64", "version": "7.22.3", "firmware": "7.22.3", "agent_tier": "A",
        "agent_version": "", "inventory_tag": "", "neighbors_tag": "", "detail": msgspec.msgpack.encode({}),
        "counters": msgspec.msgpack.encode([]),
    }  # fmt: skip
    columns = ("device_id", "org_id", *fields)
    state = f"insert into device_state ({', '.join(columns)}) values ({', '.join(':' + name for name in columns)})"
    async with infra.database.write() as tx:
        await tx.execute_many(
            "insert into device (id, org_id, name, named_by_person, tags, notes, serial, enrolment_key_id, "
            "enrolled_at, findings, warnings) "
            "values (:id, :org, '', 0, '', '', :id, '', '2026-01-01T00:00:00.000Z', '[]', '[]')",
            [{"id": device(number), "org": ORG} for number in range(routers)],
        )
        await tx.execute_many(
            state, [{"device_id": device(number), "org_id": ORG} | fields for number in range(routers)]
        )


def move(report: dict[str, Any], minute: int) -> None:
    """Make it what the router reports a minute later."""
    report |= {"cpu-load": str(5 + minute % 40), "free-memory": str(861_274_112 - 4096 * minute)}
    report["seq"], report["uptime"] = minute + 1, f"1w2d03:{minute % 60:02}:05"
    for item in report["interfaces"]:
        for counter in ("rx-byte", "tx-byte", "rx-packet", "tx-packet"):
            item[counter] = str(int(item[counter]) + 1_500_000 + 37 * minute)


async def arrived(infra: Infra, routers: int, minutes: range) -> None:
    """Reports of every router, minute by minute, in the inbox: counters grow, gauges move, the rest stays."""
    start_ms = int(time.time() * 1000) - (minutes.stop + 1) * _MINUTE_MS
    report = reports.report()
    for minute in minutes:
        move(report, minute)
        body = msgspec.json.encode(report)
        envelopes = [
            Envelope(ORG, device(number), start_ms + minute * _MINUTE_MS + number, "checkin", "application/json",
                     "192.0.2.1", body) for number in range(routers)
        ]  # fmt: skip
        for start in range(0, routers, _AT_ONCE):
            await asyncio.gather(*map(infra.inbox.append, envelopes[start : start + _AT_ONCE]))


async def measured(directory: Path, routers: int, rounds: int, profile: str = "") -> dict[str, float]:
    """CPU microseconds a report by stage, and reports per CPU-second."""
    settings = load_settings({}, data=str(directory), http_port=8080, https_port=0)
    async with open_infra(settings) as infra:
        await enrolled(infra, routers)
        states, stages = DeviceStates(infra.database), Stages()
        counts = Counts()
        consumer = Consumer(infra.inbox, infra.warehouse, states, infra.bus, SteadyPaces(), counts, utc_now)
        await arrived(infra, routers, range(2))
        while await consumer.step():
            pass
        warm = counts.processed
        await arrived(infra, routers, range(2, rounds + 2))
        for target, name, stage in (
            (infra.inbox, "read", "inbox"), (infra.inbox, "forget", "inbox"), (infra.warehouse, "append", "history"),
            (states, "load", "states read"), (states, "begin", "states written"), (states, "apply", "states written"),
        ):  # fmt: skip
            stages.watch(target, name, stage)
        before, profiler = time.process_time(), cProfile.Profile()
        if profile:
            profiler.enable()
        while await consumer.step():
            pass
        profiler.disable()
        spent_s, n = time.process_time() - before, counts.processed - warm
        if profile:
            profiler.dump_stats(profile)
        stages.spent_s["translation and the rest"] = spent_s - sum(stages.spent_s.values())
    figures = {f"{stage}, µs a report": round(took / n * 1e6, 1) for stage, took in sorted(stages.spent_s.items())}
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {
        "reports": n,
        "set_aside": counts.set_aside,
        "per_cpu_s": round(n / spent_s),
        "peak_mb": memory_mb,
    } | figures


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--routers", type=int, default=2000)
    arguments.add_argument("--reports", type=int, default=10)
    arguments.add_argument("--profile", default="")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="tikfleet-bench-") as path:
        figures = asyncio.run(measured(Path(path), chosen.routers, chosen.reports, chosen.profile))
    for name, figure in figures.items():
        print(f"{name:40} {figure:>12,}")


if __name__ == "__main__":
    main()
