"""Where one domain's need meets another's offer: small adapters between parts that must not know each other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tikfleet.agent.enrolment import enrolment_line
from tikfleet.agent.guard import render_guarded
from tikfleet.agent.jobs import JobKind, render_job
from tikfleet.agent.rest import render_question, render_rest_job
from tikfleet.agent.scripts import render_installer, render_removal, render_upgrade
from tikfleet.agent.settings import AgentSettings, InstallerSettings, RemovalSettings
from tikfleet.agent.tiers import Tier, tier_of
from tikfleet.domains.checkin.public import Pace
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.inventory.public import Devices, Selection, Sites
from tikfleet.domains.jobs.public import JobTarget, Kind, is_written_here, render_kind
from tikfleet.kernel.ids import DeviceId, OrganisationId, SiteId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.routeros.rest.plan import Plan
from tikfleet.routeros.script.quoting import quote

AGENT_VERSION = "1.1.0"


class RenderedScripts:
    """What enrolment and jobs hand to routers, made by the agent package."""

    def __init__(self, server_url: str, ca_pem: str) -> None:
        """`ca_pem` is the server's own authority, or empty where routers trust its certificate anyway."""
        self._settings = AgentSettings(server_url, AGENT_VERSION)
        self._ca_pem = ca_pem or None

    def tier(self, version: str) -> str:
        return tier_of(version).value

    def lines(self, key_secret: str) -> dict[str, str]:
        url = self._settings.server_url
        return {
            "v7": enrolment_line("v7", url, key_secret, self._ca_pem),
            "v6": enrolment_line("v6", url, key_secret, self._ca_pem),
        }

    def installer(self, version: str, key_secret: str) -> str:
        return render_installer(tier_of(version), InstallerSettings(self._settings, key_secret))

    def refusal(self, reason: str) -> str:
        return f":put {quote('Tikfleet: ' + reason)}\n"

    def upgrade(self, tier: str) -> str:
        return render_upgrade(Tier(tier), self._settings)

    def removal(self, tier: str) -> str:
        return render_removal(Tier(tier), RemovalSettings())

    def question(self, made: Plan, tier: str, start: int) -> str:
        return render_question(made, Tier(tier), start)

    def rest_job(self, made: Plan, tier: str, expected: str) -> str:
        return render_rest_job(made, Tier(tier), expected)

    def render(self, kind: Kind, parameters: Mapping[str, Any], device: JobTarget) -> str:
        if is_written_here(kind):
            return render_kind(kind, parameters, device.tier or "D")
        return render_job(JobKind(kind), dict(parameters), Tier(device.tier or "D"))

    def guarded(self, script: str, device: JobTarget, within_s: int, timeout_s: int) -> str:
        return render_guarded(script, Tier(device.tier or "D"), within_s, timeout_s)


class InventoryTargets:
    """The devices that jobs may go to."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    async def find(self, org: OrgScope, wanted: Sequence[DeviceId] | Selection, limit: int) -> Sequence[JobTarget]:
        if isinstance(wanted, Selection):
            rows = await self._devices.find(org, wanted, limit)
        else:
            rows = await self._devices.find_by_id(org, list(wanted)[:limit])
        return [
            JobTarget(device_id, name, org_id, tier or None, status, version)
            for device_id, name, org_id, tier, status, version in rows
        ]

    async def versions(self, org: OrgScope, selection: Selection) -> Mapping[str, int]:
        return await self._devices.versions(org, selection)


class InventoryLabels:
    """Names for the ids that telemetry holds, and device counts for organisations."""

    def __init__(self, devices: Devices, sites: Sites) -> None:
        self._devices = devices
        self._sites = sites

    async def devices(self, scope: OrgScope, ids: Sequence[DeviceId]) -> Mapping[DeviceId, str]:
        return {device_id: name for device_id, (name, _) in (await self._devices.labels(scope, ids)).items()}

    async def sites(self, scope: OrgScope, ids: Sequence[SiteId]) -> Mapping[SiteId, str]:
        return await self._sites.names(scope, ids)

    async def device_counts(self, scope: OrgScope) -> Mapping[OrganisationId, int]:
        return await self._devices.counts(scope)


class SettingsPaces:
    """How often an organisation's routers report, for the check-in path."""

    def __init__(self, settings: OrganisationSettings, fastest: Callable[[], int]) -> None:
        """`fastest` gives the least interval that the platform allows at the moment, in seconds."""
        self._settings = settings
        self._fastest = fastest

    async def of(self, org_id: OrganisationId) -> Pace:
        found = await self._settings.of(org_id)
        return Pace(max(found.checkin_interval_s, self._fastest()), found.offline_after_missed)

    async def checkin_interval_s(self, org_id: OrganisationId) -> int:
        return (await self.of(org_id)).interval_s
