"""Effect at most once, in order, through a network that loses 30 % each way, doubles requests, and routers that reboot.

Each run is decided by its seed alone. The long form is `make prove-jobs`.
"""

import random

import pytest

from tikfleet.domains.jobs.public import JobTarget

from .conftest import Bench
from .lossy_router import Router, Wrongs, trial


@pytest.mark.parametrize("seed", range(12))
async def test_a_once_job_takes_effect_at_most_once_whatever_is_lost(
    bench: Bench, router: JobTarget, seed: int
) -> None:
    agent, wrongs = Router(bench, router, random.Random(seed)), Wrongs()

    await trial(bench, agent, 200, wrongs)

    assert wrongs.none, wrongs
    assert wrongs.effects > 5, "nothing happened in this run"
