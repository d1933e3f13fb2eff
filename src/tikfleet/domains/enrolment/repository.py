"""All relational SQL of enrolment. What a credential proves is looked up without a scope; all else takes one."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.enrolment.model import Credential, CredentialState, KeyState
from tikfleet.domains.enrolment.schemas import CreatedBy, EnrolmentAttempt, EnrolmentKey
from tikfleet.domains.inventory.public import Finding
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Row, Transaction

_KEY: Final = """
select id, name, prefix, site_id, expires_at, max_uses, uses, needs_approval, tags, revoked_at,
  created_at, created_by_id, created_by_name, org_id
from enrolment_key
"""
_ATTEMPT: Final = """
id, at, key_id, serial, identity, board, version, source_address, outcome, reason, findings, device_id
"""


class KeyRow(msgspec.Struct, frozen=True):
    """A key as enrolment itself needs it: with its organisation."""

    org_id: OrganisationId
    key: EnrolmentKey


async def add_key(tx: Transaction, values: dict[str, Any]) -> None:
    await tx.execute(
        """insert into enrolment_key (id, org_id, name, digest, prefix, site_id, expires_at, max_uses,
          uses, needs_approval, tags, created_at, created_by_id, created_by_name)
        values (:id, :org_id, :name, :digest, :prefix, :site_id, :expires_at, :max_uses,
          0, :needs_approval, :tags, :created_at, :created_by_id, :created_by_name)""",
        **values,
    )


async def key(tx: Transaction, scope: OrgScope, key_id: str, now: str) -> EnrolmentKey | None:
    rows = await tx.fetch(f"{_KEY} where id = :id and org_id in :org_ids", id=key_id, org_ids=list(scope.org_ids))
    return _key(rows[0], now).key if rows else None


async def key_by_digest(tx: Transaction, digest: bytes, now: str) -> KeyRow | None:
    """The key whose secret has this SHA-256. Authentication: no scope yet."""
    rows = await tx.fetch(f"{_KEY} where digest = :digest", digest=digest)
    return _key(rows[0], now) if rows else None


async def keys(tx: Transaction, scope: OrgScope, asked: PageRequest, now: str) -> Page[EnrolmentKey]:
    rows, following = await _newest(tx, f"{_KEY} where org_id in :org_ids", {"org_ids": list(scope.org_ids)}, asked)
    return Page([_key(row, now).key for row in rows], following)


async def change_key(tx: Transaction, scope: OrgScope, key_id: str, changes: dict[str, Any]) -> None:
    setters = ", ".join(f"{name} = :{name}" for name in changes)
    await tx.execute(
        f"update enrolment_key set {setters} where id = :id and org_id in :org_ids",
        id=key_id,
        org_ids=list(scope.org_ids),
        **changes,
    )


async def use_key(tx: Transaction, key_id: str) -> bool:
    """Count one use; False when the key has none left or was revoked meanwhile."""
    changed = await tx.execute(
        """update enrolment_key set uses = uses + 1
        where id = :id and revoked_at is null and (max_uses is null or uses < max_uses)""",
        id=key_id,
    )
    return changed == 1


async def add_attempt(tx: Transaction, org_id: OrganisationId, attempt: EnrolmentAttempt) -> None:
    values = msgspec.structs.asdict(attempt)
    values["findings"] = msgspec.json.encode(attempt.findings).decode()
    await tx.execute(
        f"insert into enrolment (org_id, {_ATTEMPT}) values (:org_id, "
        ":id, :at, :key_id, :serial, :identity, :board, :version, :source_address, :outcome, :reason, :findings, "
        ":device_id)",
        org_id=org_id,
        **values,
    )


async def attempts(tx: Transaction, scope: OrgScope, key_id: str | None, asked: PageRequest) -> Page[EnrolmentAttempt]:
    sql = f"select {_ATTEMPT} from enrolment where org_id in :org_ids"
    values: dict[str, Any] = {"org_ids": list(scope.org_ids)}
    if key_id:
        sql, values["key_id"] = sql + " and key_id = :key_id", key_id
    rows, following = await _newest(tx, sql, values, asked)
    return Page([_attempt(row) for row in rows], following)


async def add_credential(tx: Transaction, digest: bytes, credential: Credential, now: str) -> None:
    await tx.execute(
        """insert into device_credential (digest, org_id, device_id, state, tier, created_at)
        values (:digest, :org_id, :device_id, :state, :tier, :now)""",
        digest=digest,
        now=now,
        **msgspec.structs.asdict(credential),
    )


async def credentials(tx: Transaction, digests: Sequence[bytes], replaced_after: str) -> dict[bytes, Credential]:
    """What device tokens with these SHA-256 prove; unknown ones are left out. Authentication: no scope yet.

    An old one counts only where it was replaced after that moment.
    """
    rows = await tx.fetch(
        """select digest, org_id, device_id, state, tier from device_credential
        where digest in :digests and (state <> 'old' or created_at > :replaced_after)""",
        digests=list(digests),
        replaced_after=replaced_after,
    )
    return {bytes(row[0]): Credential(*row[1:]) for row in rows}


async def states_of(tx: Transaction, scope: OrgScope, device_id: DeviceId) -> list[CredentialState]:
    """The states of a device's credentials."""
    rows = await tx.fetch(
        "select state from device_credential where device_id = :id and org_id in :org_ids",
        id=device_id,
        org_ids=list(scope.org_ids),
    )
    return [row[0] for row in rows]


async def drop_credentials(tx: Transaction, device_id: DeviceId, states: list[str]) -> None:
    await tx.execute(
        "delete from device_credential where device_id = :id and state in :states", id=device_id, states=states
    )


async def retire(tx: Transaction, device_id: DeviceId, now: str) -> None:
    """The active credential of a device becomes its old one, from now on."""
    await tx.execute(
        "update device_credential set state = 'old', created_at = :now where device_id = :id and state = 'active'",
        id=device_id,
        now=now,
    )


async def promote(tx: Transaction, device_id: DeviceId, state: CredentialState) -> None:
    """Credentials of a device in this state become its active ones."""
    await tx.execute(
        "update device_credential set state = 'active' where device_id = :id and state = :state",
        id=device_id,
        state=state,
    )


async def _newest(
    tx: Transaction, sql: str, values: dict[str, Any], asked: PageRequest
) -> tuple[list[Row], str | None]:
    if asked.after is not None:
        sql, values["after"] = sql + " and id < :after", asked.after.id
    rows = await tx.fetch(f"{sql} order by id desc limit :rows", rows=asked.limit + 1, **values)
    more = len(rows) > asked.limit
    rows = rows[: asked.limit]
    return rows, Cursor(None, rows[-1][0]).encode() if more else None


def _key(row: Row, now: str) -> KeyRow:
    expires_at, max_uses, uses, revoked_at = row[4], row[5], int(row[6]), row[9]
    state: KeyState = "active"
    if revoked_at:
        state = "revoked"
    elif expires_at and expires_at <= now:
        state = "expired"
    elif max_uses is not None and uses >= max_uses:
        state = "used-up"
    found = EnrolmentKey(
        id=row[0],
        name=row[1],
        prefix=row[2],
        site_id=row[3],
        expires_at=expires_at,
        max_uses=max_uses,
        uses=uses,
        needs_approval=bool(row[7]),
        tags=msgspec.json.decode(row[8], type=list[str]),
        state=state,
        created_at=row[10],
        created_by=CreatedBy(row[11], row[12]),
    )
    return KeyRow(row[13], found)


def _attempt(row: Row) -> EnrolmentAttempt:
    names = [name.strip() for name in _ATTEMPT.split(",")]
    values = dict(zip(names, row, strict=True))
    values["findings"] = msgspec.json.decode(values["findings"], type=list[Finding])
    return EnrolmentAttempt(**values)
