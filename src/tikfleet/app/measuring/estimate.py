"""From costs to routers: how many a machine carries, and what stops it first. Arithmetic alone."""

from typing import Final, Literal

import msgspec

BUSY: Final = 0.6
INTERVALS_S: Final = (10, 60, 300)
_DAY_S: Final = 86_400
_DISK_USED: Final = 0.8

Bottleneck = Literal["TLS", "pipeline", "one event loop", "disk"]


class Costs(msgspec.Struct, frozen=True):
    """What was measured. Microseconds are of processor time, per report."""

    cores: int
    pipeline_us: float
    handshake_us: float
    loop_us: float
    standing_share: float
    bytes_a_report: float
    free_bytes: int
    raw_days: int = 30

    @property
    def report_us(self) -> float:
        """A report over a fresh TLS connection, from the handshake to the last row."""
        return self.pipeline_us + self.handshake_us


class Carried(msgspec.Struct, frozen=True):
    """How many routers at one interval, each bound alone, and which is the least."""

    interval_s: int
    routers: int
    by_processor: int
    by_loop: int
    by_disk: int
    bottleneck: Bottleneck


def carried(costs: Costs, interval_s: int) -> Carried:
    """The routers that leave two fifths of the machine idle, and of its free disk a fifth.

    `standing_share` is what the platform takes with hardly a report, in cores. History on the disk is what
    `raw_days` of reports take.
    """
    spare_s = max(0.0, costs.cores * BUSY - costs.standing_share)
    by_processor = round(spare_s * interval_s / costs.report_us * 1e6)
    # Handshakes are done by threads of their own; everything else of Python's runs on one loop.
    by_loop = round(max(0.0, BUSY - costs.standing_share) * interval_s / costs.loop_us * 1e6)
    kept = costs.raw_days * _DAY_S / interval_s * costs.bytes_a_report
    by_disk = int(costs.free_bytes * _DISK_USED / kept)
    bounds: dict[Bottleneck, int] = {
        "TLS" if costs.handshake_us > costs.pipeline_us else "pipeline": by_processor,
        "one event loop": by_loop,
        "disk": by_disk,
    }
    bottleneck = min(bounds, key=lambda name: bounds[name])
    return Carried(interval_s, bounds[bottleneck], by_processor, by_loop, by_disk, bottleneck)


def arithmetic(costs: Costs, found: Carried) -> list[str]:
    """The sums, so that a person can follow and doubt them."""
    gib = costs.free_bytes / 2**30
    kept_mb = costs.raw_days * _DAY_S / found.interval_s * costs.bytes_a_report / 1e6
    spare = costs.cores * BUSY - costs.standing_share
    loop = BUSY - costs.standing_share
    every, us = f"{found.interval_s} s", f"{costs.report_us:,.0f} µs"
    report = f"a report: {costs.pipeline_us:,.0f} µs (pipeline) + {costs.handshake_us:,.0f} µs (TLS handshake) = {us}"
    cores = f"({costs.cores} * {BUSY} - {costs.standing_share:.2f} standing = {spare:.2f} cores)"
    disk = f"{gib:,.1f} GiB free * {_DISK_USED} / {kept_mb:,.1f} MB a router in {costs.raw_days} days"
    return [
        f"{report} of processor time",
        f"processor: {cores} * {every} / {us} = {found.by_processor:,} routers",
        f"one event loop: {loop:.2f} of a core * {every} / {costs.loop_us:,.0f} µs = {found.by_loop:,} routers",
        f"disk: {disk} = {found.by_disk:,} routers",
    ]
