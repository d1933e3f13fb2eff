"""R5: the effect of jobs through a network that loses 30 % each way, doubles requests, and routers that reboot."""

import asyncio
import multiprocessing
import os
import random
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
import sqlalchemy as sa

from tests.proofs.verdicts import Verdict
from tests.unit.jobs.conftest import wired
from tests.unit.jobs.lossy_router import Router, Wrongs, trial
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.domains.audit.tables import metadata as audit_tables
from tikfleet.domains.jobs.tables import metadata as job_tables

_ROUTERS_OF_A_HOUSE: Final = 20
_TURNS: Final = 200
_SEEDS_APART: Final = 1_000_000
# What is on the disk after a power cut is another proof; this one is about the order of events.
_MEMORY: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None


class Hasty(Router):
    """The control: an agent that runs a job of class once without waiting for its start to be confirmed."""

    waits = False


async def prove_many_deliveries(deliveries: int) -> Verdict:
    """The long form: a process for each processor, each with seeds of its own."""
    processes = os.cpu_count() or 1
    share = -(-deliveries // processes)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        parts = [loop.run_in_executor(pool, _share, share, number * _SEEDS_APART) for number in range(processes)]
        verdicts = await asyncio.gather(*parts)
    together = {name: sum(one.figures[name] for one in verdicts) for name in verdicts[0].figures}
    return Verdict("jobs", all(one.held for one in verdicts), together)


def _share(deliveries: int, first_seed: int) -> Verdict:
    return asyncio.run(prove_deliveries(deliveries, first_seed=first_seed))


async def prove_deliveries(
    deliveries: int,
    kind: type[Router] = Router,
    first_seed: int = 1,
) -> Verdict:
    """As many hand-outs as are wanted, or more: fresh databases, routers and seeds, one after another."""
    wrongs, seeds = Wrongs(), count(first_seed)
    while wrongs.deliveries < deliveries:
        with tempfile.TemporaryDirectory(prefix="tikfleet-jobs-", dir=_MEMORY) as name:
            await _house(Path(name), kind, seeds, wrongs, deliveries)
    return Verdict("jobs", wrongs.none, {**msgspec.structs.asdict(wrongs), "routers": next(seeds) - first_seed})


async def _house(
    directory: Path,
    kind: type[Router],
    seeds: Iterator[int],
    wrongs: Wrongs,
    deliveries: int,
) -> None:
    path = directory / "state.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    for tables in (job_tables, audit_tables):
        tables.create_all(engine)
    engine.dispose()
    database = SqliteDatabase(path)
    try:
        bench = wired(database, directory)
        for _ in range(_ROUTERS_OF_A_HOUSE):
            seed = next(seeds)
            agent = kind(bench, bench.shelf.add(f"branch-{seed}"), random.Random(seed))
            await trial(bench, agent, _TURNS, wrongs)
            if wrongs.deliveries >= deliveries:
                return
    finally:
        await database.close()
