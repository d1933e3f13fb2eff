"""The objects that know whose arriving lines and flows are, wired."""

from typing import Any

import msgspec

from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.flows.public import FlowCounts, FlowDoor
from tikfleet.domains.identity.public import Lineage
from tikfleet.domains.inventory.public import Devices, DeviceStates
from tikfleet.domains.sources.public import Parts, SourceDirectory, SourceMeter, Sources, SourceTally
from tikfleet.kernel.clock import utc_now


class Attribution(msgspec.Struct, frozen=True):
    """What every listener asks of each sender: whose it is, whether it sends too much; and where it counts."""

    directory: SourceDirectory
    meter: SourceMeter
    tally: SourceTally
    door: FlowDoor
    flows: FlowCounts

    @classmethod
    def of(cls, settings: Settings, infra: Infra, states: DeviceStates) -> "Attribution":
        """One for each process that listens."""
        return cls(
            SourceDirectory(infra.database, states),
            SourceMeter(settings.source_per_second),
            SourceTally(infra.database, utc_now),
            FlowDoor(),
            FlowCounts(),
        )


def source_services(
    settings: Settings, infra: Infra, audit: AuditTrail, devices: Devices, states: DeviceStates
) -> dict[str, Any]:
    """What routes of sources may name."""
    parts = Parts(audit, devices, states, Lineage(infra.database), infra.bus, settings.device_port_range)
    return {"sources": Sources(infra.database, parts, utc_now)}
