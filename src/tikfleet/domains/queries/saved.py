"""Queries that are kept under a name, and the result sets that they brought: values and SQL."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from tikfleet.domains.queries.lines import EndLine, UnansweredLine
from tikfleet.domains.queries.schemas import QueryAsk
from tikfleet.kernel.ids import OrganisationId, is_id
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Row, Transaction

ResultState = Literal["running", "ended", "failed"]


class SavedQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query by name. `interval_s` 0 asks it when somebody does; `keep` result sets stay. `owner` made it."""

    id: str
    org_id: OrganisationId
    org_ids: tuple[OrganisationId, ...]
    name: str
    ask: QueryAsk
    shared: bool
    interval_s: int
    keep: int
    next_at: str | None
    created_at: str
    created_by: Actor
    owner: str


class QueryResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a query at one time. `columns` are the properties that any row has."""

    id: str
    query_id: str
    org_id: OrganisationId
    state: ResultState
    started_at: str
    ended_at: str | None = None
    tally: EndLine | None = None
    unanswered: tuple[UnansweredLine, ...] = ()
    columns: tuple[str, ...] = ()
    error: str = ""


_QUERY: Final = SavedQuery.__struct_fields__
_RESULT: Final = QueryResult.__struct_fields__
_QUERY_COLUMNS: Final = ", ".join(_QUERY)
_RESULT_COLUMNS: Final = ", ".join(_RESULT)
_QUERY_JSON: Final = {"org_ids": tuple[OrganisationId, ...], "ask": QueryAsk, "created_by": Actor}
_RESULT_JSON: Final = {
    "tally": EndLine | None,
    "unanswered": tuple[UnansweredLine, ...],
    "columns": tuple[str, ...],
}


def owner_of(actor: Actor) -> str:
    """Who a private query belongs to."""
    return f"{actor.kind}:{actor.id}"


async def find_query(tx: Transaction, org: OrgScope, owner: str, query_id: str) -> SavedQuery | None:
    """A query of the scope that is shared or the owner's."""
    if not is_id(query_id, "qry"):
        return None
    where, values = _seen(org, owner)
    rows = await tx.fetch(f"select {_QUERY_COLUMNS} from saved_query where id = :id and {where}", id=query_id, **values)
    return _query(rows[0]) if rows else None


async def page_of_queries(tx: Transaction, org: OrgScope, owner: str, page: PageRequest) -> list[SavedQuery]:
    """Newest first, and one more when there is another page."""
    where, values = _seen(org, owner)
    if page.after:
        where += " and (created_at, id) < (:after_at, :after_id)"
        values |= {"after_at": page.after.value, "after_id": page.after.id}
    rows = await tx.fetch(
        f"select {_QUERY_COLUMNS} from saved_query where {where} order by created_at desc, id desc limit :most",
        most=page.limit + 1,
        **values,
    )
    return [_query(row) for row in rows]


async def count_queries(tx: Transaction, org: OrgScope) -> int:
    """All that the organisation itself has."""
    return int((await tx.fetch("select count(*) from saved_query where org_id = :org", org=org.org_id))[0][0])


async def put_query(tx: Transaction, query: SavedQuery) -> None:
    """Add a query, or write it anew."""
    await tx.execute("delete from saved_query where id = :id", id=query.id)
    names = ", ".join(f":{name}" for name in _QUERY)
    await tx.execute(f"insert into saved_query ({_QUERY_COLUMNS}) values ({names})", **_values(query, _QUERY_JSON))


async def remove_query(tx: Transaction, query_id: str) -> None:
    """The query and its results."""
    await tx.execute("delete from query_result where query_id = :id", id=query_id)
    await tx.execute("delete from saved_query where id = :id", id=query_id)


async def due_queries(tx: Transaction, now: str, limit: int) -> list[SavedQuery]:
    """Those whose time has come, of all organisations."""
    rows = await tx.fetch(
        f"select {_QUERY_COLUMNS} from saved_query where next_at <= :now order by next_at limit :most",
        now=now,
        most=limit,
    )
    return [_query(row) for row in rows]


async def put_off(tx: Transaction, query: SavedQuery, next_at: str) -> bool:
    """Move a query's time, unless somebody else has."""
    return bool(
        await tx.execute(
            "update saved_query set next_at = :next where id = :id and next_at = :was",
            next=next_at,
            id=query.id,
            was=query.next_at,
        )
    )


async def put_result(tx: Transaction, result: QueryResult) -> None:
    """Add a result set, or write it anew."""
    await tx.execute("delete from query_result where id = :id", id=result.id)
    names = ", ".join(f":{name}" for name in _RESULT)
    await tx.execute(f"insert into query_result ({_RESULT_COLUMNS}) values ({names})", **_values(result, _RESULT_JSON))


async def results_of(tx: Transaction, query: SavedQuery) -> list[QueryResult]:
    """Newest first; there are no more than are kept, and those under way."""
    rows = await tx.fetch(
        f"select {_RESULT_COLUMNS} from query_result where query_id = :id and org_id = :org order by id desc",
        id=query.id,
        org=query.org_id,
    )
    return [_result(row) for row in rows]


async def remove_results(tx: Transaction, result_ids: Sequence[str]) -> None:
    """Forget result sets."""
    if result_ids:
        await tx.execute("delete from query_result where id in :ids", ids=list(result_ids))


async def end_running(tx: Transaction, error: str, at: str) -> None:
    """Result sets that were under way when the platform ended."""
    await tx.execute(
        "update query_result set state = 'failed', error = :error, ended_at = :at where state = 'running'",
        error=error,
        at=at,
    )


def _seen(org: OrgScope, owner: str) -> tuple[str, dict[str, Any]]:
    return "org_id in :orgs and (shared = 1 or owner = :owner)", {"orgs": list(org.org_ids), "owner": owner}


def _values(thing: "SavedQuery | QueryResult", json: dict[str, Any]) -> dict[str, Any]:
    values = {name: getattr(thing, name) for name in thing.__struct_fields__}
    values |= {name: msgspec.json.encode(values[name]).decode() for name in json}
    return {name: int(value) if isinstance(value, bool) else value for name, value in values.items()}


def _query(row: Row) -> SavedQuery:
    values = dict(zip(_QUERY, row, strict=True))
    values |= {name: msgspec.json.decode(values[name], type=kind) for name, kind in _QUERY_JSON.items()}
    return SavedQuery(**values | {"shared": bool(values["shared"])})


def _result(row: Row) -> QueryResult:
    values = dict(zip(_RESULT, row, strict=True))
    return QueryResult(
        **values | {name: msgspec.json.decode(values[name], type=kind) for name, kind in _RESULT_JSON.items()}
    )
