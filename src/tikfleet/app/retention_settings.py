"""Settings of how long things are kept."""

from typing import Annotated

import msgspec
from msgspec import Meta

Days = Annotated[int, Meta(ge=1, le=36500)]
DaysOrEver = Annotated[int, Meta(ge=0, le=36500)]


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long the installation keeps things; what is older is removed by itself."""

    retention_raw_days: Annotated[Days, Meta(description="Days that raw telemetry is kept.")] = 30
    retention_5m_days: Annotated[Days, Meta(description="Days that 5-minute telemetry is kept.")] = 90
    retention_1h_days: Annotated[Days, Meta(description="Days that hourly telemetry is kept.")] = 400
    retention_1d_days: Annotated[Days, Meta(description="Days that daily telemetry is kept.")] = 1830
    retention_logs_days: Annotated[Days, Meta(description="Days that log lines are kept.")] = 30
    retention_flows_raw_days: Annotated[Days, Meta(description="Days that single flows are kept.")] = 3
    retention_flows_1m_days: Annotated[Days, Meta(description="Days that traffic by the minute is kept.")] = 14
    retention_flows_1h_days: Annotated[
        Days, Meta(description="Days that traffic by the hour, and by five minutes for bills, is kept.")
    ] = 100
    retention_flows_1d_days: Annotated[Days, Meta(description="Days that traffic by the day is kept.")] = 1100
    retention_jobs_days: Annotated[
        DaysOrEver, Meta(description="Days that jobs and their output are kept after their end; 0 keeps them for ever.")
    ] = 90
    retention_runs_days: Annotated[
        DaysOrEver, Meta(description="Days that runs are kept after their end; 0 keeps them for ever.")
    ] = 400
    retention_events_days: Annotated[
        DaysOrEver, Meta(description="Days that events of devices are kept; 0 keeps them for ever.")
    ] = 400
    retention_enrolments_days: Annotated[
        DaysOrEver, Meta(description="Days that attempts to enrol are kept; 0 keeps them for ever.")
    ] = 400
    retention_audit_days: Annotated[
        DaysOrEver, Meta(description="Days that entries of the audit trail are kept; 0 keeps them for ever.")
    ] = 0
    retention_script_versions_days: Annotated[
        DaysOrEver,
        Meta(description="Days that versions in the script library are kept once a newer one is there; 0: for ever."),
    ] = 0
