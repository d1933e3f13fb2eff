"""How saved queries and their results are shown."""

import msgspec

from tikfleet.domains.queries.lines import EndLine, UnansweredLine
from tikfleet.domains.queries.saved import QueryResult, ResultState, SavedQuery
from tikfleet.domains.queries.schemas import QueryAsk
from tikfleet.kernel.scopes import ActorKind


class QueryPerson(msgspec.Struct, frozen=True):
    """Who made a query."""

    kind: ActorKind
    id: str
    name: str


class SavedQueryView(msgspec.Struct, frozen=True, kw_only=True):
    """A saved query. `next_at` is when it is asked by itself, null for never."""

    id: str
    name: str
    ask: QueryAsk
    shared: bool
    interval_s: int
    keep: int
    next_at: str | None
    created_at: str
    created_by: QueryPerson


class QueryTally(msgspec.Struct, frozen=True, kw_only=True):
    """How a query ended, in devices and rows."""

    devices: int
    answered: int
    failed: int
    rows: int
    complete: bool
    seconds: float
    stopped: str


class QueryUnanswered(msgspec.Struct, frozen=True):
    """A device that did not answer, or not wholly, and why."""

    device_id: str
    device_name: str
    reason: str
    detail: str


class QueryResultView(msgspec.Struct, frozen=True, kw_only=True):
    """A result set. `tally` is null until it has ended; `unanswered` names at most 1,000 devices."""

    id: str
    query_id: str
    state: ResultState
    started_at: str
    ended_at: str | None
    tally: QueryTally | None
    columns: list[str]
    unanswered: list[QueryUnanswered]
    error: str


def query_view(query: SavedQuery) -> SavedQueryView:
    person = QueryPerson(query.created_by.kind, query.created_by.id, query.created_by.name)
    return SavedQueryView(
        id=query.id,
        name=query.name,
        ask=query.ask,
        shared=query.shared,
        interval_s=query.interval_s,
        keep=query.keep,
        next_at=query.next_at,
        created_at=query.created_at,
        created_by=person,
    )


def result_view(result: QueryResult) -> QueryResultView:
    return QueryResultView(
        id=result.id,
        query_id=result.query_id,
        state=result.state,
        started_at=result.started_at,
        ended_at=result.ended_at,
        tally=None if result.tally is None else _tally(result.tally),
        columns=list(result.columns),
        unanswered=[_unanswered(line) for line in result.unanswered],
        error=result.error,
    )


def _tally(line: EndLine) -> QueryTally:
    return QueryTally(**{name: getattr(line, name) for name in QueryTally.__struct_fields__})


def _unanswered(line: UnansweredLine) -> QueryUnanswered:
    return QueryUnanswered(line.device_id, line.device_name, line.reason, line.detail)
