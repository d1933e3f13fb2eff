"""A worker beside AWS's functions does what they cannot, and nothing that they do."""

import asyncio
from pathlib import Path

from tikfleet.app.compose import build
from tikfleet.app.lambdas.sweeps import SWEEPS
from tikfleet.app.processes.place import Place, Role, make_control
from tikfleet.app.serve import background
from tikfleet.app.settings import Settings

WORKER = Place(Role.WORKER, "worker")
FUNCTIONS_DO = {"consumer", "offline-watch", "job-sweep", "run-steerer", "removals", "idempotency", "news-sweep"}


async def tasks_of(directory: Path, *, beside_functions: bool) -> set[str]:
    settings = Settings(data=str(directory), https_port=0, beside_functions=beside_functions)
    make_control(settings)
    async with build(settings, "", WORKER) as platform, background(platform):
        return {task.get_name() for task in asyncio.all_tasks()}


async def test_it_calls_addresses_and_leaves_reports_and_what_is_due(tmp_path: Path) -> None:
    alone = await tasks_of(tmp_path / "alone", beside_functions=False)
    beside = await tasks_of(tmp_path / "beside", beside_functions=True)

    assert {"callbacks", "keys", "log-retention"} <= beside
    assert alone >= FUNCTIONS_DO
    assert not beside & FUNCTIONS_DO
    # One kind of work for each sweep of the functions but "reach", which goes with the keys; and the inbox.
    assert len(FUNCTIONS_DO) == len(SWEEPS)
