"""The objects that answer questions about flows, wired."""

from typing import Any

from tikfleet.app.bridges import InventoryLabels
from tikfleet.app.fact_tables import flow_retention_of
from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.flows.public import InterfaceNames, Names, Traffic
from tikfleet.domains.identity.public import Lineage
from tikfleet.domains.inventory.public import Devices
from tikfleet.kernel.clock import utc_now


def traffic_services(
    settings: Settings, infra: Infra, labels: InventoryLabels, devices: Devices, audit: AuditTrail
) -> dict[str, Any]:
    """What routes of traffic may name."""
    interfaces = InterfaceNames(infra.database, devices, audit)
    names = Names(labels, Lineage(infra.database), interfaces)
    traffic = Traffic(infra.warehouse, names, flow_retention_of(settings), utc_now)
    return {"traffic": traffic, "interface_names": interfaces}
