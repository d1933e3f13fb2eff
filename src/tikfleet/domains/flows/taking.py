"""What the application may use of flows to take them in: apart, since it needs numpy and few processes do it."""

from tikfleet.domains.flows.collector import Attribution, FlowCollector
from tikfleet.domains.flows.consumer import FlowRows
from tikfleet.domains.flows.model import Privacy
from tikfleet.domains.flows.rows import Nowhere, Places

__all__ = ["Attribution", "FlowCollector", "FlowRows", "Nowhere", "Places", "Privacy"]
