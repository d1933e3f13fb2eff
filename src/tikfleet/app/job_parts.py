"""The objects of jobs, wired: what hands them out gets public keys, what makes them the private one."""

from tikfleet.app.infra import Infra
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.jobs.public import (
    JobDesk,
    JobIssuer,
    JobScripts,
    JobSecrets,
    JobTargets,
    Ledger,
    OpenWork,
    Vetting,
)
from tikfleet.kernel.clock import utc_now


def job_ledger(infra: Infra) -> Ledger:
    """What jobs are written into."""
    return Ledger(infra.database, infra.bus, OpenWork(), JobSecrets(infra.vault))


def job_desk(infra: Infra, ledger: Ledger, targets: JobTargets, scripts: JobScripts, audit: AuditTrail) -> JobDesk:
    """What hands jobs out, in every process that answers routers."""
    return JobDesk(ledger, infra.blobs, targets, scripts, utc_now, Vetting(infra.verifier, audit, infra.bus))


def job_issuer(infra: Infra, ledger: Ledger) -> JobIssuer:
    """What makes jobs. Raises RuntimeError in a process that must not."""
    if infra.signer is None:
        raise RuntimeError("this process only answers routers: it has no key to make jobs with")
    return JobIssuer(ledger, infra.signer)
