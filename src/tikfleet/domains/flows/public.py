"""What the application may use of flows to ask for them; what takes them in is in `taking`, which needs numpy."""

from tikfleet.domains.flows.counts import FlowCounts
from tikfleet.domains.flows.door import FlowDoor
from tikfleet.domains.flows.facts import FlowRetention, flow_tables
from tikfleet.domains.flows.interfaces import InterfaceNames
from tikfleet.domains.flows.names import Names
from tikfleet.domains.flows.service import Traffic

__all__ = ["FlowCounts", "FlowDoor", "FlowRetention", "InterfaceNames", "Names", "Traffic", "flow_tables"]
