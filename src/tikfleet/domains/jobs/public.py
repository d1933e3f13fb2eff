"""What other domains and the application may use of jobs."""

from tikfleet.domains.jobs.checks import ScriptChecks
from tikfleet.domains.jobs.desk import HandOut, JobDesk, JobOutcome, JobReport
from tikfleet.domains.jobs.devices import JobScripts, JobTarget, JobTargets
from tikfleet.domains.jobs.jobs import JobSweep, WorkWatch
from tikfleet.domains.jobs.ledger import Ledger
from tikfleet.domains.jobs.model import Job, JobClass, JobRecord, Kind, Status
from tikfleet.domains.jobs.openwork import OpenWork
from tikfleet.domains.jobs.output import without_credentials
from tikfleet.domains.jobs.parts import JobParts
from tikfleet.domains.jobs.service import Jobs, Written

__all__ = [
    "HandOut",
    "Job",
    "JobClass",
    "JobDesk",
    "JobOutcome",
    "JobParts",
    "JobRecord",
    "JobReport",
    "JobScripts",
    "JobSweep",
    "JobTarget",
    "JobTargets",
    "Jobs",
    "Kind",
    "Ledger",
    "OpenWork",
    "ScriptChecks",
    "Status",
    "WorkWatch",
    "Written",
    "without_credentials",
]
