"""People of an organisation: who belongs to it, in what role, and how they come in."""

from datetime import timedelta

import msgspec

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity import credential_repository as credentials
from tikfleet.domains.identity import repository
from tikfleet.domains.identity.errors import LastOwner, PersonExists, PersonIsYou, PersonUnknown
from tikfleet.domains.identity.model import (
    INVITATION_DAYS,
    Caller,
    Person,
    normal_email,
    require_role_within,
)
from tikfleet.domains.identity.recognition import Recognition
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import PersonId, is_id, new_id
from tikfleet.kernel.paging import Page, PageRequest
from tikfleet.kernel.permissions import Role
from tikfleet.kernel.scopes import OrgScope
from tikfleet.kernel.secrets import INVITATION, digest, new_secret
from tikfleet.ports.database import Database, Transaction


class PersonChange(msgspec.Struct, frozen=True):
    """What is to change; None leaves it as it is."""

    name: str | None = None
    role: Role | None = None
    disabled: bool | None = None


class People:
    """Memberships of the organisation that the caller acts in; those of the ones below are theirs."""

    def __init__(self, database: Database, audit: AuditTrail, recognition: Recognition, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._recognition = recognition
        self._clock = clock

    async def page(self, scope: OrgScope, request: PageRequest, text: str = "") -> Page[Person]:
        """People whose name or e-mail address contains `text`."""
        async with self._database.read() as transaction:
            return await repository.members(transaction, scope.org_id, request, repository.like_of(text))

    async def get(self, scope: OrgScope, person_id: str) -> Person:
        """Raises PersonUnknown."""
        async with self._database.read() as transaction:
            return await _required(transaction, scope, person_id)

    async def invite(self, caller: Caller, email: str, name: str, role: Role) -> tuple[Person, str]:
        """A pending member, and the secret of the invitation, good for a week and kept nowhere.

        Raises BeyondYourRole for a role above the caller's, PersonExists for a member.
        """
        require_role_within(role, caller.permissions)
        now, org_id, address = self._clock(), caller.scope.org_id, normal_email(email)
        secret = new_secret(INVITATION)
        async with self._database.write() as transaction:
            account = await repository.account(transaction, address)
            person_id = account[0] if account else PersonId(new_id("per"))
            if account is None:
                await repository.add_account(transaction, person_id, address, None, to_text(now))
            elif await repository.member(transaction, org_id, person_id) is not None:
                raise PersonExists(f"{address} is in the organisation already")
            person = Person(
                person_id, address, name, role, disabled=False, pending=True,
                created_at=to_text(now), last_signed_in_at=None,
            )  # fmt: skip
            await repository.add_member(transaction, org_id, person)
            expires_at = to_text(now + timedelta(days=INVITATION_DAYS))
            await credentials.add_invitation(transaction, org_id, person_id, digest(secret), expires_at)
            await self._audit.within(transaction).record(
                org_id, caller.actor, "person.invited", _target(person), None, _state(person)
            )
        return person, secret

    async def change(self, caller: Caller, person_id: str, change: PersonChange) -> Person:
        """Change name, role or whether the person may come in; disabling ends all of the person's sessions.

        Raises PersonUnknown, BeyondYourRole, PersonIsYou, LastOwner.
        """
        org_id = caller.scope.org_id
        async with self._database.write() as transaction:
            before = await _required(transaction, caller.scope, person_id)
            after = Person(
                before.id,
                before.email,
                before.name if change.name is None else change.name,
                before.role if change.role is None else change.role,
                before.disabled if change.disabled is None else change.disabled,
                before.pending,
                before.created_at,
                before.last_signed_in_at,
            )
            if after == before:
                return before
            require_role_within(before.role, caller.permissions)
            require_role_within(after.role, caller.permissions)
            if after.disabled and not before.disabled:
                _require_other(caller, person_id)
                await credentials.end_sessions(transaction, person_id)
            if before.is_active_owner and not after.is_active_owner:
                await _require_other_owner(transaction, caller, person_id)
            await repository.change_member(transaction, org_id, after)
            await self._audit.within(transaction).record(
                org_id, caller.actor, "person.changed", _target(after), _state(before), _state(after)
            )
        self._recognition.forget()
        return after

    async def remove(self, caller: Caller, person_id: str) -> None:
        """End the membership, the person's sessions, and the person's tokens in this organisation and below.

        Raises PersonUnknown, BeyondYourRole, PersonIsYou, LastOwner.
        """
        async with self._database.write() as transaction:
            person = await _required(transaction, caller.scope, person_id)
            require_role_within(person.role, caller.permissions)
            _require_other(caller, person_id)
            if person.is_active_owner:
                await _require_other_owner(transaction, caller, person_id)
            await credentials.end_sessions(transaction, person_id)
            await repository.remove_member(transaction, caller.scope, person_id)
            await self._audit.within(transaction).record(
                caller.scope.org_id, caller.actor, "person.removed", _target(person), _state(person), None
            )
        self._recognition.forget()


async def _required(transaction: Transaction, scope: OrgScope, person_id: str) -> Person:
    person = await repository.member(transaction, scope.org_id, person_id) if is_id(person_id, "per") else None
    if person is None:
        raise PersonUnknown("there is no such person")
    return person


async def _require_other_owner(transaction: Transaction, caller: Caller, person_id: str) -> None:
    if not await repository.has_other_owner(transaction, person_id, caller.scope.org_id):
        raise LastOwner("without this person nobody would own the organisation")


def _require_other(caller: Caller, person_id: str) -> None:
    if caller.actor.id == person_id:
        raise PersonIsYou("you cannot disable or remove yourself")


def _target(person: Person) -> Target:
    return Target("person", person.id, person.name)


def _state(person: Person) -> dict[str, object]:
    return {"email": person.email, "name": person.name, "role": person.role, "disabled": person.disabled}
