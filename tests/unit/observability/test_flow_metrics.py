"""What Prometheus is told of flows is what was counted, under names that are described."""

from types import SimpleNamespace
from typing import Any

from tikfleet.app.observability.arrivals import Arrivals
from tikfleet.app.observability.names import METRICS
from tikfleet.domains.flows.public import FlowCounts


def test_every_count_of_flows_is_told_once_under_a_described_name() -> None:
    flows = FlowCounts(
        decoded=11,
        stored=7,
        dropped=4,
        impossible=3,
        lost=5,
        unread=2,
        set_aside=1,
        exporters=6,
        templates=12,
        buffer_bytes=8,
        buffer_age_s=9.5,
    )
    nothing: Any = SimpleNamespace(totals={}, dropped=dict)
    arrivals = Arrivals(nothing, flows, None, None, 0, 10)

    told = {
        (name, *labels): value
        for values in (arrivals.counters(), arrivals.gauges())
        for name, by_labels in values.items()
        if name.startswith("tikfleet_flow_")
        for labels, value in by_labels.items()
    }

    assert told == {
        ("tikfleet_flow_records_decoded",): 11,
        ("tikfleet_flow_records_buffered",): 7,
        ("tikfleet_flow_records_dropped", "buffer"): 4,
        ("tikfleet_flow_records_dropped", "impossible"): 3,
        ("tikfleet_flow_sequence_lost",): 5,
        ("tikfleet_flow_sets_unread",): 2,
        ("tikfleet_flow_batches_set_aside",): 1,
        ("tikfleet_flow_exporters",): 6,
        ("tikfleet_flow_templates",): 12,
        ("tikfleet_flow_buffer_bytes",): 8,
        ("tikfleet_flow_buffer_limit_bytes",): 10,
        ("tikfleet_flow_buffer_age_seconds",): 9.5,
    }
    assert {key[0] for key in told} <= set(METRICS)
