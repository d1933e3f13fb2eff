"""The wire types of jobs."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs.model import HistoryEntry, JobClass, JobRecord, Kind, Status
from tikfleet.kernel.scopes import ActorKind

MAX_NAMED: Final = 1_000

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


class JobParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a typed kind needs to know."""

    name: IdentityName | None = None


class JobCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to ask of devices: those of `device_ids`, or all that `selection` matches."""

    kind: Annotated[
        Kind,
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


class BatchView(msgspec.Struct, frozen=True):
    """What a request made: `count` jobs under one `batch_id`, and the first 200 of them."""

    batch_id: Annotated[str, Meta(examples=["bat_01m3k5x0v7q2a9bc"])]
    count: int
    items: list[JobView]


def job_view(record: JobRecord, more_output: str | None = None) -> JobView:
    """The wire form of a job."""
    job = record.job
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
