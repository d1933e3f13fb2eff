"""First run: one console token, one owner, then closed for ever."""

import hmac

import msgspec

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity import credential_repository as credentials
from tikfleet.domains.identity import repository
from tikfleet.domains.identity.errors import SetupClosed, SetupTokenWrong
from tikfleet.domains.identity.model import SETUP_TOKEN, Organisation, Person, normal_email, require_strong
from tikfleet.domains.identity.passwords import Passwords
from tikfleet.domains.identity.sessions import Opened, Sessions
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import OrganisationId, PersonId, new_id
from tikfleet.kernel.scopes import SYSTEM, Actor
from tikfleet.kernel.secrets import digest, new_secret
from tikfleet.ports.database import Database


class FirstOwner(msgspec.Struct, frozen=True):
    """The first organisation, and the person who owns it."""

    organisation: str
    email: str
    name: str
    password: str


class FirstIds(msgspec.Struct, frozen=True):
    """What set-up made."""

    org_id: OrganisationId
    person_id: PersonId
    password_hash: str


class Setup:
    """Open until the first owner exists; what happens to that owner later never opens it again."""

    def __init__(
        self, database: Database, audit: AuditTrail, passwords: Passwords, sessions: Sessions, clock: Clock
    ) -> None:
        self._database = database
        self._audit = audit
        self._passwords = passwords
        self._sessions = sessions
        self._clock = clock

    async def open(self) -> str | None:
        """A fresh token to print on the console, which replaces the one before; None once set-up is closed."""
        token = new_secret(SETUP_TOKEN)
        async with self._database.write() as transaction:
            _, closed = await credentials.setup_state(transaction)
            if closed:
                return None
            await credentials.write_setup(transaction, digest(token), None)
        return token

    async def needed(self) -> bool:
        """Whether there is no owner yet."""
        async with self._database.read() as transaction:
            return not (await credentials.setup_state(transaction))[1]

    async def complete(self, token: str, first: FirstOwner, source_address: str) -> Opened:
        """Make the first organisation and owner, and sign the owner in.

        Raises SetupClosed, SetupTokenWrong, PasswordWeak.
        """
        async with self._database.read() as transaction:
            token_hash, closed = await credentials.setup_state(transaction)
        if closed:
            raise SetupClosed("an owner exists already")
        if token_hash is None or not hmac.compare_digest(token_hash, digest(token)):
            raise SetupTokenWrong("this is not the token that the server printed")
        made = await self._create(first, source_address, token_hash)
        return await self._sessions.open(made.person_id, made.password_hash, source_address)

    async def create_first_owner(self, first: FirstOwner) -> FirstIds:
        """The same without a token, for whoever starts the server itself. Raises SetupClosed, PasswordWeak."""
        return await self._create(first, "", None)

    async def _create(self, first: FirstOwner, source_address: str, token_hash: bytes | None) -> FirstIds:
        email, now = normal_email(first.email), to_text(self._clock())
        require_strong(first.password, email, first.name)
        made = FirstIds(
            OrganisationId(new_id("org")), PersonId(new_id("per")), await self._passwords.hash(first.password)
        )
        owner = Person(
            made.person_id, email, first.name, "owner", disabled=False, pending=False,
            created_at=now, last_signed_in_at=None,
        )  # fmt: skip
        async with self._database.write() as transaction:
            present_hash, closed = await credentials.setup_state(transaction)
            if closed:
                raise SetupClosed("an owner exists already")
            if token_hash is not None and present_hash != token_hash:
                raise SetupTokenWrong("the server has printed a newer token")
            await credentials.write_setup(transaction, None, now)
            await repository.add_organisation(transaction, Organisation(made.org_id, None, first.organisation, now))
            await repository.add_account(transaction, made.person_id, email, made.password_hash, now)
            await repository.add_member(transaction, made.org_id, owner)
            actor = Actor("person", owner.id, owner.name, source_address) if token_hash else SYSTEM
            after = {"organisation": first.organisation, "email": email}
            await self._audit.within(transaction).record(
                made.org_id,
                actor,
                "setup.completed",
                Target("organisation", made.org_id, first.organisation),
                None,
                after,
            )
        return made
