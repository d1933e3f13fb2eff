"""Values and rules of identity: who may do what, and who may let whom do it."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from tikfleet.domains.identity.errors import BeyondYourRole, PasswordWeak
from tikfleet.kernel.ids import OrganisationId, PersonId, SessionId, TokenId
from tikfleet.kernel.permissions import ROLE_PERMISSIONS, Role
from tikfleet.kernel.scopes import Actor, OrgScope

MAX_DEPTH: Final = 8
INVITATION_DAYS: Final = 7
SESSION_IDLE_HOURS: Final = 12
SESSION_DAYS: Final = 30
SETUP_TOKEN: Final = "tfo_"  # noqa: S105 - a prefix, not a secret
_STRENGTH: Final[dict[Role, int]] = {"viewer": 0, "operator": 1, "admin": 2, "owner": 3}
_FEWEST_CHARACTERS: Final = 5
_LONGEST_ALLOWED_PART: Final = 3


class Organisation(msgspec.Struct, frozen=True):
    """A tenant. `parent_id` is None for the root."""

    id: OrganisationId
    parent_id: OrganisationId | None
    name: str
    created_at: str


class Person(msgspec.Struct, frozen=True):
    """Somebody as one organisation knows them: name and role are that membership's."""

    id: PersonId
    email: str
    name: str
    role: Role
    disabled: bool
    pending: bool
    created_at: str
    last_signed_in_at: str | None

    @property
    def is_active_owner(self) -> bool:
        """Whether this membership counts when somebody must own the organisation."""
        return self.role == "owner" and not self.disabled and not self.pending


class ApiToken(msgspec.Struct, frozen=True):
    """An API token without its secret. It never may more than its creator may now."""

    id: TokenId
    org_id: OrganisationId
    name: str
    scopes: tuple[str, ...]
    prefix: str
    created_by: PersonId
    created_by_name: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class Caller(msgspec.Struct, frozen=True):
    """Who asks, for which organisation, with what permissions."""

    actor: Actor
    scope: OrgScope
    permissions: frozenset[str]


class Standing(msgspec.Struct, frozen=True):
    """What a person is at one organisation: the strongest role held there or above, and the name held with it."""

    role: Role
    name: str


class Reach(msgspec.Struct, frozen=True):
    """An organisation that a person may act in, and the role there."""

    id: OrganisationId
    name: str
    parent_id: OrganisationId | None
    role: Role


class Identified(msgspec.Struct, frozen=True):
    """Whom a credential was found to belong to."""

    kind: Literal["person", "token"]
    id: str
    name: str
    scope: OrgScope
    permissions: frozenset[str]
    session_id: SessionId = SessionId("")
    csrf_token: str = ""


def require_within(wanted: Iterable[str], permissions: frozenset[str]) -> None:
    """Raise BeyondYourRole when `wanted` holds a permission that the caller does not have."""
    beyond = sorted(set(wanted) - permissions)
    if beyond:
        raise BeyondYourRole(f"you do not have {', '.join(beyond)} yourself")


def require_role_within(role: Role, permissions: frozenset[str]) -> None:
    """Raise BeyondYourRole when a role may more than the caller."""
    require_within(ROLE_PERMISSIONS[role], permissions)


def strongest(standings: Iterable[Standing]) -> Standing | None:
    """The standing of the highest role, the first of equals."""
    return max(standings, key=lambda standing: _STRENGTH[standing.role], default=None)


def stronger(one: Role, other: Role) -> bool:
    """Whether the first role stands above the second."""
    return _STRENGTH[one] > _STRENGTH[other]


def normal_email(text: str) -> str:
    """An e-mail address as it is compared: without surrounding space, in lower case."""
    return text.strip().lower()


def require_strong(password: str, email: str, name: str = "") -> None:
    """Raise PasswordWeak for few distinct characters, or a password that holds the person's name or address."""
    if len(set(password)) < _FEWEST_CHARACTERS:
        raise PasswordWeak(f"the password has fewer than {_FEWEST_CHARACTERS} different characters")
    parts = [email, email.partition("@")[0], *name.lower().split()]
    for part in parts:
        if len(part) > _LONGEST_ALLOWED_PART and part in password.lower() and len(part) * 2 > len(password):
            raise PasswordWeak("the password is mostly your name or e-mail address")


def csrf_of(secret: str, nonce: str) -> str:
    """The CSRF token of a session: derived from its secret, so that what is stored alone can't make it."""
    return hmac.new(secret.encode(), nonce.encode(), hashlib.sha256).hexdigest()
