"""What the application may use of check-ins."""

from tikfleet.domains.checkin.admission import Admission, AdmissionLimits
from tikfleet.domains.checkin.consumer import Consumer, Pace, Paces
from tikfleet.domains.checkin.counts import Counts
from tikfleet.domains.checkin.jobs import OfflineWatch, SessionWatch
from tikfleet.domains.checkin.live import LiveRequests
from tikfleet.domains.checkin.places import Places, SharedPlaces
from tikfleet.domains.checkin.removals import Removals
from tikfleet.domains.checkin.service import CheckIns, Rules
from tikfleet.domains.checkin.sessions import Sessions

__all__ = [
    "Admission",
    "AdmissionLimits",
    "CheckIns",
    "Consumer",
    "Counts",
    "LiveRequests",
    "OfflineWatch",
    "Pace",
    "Paces",
    "Places",
    "Removals",
    "Rules",
    "SessionWatch",
    "Sessions",
    "SharedPlaces",
]
