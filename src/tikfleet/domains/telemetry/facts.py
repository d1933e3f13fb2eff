"""The warehouse tables of telemetry. Columns stand in the order of the rows in `model`."""

from typing import Final

import msgspec

from tikfleet.ports.warehouse import Aggregate, Column, FactTable, Kind, Rollup, Shape, Span

_ALL: Final = (Aggregate.SUM, Aggregate.MIN, Aggregate.MAX)
_MOST: Final = (Aggregate.SUM, Aggregate.MAX)
_SUM: Final = (Aggregate.SUM,)
_LAST: Final = (Aggregate.LAST,)

CHECKINS: Final = "site_checkins"
INTERFACES: Final = "interface_counters"
HEALTH: Final = "health"
WIRELESS: Final = "wireless_clients"

FLEET_1M: Final = "fleet_1m"


class Retention(msgspec.Struct, frozen=True):
    """For how many days rows and rollups are kept. The fleet's minutes are few, and stay as long as the days."""

    raw_days: int = 30
    five_minutes_days: int = 90
    hours_days: int = 400
    days_days: int = 1830


def telemetry_tables(retention: Retention) -> tuple[FactTable, ...]:
    """All fact tables of telemetry, with the retention that settings ask for."""
    return (
        _checkins(retention),
        _interfaces(retention),
        FactTable(
            HEALTH,
            1,
            (
                *_who_and_when(),
                Column("name", Kind.LABEL),
                Column("value", Kind.F64),
                Column("unit", Kind.LABEL),
            ),
            ("device_id", "name", "received_at"),
            Span.DAY,
            retention.raw_days,
            (Rollup("1h", 3600, ("device_id", "name"), {"value": _ALL}, Span.MONTH, retention.hours_days),),
        ),
        FactTable(
            WIRELESS,
            1,
            (
                *_who_and_when(),
                Column("interface", Kind.LABEL),
                Column("mac_address", Kind.TEXT),
                Column("ssid", Kind.LABEL),
                Column("signal_dbm", Kind.I16, optional=True),
                Column("tx_rate_bps", Kind.U64, optional=True),
                Column("rx_rate_bps", Kind.U64, optional=True),
                Column("uptime_s", Kind.U32, optional=True, shape=Shape.GROWING),
                Column("source", Kind.LABEL),
            ),
            ("device_id", "mac_address", "received_at"),
            Span.DAY,
            retention.raw_days,
        ),
    )


def _who_and_when() -> tuple[Column, Column, Column]:
    return (
        Column("org_id", Kind.LABEL),
        Column("device_id", Kind.LABEL),
        Column("received_at", Kind.MOMENT, shape=Shape.GROWING),
    )


_READINGS: Final = (
    Column("cpu_count", Kind.U8, shape=Shape.STEADY),
    Column("cpu_load", Kind.U8, optional=True),
    Column("cpu_frequency_mhz", Kind.U16, optional=True),
    Column("memory_total_bytes", Kind.U64),
    Column("memory_free_bytes", Kind.U64),
    Column("disk_total_bytes", Kind.U64),
    Column("disk_free_bytes", Kind.U64),
    Column("version", Kind.LABEL),
    Column("board", Kind.LABEL),
    Column("model", Kind.LABEL),
    Column("architecture", Kind.LABEL),
    Column("temperature_c", Kind.F32, optional=True),
    Column("voltage_v", Kind.F32, optional=True),
    Column("wireless_clients", Kind.U16, optional=True),
    Column("dhcp_leases", Kind.U16, optional=True),
    Column("ppp_active", Kind.U16, optional=True),
    Column("interfaces_total", Kind.U16, optional=True),
    Column("interfaces_running", Kind.U16, optional=True),
    Column("rx_bytes_delta", Kind.U64),
    Column("tx_bytes_delta", Kind.U64),
    Column("interval_s", Kind.F32),
    Column("lte_rsrp_dbm", Kind.I16, optional=True),
    Column("missed", Kind.U16),
)
_GAUGES: Final = {
    "cpu_load": _ALL,
    "memory_total_bytes": _MOST,
    "memory_free_bytes": _ALL,
    "disk_total_bytes": _MOST,
    "disk_free_bytes": _ALL,
    "temperature_c": _ALL,
    "voltage_v": _ALL,
    "wireless_clients": _ALL,
    "dhcp_leases": _ALL,
    "ppp_active": _ALL,
    "uptime_s": _ALL,
    "lte_rsrp_dbm": _ALL,
    "cpu_count": _MOST,
    "rx_bytes_delta": _SUM,
    "tx_bytes_delta": _SUM,
    "interval_s": _SUM,
}
_NAMED: Final = _GAUGES | {"version": _LAST, "board": _LAST, "model": _LAST, "architecture": _LAST}
_GROWN: Final = dict.fromkeys(
    (
        "rx_bytes_delta",
        "tx_bytes_delta",
        "rx_errors_delta",
        "tx_errors_delta",
        "rx_drops_delta",
        "tx_drops_delta",
        "interval_s",
    ),
    _SUM,
)


def _checkins(retention: Retention) -> FactTable:
    org_id, device_id, received_at = _who_and_when()
    keys = ("device_id", "site_id")
    return FactTable(
        CHECKINS,
        1,
        (
            org_id,
            device_id,
            Column("site_id", Kind.LABEL),
            received_at,
            Column("boot_id", Kind.TEXT),
            Column("seq", Kind.U32, shape=Shape.GROWING),
            Column("uptime_s", Kind.U32, shape=Shape.GROWING),
            Column("clock_offset_s", Kind.I32, optional=True),
            *_READINGS,
        ),
        ("device_id", "received_at"),
        Span.DAY,
        retention.raw_days,
        (
            Rollup("5m", 300, keys, _GAUGES, Span.DAY, retention.five_minutes_days),
            Rollup("1h", 3600, keys, _NAMED, Span.MONTH, retention.hours_days),
            Rollup("1d", 86400, keys, _NAMED, Span.YEAR, retention.days_days),
            Rollup(FLEET_1M, 60, (), _GAUGES, Span.YEAR, retention.days_days),
        ),
    )


def _interfaces(retention: Retention) -> FactTable:
    keys = ("device_id", "interface")
    return FactTable(
        INTERFACES,
        1,
        (
            *_who_and_when(),
            Column("interface", Kind.LABEL),
            Column("type", Kind.LABEL),
            Column("running", Kind.FLAG),
            Column("rx_bytes", Kind.U64, shape=Shape.GROWING),
            Column("tx_bytes", Kind.U64, shape=Shape.GROWING),
            Column("rx_bytes_delta", Kind.U64),
            Column("tx_bytes_delta", Kind.U64),
            Column("rx_packets_delta", Kind.U64),
            Column("tx_packets_delta", Kind.U64),
            Column("rx_errors_delta", Kind.U32),
            Column("tx_errors_delta", Kind.U32),
            Column("rx_drops_delta", Kind.U32),
            Column("tx_drops_delta", Kind.U32),
            Column("link_downs", Kind.U32),
            Column("interval_s", Kind.F32),
        ),
        ("device_id", "interface", "received_at"),
        Span.DAY,
        retention.raw_days,
        (
            Rollup("5m", 300, keys, _GROWN, Span.DAY, retention.five_minutes_days),
            Rollup("1h", 3600, keys, _GROWN, Span.MONTH, retention.hours_days),
            Rollup("1d", 86400, keys, _GROWN, Span.YEAR, retention.days_days),
        ),
    )
