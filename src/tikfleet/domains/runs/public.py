"""What the application and higher domains may use of runs."""

from tikfleet.domains.runs.jobs import RunSteerer
from tikfleet.domains.runs.ledger import RunLedger
from tikfleet.domains.runs.looking import RunLook
from tikfleet.domains.runs.notices import RunFeed, RunNotice, RunNotices
from tikfleet.domains.runs.people import Approvals
from tikfleet.domains.runs.planning import Planner
from tikfleet.domains.runs.rendering import value_of
from tikfleet.domains.runs.schemas import RunCreate, RunParameter
from tikfleet.domains.runs.service import Runs
from tikfleet.domains.runs.spec import Parameter, ParameterType, ParameterValue
from tikfleet.domains.runs.steering import Steering
from tikfleet.domains.runs.template import Template, TemplateFault, Value

__all__ = [
    "Approvals",
    "Parameter",
    "ParameterType",
    "ParameterValue",
    "Planner",
    "RunCreate",
    "RunFeed",
    "RunLedger",
    "RunLook",
    "RunNotice",
    "RunNotices",
    "RunParameter",
    "RunSteerer",
    "Runs",
    "Steering",
    "Template",
    "TemplateFault",
    "Value",
    "value_of",
]
