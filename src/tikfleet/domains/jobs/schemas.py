"""The wire types of jobs."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.model import HistoryEntry, JobClass, JobRecord, Kind, Status
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
IdentityName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="The router's new name, for the kind `identity`.",
        examples=["branch-12"],
    ),
]


# A request of RouterOS's REST becomes a job by itself, and by nobody's asking for the kind.
AskedKind = Literal["script", "reboot", "identity", "export"]


class JobParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a typed kind needs to know."""

    name: IdentityName | None = None


class JobCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to ask of devices: those of `device_ids`, or all that `selection` matches."""

    kind: Annotated[
        AskedKind,
        Meta(
            description="`script` runs `script`; `reboot` restarts; `identity` sets `parameters.name`; `export` reads "
            "the configuration.",
            examples=["script"],
        ),
    ]
    device_ids: Annotated[list[DeviceIdText], Meta(min_length=1, max_length=MAX_NAMED)] | None = None
    selection: Selection | None = None
    job_class: (
        Annotated[
            JobClass,
            Meta(
                description="`once`: takes effect at most once (default of script and reboot). `desired-state`: may "
                "run any number of times, until the device answers (default of identity). `query`: only reads, may be "
                "repeated (default of export)."
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


class JobActor(msgspec.Struct, frozen=True):
    """Who asked."""

    kind: ActorKind
    id: str
    name: str


class JobView(msgspec.Struct, frozen=True):
    """One job of one device.

    `output` is what the device sent back: up to 64 KiB of it in `GET /jobs/{id}`, up to 4 KiB in collections.
    `output_bytes` is the size of all that is kept, which `GET /jobs/{id}/output` gives; `output_truncated` says that
    the device had more. `script` is the one that was asked for, or the one that was written for a typed kind.
    Of the kind `routeros` neither script nor output is shown, since both may hold secrets: `GET /jobs/{id}/routeros`
    answers as the request would have.
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
    created_at: str
    created_by: JobActor
    delivered_at: str | None
    started_at: str | None
    finished_at: str | None
    expires_at: str
    timeout_s: int
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
        created_at=job.created_at,
        created_by=JobActor(job.created_by_kind, job.created_by_id, job.created_by_name),
        delivered_at=job.delivered_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        expires_at=job.expires_at,
        timeout_s=job.timeout_s,
        output=more_output if more_output is not None else (job.output if job.reported else None),
        output_bytes=job.output_bytes,
        output_truncated=bool(job.output_truncated),
        error=job.error or None,
        history=record.history,
    )


def job_views(records: Sequence[JobRecord]) -> list[JobView]:
    """The wire form of several."""
    return [job_view(record) for record in records]
