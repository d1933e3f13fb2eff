"""The objects of the identity domain, wired."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tikfleet.app.bridges import InventoryLabels
from tikfleet.app.infra import Infra
from tikfleet.app.settings import Settings
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.identity.http import IdentityAuthenticator
from tikfleet.domains.identity.invitations import Invitations
from tikfleet.domains.identity.organisations import Organisations
from tikfleet.domains.identity.passwords import Passwords
from tikfleet.domains.identity.people import People
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.identity.recognition import Recognition
from tikfleet.domains.identity.session_http import SessionCookie
from tikfleet.domains.identity.sessions import Sessions as PersonSessions
from tikfleet.domains.identity.settings import KeptDays
from tikfleet.domains.identity.setup import Setup
from tikfleet.domains.identity.throttling import SignInThrottle
from tikfleet.domains.identity.tokens import Tokens
from tikfleet.httpkit.authentication import Guard
from tikfleet.kernel.clock import utc_now


class Identity(msgspec.Struct, frozen=True):
    """The objects of the identity domain."""

    services: dict[str, Any]
    guard: Guard

    @property
    def setup(self) -> Any:
        """First-run set-up."""
        return self.services["setup"]


def most_days(settings: Settings) -> Mapping[KeptDays, int]:
    """How long the installation keeps what an organisation may keep for less."""
    return {
        "log_retention_days": settings.retention_logs_days,
        "job_retention_days": settings.retention_jobs_days,
        "event_retention_days": settings.retention_events_days,
    }


def identity_of(settings: Settings, infra: Infra, audit: AuditTrail, labels: InventoryLabels) -> Identity:
    """The identity domain's objects: they share what was recognised a moment ago."""
    database, clock, recognition, passwords = infra.database, utc_now, Recognition(), Passwords()
    throttle = SignInThrottle(infra.cache, clock)
    sessions = PersonSessions(database, audit, passwords, throttle, recognition, clock)
    tokens = Tokens(database, audit, recognition, clock)
    services = {
        "organisations": Organisations(database, audit, labels, recognition, clock),
        "people": People(database, audit, recognition, clock),
        "tokens": tokens,
        "organisation_settings": OrganisationSettings(database, audit, bus=infra.bus, most_days=most_days(settings)),
        "sessions": sessions,
        "setup": Setup(database, audit, passwords, sessions, clock),
        "invitations": Invitations(database, audit, passwords, throttle, recognition, sessions, clock),
        "session_cookie": SessionCookie(secure=settings.public_url.startswith("https:") and not settings.http_port),
    }
    return Identity(services, Guard(IdentityAuthenticator(sessions, tokens)))
