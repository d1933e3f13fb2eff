"""All relational SQL of sources. Recognising a sender has no scope yet; all else takes one."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from tikfleet.domains.sources.model import Claim, Seen, Stream
from tikfleet.kernel.ids import is_id
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Row, Transaction

_CLAIM: Final = Claim.__struct_fields__
_CLAIM_COLUMNS: Final = ", ".join(_CLAIM)
_SEEN: Final = Seen.__struct_fields__
_SEEN_COLUMNS: Final = ", ".join(_SEEN)
_COUNTS: Final = ("received", "accepted", "rate", "buffer", "unattributed", "invalid")
_UPSERT: Final = f"""
insert into source_seen ({_SEEN_COLUMNS}) values ({", ".join(f":{name}" for name in _SEEN)})
on conflict (stream, way, value) do update set
  org_id = excluded.org_id, device_id = excluded.device_id, reason = excluded.reason, last_at = excluded.last_at,
  sample = case when excluded.sample = '' then source_seen.sample else excluded.sample end,
  {", ".join(f"{name} = source_seen.{name} + excluded.{name}" for name in _COUNTS)}
"""


async def all_claims(tx: Transaction) -> list[Claim]:
    """Every claim of every organisation: what recognition is made of."""
    return [_claim(row) for row in await tx.fetch(f"select {_CLAIM_COLUMNS} from source_claim")]


async def claims(tx: Transaction, scope: OrgScope, page: PageRequest) -> list[Claim]:
    """Newest first, and one more when there is another page."""
    sql = f"select {_CLAIM_COLUMNS} from source_claim where org_id in :orgs"
    values: dict[str, Any] = {"orgs": list(scope.org_ids)}
    if page.after:
        sql, values["after"] = sql + " and id < :after", page.after.id
    rows = await tx.fetch(f"{sql} order by id desc limit :most", most=page.limit + 1, **values)
    return [_claim(row) for row in rows]


async def claim(tx: Transaction, scope: OrgScope, claim_id: str) -> Claim | None:
    """One claim; text that is no claim's id names none."""
    if not is_id(claim_id, "src"):
        return None
    rows = await tx.fetch(
        f"select {_CLAIM_COLUMNS} from source_claim where id = :id and org_id in :orgs",
        id=claim_id,
        orgs=list(scope.org_ids),
    )
    return _claim(rows[0]) if rows else None


async def ports(tx: Transaction) -> set[int]:
    """The ports that are given to devices already, over all organisations."""
    return {int(row[0]) for row in await tx.fetch("select value from source_claim where way = 'port'")}


async def add_claim(tx: Transaction, made: Claim) -> None:
    """A new claim. Raises AlreadyExists when its way is claimed."""
    values: dict[str, Any] = {name: getattr(made, name) for name in _CLAIM}
    values["created_by"] = msgspec.json.encode(made.created_by).decode()
    await tx.execute(
        f"insert into source_claim ({_CLAIM_COLUMNS}) values ({', '.join(f':{name}' for name in _CLAIM)})", **values
    )


async def remove_claim(tx: Transaction, scope: OrgScope, claim_id: str) -> None:
    """Forget a claim."""
    await tx.execute(
        "delete from source_claim where id = :id and org_id in :orgs", id=claim_id, orgs=list(scope.org_ids)
    )


async def add_seen(tx: Transaction, rows: Sequence[Seen], most_unknown: int) -> None:
    """Add counts to what was seen; of senders that are nobody's, only the `most_unknown` seen last are kept."""
    await tx.execute_many(_UPSERT, [msgspec.structs.asdict(row) for row in rows])
    await tx.execute(
        """delete from source_seen where org_id = '' and value <> '*' and last_at < (
          select last_at from source_seen where org_id = '' order by last_at desc limit 1 offset :most)""",
        most=most_unknown,
    )


async def seen(tx: Transaction, org_ids: Sequence[str], *, lost: bool, page: PageRequest) -> list[Seen]:
    """Senders of these organisations, the last seen first, and one more when there is another page.

    `lost`: only those without an organisation or device. The empty organisation stands for nobody's.
    """
    sql = f"select {_SEEN_COLUMNS} from source_seen where org_id in :orgs"
    values: dict[str, Any] = {"orgs": list(org_ids)}
    if lost:
        sql += " and reason <> ''"
    if page.after:
        sql += " and (last_at, stream || way || value) < (:after_at, :after_id)"
        values |= {"after_at": page.after.value, "after_id": page.after.id}
    rows = await tx.fetch(
        f"{sql} order by last_at desc, stream || way || value desc limit :most", most=page.limit + 1, **values
    )
    return [Seen(**dict(zip(_SEEN, row, strict=True))) for row in rows]


async def totals(tx: Transaction, org_ids: Sequence[str]) -> list[tuple[Stream, tuple[int, ...]]]:
    """What came and what became of it, by stream, over these organisations; counts in the order of `Counted`."""
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in _COUNTS)
    rows = await tx.fetch(
        f"select stream, {sums} from source_seen where org_id in :orgs group by stream order by stream",
        orgs=list(org_ids),
    )
    return [(row[0], tuple(int(value) for value in row[1:])) for row in rows]


def _claim(row: Row) -> Claim:
    values: dict[str, Any] = dict(zip(_CLAIM, row, strict=True))
    values["created_by"] = msgspec.json.decode(values["created_by"], type=Actor)
    return Claim(**values)
