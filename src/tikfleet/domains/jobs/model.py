"""What a job is and how it may change. No I/O, no clock: each rule takes a job and a moment and gives the job after it.

*once* is delivered at least once and takes effect at most once: the router runs it only after `started` was
confirmed, and once confirmed it is never handed out again. *desired-state* may run any number of times and is handed
out until the router reports an outcome or it expires; *query* the same, a few times. An end state is final.
"""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from tikfleet.kernel.clock import from_text, to_text
from tikfleet.kernel.ids import DeviceId, JobId, OrganisationId
from tikfleet.kernel.scopes import ActorKind

TypedKind = Literal[
    "reboot", "identity", "export", "user-password", "address-list", "wireless-key", "dns", "ntp", "traffic-flow",
    "logging", "firmware-check", "ping", "traceroute", "bandwidth-test", "torch", "wifi-scan", "packet-capture",
]  # fmt: skip
Kind = Literal["script", TypedKind, "routeros"]
JobClass = Literal["once", "query", "desired-state"]
Status = Literal[
    "queued", "delivered", "running", "succeeded", "failed", "timed_out", "rejected", "cancelled", "expired", "unknown",
    "rolled_back",
]  # fmt: skip
Reported = Literal["succeeded", "failed", "confirmed", "rolled-back"]
# Of a job with `confirm_s`: changed and waiting for a confirmation, or failed and going back.
Held = Literal["changed", "undoing"]
Confirmation = Literal["pending", "changed", "reached", "confirmed", "undoing", "undone", "none"]

ENDED: Final[frozenset[Status]] = frozenset(
    {"succeeded", "failed", "timed_out", "rejected", "cancelled", "expired", "unknown", "rolled_back"}
)
_AFTER_RUNNING: Final[dict[JobClass, frozenset[Status]]] = {
    "once": frozenset({"succeeded", "failed", "unknown", "rolled_back"}),
    "query": frozenset({"succeeded", "failed", "queued", "delivered", "timed_out", "cancelled"}),
    "desired-state": frozenset({"succeeded", "failed", "queued", "delivered", "expired", "cancelled"}),
}
_AFTER: Final[dict[Status, frozenset[Status]]] = {
    "queued": frozenset(
        {"delivered", "succeeded", "failed", "rejected", "cancelled", "expired", "unknown", "rolled_back"}
    ),
    "delivered": frozenset(
        {"queued", "delivered", "running", "succeeded", "failed", "cancelled", "expired", "rolled_back"}
    ),
}

# The agent cuts a job off a minute after its time-out and then has three for its output; an outcome whose answer was
# lost comes with the next check-in. A reboot takes as long as the board takes.
_OUTCOME_GRACE_S: Final = 300
_REBOOT_GRACE_S: Final = 600
_QUERY_HAND_OUTS: Final = 3
_LONGEST_PATIENCE_S: Final = 3600
_REACHED: Final = "reached"
_CONFIRMATIONS: Final[dict[Status, Confirmation]] = {"succeeded": "confirmed", "rolled_back": "undone"}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Something asked of one device. Times are text (`kernel.clock.to_text`).

    `boot_id` is the router's boot that it was last handed out to, `deadline_at` when silence about a running job ends,
    `reported` what the device said of it (also when it had ended otherwise), `output` the first 4 KiB. With
    `confirm_s` the device undoes the change unless it reaches us within that time after it. `source_digest` names the
    operator's own script, `script_digest` the text that the device fetches (`script_bytes` long). `notify`
    says where its end is told, in words of callbacks. A job that failed is done again after `retry_pause_s`, not before
    `not_before`, until it was done `retry_attempts` times (0: it is not). `window_json` is when
    it may, `backup_job_id` the export that has to succeed before it is handed out. `signature` is
    the job service's, over `envelope.envelope`.
    """

    id: JobId
    org_id: OrganisationId
    batch_id: str
    device_id: DeviceId
    device_name: str
    kind: Kind
    job_class: JobClass
    status: Status = "queued"
    description: str = ""
    parameters: str = "{}"
    source_digest: str = ""
    script_digest: str = ""
    script_bytes: int = 0
    created_at: str
    created_by_kind: ActorKind
    created_by_id: str
    created_by_name: str
    expires_at: str
    timeout_s: int
    confirm_s: int = 0
    delivered_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    deadline_at: str | None = None
    boot_id: str = ""
    deliveries: int = 0
    reported: str = ""
    error: str = ""
    output: str = ""
    output_bytes: int = 0
    output_truncated: int = 0
    notify: str = ""
    retry_attempts: int = 0
    retry_pause_s: int = 0
    window_json: str = ""
    backup_job_id: str = ""
    failures: int = 0
    not_before: str | None = None
    signature: str = ""

    @property
    def ended(self) -> bool:
        """Whether its state is final."""
        return self.status in ENDED

    @property
    def confirmation(self) -> Confirmation:
        """How the change of a job with `confirm_s` stands."""
        if self.ended:
            return _CONFIRMATIONS.get(self.status, "none")
        match self.reported:
            case "changed" | "reached" | "undoing" as state:
                return state
            case _:
                return "pending"

    @property
    def is_reached(self) -> bool:
        """Whether the device has reached us after a change that it may now keep."""
        return self.status == "running" and self.reported == _REACHED

    @property
    def reported_finally(self) -> bool:
        """Whether the device has told its outcome."""
        return self.reported in ("succeeded", "failed", "confirmed", "rolled-back")


class HistoryEntry(msgspec.Struct, frozen=True):
    """A change of a job: when, to what, and what was noted."""

    at: str
    status: Status
    note: str


class JobRecord(msgspec.Struct, frozen=True):
    """A job with its history and its script: the operator's own, or the one written for a typed kind."""

    job: Job
    script: str | None
    history: list[HistoryEntry]


def after_backup(record: JobRecord, backup: JobRecord) -> JobRecord:
    """The job that waits until the other one has succeeded."""
    return msgspec.structs.replace(record, job=msgspec.structs.replace(record.job, backup_job_id=backup.job.id))


class Step(msgspec.Struct, frozen=True):
    """One change: the job as it is afterwards, and what its history says about it."""

    job: Job
    note: str = ""


def legal(job_class: JobClass, before: Status, after: Status) -> bool:
    """Whether a job of that class may go from one state to the other. Nothing follows an end state."""
    follows = _AFTER_RUNNING[job_class] if before == "running" else _AFTER.get(before, frozenset())
    return after in follows


def at_check_in(job: Job, boot_id: str, now: datetime) -> Step | None:
    """What becomes of a device's first job that has not ended, when the device asks for work; None is to wait.

    A step to `delivered` is a hand-out. A step to an end state makes room for the next job.
    """
    if job.status == "running":
        if job.job_class == "once" and boot_id != job.boot_id and not job.confirm_s:
            return _rebooted(job, now)
        step = overdue(job, now)
        return Step(_hand_out(job, boot_id, now), step.note) if step and step.job.status == "queued" else step
    return overdue(job, now) or Step(_hand_out(job, boot_id, now))


def overdue(job: Job, now: datetime) -> Step | None:
    """What the passing of time does to a job, if anything."""
    moment = to_text(now)
    if job.ended:
        return None
    if job.status != "running":
        late = job.expires_at <= moment
        return Step(_end(job, "expired", moment), "it expired before the device began") if late else None
    if job.deadline_at is None or job.deadline_at > moment:
        return None
    return _silent(job, moment)


def may_fetch(job: Job, now: datetime) -> bool:
    """Whether its device may have the script: handed out, not expired, and a *once* job not begun."""
    handed_out = job.status == "delivered" or (job.status == "running" and job.job_class != "once")
    return handed_out and job.expires_at > to_text(now)


def begin(job: Job, boot_id: str, now: datetime) -> Step | None:
    """The device is about to run it. None when that changes nothing; it may run only when the job is then `running`."""
    if job.status != "delivered" or job.boot_id != boot_id:
        return None
    expired = overdue(job, now)
    if expired:
        return expired
    deadline_at = to_text(now + timedelta(seconds=_patience_s(job)))
    return Step(msgspec.structs.replace(job, status="running", started_at=to_text(now), deadline_at=deadline_at))


def says_started(job: Job, boot_id: str, now: datetime) -> Step | None:
    """A check-in says that the device recorded the start of the job and no outcome. None when that changes nothing."""
    same_boot = boot_id == job.boot_id
    if job.job_class != "once":
        return begin(job, boot_id, now) if same_boot else None
    match job.status:
        case "running" if job.confirm_s:
            # It goes back by itself, and says so when it has.
            return None
        case "running" if not same_boot:
            return _rebooted(job, now)
        case "delivered" if not same_boot:
            # Its start was never confirmed, so by protocol it did not run; and the router takes no id twice.
            step = _end(job, "failed", to_text(now))
            error = "not run: the device was cut off before its start was confirmed"
            return Step(msgspec.structs.replace(step, error=error), error)
        case "queued":
            # Never handed out as far as we know: our own memory went back in time (a restored backup). It may have run.
            return Step(_end(job, "unknown", to_text(now)), "the device had begun it before Tikfleet handed it out")
        case _:
            return None


def settle(job: Job, state: Reported, error: str, now: datetime) -> Step | None:
    """The device reports an outcome. None when it had already; a job that had ended keeps its state and gets a note."""
    if job.reported_finally:
        return None
    if job.ended:
        note = f"the device reported later: {state}" + (f", {error}" if error else "")
        return Step(msgspec.structs.replace(job, reported=state, error=job.error or error), note)
    status, reason = _ending(job, state, error)
    ended = _end(job, status, to_text(now))
    return Step(msgspec.structs.replace(ended, reported=state, error=reason), reason)


def hold(job: Job, state: Held, error: str, now: datetime) -> Step | None:
    """The change was made and waits for its confirmation, or the script failed and the device goes back.

    The job as it is when that is known; None when it is none that is confirmed, or is over.
    """
    if not job.confirm_s or job.status != "running":
        return None
    if job.reported:
        return Step(job)
    note = f"changed; the device undoes it unless it reaches Tikfleet within {job.confirm_s} s"
    if state == "undoing":
        note = "the device undoes the change" + (f": {error}" if error else "")
    # A reboot while it waits makes the device begin to wait anew.
    deadline_at = to_text(now + timedelta(seconds=2 * job.confirm_s + _REBOOT_GRACE_S + _OUTCOME_GRACE_S))
    return Step(msgspec.structs.replace(job, reported=state, error=error, deadline_at=deadline_at), note)


def reach(job: Job) -> Step | None:
    """A check-in came after the change: it is confirmed. None when it was, or when there is nothing to confirm.

    Whether the confirmation arrives only the device knows: the job ends when it says so.
    """
    if not job.confirm_s or job.status != "running" or job.reported not in ("", "changed"):
        return None
    note = "the device reached Tikfleet after the change: confirmed"
    return Step(msgspec.structs.replace(job, reported=_REACHED), note)


def reject(job: Job, reason: str, now: datetime) -> Step:
    """It cannot be put into words that the device understands."""
    return Step(msgspec.structs.replace(_end(job, "rejected", to_text(now)), error=reason), reason)


def refuse(job: Job, error: str, now: datetime) -> Step:
    """The job service did not make it so: it never leaves."""
    return Step(msgspec.structs.replace(_end(job, "failed", to_text(now)), error=error), error)


def cancel(job: Job, note: str, now: datetime) -> Step | None:
    """Call it back; None when it has ended, or is a *once* job that the device has begun."""
    if job.ended or (job.status == "running" and job.job_class == "once"):
        return None
    return Step(_end(job, "cancelled", to_text(now)), note)


def _hand_out(job: Job, boot_id: str, now: datetime) -> Job:
    return msgspec.structs.replace(
        job,
        status="delivered",
        delivered_at=to_text(now),
        boot_id=boot_id,
        deliveries=job.deliveries + 1,
        deadline_at=None,
    )


def _end(job: Job, status: Status, moment: str) -> Job:
    return msgspec.structs.replace(job, status=status, finished_at=moment, deadline_at=None)


def _ending(job: Job, state: Reported, error: str) -> tuple[Status, str]:
    """How a job ends by what the device says, and why."""
    if state == "confirmed":
        return "succeeded", ""
    if state == "rolled-back":
        return "rolled_back", f"undone: {_cause(job)}"
    if not job.confirm_s:
        return state, error
    if state == "succeeded":
        return "failed", "the change was neither confirmed nor undone: it stays"
    if job.reported == "undoing":
        return "failed", f"{job.error or 'the script failed'}; what it had changed could not be undone"
    return "failed", error


def _cause(job: Job) -> str:
    match job.reported:
        case "undoing":
            return job.error or "the script failed"
        case "changed":
            return f"the device did not reach Tikfleet within {job.confirm_s} s after the change"
        case "reached":
            return f"the confirmation did not reach the device within {job.confirm_s} s after the change"
        case _:
            return "the device did not come to the end of the change, or could not tell so in time"


def _rebooted(job: Job, now: datetime) -> Step:
    if job.kind == "reboot":
        return Step(_end(job, "succeeded", to_text(now)), "the device came back with a new boot")
    return Step(_end(job, "unknown", to_text(now)), "the device rebooted inside the job; it may have run")


def _silent(job: Job, moment: str) -> Step:
    waited_s = round((from_text(moment) - from_text(job.started_at or moment)).total_seconds())
    said = f"no outcome came within {waited_s} s"
    if job.job_class == "once":
        return Step(_end(job, "unknown", moment), f"{said}; it may have run")
    often = job.deliveries >= max(_QUERY_HAND_OUTS, job.retry_attempts)
    if job.job_class == "query" and (often or job.expires_at <= moment):
        return Step(_end(job, "timed_out", moment), said)
    if job.expires_at <= moment:
        return Step(_end(job, "expired", moment), said)
    again = msgspec.structs.replace(job, status="queued", deadline_at=None)
    return Step(again, f"{said}; to be handed out again")


def _patience_s(job: Job) -> int:
    """How long a running job may stay silent; doubled by each hand-out, so that one that kills its router rests."""
    if job.confirm_s:
        return job.timeout_s + job.confirm_s + _REBOOT_GRACE_S + _OUTCOME_GRACE_S
    if job.job_class == "once":
        return job.timeout_s + (_REBOOT_GRACE_S if job.kind == "reboot" else _OUTCOME_GRACE_S)
    doubled = min(job.timeout_s << min(job.deliveries - 1, 10), max(job.timeout_s, _LONGEST_PATIENCE_S))
    return doubled + _OUTCOME_GRACE_S
