"""People's side of callbacks: where they go, the secret that signs them, and what became of each."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.callbacks import repository
from tikfleet.domains.callbacks.errors import CallbackNotFound, CallbackStillWaiting, CallbackWithoutSecret
from tikfleet.domains.callbacks.model import OVERLAP_S, Aim, Callback, aim_of
from tikfleet.domains.callbacks.repository import CallbackFilters, Secrets
from tikfleet.domains.callbacks.schemas import CallbackSecretMade, CallbackSecretState, CallbackView, callback_view
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.kernel.secrets import CALLBACK_SECRET, new_secret
from tikfleet.ports.database import Database
from tikfleet.ports.outbound import Outbound
from tikfleet.ports.vault import Vault

_SECRET: Final = "callback-secret"  # noqa: S105 - what the seal is for, not a secret
_ADDRESS: Final = "callback-address"


class Seals:
    """Addresses and secrets at rest."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def sealed_address(self, org_id: OrganisationId, url: str) -> str:
        return urlsafe_b64encode(await self._vault.seal(org_id, _ADDRESS, url.encode())).decode()

    async def address(self, aim: str) -> str:
        """Raises SealBroken."""
        found = aim_of(aim)
        return (await self._vault.open(found.org_id, _ADDRESS, urlsafe_b64decode(found.sealed))).decode()

    async def sealed_secret(self, org_id: OrganisationId, secret: str) -> str:
        return urlsafe_b64encode(await self._vault.seal(org_id, _SECRET, secret.encode())).decode()

    async def secrets_in_force(self, org_id: OrganisationId, kept: Secrets, now: datetime) -> list[bytes]:
        """The secret, then the one before it while that signs, too. Raises SealBroken."""
        both = kept.previous and (kept.previous_until or "") > to_text(now)
        texts = [kept.sealed, kept.previous] if both else [kept.sealed]
        return [await self._vault.open(org_id, _SECRET, urlsafe_b64decode(text)) for text in texts]


class Callbacks:
    """The use cases of the API, and what jobs and runs ask when somebody names an address."""

    def __init__(self, database: Database, audit: AuditTrail, vault: Vault, outbound: Outbound, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._seals = Seals(vault)
        self._outbound = outbound
        self._clock = clock

    async def aim(self, org: OrgScope, url: str | None) -> str:
        """What a job or a run keeps of where its news go; nothing without an address.

        Raises AddressRefused and CallbackWithoutSecret.
        """
        if url is None:
            return ""
        self._outbound.check(url)
        async with self._database.read() as tx:
            if await repository.secrets_of(tx, org) is None:
                raise CallbackWithoutSecret("callbacks are signed, and there is no secret to sign them with")
        sealed = await self._seals.sealed_address(org.org_id, url)
        return Aim(org.org_id, urlsplit(url).hostname or "", sealed).text()

    async def secret_state(self, org: OrgScope) -> CallbackSecretState:
        """Whether there is a secret; never the secret itself."""
        async with self._database.read() as tx:
            kept = await repository.secrets_of(tx, org)
        if kept is None:
            return CallbackSecretState(exists=False, made_at=None, previous_until=None)
        return CallbackSecretState(exists=True, made_at=kept.made_at, previous_until=kept.previous_until)

    async def make_secret(self, org: OrgScope, actor: Actor) -> CallbackSecretMade:
        """A new secret. The one before it signs beside it for a day, so that receivers can change over."""
        now, secret = self._clock(), new_secret(CALLBACK_SECRET)
        sealed = await self._seals.sealed_secret(org.org_id, secret)
        async with self._database.write() as tx:
            before = await repository.secrets_of(tx, org)
            until = to_text(now + timedelta(seconds=OVERLAP_S)) if before else None
            fresh = Secrets(sealed, to_text(now), before.sealed if before else "", until)
            await repository.put_secrets(tx, org, fresh)
            target = Target("organisation", org.org_id, "callbacks")
            await self._audit.within(tx).record(
                org.org_id, actor, "callback.secret-made", target, None, {"previous_until": until}
            )
        return CallbackSecretMade(secret, fresh.made_at, until)

    async def page(self, org: OrgScope, filters: CallbackFilters, asked: PageRequest) -> Page[CallbackView]:
        """Newest first."""
        async with self._database.read() as tx:
            found = await repository.page_of_callbacks(tx, org, filters, asked)
        shown = found[: asked.limit]
        following = Cursor(shown[-1].created_at, shown[-1].id).encode() if len(found) > asked.limit else None
        return Page([callback_view(one, []) for one in shown], following)

    async def get(self, org: OrgScope, callback_id: str) -> CallbackView:
        """One callback with the log of its attempts. Raises CallbackNotFound."""
        async with self._database.read() as tx:
            found = _found(await repository.find_callback(tx, org, callback_id))
            return callback_view(found, await repository.attempts_of(tx, org, found))

    async def retry(self, org: OrgScope, actor: Actor, callback_id: str) -> CallbackView:
        """Begin again with what was delivered or is dead. Raises CallbackNotFound and CallbackStillWaiting."""
        async with self._database.write() as tx:
            found = _found(await repository.find_callback(tx, org, callback_id))
            again = begun_again(found, to_text(self._clock()))
            if found.state == "waiting" or not await repository.change_callback(tx, found, again):
                raise CallbackStillWaiting("the callback is still being tried")
            target = Target("callback", found.id, f"{found.event} to {aim_of(found.aim).host}")
            await self._audit.within(tx).record(found.org_id, actor, "callback.retried", target)
        return await self.get(org, callback_id)


def begun_again(callback: Callback, moment: str) -> Callback:
    """The callback as it was when it was fresh, in its next round."""
    return msgspec.structs.replace(
        callback,
        state="waiting",
        round=callback.round + 1,
        attempts=0,
        handed=0,
        error="",
        due_at=moment,
        ended_at=None,
    )


def _found(callback: Callback | None) -> Callback:
    if callback is None:
        raise CallbackNotFound("there is no such callback")
    return callback
