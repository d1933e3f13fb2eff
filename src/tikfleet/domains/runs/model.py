"""What a run is and how it may change. No I/O, no clock: a rule takes a run, its counts and a moment.

A run asks its targets wave by wave. One that gives no sign for `silence_s` counts as failed for the limits, yet its job
stays with it, so that a device that returns late still joins. Nothing follows `cancelled`; a run that is `halted`
or `finished` goes on only when somebody says so.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from tikfleet.domains.jobs.public import is_open
from tikfleet.domains.runs.spec import RunSpec
from tikfleet.kernel.clock import from_text, to_text
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId, RunId
from tikfleet.kernel.scopes import Actor

RunState = Literal[
    "draft", "planned", "awaiting_approval", "scheduled", "running", "paused", "halted", "finished", "cancelled"
]
TargetState = Literal[
    "waiting", "asked", "silent", "recalled", "succeeded", "failed", "expired", "unknown", "cancelled"
]
HeldBy = Literal["", "person", "gate", "limit"]

ACTIVE: Final[frozenset[RunState]] = frozenset({"scheduled", "running"})
ENDED_TARGETS: Final[frozenset[TargetState]] = frozenset({"succeeded", "failed", "expired", "unknown", "cancelled"})
WITH_JOB: Final[frozenset[TargetState]] = frozenset({"asked", "silent", "recalled"})
FAILURES: Final[frozenset[TargetState]] = frozenset({"failed", "expired", "unknown", "silent"})
_FOLLOWS: Final[dict[RunState, frozenset[RunState]]] = {
    "draft": frozenset({"planned", "cancelled"}),
    "planned": frozenset({"planned", "awaiting_approval", "scheduled", "cancelled"}),
    "awaiting_approval": frozenset({"scheduled", "cancelled"}),
    "scheduled": frozenset({"running", "paused", "cancelled"}),
    "running": frozenset({"running", "scheduled", "paused", "halted", "finished", "cancelled"}),
    "paused": frozenset({"scheduled", "cancelled"}),
    "halted": frozenset({"scheduled", "cancelled"}),
    "finished": frozenset({"scheduled"}),
    "cancelled": frozenset(),
}
_OUTCOMES: Final[dict[str, TargetState]] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "timed_out": "failed",
    "rejected": "failed",
    "expired": "expired",
    "unknown": "unknown",
    "rolled_back": "failed",
}


class Wave(msgspec.Struct, frozen=True):
    """So many targets are asked together. `pause_s` is waited for after it; `gate` waits for a person before it."""

    size: int
    pause_s: int = 0
    gate: bool = False


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One change over many devices. Times are text; `wave` counts from 0 and is -1 before the first.

    `version` counts its changes, for compare and set. `org_ids` is what the planner's scope held. `gate_open` is the
    highest wave whose gate somebody has opened; `busy` says that the steerer has to look at it. `notify` says where
    its rests are told, in words of callbacks, and `owed` what is still to be told.
    """

    id: RunId
    org_id: OrganisationId
    org_ids: tuple[OrganisationId, ...]
    name: str
    spec: RunSpec
    state: RunState = "draft"
    version: int = 0
    waves: tuple[Wave, ...] = ()
    wave: int = -1
    settled_at: str | None = None
    gate_open: int = -1
    held_by: HeldBy = ""
    reason: str = ""
    busy: bool = False
    needs_approval: bool = False
    created_at: str
    created_by: Actor
    requested_by: Actor | None = None
    approved_by: Actor | None = None
    planned_at: str | None = None
    approved_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    notify: str = ""
    owed: str = ""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One device of a run. `job_id` is chosen before the job is made, so that it is made once however often one tries.

    `placed` says that the job is known to exist, `forgiven` that somebody went on in spite of this failure.
    """

    run_id: RunId
    device_id: DeviceId
    org_id: OrganisationId
    device_name: str
    wave: int
    place: int
    state: TargetState = "waiting"
    attempt: int = 0
    job_id: JobId | None = None
    placed: bool = False
    forgiven: bool = False
    asked_at: str | None = None
    ended_at: str | None = None
    error: str = ""


class Tally(msgspec.Struct, frozen=True):
    """How many targets of each wave are in which state, and how many failures of each wave are not forgiven."""

    states: Mapping[int, Mapping[TargetState, int]]
    failures: Mapping[int, int]

    def total(self) -> int:
        """All targets."""
        return sum(sum(counts.values()) for counts in self.states.values())

    def size(self, wave: int) -> int:
        """The targets of one wave."""
        return sum(self.states.get(wave, {}).values())

    def furthest(self, states: frozenset[TargetState]) -> int:
        """The last wave that has a target in any of these states; -1 when none has."""
        return max((wave for wave, counts in self.states.items() if any(map(counts.get, states))), default=-1)

    def count(self, states: frozenset[TargetState], up_to: int | None = None) -> int:
        """The targets in any of these states, of the waves up to one, or of all."""
        return sum(
            number
            for wave, counts in self.states.items()
            for state, number in counts.items()
            if state in states and (up_to is None or wave <= up_to)
        )


class Step(msgspec.Struct, frozen=True):
    """One change of a run: as it is afterwards, and what its history says."""

    run: Run
    note: str = ""


def legal(before: RunState, after: RunState) -> bool:
    """Whether a run may go from one state to the other."""
    return after in _FOLLOWS[before]


def started(run: Run, actor: Actor, now: datetime) -> Step:
    """Somebody wants it to begin: it is approved first where that is needed, else it waits for its time only."""
    asked = msgspec.structs.replace(run, requested_by=actor)
    if run.needs_approval:
        return Step(
            msgspec.structs.replace(asked, state="awaiting_approval"), "waits for the approval of a second person"
        )
    return scheduled(asked, _when(run, now))


def approved(run: Run, actor: Actor, now: datetime) -> Step:
    """A second person agrees."""
    agreed = msgspec.structs.replace(run, approved_by=actor, approved_at=to_text(now))
    return scheduled(agreed, f"approved; {_when(run, now)}")


def scheduled(run: Run, note: str) -> Step:
    """It goes on when its time has come, which may be at once."""
    opened = run.wave + 1 if run.held_by == "gate" else run.gate_open
    after = msgspec.structs.replace(
        run, state="scheduled", busy=True, held_by="", reason="", gate_open=max(opened, run.gate_open), finished_at=None
    )
    return Step(after, note)


def paused(run: Run, note: str, held_by: HeldBy = "person") -> Step:
    """Nobody else is asked until it is resumed."""
    return Step(msgspec.structs.replace(run, state="paused", held_by=held_by, reason=note), note)


def cancelled(run: Run, note: str, now: datetime) -> Step:
    """It ends here; what devices have begun they finish."""
    after = msgspec.structs.replace(
        run, state="cancelled", reason=note, finished_at=to_text(now), held_by="", busy=run.wave >= 0
    )
    return Step(after, note)


def retried(run: Run, first_wave: int, tally: Tally, note: str) -> Step:
    """Go back to the first wave that has targets to ask again, through pauses and gates once more.

    Not behind a wave that is under way: there those asked again join it, and the next wave waits for them too. A run
    that somebody paused stays paused.
    """
    wave = min(run.wave, max(first_wave, tally.furthest(WITH_JOB)))
    back = msgspec.structs.replace(run, wave=wave, settled_at=None, gate_open=min(run.gate_open, wave))
    if run.state in ("running", "scheduled", "paused"):
        held: HeldBy = "person" if run.state == "paused" else ""
        return Step(msgspec.structs.replace(back, busy=True, held_by=held), note)
    return scheduled(msgspec.structs.replace(back, held_by=""), note)


def next_step(run: Run, tally: Tally, now: datetime) -> Step | None:
    """What the passing of time and the outcomes so far do to a run, if anything. Ask again until it is None."""
    if run.state == "scheduled":
        return _begin(run, now)
    if run.state != "running":
        return None
    if not is_open(run.spec.window, now):
        return Step(msgspec.structs.replace(run, state="scheduled"), "the maintenance window has closed")
    if broken := limit_broken(run, tally):
        after = msgspec.structs.replace(run, state="halted", held_by="limit", reason=broken)
        return Step(after, broken)
    if tally.count(frozenset({"waiting", "asked", "recalled"}), run.wave):
        return None
    return _after_wave(run, tally, now)


def _begin(run: Run, now: datetime) -> Step | None:
    due = run.spec.starts_at is None or from_text(run.spec.starts_at) <= now
    if not due or not is_open(run.spec.window, now):
        return None
    after = msgspec.structs.replace(
        run, state="running", wave=max(run.wave, 0), started_at=run.started_at or to_text(now)
    )
    return Step(after, "begun" if run.started_at is None else "goes on")


def _after_wave(run: Run, tally: Tally, now: datetime) -> Step | None:
    """Everybody up to this wave has answered, or is given up on for the moment."""
    if run.wave >= len(run.waves) - 1:
        if tally.count(frozenset({"silent"})) or (run.spec.joins_until and from_text(run.spec.joins_until) > now):
            return None
        after = msgspec.structs.replace(run, state="finished", finished_at=to_text(now), busy=False)
        return Step(after, "every device has answered, or its time has passed")
    if run.settled_at is None:
        return Step(msgspec.structs.replace(run, settled_at=to_text(now)))
    if from_text(run.settled_at) + timedelta(seconds=run.waves[run.wave].pause_s) > now:
        return None
    following = run.wave + 1
    if run.waves[following].gate and run.gate_open < following:
        return paused(run, f"wave {following + 1} waits for somebody to resume the run", "gate")
    after = msgspec.structs.replace(run, wave=following, settled_at=None)
    return Step(after, f"wave {following + 1} of {len(run.waves)}")


def limit_broken(run: Run, tally: Tally) -> str:
    """The sentence that says which limit is broken, or nothing."""
    limits = run.spec.limits
    wave, total = tally.failures.get(run.wave, 0), sum(tally.failures.values())
    size, everybody = tally.size(run.wave), tally.total()
    for failed, of, most, percent, where in (
        (wave, size, limits.wave_failures, limits.wave_percent, f"of wave {run.wave + 1}"),
        (total, everybody, limits.failures, limits.percent, "of the run"),
    ):
        if most is not None and failed > most:
            return f"{failed} devices {where} failed or stay silent: more than {most}"
        if percent is not None and failed * 100 > percent * of:
            return f"{failed} of {of} devices {where} failed or stay silent: more than {percent} %"
    return ""


def in_reach(run: Run, target: Target) -> bool:
    """Whether the device may be asked now."""
    return run.state == "running" and target.state == "waiting" and target.wave <= run.wave


def asked(target: Target, job_id: JobId, now: datetime) -> Target:
    """The device is asked by this job, which is made next."""
    return msgspec.structs.replace(
        target, state="asked", attempt=target.attempt + 1, job_id=job_id, placed=False, forgiven=False,
        asked_at=to_text(now), ended_at=None, error="",
    )  # fmt: skip


def observed(run: Run, target: Target, status: str, error: str, now: datetime) -> Target | None:
    """The target after a look at its job; None when nothing is new."""
    if target.state not in WITH_JOB:
        return None
    if outcome := _OUTCOMES.get(status):
        return ended(target, outcome, error, now)
    if status == "cancelled":
        if target.state != "recalled" or run.state == "cancelled":
            return ended(target, "cancelled", error, now)
        return msgspec.structs.replace(target, state="waiting", job_id=None, placed=False, asked_at=None)
    if status == "running" and target.state == "recalled":
        return msgspec.structs.replace(target, state="asked")
    if target.state == "asked" and is_silent(run.spec.silence_s, target, now):
        return msgspec.structs.replace(target, state="silent", error="it has not answered yet")
    return None


def is_silent(silence_s: int, target: Target, now: datetime) -> bool:
    """Whether a device has had its time to answer."""
    return target.asked_at is not None and from_text(target.asked_at) + timedelta(seconds=silence_s) <= now


def ended(target: Target, state: TargetState, error: str, now: datetime) -> Target:
    """The target in an end state."""
    return msgspec.structs.replace(target, state=state, error=error, ended_at=to_text(now))


def again(target: Target) -> Target:
    """A target that failed, to be asked once more."""
    return msgspec.structs.replace(
        target, state="waiting", job_id=None, placed=False, forgiven=False, asked_at=None, ended_at=None, error=""
    )


def sizes(steps: Sequence[tuple[int | None, int | None]], total: int) -> list[int]:
    """How many targets each wave adds: (count, percent) is what is reached by its end; the last adds the rest."""
    reached, made = 0, []
    for count, percent in steps:
        goal = count if count is not None else -(-total * (percent or 0) // 100)
        made.append(max(0, min(goal, total) - reached))
        reached += made[-1]
    return [*made, total - reached]


def _when(run: Run, now: datetime) -> str:
    if run.spec.starts_at is not None and from_text(run.spec.starts_at) > now:
        return f"begins at {run.spec.starts_at}"
    return "begins now" if is_open(run.spec.window, now) else "begins when its maintenance window opens"
