"""Organisations: tenants that nest."""

from collections.abc import Mapping
from typing import Protocol

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity import repository
from tikfleet.domains.identity.errors import (
    OrganisationActive,
    OrganisationInUse,
    OrganisationTooDeep,
    OrganisationUnknown,
)
from tikfleet.domains.identity.model import MAX_DEPTH, Caller, Organisation
from tikfleet.domains.identity.recognition import Recognition
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import OrganisationId, is_id, new_id
from tikfleet.kernel.paging import Page, PageRequest
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Database, Transaction


class DeviceCounts(Protocol):
    """How many devices each organisation of a scope has; one without devices may be missing."""

    async def device_counts(self, scope: OrgScope) -> Mapping[OrganisationId, int]: ...


class Organisations:
    """The active organisation and those below it."""

    def __init__(
        self, database: Database, audit: AuditTrail, devices: DeviceCounts, recognition: Recognition, clock: Clock
    ) -> None:
        self._database = database
        self._audit = audit
        self._devices = devices
        self._recognition = recognition
        self._clock = clock

    async def page(self, scope: OrgScope, request: PageRequest, text: str = "") -> Page[Organisation]:
        """Organisations whose name contains `text`."""
        async with self._database.read() as transaction:
            return await repository.organisations(transaction, scope, request, repository.like_of(text))

    async def get(self, scope: OrgScope, org_id: str) -> Organisation:
        """Raises OrganisationUnknown."""
        async with self._database.read() as transaction:
            return await _required(transaction, scope, org_id)

    async def device_counts(self, scope: OrgScope) -> Mapping[OrganisationId, int]:
        return await self._devices.device_counts(scope)

    async def create(self, caller: Caller, name: str, parent_id: str) -> Organisation:
        """A new organisation below one of the scope.

        Raises OrganisationUnknown for the parent, OrganisationTooDeep, AlreadyExists for the name of a sibling.
        """
        async with self._database.write() as transaction:
            parent = await _required(transaction, caller.scope, parent_id)
            if await repository.depth_of(transaction, parent.id) >= MAX_DEPTH:
                raise OrganisationTooDeep(f"organisations nest at most {MAX_DEPTH} deep")
            created = Organisation(OrganisationId(new_id("org")), parent.id, name, to_text(self._clock()))
            await repository.add_organisation(transaction, created)
            after = {"name": name, "parent_id": parent.id}
            await self._audit.within(transaction).record(
                parent.id, caller.actor, "organisation.created", _target(created), None, after
            )
        self._recognition.forget()
        return created

    async def rename(self, caller: Caller, org_id: str, name: str) -> Organisation:
        """Raises OrganisationUnknown, AlreadyExists for the name of a sibling."""
        async with self._database.write() as transaction:
            before = await _required(transaction, caller.scope, org_id)
            if name == before.name:
                return before
            await repository.rename_organisation(transaction, caller.scope, org_id, name)
            after = Organisation(before.id, before.parent_id, name, before.created_at)
            await self._audit.within(transaction).record(
                before.id, caller.actor, "organisation.renamed", _target(after), {"name": before.name}, {"name": name}
            )
        return after

    async def delete(self, caller: Caller, org_id: str) -> None:
        """Delete one that has no people, no devices and nothing below it, and is not the active one.

        Raises OrganisationUnknown, OrganisationActive, OrganisationInUse.
        """
        if org_id == caller.scope.org_id:
            raise OrganisationActive("you act in this organisation")
        found = await self.get(caller.scope, org_id)
        if (await self._devices.device_counts(OrgScope.only(found.id))).get(found.id):
            raise OrganisationInUse("the organisation has devices")
        async with self._database.write() as transaction:
            await _required(transaction, caller.scope, org_id)
            if await repository.is_occupied(transaction, found.id):
                raise OrganisationInUse("the organisation has people or organisations below it")
            await repository.delete_organisation(transaction, found.id)
            above = found.parent_id or caller.scope.org_id
            await self._audit.within(transaction).record(
                above, caller.actor, "organisation.deleted", _target(found), {"name": found.name}, None
            )
        self._recognition.forget()


async def _required(transaction: Transaction, scope: OrgScope, org_id: str) -> Organisation:
    found = await repository.organisation(transaction, scope, org_id) if is_id(org_id, "org") else None
    if found is None:
        raise OrganisationUnknown("there is no such organisation")
    return found


def _target(organisation: Organisation) -> Target:
    return Target("organisation", organisation.id, organisation.name)
