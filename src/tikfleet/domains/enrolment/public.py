"""What other domains and the application may use of enrolment."""

from tikfleet.domains.enrolment.errors import EnrolmentRefused
from tikfleet.domains.enrolment.keys import EnrolmentKeys
from tikfleet.domains.enrolment.model import AgentScripts, Credential, EnrolRequest, Inventory, printable
from tikfleet.domains.enrolment.service import Enrolled, Enrolment

__all__ = [
    "AgentScripts",
    "Credential",
    "EnrolRequest",
    "Enrolled",
    "Enrolment",
    "EnrolmentKeys",
    "EnrolmentRefused",
    "Inventory",
    "printable",
]
