"""Claims: what people say of senders, and what was seen of them."""

import re
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.inventory.public import Devices, DeviceStates
from tikfleet.domains.sources import repository
from tikfleet.domains.sources.directory import CHANGED
from tikfleet.domains.sources.errors import (
    PortsExhausted,
    SourceForeign,
    SourceNotFound,
    SourceTaken,
    SourceUnfit,
)
from tikfleet.domains.sources.model import Claim, Counted, Seen, Stream, Way, normal_address
from tikfleet.domains.sources.schemas import NewSource, SourceCreate, SourceView, source_view
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import DeviceId, OrganisationId, new_id
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.kernel.secrets import SOURCE_TOKEN, digest, new_secret
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.database import AlreadyExists, Database, Transaction

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


class Nesting(Protocol):
    """Where an organisation stands among others."""

    async def is_top(self, org_id: OrganisationId) -> bool:
        """Whether none is above it: it runs the installation."""
        ...


class Parts(msgspec.Struct, frozen=True):
    """What claims need of the rest. `ports` may be given to single devices."""

    audit: AuditTrail
    devices: Devices
    states: DeviceStates
    nesting: Nesting
    bus: Bus
    ports: Sequence[int] = ()


class Sources:
    """The claims of organisations, and their senders."""

    def __init__(self, database: Database, parts: Parts, clock: Clock) -> None:
        self._database = database
        self._parts = parts
        self._clock = clock

    async def page(self, scope: OrgScope, page: PageRequest) -> Page[SourceView]:
        async with self._database.read() as tx:
            found = await repository.claims(tx, scope, page)
        views = [source_view(claim) for claim in found[: page.limit]]
        return Page(views, Cursor(None, views[-1].id).encode() if len(found) > page.limit else None)

    async def get(self, scope: OrgScope, source_id: str) -> SourceView:
        """Raises SourceNotFound."""
        async with self._database.read() as tx:
            return source_view(await _found(tx, scope, source_id))

    async def create(self, scope: OrgScope, actor: Actor, wanted: SourceCreate) -> NewSource:
        """Claim a sender for the organisation of the device, or of the caller.

        Raises SourceUnfit, SourceTaken, SourceForeign, PortsExhausted, and DeviceNotFound.
        """
        org_id, device_id = scope.org_id, None
        if wanted.device_id is not None:
            device = (await self._parts.devices.get(scope, DeviceId(wanted.device_id))).id
            sender = await self._parts.states.senders_of([DeviceId(device)])
            if not sender:
                raise SourceUnfit("the device has never checked in")
            org_id, device_id = sender[0].org_id, sender[0].device_id
        value, secret = await self._value(scope, wanted)
        claim = Claim(
            id=new_id("src"),
            org_id=org_id,
            way=wanted.way,
            value=value,
            device_id=device_id,
            name=wanted.name,
            created_at=to_text(self._clock()),
            created_by=Actor(actor.kind, actor.id, actor.name),
        )
        claim = await self._store(claim, actor)
        self._parts.bus.publish(News(CHANGED, org_id, {}))
        return NewSource(**msgspec.structs.asdict(source_view(claim)), secret=secret)

    async def remove(self, scope: OrgScope, actor: Actor, source_id: str) -> None:
        """What comes from there is attributed by it no more; what was stored stays. Raises SourceNotFound."""
        async with self._database.write() as tx:
            claim = await _found(tx, scope, source_id)
            await repository.remove_claim(tx, scope, source_id)
            audit = self._parts.audit.within(tx)
            await audit.record(claim.org_id, actor, "source.removed", _target(claim), _facts(claim), None)
        self._parts.bus.publish(News(CHANGED, claim.org_id, {}))

    async def seen(self, scope: OrgScope, *, lost: bool, page: PageRequest) -> Page[Seen]:
        """Who sends, the last first; `lost`: only those that are nobody's, or no single device's."""
        async with self._database.read() as tx:
            found = await repository.seen(tx, await self._visible(scope), lost=lost, page=page)
        items = found[: page.limit]
        more = Cursor(items[-1].last_at, _key(items[-1])).encode() if len(found) > page.limit else None
        return Page(items, more)

    async def totals(self, scope: OrgScope) -> dict[Stream, Counted]:
        """What came for these organisations, and what became of it, by stream."""
        async with self._database.read() as tx:
            found = await repository.totals(tx, await self._visible(scope))
        return {stream: Counted(*counts) for stream, counts in found}

    async def _visible(self, scope: OrgScope) -> list[str]:
        # Senders that are nobody's are the business of whoever runs the installation.
        return [*scope.org_ids, *([""] if await self._parts.nesting.is_top(scope.org_id) else [])]

    async def _value(self, scope: OrgScope, wanted: SourceCreate) -> tuple[str, str | None]:
        match wanted.way:
            case "token":
                secret = new_secret(SOURCE_TOKEN)
                return digest(secret).hex(), secret
            case "port":
                return "", None
            case "certificate":
                value = wanted.value.replace(":", "").lower()
                if not _FINGERPRINT.fullmatch(value):
                    raise SourceUnfit("a certificate is named by its SHA-256, 64 hexadecimal digits")
                return value, None
            case _:
                return await self._address(scope, wanted.way, wanted.value), None

    async def _address(self, scope: OrgScope, way: Way, text: str) -> str:
        try:
            address = normal_address(text)
        except ValueError as cause:
            raise SourceUnfit(f"{text[:64]!r} is not an IP address") from cause
        senders = await self._parts.states.senders_at([address])
        if any(sender.org_id not in scope for sender in senders):
            raise SourceTaken("devices of another organisation report from this address")
        if (way == "tunnel" or not senders) and not await self._parts.nesting.is_top(scope.org_id):
            raise SourceForeign(f"no device of the organisation reports from {address}")
        return address

    async def _store(self, claim: Claim, actor: Actor) -> Claim:
        try:
            async with self._database.write() as tx:
                if claim.way == "port":
                    taken = await repository.ports(tx)
                    free = next((port for port in self._parts.ports if port not in taken), None)
                    if free is None:
                        raise PortsExhausted(f"all {len(self._parts.ports)} ports for single devices are taken")
                    claim = msgspec.structs.replace(claim, value=str(free))
                await repository.add_claim(tx, claim)
                audit = self._parts.audit.within(tx)
                await audit.record(claim.org_id, actor, "source.claimed", _target(claim), None, _facts(claim))
        except AlreadyExists as cause:
            raise SourceTaken("this is claimed already") from cause
        return claim


async def _found(tx: Transaction, scope: OrgScope, source_id: str) -> Claim:
    claim = await repository.claim(tx, scope, source_id)
    if claim is None:
        raise SourceNotFound("there is no source of that id")
    return claim


def _target(claim: Claim) -> Target:
    return Target("source", claim.id, claim.name or claim.way)


def _facts(claim: Claim) -> dict[str, object]:
    shown = "" if claim.way == "token" else claim.value
    return {"way": claim.way, "value": shown, "device_id": claim.device_id, "name": claim.name}


def _key(seen: Seen) -> str:
    return seen.stream + seen.way + seen.value
