"""What the application may use of flows."""

from tikfleet.domains.flows.collector import Attribution, FlowCollector, FlowCounts
from tikfleet.domains.flows.consumer import FlowRows
from tikfleet.domains.flows.facts import FlowRetention, flow_tables
from tikfleet.domains.flows.model import Privacy
from tikfleet.domains.flows.names import Names
from tikfleet.domains.flows.rows import Places
from tikfleet.domains.flows.service import Traffic

__all__ = [
    "Attribution",
    "FlowCollector",
    "FlowCounts",
    "FlowRetention",
    "FlowRows",
    "Names",
    "Places",
    "Privacy",
    "Traffic",
    "flow_tables",
]
