"""The audit trail: who did what, when, from where, and what changed. Every change in the platform is recorded here."""

from collections.abc import Mapping
from typing import Any

from tikfleet.domains.audit import repository
from tikfleet.domains.audit.model import Entry, Filter, Target, bounded_name, fit_to_keep
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.paging import Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database

__all__ = ["AuditTrail", "Target"]


class AuditTrail:
    """Entries are added in a transaction of their own, after the change that they tell of has been committed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(
        self,
        org_id: OrganisationId,
        actor: Actor,
        action: str,
        target: Target,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep that `actor` did `action` (such as `device.approved`) to `target`, and survive a power cut.

        `before` and `after` hold what changed (None: there was nothing); secrets in them are replaced by
        `[redacted]` and long values are cut. Raises DatabaseUnavailable.
        """
        entry = Entry(
            id=new_id("aud"),
            org_id=org_id,
            at=to_text(self._clock()),
            actor=Actor(actor.kind, actor.id, bounded_name(actor.name), actor.source_address[:60]),
            action=action,
            target=Target(target.kind, target.id, bounded_name(target.name)),
            before=fit_to_keep(before),
            after=fit_to_keep(after),
        )
        async with self._database.write() as transaction:
            await repository.add(transaction, entry)

    async def page(self, scope: OrgScope, wanted: Filter, request: PageRequest) -> Page[Entry]:
        """Entries of the scope's organisations, newest first when the request is descending."""
        async with self._database.read() as transaction:
            return await repository.page(transaction, scope, wanted, request)
