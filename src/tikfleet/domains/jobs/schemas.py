"""The wire types of jobs."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.callbacks import notified_host
from tikfleet.domains.jobs.conditions import JobConfirm, JobRetry, MaintenanceWindow, NotifyUrl
from tikfleet.domains.jobs.kinds.catalogue import KINDS, schema_of, secret_names
from tikfleet.domains.jobs.kinds.secrets import masked
from tikfleet.domains.jobs.model import Confirmation, HistoryEntry, Job, JobClass, JobRecord, Kind, Status, TypedKind
from tikfleet.domains.jobs.windows import Window, window_of
from tikfleet.kernel.scopes import ActorKind

MAX_NAMED: Final = 1_000
MAX_VERSIONS: Final = 10
MAX_CHECKED: Final = 65_536

DeviceIdText = Annotated[str, Meta(pattern=r"^dev_[0-9a-z]{16}$", examples=["dev_01m3k5x0v7q2a9bc"])]
ScriptText = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=16_384,
        pattern=r"^[^\x00]*$",
        description="RouterOS script, run on each device as it stands.",
        examples=[":put [/system/resource/get uptime]"],
    ),
]
VersionText = Annotated[
    str,
    Meta(
        max_length=20,
        pattern=r"^[1-9][0-9]?\.[0-9]{1,3}(\.[0-9]{1,3})?((alpha|beta|rc)[0-9]{1,3})?$",
        description="A version of RouterOS.",
        examples=["7.16.2"],
    ),
]
LibraryIdText = Annotated[
    str,
    Meta(
        max_length=20,
        pattern=r"^lib_[0-9a-z]{16}$(?!\n)",
        description="A script of the library, instead of `script`.",
        examples=["lib_01m3k5x0v7q2a9bc"],
    ),
]

# A request of RouterOS's REST becomes a job by itself, and by nobody's asking for the kind.
AskedKind = Literal["script", TypedKind]
ParameterName = Annotated[str, Meta(max_length=32, pattern=r"^[a-z][a-z0-9_]*$(?!\n)", examples=["name"])]
ParameterText = Annotated[str, Meta(max_length=4_096, pattern=r"^[^\x00]*$", examples=["branch-12"])]
ParameterValue = (
    bool
    | Annotated[int, Meta(ge=-(2**53), le=2**53)]
    | ParameterText
    | Annotated[list[ParameterText], Meta(max_length=1_000)]
    | None
)
JobParameters = Annotated[
    dict[ParameterName, ParameterValue],
    Meta(
        max_length=50,
        description="What a typed kind is told; `GET /job-kinds` has its names, types and bounds.",
        examples=[{"name": "branch-12"}],
    ),
]


class JobCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to ask of devices: those of `device_ids`, or all that `selection` matches."""

    kind: Annotated[
        AskedKind,
        Meta(
            description="`script` runs `script`; the others are typed and take `parameters`: see `GET /job-kinds`.",
            examples=["script"],
        ),
    ]
    device_ids: Annotated[list[DeviceIdText], Meta(min_length=1, max_length=MAX_NAMED)] | None = None
    selection: Selection | None = None
    job_class: (
        Annotated[
            JobClass,
            Meta(
                description="`once`: takes effect at most once (default of `script`). `desired-state`: may run any "
                "number of times, until the device answers. `query`: only reads, may be repeated. Each kind has its "
                "own default and says which it may have."
            ),
        ]
        | None
    ) = None
    script: ScriptText | None = None
    unchecked: Annotated[
        bool,
        Meta(
            description="Send the script without the check against the versions that the devices run: RouterOS itself "
            "decides. The audit trail and the job's history say so."
        ),
    ] = False
    parameters: JobParameters | None = None
    library_id: LibraryIdText | None = None
    version: Annotated[int, Meta(ge=1, description="Of the library's script; the newest when left out.")] | None = None
    values: Annotated[JobParameters, Meta(description="For the parameters of the library's script.")] | None = None
    description: Annotated[
        str,
        Meta(
            max_length=500, pattern=r"^[^\x00]*$", description="Why, for those who read it later.", examples=["Nightly"]
        ),
    ] = ""
    expires_in_s: Annotated[
        int,
        Meta(ge=60, le=2_592_000, description="How long a job waits for a device that is away.", examples=[86_400]),
    ] = 86_400
    timeout_s: Annotated[
        int, Meta(ge=5, le=3_600, description="How long the script may run on the device.", examples=[60])
    ] = 60
    confirm: JobConfirm | None = None
    retry: JobRetry | None = None
    window: MaintenanceWindow | None = None
    backup_first: Annotated[
        bool,
        Meta(
            description="Export the device's configuration first; the job is handed out only after that export came "
            "whole, and fails without having run otherwise."
        ),
    ] = False
    notify_url: NotifyUrl | None = None


class JobKindView(msgspec.Struct, frozen=True):
    """A kind of job. `parameters` is a JSON Schema: a form can be made of it; `writeOnly` marks a secret.

    `classes`: those that it may have, its default first. The kind `script` takes `script` instead of parameters.
    """

    kind: AskedKind
    title: Annotated[str, Meta(examples=["Ping from the router"])]
    description: str
    classes: list[JobClass]
    permission: Annotated[str, Meta(examples=["jobs:write"])]
    has_secrets: bool
    parameters: Annotated[dict[str, Any], Meta(extra_json_schema={"examples": [{"type": "object"}]})]


class JobKinds(msgspec.Struct, frozen=True):
    """Every kind that may be asked for."""

    items: list[JobKindView]


class JobActor(msgspec.Struct, frozen=True):
    """Who asked."""

    kind: ActorKind
    id: str
    name: str


class JobConfirmation(msgspec.Struct, frozen=True):
    """How a change that is to be confirmed stands.

    `pending`: not made yet. `changed`: made, and undone unless the device reaches Tikfleet in time. `reached`: it did,
    and has to say that it heard so. `confirmed`: it stays. `undoing`: the script failed, and the device goes back.
    `undone`: the device has its configuration of before. `none`: nothing was confirmed or undone.
    """

    within_s: int
    state: Confirmation


class JobRepetition(msgspec.Struct, frozen=True):
    """How often a job that fails is done, and how often it has failed. `not_before` is when it may be done again."""

    attempts: int
    pause_s: int
    failures: int
    not_before: str | None


class JobView(msgspec.Struct, frozen=True):
    """One job of one device.

    `output` is what the device sent back: up to 64 KiB of it in `GET /jobs/{id}`, up to 4 KiB in collections.
    `output_bytes` is the size of all that is kept, which `GET /jobs/{id}/output` gives; `output_truncated` says that
    the device had more. `script` is the one that was asked for, or the one that was written for a typed kind.
    `parameters` shows a typed kind's, and a secret among them as asterisks; such a job shows no script.
    Of the kind `routeros` neither script nor output is shown, since both may hold secrets: `GET /jobs/{id}/routeros`
    answers as the request would have.
    `backup_job_id` is the export that has to succeed before it is handed out.
    `notifies` is the host that is told of the job's end: `GET /callbacks?subject_id=…` has what became of that.
    `status` `unknown` means that it may have taken effect or not: a job of class `once` is never repeated by itself.
    """

    id: Annotated[str, Meta(examples=["job_01m3k5x0v7q2a9bc"])]
    batch_id: Annotated[str, Meta(examples=["bat_01m3k5x0v7q2a9bc"])]
    device_id: Annotated[str, Meta(examples=["dev_01m3k5x0v7q2a9bc"])]
    device_name: str
    kind: Kind
    job_class: JobClass
    status: Status
    description: str
    script: str | None
    parameters: dict[str, ParameterValue]
    created_at: str
    created_by: JobActor
    delivered_at: str | None
    started_at: str | None
    finished_at: str | None
    expires_at: str
    timeout_s: int
    confirm: JobConfirmation | None
    retry: JobRepetition | None
    window: Window | None
    backup_job_id: Annotated[str, Meta(examples=["job_01m3k5x0v7q2a9bc"])] | None
    notifies: Annotated[str, Meta(examples=["hooks.acme.example"])] | None
    output: str | None
    output_bytes: int
    output_truncated: bool
    error: str | None
    history: list[HistoryEntry]


class ScriptCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A script to be checked for versions of RouterOS, or for those that devices run."""

    source: Annotated[
        str,
        Meta(
            max_length=MAX_CHECKED,
            description="RouterOS script. More than a job may hold is read, and any text at all.",
            examples=["/ip/address/add interface=ether1"],
        ),
    ]
    versions: Annotated[list[VersionText], Meta(max_length=MAX_VERSIONS)] = []
    device_ids: Annotated[list[DeviceIdText], Meta(min_length=1, max_length=MAX_NAMED)] | None = None
    selection: Selection | None = None


class RemarkView(msgspec.Struct, frozen=True):
    """What RouterOS would refuse (`error`), or do to one's regret (`warning`), and where.

    `line` and `column` count from 1 as RouterOS's own messages do: columns in bytes of UTF-8, and a tab moves to the
    next column that eight divides. `message` starts with RouterOS's words. `since` is the version that brought what an
    older one lacks.
    """

    severity: Literal["error", "warning"]
    line: int
    column: int
    code: Annotated[str, Meta(examples=["missing-argument"])]
    message: Annotated[str, Meta(examples=["missing value(s) of argument(s) address (/ip/address/add; line 1)"])]
    since: Annotated[str, Meta(examples=["7.17"])] | None


class ConcernedDevice(msgspec.Struct, frozen=True):
    """A device that runs the version."""

    id: Annotated[str, Meta(examples=["dev_01m3k5x0v7q2a9bc"])]
    name: str


class VersionCheck(msgspec.Struct, frozen=True):
    """A script as one version of RouterOS reads it: the first 100 remarks, errors first.

    `is_assumed` says that no version is known of these devices, so that the newest known stands in. `device_count` are
    the devices of the request that run it, `devices` the first five of them that were named.
    """

    version: Annotated[str, Meta(examples=["7.16.2"])]
    is_assumed: bool
    device_count: int
    devices: list[ConcernedDevice]
    error_count: int
    warning_count: int
    remarks: list[RemarkView]


class ScriptChecked(msgspec.Struct, frozen=True):
    """What the check found. `ok` is true when no version refuses the script; warnings do not count.

    One entry for each version, those that most devices run first; `versions_left_out` counts those past the fiftieth.
    """

    ok: bool
    checks: list[VersionCheck]
    versions_left_out: int


class BatchView(msgspec.Struct, frozen=True):
    """What a request made: `count` jobs under one `batch_id`, and the first 200 of them.

    `checks` holds what the check of a script remarked, by version: warnings, since an error refuses the request.
    """

    batch_id: Annotated[str, Meta(examples=["bat_01m3k5x0v7q2a9bc"])]
    count: int
    items: list[JobView]
    checks: list[VersionCheck] = []


def job_view(record: JobRecord, more_output: str | None = None) -> JobView:
    """The wire form of a job. What a request of REST sent and got may hold secrets: it is not shown here."""
    job = record.job
    if job.kind == "routeros":
        job, more_output = msgspec.structs.replace(job, output=""), None
        record = JobRecord(job, None, record.history)
    return JobView(
        id=job.id,
        batch_id=job.batch_id,
        device_id=job.device_id,
        device_name=job.device_name,
        kind=job.kind,
        job_class=job.job_class,
        status=job.status,
        description=job.description,
        script=record.script,
        parameters={} if job.kind == "routeros" else masked(job.kind, msgspec.json.decode(job.parameters)),
        created_at=job.created_at,
        created_by=JobActor(job.created_by_kind, job.created_by_id, job.created_by_name),
        delivered_at=job.delivered_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        expires_at=job.expires_at,
        timeout_s=job.timeout_s,
        confirm=JobConfirmation(job.confirm_s, job.confirmation) if job.confirm_s else None,
        retry=_repetition(job) if job.retry_attempts else None,
        window=window_of(job.window_json),
        backup_job_id=job.backup_job_id or None,
        notifies=notified_host(job.notify),
        output=more_output if more_output is not None else (job.output if job.reported else None),
        output_bytes=job.output_bytes,
        output_truncated=bool(job.output_truncated),
        error=job.error or None,
        history=record.history,
    )


def _repetition(job: Job) -> JobRepetition:
    waits = job.status == "queued"
    return JobRepetition(job.retry_attempts, job.retry_pause_s, job.failures, job.not_before if waits else None)


def job_views(records: Sequence[JobRecord]) -> list[JobView]:
    """The wire form of several."""
    return [job_view(record) for record in records]


def kind_views() -> list[JobKindView]:
    """The catalogue, free scripts first."""
    script = JobKindView(
        "script", "Run a script", "Run RouterOS script as it stands.", ["once", "query", "desired-state"],
        "jobs:write", has_secrets=False, parameters={"type": "object", "properties": {}},
    )  # fmt: skip
    typed = [
        JobKindView(
            kind=cast("AskedKind", kind.name),
            title=kind.title,
            description=(kind.parameters.__doc__ or "").strip(),
            classes=list(kind.classes),
            permission=kind.permission,
            has_secrets=bool(secret_names(kind.name)),
            parameters=schema_of(kind),
        )
        for kind in KINDS.values()
    ]
    return [script, *typed]
