"""Sessions: how a browser signs in, stays signed in, and acts in one organisation at a time."""

import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity import credential_repository as credentials
from tikfleet.domains.identity import repository
from tikfleet.domains.identity.errors import OrganisationUnknown, PasswordWrong, WrongCredentials
from tikfleet.domains.identity.model import (
    SESSION_DAYS,
    SESSION_IDLE_HOURS,
    Identified,
    Reach,
    csrf_of,
    normal_email,
    require_strong,
    stronger,
    strongest,
)
from tikfleet.domains.identity.passwords import Passwords
from tikfleet.domains.identity.recognition import Recognition
from tikfleet.domains.identity.throttling import SignInThrottle
from tikfleet.kernel.clock import Clock, from_text, to_text
from tikfleet.kernel.errors import Unauthenticated
from tikfleet.kernel.ids import OrganisationId, PersonId, SessionId, is_id, new_id
from tikfleet.kernel.permissions import PERMISSIONS, ROLE_PERMISSIONS, Role
from tikfleet.kernel.scopes import Actor
from tikfleet.kernel.secrets import SESSION, digest, looks_genuine, new_secret
from tikfleet.ports.database import Database, DatabaseUnavailable, Transaction

_IDLE: Final = timedelta(hours=SESSION_IDLE_HOURS)
_LONGEST: Final = timedelta(days=SESSION_DAYS)
_SEEN_EVERY: Final = timedelta(minutes=1)


class SessionView(msgspec.Struct, frozen=True):
    """A session as its owner sees it."""

    person_id: PersonId
    email: str
    name: str
    role: Role
    active: Reach
    organisations: list[Reach]
    permissions: list[str]
    csrf_token: str
    expires_at: str


class Opened(msgspec.Struct, frozen=True):
    """A session just opened; `secret` goes into the cookie and is kept nowhere."""

    secret: str
    view: SessionView


class Sessions:
    """The sessions of all people."""

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        passwords: Passwords,
        throttle: SignInThrottle,
        recognition: Recognition,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audit = audit
        self._passwords = passwords
        self._throttle = throttle
        self._recognition = recognition
        self._clock = clock

    async def sign_in(self, email: str, password: str, source_address: str) -> Opened:
        """Open a session. Raises SignInThrottled, or WrongCredentials without a word on what was wrong."""
        address = normal_email(email)
        await self._throttle.admit(address, source_address)
        async with self._database.read() as transaction:
            account = await repository.account(transaction, address)
        stored = account[1] if account else None
        if not await self._passwords.verify(stored, password) or account is None or stored is None:
            raise WrongCredentials("e-mail and password do not belong together")
        await self._throttle.succeeded(address, source_address)
        return await self.open(account[0], await self._refreshed(account[0], stored, password), source_address)

    async def _refreshed(self, person_id: PersonId, stored: str, password: str) -> str:
        """The stored hash, renewed first when it was made with old parameters."""
        if not self._passwords.outdated(stored):
            return stored
        fresh = await self._passwords.hash(password)
        async with self._database.write() as transaction:
            renewed = await repository.replace_password(transaction, person_id, stored, fresh)
        return fresh if renewed else stored

    async def open(
        self, person_id: PersonId, password_hash: str, source_address: str, at: OrganisationId | None = None
    ) -> Opened:
        """Open a session for somebody whose password was checked against that hash, at an organisation or at home.

        Raises WrongCredentials when the password was changed meanwhile or no membership is active.
        """
        now = self._clock()
        secret, nonce = new_secret(SESSION), secrets.token_hex(16)
        async with self._database.write() as transaction:
            current = await repository.password_hash(transaction, person_id)
            org_id = at or await repository.home_of(transaction, person_id)
            if current != password_hash or org_id is None:
                raise WrongCredentials("e-mail and password do not belong together")
            row = credentials.SessionRow(SessionId(new_id("ses")), person_id, org_id, nonce, to_text(now), to_text(now))
            await credentials.forget_old_sessions(transaction, to_text(now - _LONGEST), to_text(now - _IDLE))
            await credentials.add_session(transaction, row, digest(secret), source_address[:60])
            await repository.signed_in(transaction, org_id, person_id, to_text(now))
            view = await self._view(transaction, row, csrf_of(secret, nonce))
            actor = Actor("person", person_id, view.name, source_address)
            await self._audit.within(transaction).record(
                org_id, actor, "session.opened", Target("person", person_id, view.name)
            )
        return Opened(secret, view)

    async def identify(self, secret: str) -> Identified | None:
        """Whom a session's secret belongs to, or None when it is unknown or over. Seen at most some seconds ago."""
        if not looks_genuine(secret, SESSION):
            return None
        return await self._recognition.find(digest(secret), lambda key: self._look_up(key, secret))

    async def _look_up(self, secret_hash: bytes, secret: str) -> Identified | None:
        now = self._clock()
        async with self._database.read() as transaction:
            row = await self._row(transaction, secret_hash, now)
            if row is None:
                return None
            standing = strongest(await repository.standings(transaction, row.person_id, row.org_id))
            if standing is None:
                return None
            scope = await repository.scope_of(transaction, row.org_id)
        if from_text(row.seen_at) <= now - _SEEN_EVERY:
            # Who can still be answered from a store that takes no writes is answered.
            with suppress(DatabaseUnavailable):
                async with self._database.write() as transaction:
                    await credentials.touch_session(transaction, row.id, to_text(now))
        return Identified(
            "person",
            row.person_id,
            standing.name,
            scope,
            ROLE_PERMISSIONS[standing.role],
            row.id,
            csrf_of(secret, row.csrf_nonce),
        )

    async def view(self, secret: str) -> SessionView:
        """The session of a secret as its owner sees it. Raises Unauthenticated when it is over."""
        async with self._database.read() as transaction:
            row = await self._required(transaction, secret)
            return await self._view(transaction, row, csrf_of(secret, row.csrf_nonce))

    async def switch(self, secret: str, org_id: str) -> SessionView:
        """Act in another organisation from now on, under a new CSRF token.

        Raises OrganisationUnknown for one that the person has no role in.
        """
        nonce = secrets.token_hex(16)
        async with self._database.write() as transaction:
            row = await self._required(transaction, secret)
            reached = await repository.reach(transaction, row.person_id) if is_id(org_id, "org") else []
            if org_id not in {reach.id for reach in reached}:
                raise OrganisationUnknown("there is no such organisation")
            await credentials.switch_session(transaction, row.id, OrganisationId(org_id), nonce)
            switched = msgspec.structs.replace(row, org_id=OrganisationId(org_id))
            view = await self._view(transaction, switched, csrf_of(secret, nonce))
        self._recognition.forget()
        return view

    async def sign_out(self, secret: str) -> None:
        """End the session of a secret."""
        async with self._database.write() as transaction:
            await credentials.end_session(transaction, (await self._required(transaction, secret)).id)
        self._recognition.forget()

    async def change_password(self, secret: str, current: str, fresh: str, source_address: str) -> None:
        """Change the password and end all sessions of the person, this one too.

        Raises PasswordWrong, PasswordWeak, SignInThrottled.
        """
        view = await self.view(secret)
        await self._throttle.admit(view.email, source_address)
        async with self._database.read() as transaction:
            stored = await repository.password_hash(transaction, view.person_id)
        if not await self._passwords.verify(stored, current):
            raise PasswordWrong("the present password is another one")
        await self._throttle.succeeded(view.email, source_address)
        require_strong(fresh, view.email, view.name)
        renewed = await self._passwords.hash(fresh)
        async with self._database.write() as transaction:
            if not await repository.replace_password(transaction, view.person_id, stored, renewed):
                raise PasswordWrong("the password was changed meanwhile")
            await credentials.end_sessions(transaction, view.person_id)
            actor = Actor("person", view.person_id, view.name, source_address)
            target = Target("person", view.person_id, view.name)
            await self._audit.within(transaction).record(view.active.id, actor, "person.password-changed", target)
        self._recognition.forget()

    async def _row(self, transaction: Transaction, secret_hash: bytes, now: datetime) -> credentials.SessionRow | None:
        return await credentials.session(transaction, secret_hash, to_text(now - _LONGEST), to_text(now - _IDLE))

    async def _required(self, transaction: Transaction, secret: str) -> credentials.SessionRow:
        row = await self._row(transaction, digest(secret), self._clock())
        if row is None:
            raise Unauthenticated("there is no valid session")
        return row

    async def _view(self, transaction: Transaction, row: credentials.SessionRow, csrf_token: str) -> SessionView:
        strongest_at: dict[OrganisationId, Reach] = {}
        for reach in await repository.reach(transaction, row.person_id):
            known = strongest_at.get(reach.id)
            if known is None or stronger(reach.role, known.role):
                strongest_at[reach.id] = reach
        active = strongest_at.get(row.org_id)
        standing = strongest(await repository.standings(transaction, row.person_id, row.org_id))
        if active is None or standing is None:
            raise Unauthenticated("there is no valid session")
        ends_at = min(from_text(row.created_at) + _LONGEST, self._clock() + _IDLE)
        return SessionView(
            person_id=row.person_id,
            email=await repository.email_of(transaction, row.person_id),
            name=standing.name,
            role=standing.role,
            active=active,
            organisations=list(strongest_at.values()),
            permissions=[name for name in PERMISSIONS if name in ROLE_PERMISSIONS[standing.role]],
            csrf_token=csrf_token,
            expires_at=to_text(ends_at),
        )
