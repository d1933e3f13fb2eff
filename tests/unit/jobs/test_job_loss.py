"""Effect at most once, in order, through a network that loses 30 % each way, doubles requests, and routers that reboot.

The router here follows docs/protocol.md, "Jobs on the router". Each run is decided by its seed alone.
"""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from tikfleet.domains.jobs.model import ENDED, Kind
from tikfleet.domains.jobs.public import HandOut, JobOutcome, JobReport, JobTarget
from tikfleet.domains.jobs.schemas import JobParameters, JobView
from tikfleet.kernel.errors import Conflict

from .conftest import ADA, ORG, Bench

T = TypeVar("T")

LOSS = 0.3
DOUBLED = 0.1
KINDS: list[Kind] = ["script", "script", "reboot", "identity", "export"]


class PowerCutError(Exception):
    """The router went down in the middle of its agent's run."""


class KilledError(Exception):
    """Somebody ended the agent in the middle of its run; the router stayed up."""


class Router:
    """A router with its agent: what it remembers survives a reboot, mostly; where it was does not."""

    def __init__(self, bench: Bench, device: JobTarget, chance: random.Random) -> None:
        self.bench, self.device, self.chance = bench, device, chance
        self.loss, self.accidents = LOSS, 0.08
        self.boots = 1
        self.record: JobReport | None = None
        self.effects: list[str] = []

    @property
    def boot(self) -> str:
        return f"boot{self.boots}"

    async def ask(self, request: Callable[[], Awaitable[T]]) -> T | None:
        """One request over the bad network; None when no answer came back."""
        self.bench.clock.move(self.chance.random() * 3)
        if self.chance.random() < self.loss:
            return None
        answer = await request()
        if self.chance.random() < DOUBLED:
            answer = await request()
        return None if self.chance.random() < self.loss else answer

    async def run(self) -> None:
        """One run of the agent; whatever the router was doing is gone when the power goes."""
        try:
            await self.check_in()
        except PowerCutError:
            self.boots += 1
            # What was written in the last moments may not have reached the flash.
            self.record = self.record if self.chance.random() < 0.7 else None
        except KilledError:
            pass

    async def check_in(self) -> None:
        answer = await self.ask(self._reported)
        if answer is None:
            return
        acknowledged, job = answer
        if self.record and acknowledged == self.record.id:
            self.record = None
        if job and not (self.record and self.record.id == job.id and self.record.state != "started"):
            await self.take(job)

    async def _reported(self) -> tuple[str | None, HandOut | None]:
        desk, now = self.bench.desk, self.bench.clock.now
        acknowledged = await desk.note_report(self.device.id, self.boot, self.record, now)
        waiting = desk.has_work(self.device.id)
        return acknowledged, await desk.next_for(self.device.id, self.boot, now) if waiting else None

    async def take(self, job: HandOut) -> None:
        desk, device_id = self.bench.desk, self.device.id
        script = await self.ask(lambda: desk.script_for(device_id, job.id))
        if script is None:
            return
        self.record = JobReport(job.id, "started")
        self.may_break_off()
        confirmed = await self.ask(lambda: desk.started(device_id, job.id, self.boot))
        if job.job_class == "once" and not confirmed:
            return
        self.may_break_off()
        if job.job_class == "once":
            assert await self.bench.status(job.id) == "running", "a once job ran that had ended"
        self.effects.append(job.id)
        self.may_break_off()
        if "reboot" in script:
            raise PowerCutError
        self.record = JobReport(job.id, "succeeded")
        if await self.ask(lambda: desk.result(device_id, job.id, JobOutcome("succeeded", output="x" * 10))):
            self.record = None

    def may_break_off(self) -> None:
        if self.chance.random() < self.accidents:
            raise self.chance.choice([PowerCutError, KilledError])


async def ask_something(bench: Bench, router: Router) -> JobView:
    kind = router.chance.choice(KINDS)
    parameters = JobParameters("branch-9") if kind == "identity" else None
    lasts_s = router.chance.choice([120, 3600, 86_400])
    return await bench.ask(router.device, kind, parameters=parameters, expires_in_s=lasts_s, timeout_s=60)


async def bad_hours(bench: Bench, router: Router, turns: int) -> list[JobView]:
    made: list[JobView] = []
    for _ in range(turns):
        if router.chance.random() < 0.25:
            made.append(await ask_something(bench, router))
        if made and router.chance.random() < 0.2:
            try:
                await bench.jobs.cancel(ORG, ADA, router.chance.choice(made[-4:]).id)
            except Conflict:
                pass
        await router.run()
        bench.clock.move(60)
        if router.chance.random() < 0.3:
            await bench.sweep.sweep(bench.clock.now)
    return made


async def good_hours(bench: Bench, router: Router) -> None:
    router.loss = router.accidents = 0.0
    for _ in range(400):
        await router.run()
        bench.clock.move(60)
        await bench.sweep.sweep(bench.clock.now)
        if not bench.desk.has_work(router.device.id):
            return


@pytest.mark.parametrize("seed", range(12))
async def test_a_once_job_takes_effect_at_most_once_whatever_is_lost(
    bench: Bench, router: JobTarget, seed: int
) -> None:
    agent = Router(bench, router, random.Random(seed))
    made = await bad_hours(bench, agent, turns=200)
    await good_hours(bench, agent)

    ended = [await bench.jobs.get(ORG, job.id) for job in made]
    assert all(job.status in ENDED for job in ended)
    for job in ended:
        count = agent.effects.count(job.id)
        if job.job_class == "once":
            assert count <= 1, f"{job.kind} {job.id} took effect {count} times"
        if job.status in ("cancelled", "expired") and job.job_class == "once":
            assert count == 0
        if job.status == "succeeded":
            assert count >= 1 or job.kind == "reboot"
    order = [job.id for job in made]
    ran = [order.index(job_id) for job_id in agent.effects]
    assert ran == sorted(ran), "a job ran before one that was asked earlier"
    assert len(agent.effects) > 5, "nothing happened in this run"
