"""The audit trail: who did what, when, from where, and what changed. Every change in the platform is recorded here."""

from collections.abc import Mapping
from typing import Any

from tikfleet.domains.audit import repository
from tikfleet.domains.audit.model import Entry, Filter, Target, bounded_name, fit_to_keep
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.paging import Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database, Transaction

__all__ = ["AuditNotes", "AuditTrail", "Target"]


class AuditTrail:
    """An entry is part of the change that it tells of: `within` its transaction, both happen or neither does."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def within(self, transaction: Transaction) -> "AuditNotes":
        """What takes entries in the transaction of the change."""
        return AuditNotes(transaction, self._clock)

    async def record(
        self,
        org_id: OrganisationId,
        actor: Actor,
        action: str,
        target: Target,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """As `AuditNotes.record`, in a transaction of its own, for what is no change of the relational database.

        Raises DatabaseUnavailable.
        """
        async with self._database.write() as transaction:
            await self.within(transaction).record(org_id, actor, action, target, before, after)

    async def page(self, scope: OrgScope, wanted: Filter, request: PageRequest) -> Page[Entry]:
        """Entries of the scope's organisations, newest first when the request is descending."""
        async with self._database.read() as transaction:
            return await repository.page(transaction, scope, wanted, request)


class AuditNotes:
    """Entries that are kept when the transaction is, and not otherwise."""

    def __init__(self, transaction: Transaction, clock: Clock) -> None:
        self._transaction = transaction
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
        """Keep that `actor` did `action` (such as `device.approved`) to `target`.

        `before` and `after` hold what changed (None: there was nothing); secrets in them are replaced by
        `[redacted]` and long values are cut.
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
        await repository.add(self._transaction, entry)
