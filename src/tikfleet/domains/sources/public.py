"""What lines and flows, and the application, may use of sources."""

from tikfleet.domains.sources.directory import SourceDirectory
from tikfleet.domains.sources.drain import Drain
from tikfleet.domains.sources.meter import SourceMeter
from tikfleet.domains.sources.model import Arrival, Counted, Origin, normal_address
from tikfleet.domains.sources.service import Nesting, Parts, Sources
from tikfleet.domains.sources.tally import SourceTally

__all__ = [
    "Arrival",
    "Counted",
    "Drain",
    "Nesting",
    "Origin",
    "Parts",
    "SourceDirectory",
    "SourceMeter",
    "SourceTally",
    "Sources",
    "normal_address",
]
