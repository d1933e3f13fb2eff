"""Enrolment keys: what lets new routers in."""

from collections.abc import Callable

import msgspec
from msgspec import UNSET

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.enrolment import repository
from tikfleet.domains.enrolment.errors import KeyExpiresInThePast, KeyNotFound
from tikfleet.domains.enrolment.model import AgentScripts
from tikfleet.domains.enrolment.schemas import (
    EnrolmentAttempt,
    EnrolmentKey,
    EnrolmentKeyCreate,
    EnrolmentKeyPatch,
    NewEnrolmentKey,
)
from tikfleet.domains.inventory.public import Sites
from tikfleet.kernel.clock import from_text, to_text
from tikfleet.kernel.ids import EnrolmentKeyId, SiteId, new_id
from tikfleet.kernel.paging import Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.kernel.secrets import ENROLMENT_KEY, digest, new_secret
from tikfleet.ports.database import Database

_SHOWN = 8


class EnrolmentKeys:
    """The keys of an organisation and the attempts that used them."""

    def __init__(
        self, database: Database, audit: AuditTrail, sites: Sites, scripts: AgentScripts, now_text: Callable[[], str]
    ) -> None:
        self._database = database
        self._audit = audit
        self._sites = sites
        self._scripts = scripts
        self._now_text = now_text

    async def create(self, scope: OrgScope, actor: Actor, wanted: EnrolmentKeyCreate) -> NewEnrolmentKey:
        if wanted.site_id:
            await self._sites.get(scope, SiteId(wanted.site_id))
        expires_at = to_text(from_text(wanted.expires_at)) if wanted.expires_at else None
        now = self._now_text()
        if expires_at is not None and expires_at <= now:
            raise KeyExpiresInThePast("the key would be expired from the start")
        key_id, secret = EnrolmentKeyId(new_id("key")), new_secret(ENROLMENT_KEY)
        values = msgspec.structs.asdict(wanted) | {
            "id": key_id,
            "org_id": scope.org_id,
            "digest": digest(secret),
            "prefix": secret[: len(ENROLMENT_KEY) + _SHOWN],
            "expires_at": expires_at,
            "needs_approval": int(wanted.needs_approval),
            "tags": msgspec.json.encode(wanted.tags).decode(),
            "created_at": now,
            "created_by_id": actor.id,
            "created_by_name": actor.name,
        }
        async with self._database.write() as tx:
            await repository.add_key(tx, values)
            key = await repository.key(tx, scope, key_id, now)
            after = msgspec.structs.asdict(wanted)
            target = Target("enrolment-key", key_id, wanted.name)
            await self._audit.within(tx).record(scope.org_id, actor, "enrolment-key.create", target, None, after)
        return NewEnrolmentKey(**msgspec.structs.asdict(_found(key)), secret=secret, lines=self._scripts.lines(secret))

    async def page(self, scope: OrgScope, asked: PageRequest) -> Page[EnrolmentKey]:
        async with self._database.read() as tx:
            return await repository.keys(tx, scope, asked, self._now_text())

    async def get(self, scope: OrgScope, key_id: EnrolmentKeyId) -> EnrolmentKey:
        async with self._database.read() as tx:
            return _found(await repository.key(tx, scope, key_id, self._now_text()))

    async def change(
        self, scope: OrgScope, actor: Actor, key_id: EnrolmentKeyId, patch: EnrolmentKeyPatch
    ) -> EnrolmentKey:
        changes = {name: value for name, value in msgspec.structs.asdict(patch).items() if value is not UNSET}
        columns = {name: int(value) if isinstance(value, bool) else value for name, value in changes.items()}
        async with self._database.write() as tx:
            before = _found(await repository.key(tx, scope, key_id, self._now_text()))
            if columns:
                await repository.change_key(tx, scope, key_id, columns)
            after = _found(await repository.key(tx, scope, key_id, self._now_text()))
            was = {name: getattr(before, name) for name in changes}
            target = Target("enrolment-key", key_id, after.name)
            await self._audit.within(tx).record(scope.org_id, actor, "enrolment-key.change", target, was, changes)
        return after

    async def revoke(self, scope: OrgScope, actor: Actor, key_id: EnrolmentKeyId) -> None:
        """No router gets in by this key any more; those that did stay. Revoking twice changes nothing."""
        async with self._database.write() as tx:
            before = _found(await repository.key(tx, scope, key_id, self._now_text()))
            if before.state != "revoked":
                await repository.change_key(tx, scope, key_id, {"revoked_at": self._now_text()})
            target = Target("enrolment-key", key_id, before.name)
            await self._audit.within(tx).record(
                scope.org_id, actor, "enrolment-key.revoke", target, {"state": before.state}, None
            )

    async def attempts(self, scope: OrgScope, key_id: str | None, asked: PageRequest) -> Page[EnrolmentAttempt]:
        async with self._database.read() as tx:
            return await repository.attempts(tx, scope, key_id, asked)


def _found(key: EnrolmentKey | None) -> EnrolmentKey:
    if key is None:
        raise KeyNotFound("there is no enrolment key of that id")
    return key
