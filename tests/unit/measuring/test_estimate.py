"""From measured costs to routers."""

import msgspec
import pytest

from tikfleet.app.measuring.estimate import Costs, arithmetic, carried

COSTS = Costs(
    cores=2, pipeline_us=400, handshake_us=600, loop_us=200, standing_share=0.2, bytes_a_report=100, free_bytes=10**12
)


def test_routers_are_what_is_spare_of_the_processor_over_what_a_report_costs() -> None:
    found = carried(COSTS, 60)

    # (2 * 0.6 - 0.2) cores for 60 s, at a millisecond a report.
    assert (found.routers, found.by_processor, found.bottleneck) == (60_000, 60_000, "TLS")


def test_routers_that_report_less_often_are_more() -> None:
    assert carried(COSTS, 300).routers == 5 * carried(COSTS, 60).routers


@pytest.mark.parametrize(
    ("change", "bottleneck", "routers"),
    [
        ({"handshake_us": 100}, "pipeline", 120_000),
        # (0.6 - 0.2) of one core for 60 s, at a millisecond.
        ({"loop_us": 1_000}, "one event loop", 24_000),
        # 30 days of a report a minute at 100 bytes are 4.32 MB a router; 4/5 of the disk may be used.
        ({"free_bytes": 54_000_000_000}, "disk", 10_000),
    ],
)
def test_the_least_bound_is_the_bottleneck(change: dict[str, int], bottleneck: str, routers: int) -> None:
    found = carried(msgspec.structs.replace(COSTS, **change), 60)

    assert (found.bottleneck, found.routers) == (bottleneck, routers)


def test_a_machine_that_is_busy_at_rest_carries_none() -> None:
    assert carried(msgspec.structs.replace(COSTS, standing_share=1.5), 60).routers == 0


def test_the_arithmetic_shows_every_bound() -> None:
    found = carried(COSTS, 60)
    told = "\n".join(arithmetic(COSTS, found))

    assert "= 1,000 µs of processor time" in told
    for bound in (found.by_processor, found.by_loop, found.by_disk):
        assert f"= {bound:,} routers" in told
