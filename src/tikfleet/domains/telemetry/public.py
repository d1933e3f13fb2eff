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

__all__ = [
    "CheckinRow",
    "HealthRow",
    "InterfaceRow",
    "Retention",
    "TelemetryRows",
    "WirelessRow",
    "counted_s",
    "counter_delta",
    "telemetry_tables",
    "to_batch",
]
