"""How audit entries look on the wire."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from tikfleet.domains.audit.model import Entry
from tikfleet.kernel.scopes import ActorKind


class AuditActor(msgspec.Struct, frozen=True):
    """Who did it: a person, an API token, a device, or the platform itself."""

    kind: ActorKind
    id: Annotated[str, Meta(examples=["per_01m3k5x0v7q2a9bc"])]
    name: Annotated[str, Meta(examples=["Ada Example"])]


class AuditTarget(msgspec.Struct, frozen=True):
    """What it was done to, with the name that it had at that moment."""

    kind: Annotated[str, Meta(examples=["device"])]
    id: Annotated[str, Meta(examples=["dev_01m3k5x0v7q2a9bc"])]
    name: Annotated[str, Meta(examples=["branch-042"])]


class AuditEntry(msgspec.Struct, frozen=True):
    """One change. `before` and `after` hold what changed; secrets in them read `[redacted]`."""

    id: Annotated[str, Meta(examples=["aud_01m3k5x0v7q2a9bc"])]
    at: Annotated[str, Meta(examples=["2026-11-23T04:20:11.000Z"])]
    actor: AuditActor
    action: Annotated[str, Meta(examples=["device.approved"])]
    target: AuditTarget
    source_address: Annotated[str, Meta(examples=["198.51.100.7"])]
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def audit_entry(entry: Entry) -> AuditEntry:
    """The wire form of an entry."""
    return AuditEntry(
        id=entry.id,
        at=entry.at,
        actor=AuditActor(entry.actor.kind, entry.actor.id, entry.actor.name),
        action=entry.action,
        target=AuditTarget(entry.target.kind, entry.target.id, entry.target.name),
        source_address=entry.actor.source_address,
        before=entry.before,
        after=entry.after,
    )
