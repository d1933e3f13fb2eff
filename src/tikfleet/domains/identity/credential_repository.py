"""SQL of credentials: sessions, API tokens, invitations, the set-up token; and of organisations' settings.

A secret's hash finds its row without a scope: that is how authentication learns which organisation it is.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tikfleet.domains.identity.model import ApiToken
from tikfleet.domains.identity.repository import LINEAGE
from tikfleet.domains.identity.settings import NAMES, Chosen, KeptDays
from tikfleet.kernel.ids import OrganisationId, PersonId, SessionId
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Row, Transaction

_TOKEN: Final = "id, org_id, name, scopes, prefix, created_by, created_by_name, created_at, expires_at, last_used_at"  # noqa: S105
_TOKEN_SORTS: Final = {"name": "lower(name)", "created_at": "created_at"}


class SessionRow(msgspec.Struct, frozen=True):
    """A session as it is stored."""

    id: SessionId
    person_id: PersonId
    org_id: OrganisationId
    csrf_nonce: str
    created_at: str
    seen_at: str


class InvitationRow(msgspec.Struct, frozen=True):
    """An invitation that is still good, with the account that it is for."""

    person_id: PersonId
    org_id: OrganisationId
    email: str
    password_hash: str | None


async def add_session(transaction: Transaction, row: SessionRow, secret_hash: bytes, source_address: str) -> None:
    await transaction.execute(
        """
        insert into session (id, secret_hash, person_id, org_id, csrf_nonce, source_address, created_at, seen_at)
        values (:id, :secret_hash, :person_id, :org_id, :csrf_nonce, :source_address, :created_at, :seen_at)
        """,
        secret_hash=secret_hash,
        source_address=source_address,
        **msgspec.structs.asdict(row),
    )


async def session(
    transaction: Transaction, secret_hash: bytes, created_after: str, seen_after: str
) -> SessionRow | None:
    """The session of a secret, unless it is too old or was idle too long."""
    rows = await transaction.fetch(
        """
        select id, person_id, org_id, csrf_nonce, created_at, seen_at from session
        where secret_hash = :secret_hash and created_at > :created_after and seen_at > :seen_after
        """,
        secret_hash=secret_hash,
        created_after=created_after,
        seen_after=seen_after,
    )
    return SessionRow(*rows[0]) if rows else None


async def touch_session(transaction: Transaction, session_id: SessionId, at: str) -> None:
    await transaction.execute("update session set seen_at = :at where id = :id", id=session_id, at=at)


async def switch_session(
    transaction: Transaction, session_id: SessionId, org_id: OrganisationId, csrf_nonce: str
) -> None:
    await transaction.execute(
        "update session set org_id = :org, csrf_nonce = :nonce where id = :id",
        id=session_id,
        org=org_id,
        nonce=csrf_nonce,
    )


async def end_session(transaction: Transaction, session_id: SessionId) -> None:
    await transaction.execute("delete from session where id = :id", id=session_id)


async def end_sessions(transaction: Transaction, person_id: str) -> None:
    """End every session of a person, in whatever organisation it acts."""
    await transaction.execute("delete from session where person_id = :person", person=person_id)


async def forget_old_sessions(transaction: Transaction, created_before: str, seen_before: str) -> None:
    """Drop what has expired, of everybody."""
    await transaction.execute(
        "delete from session where created_at <= :created_before or seen_at <= :seen_before",
        created_before=created_before,
        seen_before=seen_before,
    )


async def add_token(transaction: Transaction, token: ApiToken, secret_hash: bytes) -> None:
    values = msgspec.structs.asdict(token) | {"scopes": " ".join(token.scopes), "secret_hash": secret_hash}
    await transaction.execute(
        """
        insert into api_token (
            id, org_id, name, scopes, prefix, secret_hash,
            created_by, created_by_name, created_at, expires_at, last_used_at
        ) values (
            :id, :org_id, :name, :scopes, :prefix, :secret_hash,
            :created_by, :created_by_name, :created_at, :expires_at, :last_used_at
        )
        """,
        **values,
    )


async def token(transaction: Transaction, scope: OrgScope, token_id: str) -> ApiToken | None:
    rows = await transaction.fetch(
        f"select {_TOKEN} from api_token where id = :id and org_id in :orgs", id=token_id, orgs=scope.org_ids
    )
    return _token(rows[0]) if rows else None


async def token_of_secret(transaction: Transaction, secret_hash: bytes, now: str) -> ApiToken | None:
    """The token of a secret, unless it has expired."""
    rows = await transaction.fetch(
        f"""
        select {_TOKEN} from api_token
        where secret_hash = :secret_hash and (expires_at is null or expires_at > :now)
        """,
        secret_hash=secret_hash,
        now=now,
    )
    return _token(rows[0]) if rows else None


async def tokens(transaction: Transaction, scope: OrgScope, request: PageRequest) -> Page[ApiToken]:
    sort = _TOKEN_SORTS[request.sort]
    total = await transaction.fetch("select count(*) from api_token where org_id in :orgs", orgs=scope.org_ids)
    compared, direction = ("<", "desc") if request.descending else (">", "asc")
    after = request.after or Cursor("", "")
    start = f"and ({sort}, id) {compared} (:value, :id)" if request.after else ""
    values = {"value": str(after.value or ""), "id": after.id} if request.after else {}
    rows = await transaction.fetch(
        f"""
        select {_TOKEN}, {sort} from api_token where org_id in :orgs {start}
        order by {sort} {direction}, id {direction} limit :limit
        """,
        orgs=scope.org_ids,
        limit=request.limit + 1,
        **values,
    )
    kept = rows[: request.limit]
    more = len(rows) > request.limit
    next_cursor = Cursor(kept[-1][-1], kept[-1][0]).encode() if more else None
    return Page([_token(row) for row in kept], next_cursor, int(total[0][0]))


async def touch_token(transaction: Transaction, token_id: str, at: str) -> None:
    await transaction.execute("update api_token set last_used_at = :at where id = :id", id=token_id, at=at)


async def delete_token(transaction: Transaction, scope: OrgScope, token_id: str) -> bool:
    deleted = await transaction.execute(
        "delete from api_token where id = :id and org_id in :orgs", id=token_id, orgs=scope.org_ids
    )
    return deleted == 1


async def add_invitation(
    transaction: Transaction, org_id: OrganisationId, person_id: PersonId, secret_hash: bytes, expires_at: str
) -> None:
    await transaction.execute(
        """
        insert into invitation (secret_hash, person_id, org_id, expires_at)
        values (:secret_hash, :person, :org, :expires_at)
        """,
        secret_hash=secret_hash,
        person=person_id,
        org=org_id,
        expires_at=expires_at,
    )


async def invitation(transaction: Transaction, secret_hash: bytes, now: str) -> InvitationRow | None:
    """The invitation of a secret, unless it has expired or its membership was disabled."""
    rows = await transaction.fetch(
        """
        select invitation.person_id, invitation.org_id, person.email, person.password_hash
        from invitation
        join person on person.id = invitation.person_id
        join membership on membership.person_id = invitation.person_id and membership.org_id = invitation.org_id
        where invitation.secret_hash = :secret_hash and invitation.expires_at > :now and membership.disabled = 0
        """,
        secret_hash=secret_hash,
        now=now,
    )
    return InvitationRow(*rows[0]) if rows else None


async def use_invitation(transaction: Transaction, secret_hash: bytes) -> bool:
    """Take an invitation: true for exactly one of several callers."""
    taken = await transaction.execute("delete from invitation where secret_hash = :hash", hash=secret_hash)
    return taken == 1


async def setup_state(transaction: Transaction) -> tuple[bytes | None, bool]:
    """The hash of the set-up token, and whether set-up is closed. There is one installation, so no scope."""
    rows = await transaction.fetch("select token_hash, closed_at from setup where id = 1")
    return (rows[0][0], rows[0][1] is not None) if rows else (None, False)


async def write_setup(transaction: Transaction, token_hash: bytes | None, closed_at: str | None) -> None:
    await transaction.execute("delete from setup where id = 1")
    await transaction.execute(
        "insert into setup (id, token_hash, closed_at) values (1, :token_hash, :closed_at)",
        token_hash=token_hash,
        closed_at=closed_at,
    )


async def settings(transaction: Transaction, org_id: OrganisationId) -> list[Chosen]:
    """What it has chosen itself, then what those above have, the nearest first."""
    rows = await transaction.fetch(
        LINEAGE
        + f"""
        select lineage.id, lineage.name, {", ".join(NAMES)}
        from organisation_settings join lineage on lineage.id = organisation_settings.org_id
        order by lineage.depth
        """,
        org=org_id,
    )
    return [Chosen(found_id, name, _own(values)) for found_id, name, *values in rows]


def _own(values: list[Any]) -> dict[str, Any]:
    own = dict(zip(NAMES, values, strict=True))
    approval = own["runs_need_approval"]
    return own | {"runs_need_approval": None if approval is None else bool(approval)}


async def write_settings(transaction: Transaction, org_id: OrganisationId, values: Mapping[str, object]) -> None:
    """Replace the organisation's own settings. `values` has one for each of them; None: it follows those above."""
    await transaction.execute("delete from organisation_settings where org_id = :org", org=org_id)
    if all(value is None for value in values.values()):
        return
    await transaction.execute(
        f"""
        insert into organisation_settings (org_id, {", ".join(NAMES)})
        values (:org, {", ".join(f":{name}" for name in NAMES)})
        """,
        org=org_id,
        **{name: int(value) if isinstance(value, bool) else value for name, value in values.items()},
    )


async def retentions(transaction: Transaction, name: KeptDays) -> list[Row]:
    """Every organisation, the one above it, and its own days of `name`; nothing where none has chosen any."""
    chosen = f"select count(*) from organisation_settings where {name} > 0"
    if not (await transaction.fetch(chosen))[0][0]:
        return []
    return await transaction.fetch(
        f"""
        select organisation.id, organisation.parent_id, organisation_settings.{name}
        from organisation left join organisation_settings on organisation_settings.org_id = organisation.id
        """
    )


async def maker_of_token(transaction: Transaction, token_id: str) -> str:
    """Who made a token, in whatever organisation; empty when there is none of that id."""
    rows = await transaction.fetch("select created_by from api_token where id = :id", id=token_id)
    return str(rows[0][0]) if rows else ""


def _token(row: Row) -> ApiToken:
    token_id, org_id, name, scopes, *rest = row[:10]
    return ApiToken(token_id, org_id, name, tuple(scopes.split()), *rest)
