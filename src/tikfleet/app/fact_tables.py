"""Every fact table of the warehouse, with the retention that settings ask for."""

from tikfleet.app.settings import Settings
from tikfleet.domains.flows.public import FlowRetention, flow_tables
from tikfleet.domains.logs.public import log_tables
from tikfleet.domains.telemetry.public import Retention, telemetry_tables
from tikfleet.ports.warehouse import FactTable


def retention_of(settings: Settings) -> Retention:
    """How long telemetry is kept."""
    return Retention(
        settings.retention_raw_days, settings.retention_5m_days, settings.retention_1h_days, settings.retention_1d_days
    )


def flow_retention_of(settings: Settings) -> FlowRetention:
    """How long flows are kept."""
    return FlowRetention(
        settings.retention_flows_raw_days,
        settings.retention_flows_1m_days,
        settings.retention_flows_1h_days,
        settings.retention_flows_1d_days,
    )


def fact_tables(settings: Settings) -> tuple[FactTable, ...]:
    """The tables to prepare."""
    return (
        *telemetry_tables(retention_of(settings)),
        *flow_tables(flow_retention_of(settings)),
        *log_tables(settings.retention_logs_days),
    )


def fact_versions() -> dict[str, int]:
    """The version of each table that this program knows."""
    return {table.name: table.version for table in fact_tables(Settings())}
