"""What the application may use of flows."""

from tikfleet.domains.flows.collector import Attribution, FlowCollector, FlowCounts
from tikfleet.domains.flows.consumer import FlowRows
from tikfleet.domains.flows.facts import FlowRetention, flow_tables
from tikfleet.domains.flows.model import Privacy
from tikfleet.domains.flows.rows import Places

__all__ = [
    "Attribution",
    "FlowCollector",
    "FlowCounts",
    "FlowRetention",
    "FlowRows",
    "Places",
    "Privacy",
    "flow_tables",
]
