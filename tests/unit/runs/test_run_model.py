"""A run as a state machine: whatever devices answer and people decide, it keeps its promises."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tikfleet.domains.jobs.public import Window, is_open
from tikfleet.domains.runs import model
from tikfleet.domains.runs.model import ENDED_TARGETS, FAILURES, WITH_JOB, Run, Tally, Target, Wave
from tikfleet.domains.runs.spec import Change, Limits, RunSpec
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId, RunId
from tikfleet.kernel.scopes import Actor

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADA = Actor("person", "per_ada", "Ada")
SILENCE_S = 60


def a_run(waves: list[Wave], limits: Limits = Limits(), **more: Any) -> Run:
    spec = RunSpec(change=Change(kind="script", script=":put 1"), limits=limits, silence_s=SILENCE_S, **more)
    run = Run(
        id=RunId("run_1"), org_id=OrganisationId("org_1"), org_ids=(OrganisationId("org_1"),), name="x", spec=spec,
        state="planned", waves=tuple(waves), created_at="2026-11-23T12:00:00.000Z", created_by=ADA,
    )  # fmt: skip
    return model.started(run, ADA, NOON).run


class World:
    """A run with its targets and their jobs, in memory: what the steerer does, one turn at a time."""

    def __init__(self, run: Run) -> None:
        self.run, self.now = run, NOON
        self.jobs: dict[JobId, str] = {}
        self.made: Counter[tuple[str, int]] = Counter()
        numbers = [number for number, wave in enumerate(run.waves) for _ in range(wave.size)]
        self.targets = [
            Target(
                run_id=run.id, device_id=DeviceId(f"dev_{place}"), org_id=run.org_id, device_name=f"r{place}",
                wave=wave, place=place,
            )
            for place, wave in enumerate(numbers)
        ]  # fmt: skip

    def tally(self) -> Tally:
        states: dict[int, Counter[Any]] = {}
        failures: Counter[int] = Counter()
        for target in self.targets:
            states.setdefault(target.wave, Counter())[target.state] += 1
            failures[target.wave] += target.state in FAILURES and not target.forgiven
        return Tally(states, failures)

    def turn(self) -> None:
        """Look, decide, ask, and call back: as `Steering.steer`."""
        self.look()
        for _ in range(100):
            step = model.next_step(self.run, self.tally(), self.now)
            if step is not None:
                assert model.legal(self.run.state, step.run.state)
                self.run = step.run
            elif not self.ask():
                break
        if self.run.state != "running":
            self.call_back()
            self.look()
        self.promises()

    def look(self) -> None:
        for place, target in enumerate(self.targets):
            if target.job_id is not None:
                after = model.observed(self.run, target, self.jobs[target.job_id], "", self.now)
                self.targets[place] = after or target

    def ask(self) -> bool:
        reached = [place for place, target in enumerate(self.targets) if model.in_reach(self.run, target)]
        asked = {self.targets[place].wave for place in reached}
        left = {one.wave for place, one in enumerate(self.targets) if one.state == "waiting" and place not in reached}
        assert not asked or not left or max(asked) < min(left), "somebody of an earlier wave was passed over"
        for place in reached:
            target = model.asked(self.targets[place], JobId(f"job_{place}_{len(self.jobs)}"), self.now)
            assert target.job_id is not None
            self.jobs[target.job_id] = "queued"
            self.made[target.device_id, target.attempt] += 1
            self.targets[place] = target
        return bool(reached)

    def call_back(self) -> None:
        for place, target in enumerate(self.targets):
            if target.state in WITH_JOB and target.job_id and self.jobs[target.job_id] == "queued":
                self.targets[place] = msgspec.structs.replace(target, state="recalled")
                self.jobs[target.job_id] = "cancelled"

    def promises(self) -> None:
        with_job = [
            target for target in self.targets if target.job_id and self.jobs[target.job_id] in ("queued", "running")
        ]
        assert all(target.wave <= self.run.wave for target in with_job), "somebody of a later wave was asked"
        assert all(count == 1 for count in self.made.values()), "an attempt made two jobs"
        open_jobs = Counter(target.device_id for target in with_job)
        assert all(count == 1 for count in open_jobs.values())
        if self.run.state == "running":
            assert not model.limit_broken(self.run, self.tally())
        else:
            assert not [one for one in with_job if self.jobs[one.job_id or JobId("")] == "queued"], "asked while held"
        if self.run.state == "finished":
            assert all(target.state in ENDED_TARGETS for target in self.targets)


SIZES = st.lists(st.integers(1, 6), min_size=1, max_size=4)
PERCENT = st.none() | st.integers(0, 100)
EVENTS = st.lists(
    st.sampled_from(
        ["succeeded", "failed", "running", "expired", "unknown", "wait", "pause", "resume", "cancel", "retry"]
    ),
    max_size=60,
)


@settings(max_examples=600, deadline=None)
@given(SIZES, st.builds(Limits, st.none() | st.integers(0, 5), PERCENT, st.none(), PERCENT), EVENTS, st.data())
def test_no_story_makes_a_run_break_its_promises(
    sizes: list[int], limits: Limits, events: list[str], data: st.DataObject
) -> None:
    world = World(a_run([Wave(size, gate=bool(number % 2)) for number, size in enumerate(sizes)], limits))
    world.turn()
    for event in events:
        happen(world, event, data)
        world.turn()
    # Whatever came before: with resumes and answers it comes to an end, unless somebody ended it.
    for _ in range(200):
        if world.run.state in ("finished", "cancelled"):
            break
        if world.run.state in ("paused", "halted"):
            resume(world)
        for job_id, status in list(world.jobs.items()):
            if status in ("queued", "running"):
                world.jobs[job_id] = "succeeded"
        world.turn()
    assert world.run.state in ("finished", "cancelled")
    # What devices had begun they finish, also after the end of the run.
    world.jobs = {job_id: "succeeded" if status == "running" else status for job_id, status in world.jobs.items()}
    world.turn()
    assert all(target.state in ENDED_TARGETS or target.state == "waiting" for target in world.targets)
    if world.run.state == "finished":
        assert all(target.state in ENDED_TARGETS for target in world.targets)


def happen(world: World, event: str, data: st.DataObject) -> None:
    open_jobs = [job_id for job_id, status in world.jobs.items() if status in ("queued", "running")]
    if event == "wait":
        world.now += timedelta(seconds=SILENCE_S)
    elif event == "pause" and model.legal(world.run.state, "paused"):
        world.run = model.paused(world.run, "x").run
    elif event == "resume" and world.run.state in ("paused", "halted"):
        resume(world)
    elif event == "cancel" and data.draw(st.integers(0, 3)) == 0 and model.legal(world.run.state, "cancelled"):
        world.run = model.cancelled(world.run, "x", world.now).run
    elif event == "retry" and world.run.state in ("running", "paused", "halted", "finished"):
        failed = [place for place, one in enumerate(world.targets) if one.state in ("failed", "expired")]
        if failed:
            first_wave = min(world.targets[place].wave for place in failed)
            world.run = model.retried(world.run, first_wave, world.tally(), "x").run
            for place in failed:
                world.targets[place] = model.again(world.targets[place])
    elif open_jobs and event in ("succeeded", "failed", "running", "expired", "unknown"):
        world.jobs[data.draw(st.sampled_from(open_jobs))] = event


def resume(world: World) -> None:
    world.run = model.scheduled(world.run, "x").run
    world.targets = [
        msgspec.structs.replace(one, forgiven=True) if one.state in FAILURES else one for one in world.targets
    ]


def test_a_canary_that_fails_halts_the_run_before_anybody_else_is_asked() -> None:
    world = World(a_run([Wave(1), Wave(9)]))
    world.turn()
    world.jobs[world.targets[0].job_id or JobId("")] = "failed"
    world.turn()
    assert world.run.state == "halted"
    assert "1 of 1 devices of wave 1 failed" in world.run.reason
    assert len(world.jobs) == 1


def test_a_canary_that_stays_silent_halts_the_run_and_is_called_back() -> None:
    world = World(a_run([Wave(1), Wave(9)]))
    world.turn()
    world.now += timedelta(seconds=SILENCE_S)
    world.turn()
    assert world.run.state == "halted"
    assert list(world.jobs.values()) == ["cancelled"]


def test_a_silent_device_within_the_limits_joins_when_it_returns() -> None:
    world = World(a_run([Wave(2)], Limits(percent=None, wave_percent=None)))
    world.turn()
    world.jobs[world.targets[0].job_id or JobId("")] = "succeeded"
    world.now += timedelta(seconds=SILENCE_S)
    world.turn()
    assert (world.run.state, world.targets[1].state) == ("running", "silent")
    world.jobs[world.targets[1].job_id or JobId("")] = "succeeded"
    world.turn()
    assert (world.run.state, world.targets[1].state) == ("finished", "succeeded")


def test_a_gate_waits_for_somebody_and_is_passed_once() -> None:
    world = World(a_run([Wave(1), Wave(1, gate=True)]))
    world.turn()
    world.jobs[world.targets[0].job_id or JobId("")] = "succeeded"
    world.turn()
    assert (world.run.state, world.run.held_by, len(world.jobs)) == ("paused", "gate", 1)
    resume(world)
    world.turn()
    assert (world.run.state, world.run.wave, len(world.jobs)) == ("running", 1, 2)


def test_a_retry_does_not_go_behind_a_wave_that_is_under_way() -> None:
    world = World(a_run([Wave(2), Wave(1), Wave(1)], Limits(percent=None, wave_percent=None)))
    world.turn()
    for place, status in enumerate(("failed", "succeeded")):
        world.jobs[world.targets[place].job_id or JobId("")] = status
    world.turn()
    assert world.run.wave == 1
    world.run = model.retried(world.run, 0, world.tally(), "x").run
    world.targets[0] = model.again(world.targets[0])
    world.turn()
    assert (world.run.wave, world.targets[0].state, world.targets[0].attempt) == (1, "asked", 2)
    world.jobs[world.targets[2].job_id or JobId("")] = "succeeded"
    world.turn()
    assert world.targets[3].state == "waiting"
    world.jobs[world.targets[0].job_id or JobId("")] = "succeeded"
    world.turn()
    assert (world.run.wave, world.targets[3].state) == (2, "asked")


def test_a_pause_after_a_wave_lasts_as_long_as_it_says() -> None:
    world = World(a_run([Wave(1, pause_s=600), Wave(1)]))
    world.turn()
    world.jobs[world.targets[0].job_id or JobId("")] = "succeeded"
    world.turn()
    world.now += timedelta(seconds=599)
    world.turn()
    assert len(world.jobs) == 1
    world.now += timedelta(seconds=1)
    world.turn()
    assert len(world.jobs) == 2


def test_when_the_window_closes_what_was_not_begun_is_called_back_and_asked_again_when_it_opens() -> None:
    world = World(a_run([Wave(2)], window=Window("12:00", "12:30")))
    world.turn()
    world.jobs[world.targets[0].job_id or JobId("")] = "running"
    world.now += timedelta(minutes=30)
    world.turn()
    assert world.run.state == "scheduled"
    assert sorted(world.jobs.values()) == ["cancelled", "running"]
    world.jobs[world.targets[0].job_id or JobId("")] = "succeeded"
    world.now += timedelta(hours=23, minutes=30)
    world.turn()
    assert (world.run.state, world.targets[1].state, world.targets[1].attempt) == ("running", "asked", 2)


def test_a_run_begins_at_its_time_and_not_before() -> None:
    world = World(a_run([Wave(1)], starts_at="2026-11-23T13:00:00.000Z"))
    world.turn()
    assert (world.run.state, len(world.jobs)) == ("scheduled", 0)
    world.now += timedelta(hours=1)
    world.turn()
    assert (world.run.state, len(world.jobs)) == ("running", 1)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2026-11-23T21:59:00Z", False), ("2026-11-23T22:00:00Z", True), ("2026-11-24T04:59:00Z", True),
     ("2026-11-24T05:00:00Z", False), ("2026-11-24T22:30:00Z", False)],
)  # fmt: skip
def test_a_window_past_midnight_belongs_to_the_day_on_which_it_begins(moment: str, *, expected: bool) -> None:
    # 23 November 2026 is a Monday.
    assert is_open(Window("22:00", "05:00", ("mon",)), datetime.fromisoformat(moment)) is expected


@pytest.mark.parametrize(
    ("total", "expected"), [(10_000, [1, 499, 2000, 7500, 0]), (3, [1, 0, 0, 2, 0]), (40, [1, 1, 8, 30, 0])]
)
def test_waves_are_cumulative_and_reach_everybody(total: int, expected: list[int]) -> None:
    assert model.sizes([(1, None), (None, 5), (None, 25), (None, 100)], total) == expected


@given(st.lists(st.tuples(st.none() | st.integers(1, 50), st.integers(1, 100)), max_size=6), st.integers(1, 500))
def test_every_target_is_in_one_wave(steps: list[tuple[int | None, int]], total: int) -> None:
    made = model.sizes([(count, None if count else percent) for count, percent in steps], total)
    assert sum(made) == total
    assert min(made) >= 0
