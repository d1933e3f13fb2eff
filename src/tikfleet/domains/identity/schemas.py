"""How organisations, people and credentials look on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tikfleet.domains.identity import model
from tikfleet.domains.identity.people import PersonChange
from tikfleet.domains.identity.sessions import SessionView
from tikfleet.httpkit.moments import MomentText
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.permissions import Role

# A name is printable text that does not begin with a space; `(?!\n)` because Python's `$` forgives a last newline.
_NAME: Final = r"^[^\x00-\x20\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$(?!\n)"
_EMAIL: Final = (
    r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,8}$(?!\n)"
)
_TIMEZONE: Final = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$(?!\n)"

Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=_NAME, examples=["Ada Example"])]
OrganisationName = Annotated[str, Meta(min_length=1, max_length=100, pattern=_NAME, examples=["Acme Networks"])]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=_EMAIL, examples=["ada@acme.example"])]
Password = Annotated[str, Meta(min_length=1, max_length=200, examples=["correct horse battery staple"])]
NewPassword = Annotated[
    str,
    Meta(
        min_length=12,
        max_length=200,
        description="12 to 200 characters; any characters.",
        examples=["correct horse battery staple"],
    ),
]
Secret = Annotated[str, Meta(min_length=1, max_length=200, examples=["tfi_…"])]
Id = Annotated[str, Meta(min_length=1, max_length=60, examples=["org_01m3k5x0v7q2a9bc"])]
Timezone = Annotated[str, Meta(min_length=1, max_length=64, pattern=_TIMEZONE, examples=["Europe/Riga"])]
At = Annotated[str, Meta(examples=["2026-11-23T04:20:11.000Z"])]
OrganisationIdText = Annotated[str, Meta(examples=["org_01m3k5x0v7q2a9bc"])]
PersonIdText = Annotated[str, Meta(examples=["per_01m3k5x0v7q2a9bc"])]
T = TypeVar("T")

# The kernel's catalogue as a type, so that the API's description lists it; a test holds the two together.
Permission = Literal[
    "organisation:read",
    "organisation:write",
    "people:read",
    "people:write",
    "sites:read",
    "sites:write",
    "devices:read",
    "devices:write",
    "enrolment:read",
    "enrolment:write",
    "jobs:read",
    "jobs:write",
    "runs:read",
    "runs:write",
    "runs:approve",
    "library:read",
    "library:write",
    "routeros:read",
    "routeros:write",
    "queries:write",
    "secrets:read",
    "telemetry:read",
    "traffic:read",
    "logs:read",
    "tokens:read",
    "tokens:write",
    "audit:read",
    "settings:read",
    "settings:write",
]


class SetupState(msgspec.Struct, frozen=True):
    """Whether the first owner is still to be made."""

    needed: bool


class SetupRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first owner, with the token that the server printed on its console."""

    token: Secret
    organisation: OrganisationName
    email: Email
    name: Name
    password: NewPassword


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody signs in with."""

    email: Email
    password: Password


class SwitchOrganisation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The organisation to act in from now on."""

    organisation_id: Id


class ChangePassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password, as proof, and the new one."""

    current_password: Password
    new_password: NewPassword


class AcceptInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of the invitation's link. Whoever has an account already gives its password."""

    token: Secret
    name: Name
    password: NewPassword


class SessionPerson(msgspec.Struct, frozen=True):
    """Who is signed in, by the name that the active organisation knows."""

    id: PersonIdText
    email: str
    name: str


class SessionOrganisation(msgspec.Struct, frozen=True):
    """The organisation that the session acts in."""

    id: OrganisationIdText
    name: str
    parent_id: str | None


class ReachableOrganisation(msgspec.Struct, frozen=True):
    """An organisation that the session may switch to, and the role there."""

    id: OrganisationIdText
    name: str
    parent_id: str | None
    role: Role


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser. Send `csrf_token` in X-CSRF-Token with every request that changes something."""

    person: SessionPerson
    organisation: SessionOrganisation
    role: Role
    organisations: list[ReachableOrganisation]
    permissions: list[Permission]
    csrf_token: str
    expires_at: At

    @classmethod
    def of(cls, view: SessionView) -> "Session":
        """The wire form of a session."""
        active = view.active
        return cls(
            person=SessionPerson(view.person_id, view.email, view.name),
            organisation=SessionOrganisation(active.id, active.name, active.parent_id),
            role=view.role,
            organisations=[
                ReachableOrganisation(reach.id, reach.name, reach.parent_id, reach.role) for reach in view.organisations
            ],
            permissions=msgspec.convert(view.permissions, list[Permission]),
            csrf_token=view.csrf_token,
            expires_at=view.expires_at,
        )


class OrganisationCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new organisation below the active one or one of its descendants."""

    name: OrganisationName
    parent_id: Id


class OrganisationPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of an organisation."""

    name: OrganisationName


class Organisation(msgspec.Struct, frozen=True):
    """A tenant. `device_count` counts its own devices, not those of organisations below it."""

    id: OrganisationIdText
    name: str
    parent_id: str | None
    created_at: At
    device_count: int

    @classmethod
    def of(cls, found: model.Organisation, counts: Mapping[OrganisationId, int]) -> "Organisation":
        """The wire form of an organisation."""
        return cls(found.id, found.name, found.parent_id, found.created_at, counts.get(found.id, 0))


class PersonInvite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite into the active organisation; the role may not go beyond the caller's own permissions."""

    email: Email
    name: Name
    role: Role


class PersonPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a person; what is left out stays."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET

    def change(self) -> PersonChange:
        """The change that the request asks for."""
        return PersonChange(_given(self.name), _given(self.role), _given(self.disabled))


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the active organisation. `pending` until the invitation is accepted."""

    id: PersonIdText
    email: str
    name: str
    role: Role
    disabled: bool
    pending: bool
    created_at: At
    last_signed_in_at: At | None

    @classmethod
    def of(cls, person: model.Person) -> "Person":
        """The wire form of a person."""
        return cls(**msgspec.structs.asdict(person))


class InvitedPerson(Person, frozen=True, kw_only=True):
    """A person just invited. The link to give them is `/join#token=` and this token, shown only now."""

    invitation_token: Annotated[str, Meta(examples=["tfi_…"])]

    @classmethod
    def of_invitation(cls, person: model.Person, secret: str) -> "InvitedPerson":
        """The wire form of a person just invited."""
        return cls(**msgspec.structs.asdict(person), invitation_token=secret)


class TokenCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new API token; `scopes` may not go beyond the caller's own permissions."""

    name: Name
    scopes: Annotated[list[Permission], Meta(min_length=1, max_length=40, examples=[["devices:read"]])]
    expires_at: MomentText | None = None


class TokenCreator(msgspec.Struct, frozen=True):
    """The person who made a token."""

    id: PersonIdText
    name: str


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An API token without its secret. It may do what both its scopes and its creator's role allow."""

    id: Annotated[str, Meta(examples=["tok_01m3k5x0v7q2a9bc"])]
    name: str
    scopes: list[Permission]
    prefix: Annotated[str, Meta(description="How the secret begins.", examples=["tft_4kQzR1"])]
    created_at: At
    expires_at: At | None
    last_used_at: At | None
    created_by: TokenCreator

    @classmethod
    def of(cls, token: model.ApiToken) -> "Token":
        """The wire form of a token."""
        return cls(**_token_fields(token))


class CreatedToken(Token, frozen=True, kw_only=True):
    """A token just made, with its secret, shown only now."""

    secret: Annotated[str, Meta(examples=["tft_…"])]

    @classmethod
    def of_creation(cls, token: model.ApiToken, secret: str) -> "CreatedToken":
        """The wire form of a token just made."""
        return cls(**_token_fields(token), secret=secret)


def _token_fields(token: model.ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": list(token.scopes),
        "prefix": token.prefix,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "created_by": TokenCreator(token.created_by, token.created_by_name),
    }


def _given(value: T | UnsetType) -> T | None:
    return None if isinstance(value, UnsetType) else value
