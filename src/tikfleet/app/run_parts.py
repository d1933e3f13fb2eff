"""The objects of runs, wired: what routes may name, and the steerer that works beside the listeners."""

from collections.abc import Mapping
from typing import Any

from tikfleet.agent.names import AGENT_NAMES
from tikfleet.app.infra import Infra
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.identity.tokens import Tokens
from tikfleet.domains.inventory.public import DeviceReader
from tikfleet.domains.jobs.public import JobIssuer, JobOrders, JobScripts, JobSecrets
from tikfleet.domains.runs.public import Planner, RunLedger, RunLook, Runs, RunSteerer, Steering
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import Actor


class IdentityApprovals:
    """Whether runs need a second person, and who is behind a credential."""

    def __init__(self, settings: OrganisationSettings, tokens: Tokens) -> None:
        self._settings = settings
        self._tokens = tokens

    async def needed(self, org_id: OrganisationId) -> bool:
        return (await self._settings.of(org_id)).runs_need_approval

    async def person_behind(self, org_id: OrganisationId, actor: Actor) -> str:
        return actor.id if actor.kind != "token" else await self._tokens.maker(actor.id)


def run_services(infra: Infra, audit: AuditTrail, scripts: JobScripts, identity: Mapping[str, Any]) -> dict[str, Any]:
    """What routes of runs may name. `identity` holds that domain's services."""
    ledger, planner = RunLedger(infra.database, audit, infra.bus, utc_now), _planner(infra)
    approvals = IdentityApprovals(identity["organisation_settings"], identity["tokens"])
    return {
        "runs": Runs(ledger, planner, approvals, utc_now, JobSecrets(infra.vault)),
        "run_look": RunLook(ledger, planner, scripts),
    }


def run_steerer(infra: Infra, audit: AuditTrail, issuer: JobIssuer, scripts: JobScripts) -> RunSteerer:
    """What carries runs forward."""
    ledger = RunLedger(infra.database, audit, infra.bus, utc_now)
    return RunSteerer(Steering(ledger, _planner(infra), JobOrders(issuer, scripts, utc_now), utc_now), infra.bus)


def _planner(infra: Infra) -> Planner:
    return Planner(DeviceReader(infra.database), AGENT_NAMES)
