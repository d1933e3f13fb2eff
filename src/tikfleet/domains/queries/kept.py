"""Queries that are saved, asked at their times, and what they brought."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from tikfleet.domains.audit.public import AuditTrail, Target
from tikfleet.domains.queries import saved
from tikfleet.domains.queries.errors import QueriesTooMany, QueryHasNoResult, QueryNotFound
from tikfleet.domains.queries.lines import EndLine, RowLine, UnansweredLine
from tikfleet.domains.queries.model import read_question
from tikfleet.domains.queries.rows import KeptRow, Pressed, as_csv, unpressed
from tikfleet.domains.queries.saved import QueryResult, SavedQuery, owner_of
from tikfleet.domains.queries.schemas import SavedQueryCreate, SavedQueryPatch
from tikfleet.domains.queries.service import FleetQueries
from tikfleet.kernel.clock import Clock, to_text
from tikfleet.kernel.errors import TikfleetError
from tikfleet.kernel.ids import new_id
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.blobs import Blobs
from tikfleet.ports.database import Database, Transaction
from tikfleet.ports.sandbox import SqlAnswer, SqlSandbox

_MOST_QUERIES: Final = 500
_MOST_UNANSWERED: Final = 1_000
_AT_ONCE: Final = 2
_LOOK_S: Final = 5.0
_DUE: Final = 20
_log = structlog.get_logger("tikfleet.queries")


class SavedQueries:
    """People's side. Whoever may ask may see the shared ones and their own. Nothing kept ever holds a secret."""

    def __init__(self, database: Database, blobs: Blobs, audit: AuditTrail, sandbox: SqlSandbox, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._audit = audit
        self._sandbox = sandbox
        self._clock = clock

    async def page(self, org: OrgScope, actor: Actor, asked: PageRequest) -> Page[SavedQuery]:
        async with self._database.read() as tx:
            found = await saved.page_of_queries(tx, org, owner_of(actor), asked)
        shown = found[: asked.limit]
        more = len(found) > asked.limit
        return Page(shown, Cursor(shown[-1].created_at, shown[-1].id).encode() if more else None)

    async def get(self, org: OrgScope, actor: Actor, query_id: str) -> SavedQuery:
        """Raises QueryNotFound."""
        async with self._database.read() as tx:
            return await _found(saved.find_query(tx, org, owner_of(actor), query_id))

    async def create(self, org: OrgScope, actor: Actor, wanted: SavedQueryCreate) -> SavedQuery:
        """Raises QueryUnreadable, QueryAboutSecrets and QueriesTooMany."""
        read_question(wanted.ask.query, secrets=False)
        now = self._clock()
        query = SavedQuery(
            id=new_id("qry"),
            org_id=org.org_id,
            org_ids=org.org_ids,
            name=wanted.name,
            ask=wanted.ask,
            shared=wanted.shared,
            interval_s=wanted.interval_s,
            keep=wanted.keep,
            next_at=_next(now, wanted.interval_s),
            created_at=to_text(now),
            created_by=actor,
            owner=owner_of(actor),
        )
        async with self._database.write() as tx:
            if await saved.count_queries(tx, org) >= _MOST_QUERIES:
                raise QueriesTooMany(f"there are {_MOST_QUERIES} saved queries")
            await saved.put_query(tx, query)
            await self._record(tx, actor, "query.create", None, query)
        return query

    async def change(self, org: OrgScope, actor: Actor, query_id: str, patch: SavedQueryPatch) -> SavedQuery:
        """Raises QueryNotFound, QueryUnreadable and QueryAboutSecrets."""
        changes = {
            name: value for name in patch.__struct_fields__ if (value := getattr(patch, name)) is not msgspec.UNSET
        }
        if "ask" in changes:
            read_question(changes["ask"].query, secrets=False)
        async with self._database.write() as tx:
            before = await _found(saved.find_query(tx, org, owner_of(actor), query_id))
            if "interval_s" in changes:
                changes["next_at"] = _next(self._clock(), changes["interval_s"])
            query = msgspec.structs.replace(before, **changes)
            await saved.put_query(tx, query)
            await self._record(tx, actor, "query.change", before, query)
        return query

    async def delete(self, org: OrgScope, actor: Actor, query_id: str) -> None:
        """The query and all its results. Raises QueryNotFound."""
        async with self._database.write() as tx:
            query = await _found(saved.find_query(tx, org, owner_of(actor), query_id))
            results = await saved.results_of(tx, query)
            await saved.remove_query(tx, query.id)
            await self._record(tx, actor, "query.delete", query, None)
        for result in results:
            await self._blobs.delete(blob_of(result))

    async def results(self, org: OrgScope, actor: Actor, query_id: str) -> list[QueryResult]:
        """Newest first. Raises QueryNotFound."""
        async with self._database.read() as tx:
            query = await _found(saved.find_query(tx, org, owner_of(actor), query_id))
            return await saved.results_of(tx, query)

    async def rows(
        self, org: OrgScope, actor: Actor, query_id: str, result_id: str
    ) -> tuple[QueryResult | None, list[KeptRow]]:
        """The rows of a result set, of the newest that has ended when none is named; none where there is none.

        Raises QueryNotFound, and QueryHasNoResult for one that is not there.
        """
        found = await self.results(org, actor, query_id)
        result = next((one for one in found if one.state == "ended" and result_id in ("", one.id)), None)
        if result is None:
            if result_id:
                raise QueryHasNoResult("there is no such result of this query")
            return None, []
        content = await self._blobs.get(blob_of(result))
        return result, await asyncio.to_thread(unpressed, content) if content else []

    async def csv(self, org: OrgScope, actor: Actor, query_id: str, result_id: str) -> str:
        result, rows = await self.rows(org, actor, query_id, result_id)
        return await asyncio.to_thread(as_csv, result.columns if result else (), rows)

    async def sql(self, org: OrgScope, actor: Actor, query_id: str, result_id: str, statement: str) -> SqlAnswer:
        """One SELECT over a result set as the table `rows`. Raises QueryNotFound, QueryHasNoResult and SqlRefused."""
        result, rows = await self.rows(org, actor, query_id, result_id)
        if result is None:
            raise QueryHasNoResult("the query has brought nothing yet")
        beside = ("device_id", "device_name")
        columns = [*beside, *(name for name in result.columns if name not in beside)]
        table = [{**row.values, "device_id": row.device_id, "device_name": row.device_name} for row in rows]
        return await self._sandbox.ask(columns, table, statement)

    async def _record(
        self, tx: Transaction, actor: Actor, action: str, before: SavedQuery | None, after: SavedQuery | None
    ) -> None:
        query = after or before
        assert query is not None
        told = [None if one is None else _told(one) for one in (before, after)]
        await self._audit.within(tx).record(query.org_id, actor, action, Target("query", query.id, query.name), *told)


class QueryKeeper:
    """Asks saved queries and keeps what comes; two at a time, the others wait for their turn."""

    def __init__(self, database: Database, blobs: Blobs, queries: FleetQueries, clock: Clock) -> None:
        self._database = database
        self._blobs = blobs
        self._queries = queries
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, query: SavedQuery) -> QueryResult:
        """A result set under way; one that is under way already when there is one."""
        async with self._database.write() as tx:
            under_way = [one for one in await saved.results_of(tx, query) if one.state == "running"]
            if under_way:
                return under_way[0]
            result = QueryResult(
                id=new_id("qrs"),
                query_id=query.id,
                org_id=query.org_id,
                state="running",
                started_at=to_text(self._clock()),
            )
            await saved.put_result(tx, result)
        task = asyncio.create_task(self._kept(query, result))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return result

    async def run(self) -> None:
        """Ask for ever what is due."""
        async with self._database.write() as tx:
            await saved.end_running(tx, "the platform was restarted meanwhile", to_text(self._clock()))
        while True:
            try:
                await self.look()
            except Exception:
                _log.exception("scheduled queries could not be looked for")
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Begin what is due now."""
        now = self._clock()
        async with self._database.read() as tx:
            due = await saved.due_queries(tx, to_text(now), _DUE)
        for query in due:
            async with self._database.write() as tx:
                ours = await saved.put_off(tx, query, to_text(now + timedelta(seconds=query.interval_s)))
            if ours:
                await self.begin(query)

    async def ended(self) -> None:
        """Wait for all that is under way."""
        await asyncio.gather(*self._tasks)

    async def _kept(self, query: SavedQuery, result: QueryResult) -> None:
        try:
            async with self._turns:
                ended = await self._asked(query, result)
        except TikfleetError as error:
            ended = msgspec.structs.replace(result, state="failed", error=error.detail)
        except Exception:
            _log.exception("a saved query failed", query=query.id)
            ended = msgspec.structs.replace(result, state="failed", error="something went wrong inside Tikfleet")
        ended = msgspec.structs.replace(ended, ended_at=to_text(self._clock()))
        async with self._database.write() as tx:
            known = [one.id for one in await saved.results_of(tx, query)]
            if result.id in known:
                await saved.put_result(tx, ended)
            old = known[query.keep :]
            await saved.remove_results(tx, old)
        # Of a query that was deleted meanwhile nothing stays.
        for one in old if result.id in known else [result.id]:
            await self._blobs.delete(blob_of(msgspec.structs.replace(result, id=one)))

    async def _asked(self, query: SavedQuery, result: QueryResult) -> QueryResult:
        pressed, unanswered = Pressed(), list[UnansweredLine]()
        tally: EndLine | None = None
        lines = await self._queries.begin(OrgScope(query.org_id, query.org_ids), query.ask.asked(secrets=False))
        async for some in lines:
            for line in some:
                match line:
                    case RowLine():
                        pressed.add(line)
                    case UnansweredLine() if len(unanswered) < _MOST_UNANSWERED:
                        unanswered.append(line)
                    case EndLine():
                        tally = line
        await self._blobs.put(blob_of(result), pressed.end())
        return msgspec.structs.replace(
            result, state="ended", tally=tally, unanswered=tuple(unanswered), columns=tuple(pressed.columns)
        )


def blob_of(result: QueryResult) -> str:
    """The name of the object that holds a result set's rows."""
    return f"{result.org_id}/queries/{result.id}"


async def _found(finding: Awaitable[SavedQuery | None]) -> SavedQuery:
    query = await finding
    if query is None:
        raise QueryNotFound("there is no such query")
    return query


def _next(now: datetime, interval_s: int) -> str | None:
    return to_text(now + timedelta(seconds=interval_s)) if interval_s else None


def _told(query: SavedQuery) -> dict[str, object]:
    shown: Sequence[str] = ("name", "shared", "interval_s", "keep")
    return {name: getattr(query, name) for name in shown} | {"query": query.ask.query}
