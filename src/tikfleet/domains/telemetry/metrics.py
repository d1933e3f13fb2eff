"""The metrics that can be asked for, and how each is measured in the facts."""

from typing import Final, Literal

import msgspec

from tikfleet.domains.telemetry.errors import AggregateNotKept, MetricNotFound
from tikfleet.domains.telemetry.facts import CHECKINS, INTERFACES
from tikfleet.ports.warehouse import Aggregate, Measure, Ratio

Aggregation = Literal["avg", "max", "min", "sum"]
Subject = Literal["device", "interface"]
MetricKind = Literal["gauge", "rate", "count"]
DeviceMetric = Literal[
    "cpu_load",
    "memory_used_percent",
    "disk_used_percent",
    "temperature_c",
    "voltage_v",
    "wireless_clients",
    "dhcp_leases",
    "ppp_active",
    "uptime_s",
    "checkins",
    "rx_bps",
    "tx_bps",
    "lte_rsrp_dbm",
]
InterfaceMetric = Literal["rx_bps", "tx_bps", "rx_errors", "tx_errors", "rx_drops", "tx_drops"]
AnyMetric = DeviceMetric | InterfaceMetric

TABLES: Final[dict[Subject, str]] = {"device": CHECKINS, "interface": INTERFACES}
_BITS: Final = 8.0
_WHOLE: Final = {
    "avg": Aggregate.MEAN,
    "max": Aggregate.MAX,
    "min": Aggregate.MIN,
    "sum": Aggregate.SUM,
}
# The least free is the most used.
_FREE: Final = {"avg": Aggregate.SUM, "max": Aggregate.MIN, "min": Aggregate.MAX, "sum": Aggregate.SUM}
_OF_ALL: Final = {"avg": Aggregate.SUM, "max": Aggregate.MAX, "min": Aggregate.MAX, "sum": Aggregate.SUM}


class Metric(msgspec.Struct, frozen=True):
    """A metric of a subject. `column` is what it is measured on; `whole` the column that it is a share of."""

    name: str
    subject: Subject
    kind: MetricKind
    unit: str
    label: str
    column: str = ""
    whole: str = ""


CATALOGUE: Final = (
    Metric("cpu_load", "device", "gauge", "percent", "CPU load", "cpu_load"),
    Metric(
        "memory_used_percent", "device", "gauge", "percent", "Memory used", "memory_free_bytes", "memory_total_bytes"
    ),
    Metric("disk_used_percent", "device", "gauge", "percent", "Disk used", "disk_free_bytes", "disk_total_bytes"),
    Metric("temperature_c", "device", "gauge", "celsius", "Temperature", "temperature_c"),
    Metric("voltage_v", "device", "gauge", "volt", "Voltage", "voltage_v"),
    Metric("wireless_clients", "device", "gauge", "clients", "Wireless clients", "wireless_clients"),
    Metric("dhcp_leases", "device", "gauge", "leases", "DHCP leases", "dhcp_leases"),
    Metric("ppp_active", "device", "gauge", "sessions", "Active PPP sessions", "ppp_active"),
    Metric("uptime_s", "device", "gauge", "seconds", "Uptime", "uptime_s"),
    Metric("checkins", "device", "count", "checkins", "Check-ins"),
    Metric("rx_bps", "device", "rate", "bps", "Received", "rx_bytes_delta"),
    Metric("tx_bps", "device", "rate", "bps", "Sent", "tx_bytes_delta"),
    Metric("lte_rsrp_dbm", "device", "gauge", "dbm", "LTE signal (RSRP)", "lte_rsrp_dbm"),
    Metric("rx_bps", "interface", "rate", "bps", "Received", "rx_bytes_delta"),
    Metric("tx_bps", "interface", "rate", "bps", "Sent", "tx_bytes_delta"),
    Metric("rx_errors", "interface", "count", "errors", "Receive errors", "rx_errors_delta"),
    Metric("tx_errors", "interface", "count", "errors", "Send errors", "tx_errors_delta"),
    Metric("rx_drops", "interface", "count", "packets", "Received and dropped", "rx_drops_delta"),
    Metric("tx_drops", "interface", "count", "packets", "Dropped before sending", "tx_drops_delta"),
)
_BY_NAME: Final = {(metric.subject, metric.name): metric for metric in CATALOGUE}


def metric_of(subject: Subject, name: str) -> Metric:
    """The metric of that name. Raises MetricNotFound."""
    try:
        return _BY_NAME[subject, name]
    except KeyError:
        raise MetricNotFound(f"there is no metric {name!r} of a {subject}") from None


def measured(metric: Metric, aggregation: Aggregation) -> Measure | Ratio:
    """The metric over the rows of one device or interface. Raises AggregateNotKept."""
    name = metric.name
    if metric.kind == "gauge":
        if metric.whole:
            free = Measure(name, _FREE[aggregation], metric.column)
            return Ratio(name, free, Measure(name, _OF_ALL[aggregation], metric.whole), -100.0, 100.0)
        return Measure(name, _WHOLE[aggregation], metric.column)
    if aggregation in ("max", "min"):
        raise AggregateNotKept(f"{name} has no {aggregation}")
    if metric.kind == "rate":
        sent = Measure(name, Aggregate.SUM, metric.column)
        return Ratio(name, sent, Measure(name, Aggregate.SUM, "interval_s"), _BITS)
    return _counted(metric)


def totalled(metric: Metric, aggregation: Aggregation) -> Measure | Ratio:
    """The metric over the rows of many devices at once, to be multiplied by `scale_of`: rates and counts add up."""
    if metric.kind == "rate":
        measured(metric, aggregation)
        # Bytes over the time itself. The rows' own intervals add up to as many times that as there are devices.
        return Measure(metric.name, Aggregate.SUM, metric.column)
    return measured(metric, aggregation)


def scale_of(metric: Metric, over_s: float) -> float:
    """What `totalled` must be multiplied by, when it was taken over so many seconds."""
    return _BITS / over_s if metric.kind == "rate" else 1.0


def _counted(metric: Metric) -> Measure:
    return Measure(metric.name, Aggregate.SUM if metric.column else Aggregate.COUNT, metric.column)
