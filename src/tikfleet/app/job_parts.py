"""The objects of jobs, wired: what hands them out gets public keys, what makes them the private one."""

from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.inventory.public import DeviceHistory
from tikfleet.domains.jobs.public import (
    JobDesk,
    JobIssuer,
    JobLimits,
    JobScripts,
    JobSecrets,
    JobTargets,
    Ledger,
    OpenWork,
    Reach,
    Undoings,
    Vetting,
)
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import OrganisationId


def job_ledger(infra: Infra) -> Ledger:
    """What jobs are written into."""
    return Ledger(infra.database, infra.bus, OpenWork(), JobSecrets(infra.vault))


def job_desk(infra: Infra, ledger: Ledger, targets: JobTargets, scripts: JobScripts, audit: AuditTrail) -> JobDesk:
    """What hands jobs out, in every process that answers routers."""
    vetting = Vetting(infra.verifier, audit, infra.bus)
    undoings = Undoings(audit, DeviceHistory(infra.database, infra.bus, utc_now))
    return JobDesk(ledger, infra.blobs, targets, scripts, utc_now, vetting, undoings)


class SettingsLimits:
    """The installation's limits, lowered by what an organisation sets for itself."""

    def __init__(self, settings: Settings, organisations: OrganisationSettings) -> None:
        self._settings = settings
        self._organisations = organisations

    async def of(self, org_id: OrganisationId) -> JobLimits:
        own, ours = await self._organisations.of(org_id), self._settings
        return JobLimits(
            min(ours.job_devices_per_minute, own.job_devices_per_minute or ours.job_devices_per_minute),
            min(
                ours.job_devices_per_person_minute,
                own.job_devices_per_person_minute or ours.job_devices_per_person_minute,
            ),
            min(ours.job_devices_per_request, own.job_devices_per_request or ours.job_devices_per_request),
        )


def job_issuer(infra: Infra, ledger: Ledger, limits: SettingsLimits) -> JobIssuer:
    """What makes jobs. Raises RuntimeError in a process that must not."""
    if infra.signer is None:
        raise RuntimeError("this process only answers routers: it has no key to make jobs with")
    return JobIssuer(ledger, infra.signer, Reach(limits, utc_now))
