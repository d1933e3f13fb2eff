"""What a credential may do. A permission is `thing:read`, `thing:write` or `runs:approve`; a role is a set of them."""

from typing import Final, Literal

Role = Literal["owner", "admin", "operator", "viewer"]

PERMISSIONS: Final = (
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
)

_READS: Final = frozenset(name for name in PERMISSIONS if name.endswith(":read"))
_VIEWER: Final = _READS - {"audit:read", "tokens:read", "people:read", "enrolment:read", "secrets:read"}
_OPERATOR: Final = _VIEWER | {
    "people:read", "enrolment:read", "sites:write", "devices:write", "jobs:write", "runs:write", "library:write",
    "routeros:write", "queries:write", "enrolment:write", "tokens:read", "tokens:write",
}  # fmt: skip
_ADMIN: Final = frozenset(PERMISSIONS) - {"organisation:write"}

ROLE_PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    "owner": frozenset(PERMISSIONS),
    "admin": _ADMIN,
    "operator": frozenset(_OPERATOR),
    "viewer": frozenset(_VIEWER),
}
