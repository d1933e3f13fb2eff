"""All SQL of the audit trail."""

from typing import Any, Final

import msgspec

from tikfleet.domains.audit.model import Entry, Filter, Target
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Row, Transaction

_CONDITIONS: Final = {
    "actor_id": "actor_id = :actor_id",
    "action": "action = :action",
    "target_id": "target_id = :target_id",
    "since": "at >= :since",
    "until": "at < :until",
    "text": "search_text like :text escape '!'",
}


async def add(transaction: Transaction, entry: Entry) -> None:
    """Keep one entry; its organisation is the entry's own."""
    await transaction.execute(
        """
        insert into audit_entry (
            id, org_id, at, actor_kind, actor_id, actor_name, source_address, action,
            target_kind, target_id, target_name, before_state, after_state, search_text
        ) values (
            :id, :org_id, :at, :actor_kind, :actor_id, :actor_name, :source_address, :action,
            :target_kind, :target_id, :target_name, :before, :after, :search_text
        )
        """,
        id=entry.id,
        org_id=entry.org_id,
        at=entry.at,
        actor_kind=entry.actor.kind,
        actor_id=entry.actor.id,
        actor_name=entry.actor.name,
        source_address=entry.actor.source_address,
        action=entry.action,
        target_kind=entry.target.kind,
        target_id=entry.target.id,
        target_name=entry.target.name,
        before=_to_json(entry.before),
        after=_to_json(entry.after),
        search_text=entry.search_text(),
    )


async def page(transaction: Transaction, scope: OrgScope, wanted: Filter, request: PageRequest) -> Page[Entry]:
    """Entries of the scope, newest first unless the request says otherwise (ids sort by time)."""
    values = _values(wanted) | {"orgs": scope.org_ids}
    conditions = " and ".join(["org_id in :orgs", *(_CONDITIONS[name] for name in values if name != "orgs")])
    total = await transaction.fetch(f"select count(*) from audit_entry where {conditions}", **values)
    if request.after is not None:
        conditions += " and id < :after" if request.descending else " and id > :after"
        values["after"] = request.after.id
    rows = await transaction.fetch(
        f"""
        select id, org_id, at, actor_kind, actor_id, actor_name, source_address, action,
               target_kind, target_id, target_name, before_state, after_state
        from audit_entry where {conditions}
        order by id {"desc" if request.descending else "asc"} limit :limit
        """,
        **values,
        limit=request.limit + 1,
    )
    entries = [_entry(row) for row in rows[: request.limit]]
    more = len(rows) > request.limit
    return Page(entries, Cursor(None, entries[-1].id).encode() if more else None, int(total[0][0]))


def _values(wanted: Filter) -> dict[str, Any]:
    """The parameters of the conditions that apply."""
    values: dict[str, Any] = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value}
    if wanted.text:
        escaped = wanted.text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values["text"] = f"%{escaped}%"
    return values


def _entry(row: Row) -> Entry:
    identifier, org_id, at, kind, actor_id, actor_name, source, action, *target, before, after = row
    return Entry(
        id=identifier,
        org_id=OrganisationId(org_id),
        at=at,
        actor=Actor(kind, actor_id, actor_name, source),
        action=action,
        target=Target(*target),
        before=_from_json(before),
        after=_from_json(after),
    )


def _to_json(state: dict[str, Any] | None) -> str | None:
    return None if state is None else msgspec.json.encode(state).decode()


def _from_json(text: str | None) -> dict[str, Any] | None:
    return None if text is None else msgspec.json.decode(text, type=dict[str, Any])
