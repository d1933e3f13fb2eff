"""What an installation on AWS costs: what each check-in costs, and what each month costs however few there are."""

import math
from typing import Final

import msgspec

from tikfleet.app.cloud.prices import Prices
from tikfleet.app.cloud.sizes import Size
from tikfleet.app.cloud.traffic import Traffic

MILLION: Final = 1_000_000
GOAL_USD: Final = 0.50
_GB: Final = 1e9
_MONTH_H: Final = 730.0
_MONTH_S: Final = _MONTH_H * 3600
# Elastic Load Balancing: an LCU is 25 new connections a second, or 1 GB an hour (0.4 GB to functions).
_LCU_CONNECTIONS_HOUR: Final = 25 * 3600
_LCU_GB_TO_FUNCTIONS: Final = 0.4
# Kinesis: a shard takes 1,000 records or 1 MB a second, and is planned to be half full.
_SHARD_RECORDS_S: Final = 1000
_SHARD_BYTES_S: Final = 1e6
_SHARD_USED: Final = 0.5
_PUT_BYTES: Final = 25 * 1024
# Aurora counts what it writes of its log in units of 4 KB, and puts together what comes at once.
_LOG_UNIT_BYTES: Final = 4096
# The consumer's event source mapping (`deploy/aws/parts/functions.py`): whichever comes first.
_BATCH: Final = 500
_WINDOW_S: Final = 5
_CONTAINER_USED: Final = 0.5
# A function has a whole processor from so much memory on (Lambda Developer Guide, "Configure function memory").
_WHOLE_CPU_MB: Final = 1769
_ZONES: Final = 2
_RULES: Final = 11
_ALARMS: Final = 12
_KEYS, _SECRETS = 2, 3


class Cost(msgspec.Struct, frozen=True):
    """One line: US dollars for a million check-ins or for a month, and the sum behind it in words."""

    path: str
    what: str
    usd: float
    sum: str


class Shape(msgspec.Struct, frozen=True):
    """An installation and its fleet.

    With `own_balancer` routers do not pass the firewall, `by_container` they are answered beside the functions.
    """

    size: Size
    routers: int
    interval_s: int = 60
    own_balancer: bool = False
    by_container: bool = False

    @property
    def checkins(self) -> float:
        """In a month."""
        return self.routers * _MONTH_S / self.interval_s

    @property
    def shards(self) -> int:
        """What the size has, or more if the fleet needs them."""
        return max(self.size.shards, math.ceil(self.routers / self.interval_s / (_SHARD_RECORDS_S * _SHARD_USED)))


def for_a_million(shape: Shape, traffic: Traffic, prices: Prices) -> list[Cost]:
    """What a million check-ins cost, over fresh connections, service by service."""
    return [*_taking(shape, traffic, prices), *_processing(shape, traffic, prices)]


def _taking(shape: Shape, traffic: Traffic, prices: Prices) -> list[Cost]:
    connections = MILLION / _LCU_CONNECTIONS_HOUR
    gigabytes = MILLION * (traffic.in_bytes + traffic.answer_bytes + traffic.handshake_out_bytes) / _GB
    lcu_hours = max(connections, gigabytes / (1 if shape.by_container else _LCU_GB_TO_FUNCTIONS))
    out_gb = MILLION * traffic.out_bytes / _GB
    units = math.ceil(traffic.inbox_bytes / _PUT_BYTES)
    to_stream_gb = MILLION * traffic.inbox_bytes / _GB
    way = "endpoint_gb" if shape.size.stream_endpoint else "nat_gb"
    firewall = 0.0 if shape.own_balancer else prices["firewall_request"]
    return [
        Cost(
            "balancer",
            "connections and bytes",
            lcu_hours * prices["balancer_lcu_hour"],
            f"{lcu_hours:.1f} LCU-hours ({connections:.1f} by connections)",
        ),
        Cost("firewall", "requests looked at", firewall, "none pass it" if shape.own_balancer else "a million"),
        *(_by_container(shape, traffic, prices) if shape.by_container else _by_function(shape, traffic, prices)),
        Cost("stream", "records", units * prices["stream_put"], f"{units} million units of 25 KB"),
        Cost("stream", "the way there", to_stream_gb * prices[way], f"{to_stream_gb:.2f} GB"),
        Cost("answers", "bytes to routers", out_gb * prices["out_gb"], f"{out_gb:.2f} GB, TLS handshakes with them"),
    ]


def _by_function(shape: Shape, traffic: Traffic, prices: Prices) -> list[Cost]:
    memory_mb = shape.size.http_memory_mb
    billed_ms = math.ceil(_on(traffic.function_cpu_ms, memory_mb) + traffic.store_wait_ms)
    gb_s = MILLION * billed_ms / 1000 * memory_mb / 1024
    return [
        Cost("function", "calls", prices["lambda_request"], "a million"),
        Cost("function", "time", gb_s * prices["lambda_gb_s"], f"{gb_s:,.0f} GB-s: {billed_ms} ms of {memory_mb} MiB"),
    ]


def _by_container(shape: Shape, traffic: Traffic, prices: Prices) -> list[Cost]:
    """The task stands there anyway, and is paid by the month; this is what more of it would cost."""
    hours = MILLION * container_cpu_ms(shape, traffic) / 1000 / 3600 / _CONTAINER_USED
    return [Cost("container", "its processor", hours * prices["container_vcpu_hour"], f"{hours:.2f} vCPU-hours")]


def container_cpu_ms(shape: Shape, traffic: Traffic) -> float:
    """Of the task's processor for a check-in: its own, and its share of the call that puts it into the stream."""
    return traffic.container_cpu_ms + traffic.container_call_cpu_ms / _in_one_call(shape.routers, shape, traffic)


def carried_by_container(shape: Shape, traffic: Traffic) -> float:
    """How many routers the task answers with half of its processor."""
    least, most = 1.0, 1e7
    while most - least > 1:
        routers = (least + most) / 2
        each_ms = traffic.container_cpu_ms + traffic.container_call_cpu_ms / _in_one_call(routers, shape, traffic)
        used = routers / shape.interval_s * each_ms / 1000
        least, most = (routers, most) if used < shape.size.live_cpu / 1024 * _CONTAINER_USED else (least, routers)
    return least


def _in_one_call(routers: float, shape: Shape, traffic: Traffic) -> float:
    """While one call is under way, and a moment more, the next gathers; where nobody came, the first goes at once."""
    expected = routers / shape.interval_s * (traffic.store_wait_ms + traffic.gather_ms) / 1000
    return expected + math.exp(-expected)


def _processing(shape: Shape, traffic: Traffic, prices: Prices) -> list[Cost]:
    in_window = shape.routers / shape.interval_s / shape.shards * _WINDOW_S
    batch = min(_BATCH, max(1.0, in_window))
    calls = MILLION / batch
    memory_mb = shape.size.background_memory_mb
    each_ms = _on(traffic.processing_cpu_ms, memory_mb) + traffic.stretch_wait_ms / batch
    gb_s = MILLION * each_ms / 1000 * memory_mb / 1024
    writes = traffic.state_log_bytes / _LOG_UNIT_BYTES
    return [
        Cost("consumer", "calls", calls / MILLION * prices["lambda_request"], f"{calls:,.0f} of {batch:.0f}"),
        Cost("consumer", "time", gb_s * prices["lambda_gb_s"], f"{gb_s:,.0f} GB-s: {each_ms:.2f} ms each"),
        Cost(
            "database",
            "writes of last states",
            writes * prices["database_io"],
            f"{writes:.2f} million of {_LOG_UNIT_BYTES // 1024} KB",
        ),
    ]


def for_a_month(shape: Shape, prices: Prices) -> list[Cost]:
    """What a month costs if nobody reports: what runs, waits and is watched. The telemetry's server is not in it."""
    size, hours = shape.size, _MONTH_H
    balancers = 2 if shape.own_balancer else 1
    addresses = _ZONES * balancers + size.nat_gateways
    kept_gb_s = size.provisioned * size.http_memory_mb / 1024 * _MONTH_S
    shard_hour = prices["stream_shard_hour"] + prices["stream_kept_hour"]
    members = 1 + size.database_readers
    task = size.live_cpu / 1024 * prices["container_vcpu_hour"]
    task += size.live_memory_mb / 1024 * prices["container_gb_hour"]
    lines = [
        ("balancer", f"{balancers} running", balancers * hours * prices["balancer_hour"]),
        ("balancer", f"{addresses} public addresses, NAT with them", addresses * hours * prices["address_hour"]),
        ("firewall", f"one, {_RULES} rules", prices["firewall_acl_month"] + _RULES * prices["firewall_rule_month"]),
        ("network", f"{size.nat_gateways} NAT gateways", size.nat_gateways * hours * prices["nat_hour"]),
        ("stream", f"{shape.shards} shards, kept two days", shape.shards * hours * shard_hour),
        ("function", f"{size.provisioned} kept ready", kept_gb_s * prices["lambda_provisioned_gb_s"]),
        ("container", "one task: api and worker", hours * task),
        (
            "database",
            f"{members} at {size.database_min_acu:g} ACU at least",
            members * size.database_min_acu * hours * prices["database_acu_hour"],
        ),
        (
            "secrets",
            f"{_KEYS} keys, {_SECRETS} secrets",
            _KEYS * prices["key_month"] + _SECRETS * prices["secret_month"],
        ),
        ("watching", f"{_ALARMS} alarms, a page", _ALARMS * prices["alarm_month"] + prices["page_month"]),
    ]
    if size.stream_endpoint:
        lines.append(("stream", "a way of its own", _ZONES * hours * prices["endpoint_hour"]))
    return [Cost(path, what, usd, "") for path, what, usd in lines]


def _on(cpu_ms: float, memory_mb: int) -> float:
    """How long so much work takes a function of that memory, which has a part of a processor."""
    return cpu_ms * max(1.0, _WHOLE_CPU_MB / memory_mb)
