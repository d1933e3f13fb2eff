"""The objects of fleet queries and of what routers say of their menus, wired."""

from typing import Any

from tikfleet.adapters.sandbox.process import SandboxProcesses
from tikfleet.app.bridges import InventoryTargets, RenderedScripts
from tikfleet.app.infra import Infra
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.live.public import LiveHub
from tikfleet.domains.queries.public import KEPT_BOUNDS, FleetQueries, QueryKeeper, SavedQueries
from tikfleet.domains.routeros.public import RouterReads, RouterSchemas
from tikfleet.kernel.clock import utc_now


def query_services(
    infra: Infra, audit: AuditTrail, targets: InventoryTargets, live: LiveHub, scripts: RenderedScripts
) -> dict[str, Any]:
    """What routes of both may name."""
    reads = RouterReads(live, scripts)
    kept = FleetQueries(targets, live, reads, KEPT_BOUNDS)
    return {
        "fleet_queries": FleetQueries(targets, live, reads),
        "saved_queries": SavedQueries(infra.database, infra.blobs, audit, SandboxProcesses(), utc_now),
        "query_keeper": QueryKeeper(infra.database, infra.blobs, kept, utc_now),
        "router_schemas": RouterSchemas(live, targets, scripts),
    }
