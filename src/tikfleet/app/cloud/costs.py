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
_READ_BYTES: Final = 4096
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
    """An installation and its fleet. With `own_balancer` routers do not pass the firewall."""

    size: Size
    routers: int
    interval_s: int = 60
    own_balancer: bool = False

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
    lcu_hours = max(connections, gigabytes / _LCU_GB_TO_FUNCTIONS)
    billed_ms = math.ceil(_on(traffic.answer_cpu_ms, shape.size.http_memory_mb) + traffic.store_wait_ms)
    gb_s = MILLION * billed_ms / 1000 * shape.size.http_memory_mb / 1024
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
        Cost("function", "calls", prices["lambda_request"], "a million"),
        Cost(
            "function",
            "time",
            gb_s * prices["lambda_gb_s"],
            f"{gb_s:,.0f} GB-s: {billed_ms} ms of {shape.size.http_memory_mb} MiB",
        ),
        Cost(
            "cache",
            "sessions of routers",
            traffic.session_reads * prices["cache_read"],
            f"{traffic.session_reads:g} million reads of up to {_READ_BYTES // 1024} KB",
        ),
        Cost("stream", "records", units * prices["stream_put"], f"{units} million units of 25 KB"),
        Cost("stream", "the way there", to_stream_gb * prices[way], f"{to_stream_gb:.2f} GB"),
        Cost("answers", "bytes to routers", out_gb * prices["out_gb"], f"{out_gb:.2f} GB, TLS handshakes with them"),
    ]


def _processing(shape: Shape, traffic: Traffic, prices: Prices) -> list[Cost]:
    calls = MILLION / traffic.batch
    memory_mb = shape.size.background_memory_mb
    each_ms = _on(traffic.processing_cpu_ms, memory_mb)
    gb_s = MILLION * each_ms / 1000 * memory_mb / 1024
    return [
        Cost("consumer", "calls", calls / MILLION * prices["lambda_request"], f"{calls:,.0f} of {traffic.batch}"),
        Cost("consumer", "time", gb_s * prices["lambda_gb_s"], f"{gb_s:,.0f} GB-s: {each_ms:.2f} ms each"),
        Cost(
            "database",
            "writes of last states",
            traffic.database_io * prices["database_io"],
            f"{traffic.database_io:g} million",
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
