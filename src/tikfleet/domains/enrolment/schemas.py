"""The wire types of enrolment keys and attempts."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tikfleet.domains.enrolment.model import KeyState, Outcome
from tikfleet.domains.inventory.public import NAME, Finding, SiteIdText, Tags
from tikfleet.httpkit.moments import MomentText

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=NAME, examples=["Baltics, installers"])]
Uses = Annotated[int, Meta(ge=1, le=1_000_000)]


class CreatedBy(msgspec.Struct, frozen=True):
    id: str
    name: str


class EnrolmentKey(msgspec.Struct, frozen=True, kw_only=True):
    """What lets new routers in. The secret is shown once, when the key is made."""

    id: str
    name: str
    prefix: str
    site_id: str | None
    expires_at: str | None
    max_uses: int | None
    uses: int
    needs_approval: bool
    tags: list[str]
    state: KeyState
    created_at: str
    created_by: CreatedBy


class NewEnrolmentKey(EnrolmentKey, frozen=True, kw_only=True):
    """A key that was just made, with its secret and the lines to paste into a router's terminal."""

    secret: str
    lines: dict[str, str]


class EnrolmentKeyCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new key. Routers that use it land at its site, carry its tags, and wait for approval where it says so."""

    name: Name
    site_id: SiteIdText | None = None
    expires_at: MomentText | None = None
    max_uses: Uses | None = None
    needs_approval: bool = False
    tags: Tags = []


class EnrolmentKeyPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a key; what is left out stays."""

    name: Name | UnsetType = UNSET
    max_uses: Uses | None | UnsetType = UNSET
    needs_approval: bool | UnsetType = UNSET


class EnrolmentAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """One router that presented a key, and what came of it."""

    id: str
    at: str
    key_id: str
    serial: str
    identity: str
    board: str
    version: str
    source_address: str
    outcome: Outcome
    reason: str
    findings: list[Finding]
    device_id: str | None
