"""Invitations: the way from a link to a membership."""

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity import credential_repository as credentials
from tikfleet.domains.identity import repository
from tikfleet.domains.identity.errors import InvitationUnknown, WrongCredentials
from tikfleet.domains.identity.model import require_strong
from tikfleet.domains.identity.passwords import Passwords
from tikfleet.domains.identity.recognition import Recognition
from tikfleet.domains.identity.sessions import Opened, Sessions
from tikfleet.domains.identity.throttling import SignInThrottle
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.scopes import Actor
from tikfleet.kernel.secrets import INVITATION, digest, looks_genuine
from tikfleet.ports.database import Database


class Invitations:
    """Invitations that were made by `People.invite`."""

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        passwords: Passwords,
        throttle: SignInThrottle,
        recognition: Recognition,
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audit = audit
        self._passwords = passwords
        self._throttle = throttle
        self._recognition = recognition
        self._sessions = sessions
        self._clock = clock

    async def accept(self, secret: str, name: str, password: str, source_address: str) -> Opened:
        """Become a member and sign in. Somebody new chooses a password; somebody known proves theirs.

        Raises InvitationUnknown, PasswordWeak, WrongCredentials, SignInThrottled.
        """
        found = await self._good(secret)
        password_hash = await self._checked(found, name, password, source_address)
        now = to_text(self._clock())
        async with self._database.write() as transaction:
            if not await credentials.use_invitation(transaction, digest(secret)):
                raise InvitationUnknown("the invitation is not valid")
            if found.password_hash is None and not await repository.replace_password(
                transaction, found.person_id, None, password_hash
            ):
                raise WrongCredentials("this account has a password already")
            await repository.accept_membership(transaction, found.org_id, found.person_id, name, now)
            actor = Actor("person", found.person_id, name, source_address)
            target = Target("person", found.person_id, name)
            await self._audit.within(transaction).record(
                found.org_id, actor, "person.joined", target, None, {"email": found.email}
            )
        self._recognition.forget()
        return await self._sessions.open(found.person_id, password_hash, source_address, at=found.org_id)

    async def _good(self, secret: str) -> credentials.InvitationRow:
        found = None
        if looks_genuine(secret, INVITATION):
            async with self._database.read() as transaction:
                found = await credentials.invitation(transaction, digest(secret), to_text(self._clock()))
        if found is None:
            raise InvitationUnknown("the invitation is not valid")
        return found

    async def _checked(self, found: credentials.InvitationRow, name: str, password: str, source_address: str) -> str:
        """The hash that stands for the password: a new account's fresh one, or the known account's own."""
        if found.password_hash is None:
            require_strong(password, found.email, name)
            return await self._passwords.hash(password)
        await self._throttle.admit(found.email, source_address)
        if not await self._passwords.verify(found.password_hash, password):
            raise WrongCredentials("this e-mail address has an account with another password")
        await self._throttle.succeeded(found.email, source_address)
        return found.password_hash
