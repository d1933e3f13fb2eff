"""The wire types of enrolment keys and attempts."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tikfleet.domains.enrolment.model import KeyState, Outcome
from tikfleet.domains.inventory.public import Finding, Tags

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
Moment = Annotated[
    str,
    Meta(
        pattern=r"^20[0-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$",
        description="RFC 3339 in UTC.",
        examples=["2027-01-01T00:00:00Z"],
    ),
]
SiteIdText = Annotated[str, Meta(pattern=r"^sit_[0-9a-z]{16}$")]
GroupIdText = Annotated[str, Meta(pattern=r"^grp_[0-9a-z]{16}$")]
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
    site_group_id: str | None
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
    site_group_id: GroupIdText | None = None
    expires_at: Moment | None = None
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
