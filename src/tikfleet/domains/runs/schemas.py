"""The wire types of runs."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.public import (
    DeviceIdText,
    JobClass,
    JobConfirm,
    JobParameters,
    JobRetry,
    LibraryIdText,
    MaintenanceWindow,
    NotifyUrl,
    RemarkView,
    ScriptText,
    masked,
    notified_host,
)
from tikfleet.domains.runs.model import HeldBy, Run, RunState, Tally, Target, TargetState
from tikfleet.domains.runs.repository import RunEntry
from tikfleet.domains.runs.spec import ParameterType, RunKind, RunSpec
from tikfleet.httpkit.moments import MomentText
from tikfleet.kernel.scopes import Actor, ActorKind

_TEXT: Final = r"^[^\x00-\x1f\x7f]*$(?!\n)"
_VALUE: Final = r"^[^\x00]*$"
_WORD: Final = r"^\.?[a-z0-9][a-z0-9.-]{0,63}$(?!\n)"

NameText = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x20\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$(?!\n)", examples=["DNS servers of the branches"])]  # fmt: skip  # noqa: E501
RunIdText = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9_]*$(?!\n)", examples=["run_01m3k5x0v7q2a9bc"])]  # fmt: skip  # noqa: E501
ParameterName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$(?!\n)", examples=["server"])]
ValueText = Annotated[str, Meta(max_length=4_096, pattern=_VALUE)]
PropertyName = Annotated[str, Meta(max_length=64, pattern=_WORD)]
Properties = Annotated[dict[PropertyName, ValueText], Meta(max_length=50)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0, le=50_000)]
Why = Annotated[str, Meta(max_length=500, pattern=_VALUE, examples=["Helpdesk saw calls"])]


class RunParameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that the script names as `${name}`; RouterOS's quoting is ours. `value` has the form of its type.

    Of a typed kind it is one of the kind's own parameters, and `type` says nothing; its texts may hold `${device.name}`
    and the like, but for secrets.
    `string`: text; `integer`: a number; `boolean`: true or false; `address`: `192.0.2.1`, with `/24` or not, or IPv6;
    `duration`: `1h30m`; `list`: texts without commas.
    """

    name: ParameterName
    value: (
        bool
        | Annotated[int, Meta(ge=-(2**53), le=2**53)]
        | Annotated[str, Meta(max_length=4_096, pattern=_VALUE, examples=["192.0.2.53"])]
        | Annotated[list[ValueText], Meta(max_length=100)]
    )
    type: ParameterType = "string"


class RunDesired(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a menu is to be, for the kind `menu`: `values` of the item that has `match`, added where it is missing.

    Values may hold `${device.identity}` and the like. Without `match` the menu is one of single values.
    """

    menu: Annotated[str, Meta(max_length=100, pattern=r"^(/[a-z0-9][a-z0-9-]*)+$(?!\n)", examples=["/ip/dns"])]
    values: Annotated[
        dict[PropertyName, ValueText],
        Meta(min_length=1, max_length=50, examples=[{"servers": "192.0.2.53"}]),
    ]
    match: Properties = {}


class RunWave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until `count` targets, or `percent` of all, have been asked: one of the two.

    `pause_s` is waited after it, `gate` waits for somebody to resume the run before it.
    """

    count: Annotated[int, Meta(ge=1, le=50_000, examples=[1])] | None = None
    percent: Annotated[int, Meta(ge=1, le=100)] | None = None
    pause_s: Annotated[int, Meta(ge=0, le=2_592_000)] = 0
    gate: bool = False


class RunLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many, and what share, may fail or stay silent; one more halts the run. Null is no limit."""

    failures: Count | None = None
    percent: Percent | None = 10
    wave_failures: Count | None = None
    wave_percent: Percent | None = 20


class RunCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A change for many devices: those of `device_ids`, or all that `selection` matches."""

    name: NameText
    kind: Annotated[RunKind, Meta(description="`script`, a typed kind as of jobs, or `menu` for `desired`.")] = "script"
    script: ScriptText | None = None
    desired: RunDesired | None = None
    parameters: Annotated[list[RunParameter], Meta(max_length=50)] = []
    library_id: LibraryIdText | None = None
    version: Annotated[int, Meta(ge=1, description="Of the library's script; the newest when left out.")] | None = None
    values: Annotated[JobParameters, Meta(description="For the parameters of the library's script.")] | None = None
    job_class: JobClass | None = None
    unchecked: bool = False
    description: Annotated[str, Meta(max_length=500, pattern=_VALUE)] = ""
    device_ids: Annotated[list[DeviceIdText], Meta(min_length=1, max_length=10_000)] | None = None
    selection: Selection | None = None
    joins_until: MomentText | None = None
    waves: Annotated[list[RunWave], Meta(max_length=50)] = []
    limits: RunLimits = RunLimits()
    silence_s: Annotated[int, Meta(ge=30, le=2_592_000, description="After so long without an outcome a device counts as failed; its job stays.")] = 3_600  # fmt: skip  # noqa: E501
    timeout_s: Annotated[int, Meta(ge=5, le=3_600, description="How long the script may run on a device.")] = 60
    expires_in_s: Annotated[int, Meta(ge=60, le=2_592_000, description="How long a job waits for a device that is away.")] = 604_800  # fmt: skip  # noqa: E501
    confirm: JobConfirm | None = None
    retry: JobRetry | None = None
    backup_first: Annotated[bool, Meta(description="Export each device's configuration first; one whose export does not come whole fails, unchanged.")] = False  # fmt: skip  # noqa: E501
    starts_at: MomentText | None = None
    window: MaintenanceWindow | None = None
    notify_url: NotifyUrl | None = None
    notify_like: Annotated[RunIdText, Meta(description="Instead of `notify_url`: a run of the same organisation, whose address is told of this one, too.")] | None = None  # fmt: skip  # noqa: E501
    needs_approval: bool = False
    draft: Annotated[bool, Meta(description="Keep it as a draft, to be planned later.")] = False


class RunReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for those who read it later."""

    reason: Why = ""


class RunRetry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked again. A job that may have taken effect or not is left alone unless `unknown` says so."""

    unknown: bool = False
    cancelled: bool = False


class RunPerson(msgspec.Struct, frozen=True):
    """Who did something."""

    kind: ActorKind
    id: Annotated[str, Meta(examples=["per_01m3k5x0v7q2a9bc"])]
    name: str


class RunCounts(msgspec.Struct, frozen=True):
    """How many targets are in which state. `silent` and `asked` have a job that has not ended."""

    waiting: int = 0
    asked: int = 0
    silent: int = 0
    recalled: int = 0
    succeeded: int = 0
    failed: int = 0
    expired: int = 0
    unknown: int = 0
    cancelled: int = 0


class RunWaveView(msgspec.Struct, frozen=True):
    """One wave as it stands. `number` counts from 1; `state` is `waiting`, `running` or `settled`."""

    number: int
    size: int
    state: Annotated[str, Meta(examples=["running"])]
    pause_s: int
    gate: bool
    counts: RunCounts


class RunNote(msgspec.Struct, frozen=True):
    """A change of the run."""

    at: str
    state: RunState
    note: str
    by: RunPerson


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """A run. `wave` counts from 1 and is 0 before the first; `reason` says why it is halted, paused or cancelled.

    `notifies` is the host that is told when it is halted, finished or cancelled.
    `spec` is what was asked for; `history` comes with one run, not with lists.
    """

    id: Annotated[str, Meta(examples=["run_01m3k5x0v7q2a9bc"])]
    name: str
    description: str
    kind: RunKind
    job_class: JobClass
    state: RunState
    held_by: HeldBy
    reason: str
    wave: int
    waves: list[RunWaveView]
    total: int
    counts: RunCounts
    needs_approval: bool
    created_at: str
    created_by: RunPerson
    requested_by: RunPerson | None
    approved_at: str | None
    approved_by: RunPerson | None
    planned_at: str | None
    started_at: str | None
    finished_at: str | None
    starts_at: str | None
    notifies: Annotated[str, Meta(examples=["hooks.acme.example"])] | None
    spec: Annotated[dict[str, Any], Meta(extra_json_schema={"examples": [{}]})]
    history: list[RunNote]


class RunTargetView(msgspec.Struct, frozen=True):
    """One device of a run. `wave` counts from 1. `job_id` is its present or last job: output and history are there."""

    device_id: Annotated[str, Meta(examples=["dev_01m3k5x0v7q2a9bc"])]
    device_name: str
    wave: int
    state: TargetState
    attempt: int
    job_id: Annotated[str, Meta(examples=["job_01m3k5x0v7q2a9bc"])] | None
    asked_at: str | None
    ended_at: str | None
    error: str


class RunPreview(msgspec.Struct, frozen=True):
    """What exactly one device would be asked, and what RouterOS would say of it there.

    `script` is null where none can be written. `error` says why the device can't be asked, else it is null.
    """

    device_id: Annotated[str, Meta(examples=["dev_01m3k5x0v7q2a9bc"])]
    device_name: str
    wave: int
    version: Annotated[str, Meta(examples=["7.16.2"])]
    script: str | None
    error: str | None
    remarks: list[RemarkView]


class RunReport(msgspec.Struct, frozen=True):
    """The run with every target: what came of it, on whom."""

    run: RunView
    targets: list[RunTargetView]


def run_view(run: Run, tally: Tally, history: list[RunEntry]) -> RunView:
    """The wire form of a run."""
    spec = msgspec.to_builtins(_shown(run.spec))
    return RunView(
        id=run.id,
        name=run.name,
        description=run.spec.description,
        kind=run.spec.change.kind,
        job_class=run.spec.change.effective_class,
        state=run.state,
        held_by=run.held_by,
        reason=run.reason,
        wave=run.wave + 1,
        waves=[_wave_view(run, tally, number) for number in range(len(run.waves))],
        total=tally.total(),
        counts=_counts(*(counts for counts in tally.states.values())),
        needs_approval=run.needs_approval,
        created_at=run.created_at,
        created_by=person(run.created_by),
        requested_by=person(run.requested_by) if run.requested_by else None,
        approved_at=run.approved_at,
        approved_by=person(run.approved_by) if run.approved_by else None,
        planned_at=run.planned_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        starts_at=run.spec.starts_at,
        notifies=notified_host(run.notify),
        spec=spec,
        history=[RunNote(entry.at, entry.state, entry.note, person(entry.actor)) for entry in history],
    )


def _shown(spec: RunSpec) -> RunSpec:
    """What was asked for, without the secrets of a typed kind."""
    change = spec.change
    given = masked(change.kind, {one.name: one.value for one in change.parameters})
    shown = tuple(msgspec.structs.replace(one, value=given[one.name]) for one in change.parameters)
    return msgspec.structs.replace(spec, change=msgspec.structs.replace(change, parameters=shown))


def target_view(target: Target) -> RunTargetView:
    """The wire form of a target. Its job is shown once it is there: its id is chosen before."""
    job_id = target.job_id if target.placed else None
    return RunTargetView(
        target.device_id, target.device_name, target.wave + 1, target.state, target.attempt, job_id,
        target.asked_at, target.ended_at, target.error,
    )  # fmt: skip


def person(actor: Actor) -> RunPerson:
    """Who did something, without where from."""
    return RunPerson(actor.kind, actor.id, actor.name)


def _wave_view(run: Run, tally: Tally, number: int) -> RunWaveView:
    wave = run.waves[number]
    counts = _counts(tally.states.get(number, {}))
    open_ = counts.waiting + counts.asked + counts.recalled
    state = "waiting" if number > run.wave else "running" if open_ else "settled"
    return RunWaveView(number + 1, tally.size(number), state, wave.pause_s, wave.gate, counts)


def _counts(*many: Any) -> RunCounts:
    together: dict[str, int] = {}
    for counts in many:
        for state, number in counts.items():
            together[state] = together.get(state, 0) + number
    return RunCounts(**together)
