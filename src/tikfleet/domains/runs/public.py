"""What the application may use of runs."""

from tikfleet.domains.runs.jobs import RunSteerer
from tikfleet.domains.runs.ledger import RunLedger
from tikfleet.domains.runs.looking import RunLook
from tikfleet.domains.runs.people import Approvals
from tikfleet.domains.runs.planning import Planner
from tikfleet.domains.runs.service import Runs
from tikfleet.domains.runs.steering import Steering

__all__ = ["Approvals", "Planner", "RunLedger", "RunLook", "RunSteerer", "Runs", "Steering"]
