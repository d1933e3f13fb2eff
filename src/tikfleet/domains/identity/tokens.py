"""API tokens: what programs use instead of a session."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.identity import credential_repository as credentials
from tikfleet.domains.identity import repository
from tikfleet.domains.identity.errors import TokenExpiryPast, TokenUnknown
from tikfleet.domains.identity.model import ApiToken, Caller, Identified, require_within, strongest
from tikfleet.domains.identity.recognition import Recognition
from tikfleet.kernel.clock import Clock, from_text, to_text
from tikfleet.kernel.ids import PersonId, TokenId, is_id, new_id
from tikfleet.kernel.paging import Page, PageRequest
from tikfleet.kernel.permissions import ROLE_PERMISSIONS
from tikfleet.kernel.scopes import OrgScope
from tikfleet.kernel.secrets import API_TOKEN, digest, looks_genuine, new_secret
from tikfleet.ports.database import Database, DatabaseUnavailable, Transaction

_USED_EVERY: Final = timedelta(minutes=1)
_SHOWN: Final = 10


class Tokens:
    """The API tokens of organisations.

    A token never may more than its creator may now: it loses what the creator loses, and stops with the creator.
    """

    def __init__(self, database: Database, audit: AuditTrail, recognition: Recognition, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._recognition = recognition
        self._clock = clock

    async def page(self, scope: OrgScope, request: PageRequest) -> Page[ApiToken]:
        async with self._database.read() as transaction:
            return await credentials.tokens(transaction, scope, request)

    async def get(self, scope: OrgScope, token_id: str) -> ApiToken:
        """Raises TokenUnknown."""
        async with self._database.read() as transaction:
            return await self._required(transaction, scope, token_id)

    async def create(
        self, caller: Caller, name: str, scopes: Sequence[str], expires_at: datetime | None
    ) -> tuple[ApiToken, str]:
        """A token in the caller's organisation, and its secret, which is not kept.

        Raises BeyondYourRole for a scope that the caller does not have, and TokenExpiryPast.
        """
        now = self._clock()
        require_within(scopes, caller.permissions)
        if expires_at is not None and expires_at <= now:
            raise TokenExpiryPast(f"{to_text(expires_at)} has passed")
        secret = new_secret(API_TOKEN)
        async with self._database.write() as transaction:
            creator_id, creator_name = await self._creator(transaction, caller)
            token = ApiToken(
                id=TokenId(new_id("tok")),
                org_id=caller.scope.org_id,
                name=name,
                scopes=tuple(sorted(set(scopes))),
                prefix=secret[:_SHOWN],
                created_by=creator_id,
                created_by_name=creator_name,
                created_at=to_text(now),
                expires_at=None if expires_at is None else to_text(expires_at),
                last_used_at=None,
            )
            await credentials.add_token(transaction, token, digest(secret))
            after = {"name": name, "scopes": token.scopes, "expires_at": token.expires_at}
            await self._audit.within(transaction).record(
                token.org_id, caller.actor, "token.created", _target(token), None, after
            )
        return token, secret

    async def revoke(self, caller: Caller, token_id: str) -> None:
        """End a token at once. Raises TokenUnknown."""
        async with self._database.write() as transaction:
            token = await self._required(transaction, caller.scope, token_id)
            await credentials.delete_token(transaction, caller.scope, token_id)
            before = {"name": token.name, "scopes": token.scopes, "expires_at": token.expires_at}
            await self._audit.within(transaction).record(
                token.org_id, caller.actor, "token.revoked", _target(token), before, None
            )
        self._recognition.forget()

    async def maker(self, token_id: str) -> str:
        """The id of the person who made a token; empty when it is gone."""
        async with self._database.read() as transaction:
            return await credentials.maker_of_token(transaction, token_id)

    async def identify(self, secret: str) -> Identified | None:
        """Whom a token belongs to, or None when it is unknown, expired or revoked. Seen at most some seconds ago."""
        if not looks_genuine(secret, API_TOKEN):
            return None
        return await self._recognition.find(digest(secret), self._look_up)

    async def _look_up(self, secret_hash: bytes) -> Identified | None:
        now = self._clock()
        async with self._database.read() as transaction:
            token = await credentials.token_of_secret(transaction, secret_hash, to_text(now))
            if token is None:
                return None
            creator = strongest(await repository.standings(transaction, token.created_by, token.org_id))
            if creator is None:
                return None
            scope = await repository.scope_of(transaction, token.org_id)
        if token.last_used_at is None or from_text(token.last_used_at) <= now - _USED_EVERY:
            with suppress(DatabaseUnavailable):
                async with self._database.write() as transaction:
                    await credentials.touch_token(transaction, token.id, to_text(now))
        allowed = ROLE_PERMISSIONS[creator.role].intersection(token.scopes)
        return Identified("token", token.id, token.name, scope, allowed)

    async def _creator(self, transaction: Transaction, caller: Caller) -> tuple[PersonId, str]:
        """The person behind the caller: a token that makes a token passes on its own creator."""
        if caller.actor.kind != "token":
            return PersonId(caller.actor.id), caller.actor.name
        used = await self._required(transaction, caller.scope, caller.actor.id)
        return used.created_by, used.created_by_name

    async def _required(self, transaction: Transaction, scope: OrgScope, token_id: str) -> ApiToken:
        token = await credentials.token(transaction, scope, token_id) if is_id(token_id, "tok") else None
        if token is None:
            raise TokenUnknown("there is no such API token")
        return token


def _target(token: ApiToken) -> Target:
    return Target("token", token.id, token.name)
