"""What other domains and the application may use of jobs."""

from tikfleet.domains.jobs.callbacks import Aims, JobNotices, notified_host
from tikfleet.domains.jobs.checks import Running, ScriptChecks, running_of
from tikfleet.domains.jobs.conditions import JobConfirm, JobRetry, MaintenanceWindow, NotifyUrl
from tikfleet.domains.jobs.desk import HandOut, JobDesk, JobOutcome, JobReport
from tikfleet.domains.jobs.devices import JobScripts, JobTarget, JobTargets
from tikfleet.domains.jobs.errors import JobContradictory
from tikfleet.domains.jobs.feed import FedJob, JobFeed
from tikfleet.domains.jobs.issuing import JobIssuer, keys_in_use, sign_waiting
from tikfleet.domains.jobs.jobs import JobSweep, WorkWatch
from tikfleet.domains.jobs.kinds.catalogue import default_class, is_written_here, parameters_of, secret_names, timeout_s
from tikfleet.domains.jobs.kinds.catalogue import render as render_kind
from tikfleet.domains.jobs.kinds.secrets import JobSecrets, masked
from tikfleet.domains.jobs.ledger import Ledger
from tikfleet.domains.jobs.limits import JobLimits, OneLimit, Reach, forget_reach
from tikfleet.domains.jobs.model import Job, JobClass, JobRecord, Kind, Status, TypedKind
from tikfleet.domains.jobs.openwork import OpenWork
from tikfleet.domains.jobs.orders import JobOrder, JobOrders, JobStanding, Placed
from tikfleet.domains.jobs.output import without_credentials
from tikfleet.domains.jobs.parts import JobParts
from tikfleet.domains.jobs.request import require_class, require_conditions
from tikfleet.domains.jobs.schemas import (
    DeviceIdText,
    JobCreate,
    JobParameters,
    LibraryIdText,
    RemarkView,
    ScriptText,
    VersionText,
)
from tikfleet.domains.jobs.service import Jobs, Written
from tikfleet.domains.jobs.undoings import Undoings
from tikfleet.domains.jobs.vetting import Vetting
from tikfleet.domains.jobs.windows import Window, is_open

__all__ = [
    "Aims",
    "DeviceIdText",
    "FedJob",
    "HandOut",
    "Job",
    "JobClass",
    "JobConfirm",
    "JobContradictory",
    "JobCreate",
    "JobDesk",
    "JobFeed",
    "JobIssuer",
    "JobLimits",
    "JobNotices",
    "JobOrder",
    "JobOrders",
    "JobOutcome",
    "JobParameters",
    "JobParts",
    "JobRecord",
    "JobReport",
    "JobRetry",
    "JobScripts",
    "JobSecrets",
    "JobStanding",
    "JobSweep",
    "JobTarget",
    "JobTargets",
    "Jobs",
    "Kind",
    "Ledger",
    "LibraryIdText",
    "MaintenanceWindow",
    "NotifyUrl",
    "OneLimit",
    "OpenWork",
    "Placed",
    "Reach",
    "RemarkView",
    "Running",
    "ScriptChecks",
    "ScriptText",
    "Status",
    "TypedKind",
    "Undoings",
    "VersionText",
    "Vetting",
    "Window",
    "WorkWatch",
    "Written",
    "default_class",
    "forget_reach",
    "is_open",
    "is_written_here",
    "keys_in_use",
    "masked",
    "notified_host",
    "parameters_of",
    "render_kind",
    "require_class",
    "require_conditions",
    "running_of",
    "secret_names",
    "sign_waiting",
    "timeout_s",
    "without_credentials",
]
