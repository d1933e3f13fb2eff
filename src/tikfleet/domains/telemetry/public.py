"""What other domains may use of telemetry."""

from tikfleet.domains.telemetry.batches import TelemetryRows, to_batch
from tikfleet.domains.telemetry.facts import Retention, telemetry_tables
from tikfleet.domains.telemetry.model import (
    CheckinRow,
    HealthRow,
    InterfaceRow,
    WirelessRow,
    counted_s,
    counter_delta,
)
from tikfleet.domains.telemetry.questions import Labels, SeriesQuestion
from tikfleet.domains.telemetry.rankings import Rankings, TopQuestion
from tikfleet.domains.telemetry.service import Telemetry
from tikfleet.domains.telemetry.windows import Last, Window, window_of

__all__ = [
    "CheckinRow",
    "HealthRow",
    "InterfaceRow",
    "Labels",
    "Last",
    "Rankings",
    "Retention",
    "SeriesQuestion",
    "Telemetry",
    "TelemetryRows",
    "TopQuestion",
    "Window",
    "WirelessRow",
    "counted_s",
    "counter_delta",
    "telemetry_tables",
    "to_batch",
    "window_of",
]
