"""A router and its network: 30 % of messages lost each way, requests doubled, power cuts, killed agents, lost memory.

The router follows docs/protocol.md, "Jobs on the router". Each run is decided by its seed alone.
"""

import contextlib
import random
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import TypeVar

import msgspec

from tikfleet.domains.jobs.model import ENDED, Kind
from tikfleet.domains.jobs.public import HandOut, JobOutcome, JobReport, JobTarget
from tikfleet.domains.jobs.schemas import JobView
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
    """A router with its agent: what it remembers survives a reboot, mostly; where it was does not.

    `job` and `outcome` are on record (`closed` once the server has it), `running` and `result` in memory.
    """

    # Whether a job of class once waits for the server to confirm its start. The proof's control takes that away.
    waits = True

    def __init__(self, bench: Bench, device: JobTarget, chance: random.Random) -> None:
        self.bench, self.device, self.chance = bench, device, chance
        self.loss, self.accidents = LOSS, 0.08
        self.boots = 1
        self.job, self.outcome, self.error = "", "closed", ""
        self.running, self.result = "", JobOutcome("failed")
        self.effects: list[str] = []
        self.deliveries = 0
        self.unconfirmed: list[str] = []

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
            await self.resend()
            await self.check_in()
        except PowerCutError:
            self.boots += 1
            self.running = ""
            # What was written in the last moments may not have reached the flash.
            if self.chance.random() < 0.3:
                self.job, self.outcome = "", "closed"
        except KilledError:
            pass

    async def resend(self) -> None:
        """A job that this boot began and did not finish was cut off; an outcome that was not heard goes out again."""
        if self.outcome == "started" and self.running == self.job:
            self.outcome, self.error = "failed", "the agent was cut off while the job ran"
            self.running = ""
        elif self.running == "told" and self.outcome != "closed":
            await self.tell()

    async def tell(self) -> None:
        self.running = "told"
        if await self.ask(lambda: self.bench.desk.result(self.device.id, self.job, self.result)):
            self.outcome = "closed"

    async def check_in(self) -> None:
        answer = await self.ask(self._reported)
        if answer is None:
            return
        acknowledged, job = answer
        if self.job and acknowledged == self.job:
            self.outcome = "closed"
        # A class that may repeat takes an id again once it was closed: after a reboot inside it, it is the same job.
        if job and self.outcome == "closed" and (job.id != self.job or job.job_class != "once"):
            await self.take(job)

    async def _reported(self) -> tuple[str | None, HandOut | None]:
        desk, now = self.bench.desk, self.bench.clock.now
        said = None if self.outcome == "closed" else JobReport(self.job, self.outcome, self.error)
        acknowledged = await desk.note_report(self.device.id, self.boot, said, now)
        waiting = desk.has_work(self.device.id)
        handed = await desk.next_for(self.device.id, self.boot, now) if waiting else None
        self.deliveries += handed is not None
        return acknowledged, handed

    async def take(self, job: HandOut) -> None:
        desk, device_id = self.bench.desk, self.device.id
        script = await self.ask(lambda: desk.script_for(device_id, job.id))
        if script is None or len(script) != job.size_bytes:
            return
        self.job, self.outcome, self.error, self.running = job.id, "started", "", job.id
        self.may_break_off()
        confirmed = await self.ask(lambda: desk.started(device_id, job.id, self.boot))
        if job.job_class == "once" and not confirmed and self.waits:
            self.outcome, self.error = "failed", "not run: the server did not confirm the start"
        else:
            await self.effect(job, script)
        self.result = JobOutcome("failed" if self.error else "succeeded", self.error, "x" * 10)
        await self.tell()

    async def effect(self, job: HandOut, script: str) -> None:
        self.may_break_off()
        if job.job_class == "once" and await self.bench.status(job.id) != "running":
            self.unconfirmed.append(job.id)
        self.effects.append(job.id)
        self.may_break_off()
        if "reboot" in script:
            raise PowerCutError
        self.outcome = "succeeded"

    def may_break_off(self) -> None:
        if self.chance.random() < self.accidents:
            raise self.chance.choice([PowerCutError, KilledError])


async def ask_something(bench: Bench, router: Router) -> JobView:
    kind = router.chance.choice(KINDS)
    parameters = {"name": "branch-9"} if kind == "identity" else None
    lasts_s = router.chance.choice([120, 3600, 86_400])
    return await bench.ask(router.device, kind, parameters=parameters, expires_in_s=lasts_s, timeout_s=60)


async def bad_hours(bench: Bench, router: Router, turns: int) -> list[JobView]:
    made: list[JobView] = []
    for _ in range(turns):
        if router.chance.random() < 0.25:
            made.append(await ask_something(bench, router))
        if made and router.chance.random() < 0.2:
            with contextlib.suppress(Conflict):
                await bench.jobs.cancel(ORG, ADA, router.chance.choice(made[-4:]).id)
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


class Wrongs(msgspec.Struct):
    """What was promised and did not hold, in jobs; `deliveries` and `jobs` say how much was tried."""

    deliveries: int = 0
    jobs: int = 0
    effects: int = 0
    doubled: int = 0
    unconfirmed: int = 0
    after_the_end: int = 0
    said_and_not_done: int = 0
    out_of_order: int = 0
    never_ended: int = 0

    @property
    def none(self) -> bool:
        """Whether every promise held."""
        return not (
            self.doubled + self.unconfirmed + self.after_the_end + self.said_and_not_done + self.out_of_order
            + self.never_ended
        )  # fmt: skip


async def trial(bench: Bench, agent: Router, turns: int, wrongs: Wrongs) -> None:
    """Bad hours, then good ones, then the count of what went wrong, added to `wrongs`."""
    made = await bad_hours(bench, agent, turns)
    await good_hours(bench, agent)
    ended = [await bench.jobs.get(ORG, job.id) for job in made]
    wrongs.deliveries += agent.deliveries
    wrongs.jobs += len(made)
    wrongs.effects += len(agent.effects)
    wrongs.unconfirmed += len(agent.unconfirmed)
    wrongs.never_ended += sum(job.status not in ENDED for job in ended)
    for job in ended:
        count = agent.effects.count(job.id)
        once = job.job_class == "once"
        wrongs.doubled += once and count > 1
        wrongs.after_the_end += once and count > 0 and job.status in ("cancelled", "expired")
        wrongs.said_and_not_done += job.status == "succeeded" and not count and job.kind != "reboot"
    order = {job.id: number for number, job in enumerate(made)}
    # What comes before a job by itself, such as its backup, was not asked for.
    ran = [order[job_id] for job_id in agent.effects if job_id in order]
    wrongs.out_of_order += sum(later < earlier for earlier, later in pairwise(ran))
