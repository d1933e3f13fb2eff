"""Searches that are kept under a name: values, SQL, and what may be done with them."""

from typing import Any, Final

import msgspec

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.logs.errors import SavedSearchesFull, SavedSearchNotFound
from tikfleet.domains.logs.schemas import SavedSearch, SearchAsk, SearchCreate
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.ids import is_id, new_id
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database, Row, Transaction

_COLUMNS: Final = "id, org_id, owner, name, shared, search, created_at, created_by"
_SEEN: Final = "org_id in :orgs and (shared = 1 or owner = :owner)"
_MOST: Final = 1_000


class SavedSearches:
    """An organisation's searches: the shared ones, and one's own."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def page(self, org: OrgScope, actor: Actor, page: PageRequest) -> Page[SavedSearch]:
        """Newest first."""
        sql, values = f"select {_COLUMNS} from saved_search where {_SEEN}", _values(org, actor)
        if page.after:
            sql, values["after"] = sql + " and id < :after", page.after.id
        async with self._database.read() as tx:
            rows = await tx.fetch(f"{sql} order by id desc limit :most", most=page.limit + 1, **values)
        items = [_view(row) for row in rows[: page.limit]]
        return Page(items, Cursor(None, items[-1].id).encode() if len(rows) > page.limit else None)

    async def get(self, org: OrgScope, actor: Actor, search_id: str) -> SavedSearch:
        """Raises SavedSearchNotFound."""
        async with self._database.read() as tx:
            return _view(await _found(tx, org, actor, search_id))

    async def create(self, org: OrgScope, actor: Actor, wanted: SearchCreate) -> SavedSearch:
        """Raises SavedSearchesFull."""
        search_id, who = new_id("lgs"), Actor(actor.kind, actor.id, actor.name)
        async with self._database.write() as tx:
            count = await tx.fetch("select count(*) from saved_search where org_id = :org", org=org.org_id)
            if int(count[0][0]) >= _MOST:
                raise SavedSearchesFull(f"the organisation has {_MOST} saved searches")
            await tx.execute(
                f"insert into saved_search ({_COLUMNS}) "
                "values (:id, :org_id, :owner, :name, :shared, :search, :created_at, :created_by)",
                id=search_id,
                org_id=org.org_id,
                owner=_owner(actor),
                name=wanted.name,
                shared=int(wanted.shared),
                search=msgspec.json.encode(wanted.search).decode(),
                created_at=to_text(self._clock()),
                created_by=msgspec.json.encode(who).decode(),
            )
            made = _view(await _found(tx, org, actor, search_id))
            target = Target("log-search", made.id, made.name)
            await self._audit.within(tx).record(
                org.org_id, actor, "log-search.created", target, None, {"shared": made.shared}
            )
        return made

    async def remove(self, org: OrgScope, actor: Actor, search_id: str) -> None:
        """Raises SavedSearchNotFound."""
        async with self._database.write() as tx:
            found = _view(await _found(tx, org, actor, search_id))
            await tx.execute("delete from saved_search where id = :id", id=found.id)
            target = Target("log-search", found.id, found.name)
            await self._audit.within(tx).record(
                org.org_id, actor, "log-search.deleted", target, {"name": found.name}, None
            )


async def _found(tx: Transaction, org: OrgScope, actor: Actor, search_id: str) -> Row:
    rows = []
    if is_id(search_id, "lgs"):
        sql = f"select {_COLUMNS} from saved_search where id = :id and {_SEEN}"
        rows = await tx.fetch(sql, id=search_id, **_values(org, actor))
    if not rows:
        raise SavedSearchNotFound("there is no such search")
    return rows[0]


def _values(org: OrgScope, actor: Actor) -> dict[str, Any]:
    return {"orgs": list(org.org_ids), "owner": _owner(actor)}


def _owner(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"


def _view(row: Row) -> SavedSearch:
    search_id, _, _, name, shared, search, created_at, created_by = row
    return SavedSearch(
        id=search_id,
        name=name,
        shared=bool(shared),
        search=msgspec.json.decode(search, type=SearchAsk),
        created_at=created_at,
        created_by=msgspec.json.decode(created_by, type=Actor).name,
    )
