"""What people call the things that traffic is by."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tikfleet.domains.flows.questions import By
from tikfleet.domains.flows.services import label_of
from tikfleet.domains.telemetry.public import Labels
from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId
from tikfleet.kernel.scopes import OrgScope

UNKNOWN = "unknown"


class Tenants(Protocol):
    """Names of organisations."""

    async def names(self, scope: OrgScope) -> Mapping[OrganisationId, str]: ...


class Interfaces(Protocol):
    """Names of devices' interfaces, by their numbers in flows."""

    async def interfaces(self, scope: OrgScope, ids: Sequence[DeviceId]) -> Mapping[DeviceId, Mapping[str, str]]: ...


class Names:
    """Labels for the keys of traffic, a name where there is one."""

    def __init__(self, labels: Labels, tenants: Tenants, interfaces: Interfaces) -> None:
        self._labels = labels
        self._tenants = tenants
        self._interfaces = interfaces

    async def of(self, scope: OrgScope, by: By, items: Sequence[Mapping[str, str]]) -> list[str]:
        """A label for each item, in their order."""
        match by:
            case "organisation":
                found = await self._tenants.names(scope)
                return [found.get(OrganisationId(item["org_id"]), item["org_id"]) for item in items]
            case "site":
                sites = await self._labels.sites(scope, [SiteId(item["site_id"]) for item in items if item["site_id"]])
                return [sites.get(SiteId(item["site_id"]), "no site") for item in items]
            case "service":
                return [label_of(item["service"]) or UNKNOWN for item in items]
            case "remote" | "country" | "network":
                return [next(iter(item.values())) or UNKNOWN for item in items]
            case _:
                return await self._of_devices(scope, by, items)

    async def _of_devices(self, scope: OrgScope, by: By, items: Sequence[Mapping[str, str]]) -> list[str]:
        ids = [DeviceId(item["device_id"]) for item in items if item["device_id"]]
        devices = await self._labels.devices(scope, list(dict.fromkeys(ids)))
        by_number = by in ("local_interface", "remote_interface")
        interfaces = await self._interfaces.interfaces(scope, list(dict.fromkeys(ids))) if by_number else {}
        labels = []
        for item in items:
            router = devices.get(DeviceId(item["device_id"]), item["device_id"] or UNKNOWN)
            match by:
                case "talker":
                    labels.append(f"{item['local_address'] or UNKNOWN} ({router})")
                case "conversation":
                    ends = f"{item['local_address'] or UNKNOWN} ↔ {item['remote_address'] or UNKNOWN}"
                    labels.append(f"{ends} {label_of(item['service'])} ({router})")
                case "local_interface" | "remote_interface":
                    named = interfaces.get(DeviceId(item["device_id"]), {})
                    labels.append(f"{router} {named.get(item[by]) or _interface(item[by])}")
                case _:
                    labels.append(router)
        return labels


def _interface(number: str) -> str:
    """Routers tell the number that SNMP knows an interface by, and none for traffic of their own."""
    return f"interface {number}" if number else "the router itself"
