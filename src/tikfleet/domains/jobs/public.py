"""What other domains and the application may use of jobs."""

from tikfleet.domains.jobs.checks import Running, ScriptChecks, running_of
from tikfleet.domains.jobs.desk import HandOut, JobDesk, JobOutcome, JobReport
from tikfleet.domains.jobs.devices import JobScripts, JobTarget, JobTargets
from tikfleet.domains.jobs.jobs import JobSweep, WorkWatch
from tikfleet.domains.jobs.ledger import Ledger
from tikfleet.domains.jobs.model import Job, JobClass, JobRecord, Kind, Status
from tikfleet.domains.jobs.openwork import OpenWork
from tikfleet.domains.jobs.orders import JobOrder, JobOrders, JobStanding
from tikfleet.domains.jobs.output import without_credentials
from tikfleet.domains.jobs.parts import JobParts
from tikfleet.domains.jobs.schemas import DeviceIdText, RemarkView, ScriptText
from tikfleet.domains.jobs.service import Jobs, Written

__all__ = [
    "DeviceIdText",
    "HandOut",
    "Job",
    "JobClass",
    "JobDesk",
    "JobOrder",
    "JobOrders",
    "JobOutcome",
    "JobParts",
    "JobRecord",
    "JobReport",
    "JobScripts",
    "JobStanding",
    "JobSweep",
    "JobTarget",
    "JobTargets",
    "Jobs",
    "Kind",
    "Ledger",
    "OpenWork",
    "RemarkView",
    "Running",
    "ScriptChecks",
    "ScriptText",
    "Status",
    "WorkWatch",
    "Written",
    "running_of",
    "without_credentials",
]
