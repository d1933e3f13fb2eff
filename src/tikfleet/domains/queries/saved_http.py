"""Routes of saved queries and their results. Services: `saved_queries`, `query_keeper`, `fleet_queries`."""

from typing import Annotated, Any

from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from tikfleet.domains.queries.http import LINES, answered
from tikfleet.domains.queries.kept import QueryKeeper, SavedQueries
from tikfleet.domains.queries.rows import KeptRow
from tikfleet.domains.queries.schemas import QuerySql, SavedQueryCreate, SavedQueryPatch
from tikfleet.domains.queries.service import FleetQueries
from tikfleet.domains.queries.views import QueryResultView, SavedQueryView, query_view, result_view
from tikfleet.httpkit.authentication import Principal
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.representation import require_match
from tikfleet.httpkit.wire import CursorText, Fields, Items, Limit, page_request
from tikfleet.kernel.paging import Cursor, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.sandbox import SqlAnswer

QueryPath = Annotated[str, PathParameter(description="The query's id, such as qry_01m3k5x0v7q2a9bc.")]
ResultId = Annotated[
    str | None,
    QueryParameter(
        name="result_id", max_length=20, pattern=r"^qrs_[0-9a-z]{16}$", description="A result; the newest by default."
    ),
]


def page(limit: Limit = 50, cursor: CursorText = None) -> PageRequest:
    """A page of queries, newest first."""
    return page_request(limit, cursor, "-created_at", str)


def row_page(limit: Limit = 100, cursor: CursorText = None) -> PageRequest:
    """A page of rows, in the order in which they came."""
    return page_request(limit, cursor, kind=int)


class SavedQueryRoutes(Controller):
    """Queries that are kept under a name."""

    path = "/queries"
    tags = ["Queries"]

    @get(
        "/", policy=permits("routeros:read"), operation_id="listQueries", summary="List saved queries",
        dependencies={"page": Provide(page, sync_to_thread=False)},
    )  # fmt: skip
    async def list_all(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        page: NamedDependency[PageRequest],
        fields: Fields = None,
    ) -> Items[SavedQueryView]:
        """The shared ones and one's own, newest first."""
        found = await saved_queries.page(org, actor, page)
        return Items([query_view(query) for query in found.items], found.next_cursor)

    @post("/saved", policy=permits("queries:write"), operation_id="saveQuery", summary="Save a query")
    async def create(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        data: JSONBody[SavedQueryCreate],
    ) -> SavedQueryView:
        """Keep a query under a name; with `interval_s` it is asked by itself from then on."""
        return query_view(await saved_queries.create(org, actor, data))

    @get("/{query_id:str}", policy=permits("routeros:read"), operation_id="getQuery", summary="Read a saved query")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        query_id: QueryPath,
        fields: Fields = None,
    ) -> SavedQueryView:
        """One saved query."""
        return query_view(await saved_queries.get(org, actor, query_id))

    @patch("/{query_id:str}", policy=permits("queries:write"), operation_id="changeQuery", summary="Change a query")
    async def change(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        query_id: QueryPath,
        data: JSONBody[SavedQueryPatch],
    ) -> SavedQueryView:
        """Change what is named; results that were kept stay."""
        require_match(request, query_view(await saved_queries.get(org, actor, query_id)))
        return query_view(await saved_queries.change(org, actor, query_id, data))

    @delete("/{query_id:str}", policy=permits("queries:write"), operation_id="deleteQuery", summary="Delete a query")
    async def remove(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        query_id: QueryPath,
    ) -> None:
        """Delete a query and all its results."""
        require_match(request, query_view(await saved_queries.get(org, actor, query_id)))
        await saved_queries.delete(org, actor, query_id)

    @post(
        "/{query_id:str}/ask", status_code=200, policy=permits("routeros:read"), operation_id="askSavedQuery",
        summary="Ask a saved query", responses=LINES,
    )  # fmt: skip
    async def ask(
        self,
        request: Request[Any, Any, Any],
        principal: NamedDependency[Principal],
        saved_queries: NamedDependency[SavedQueries],
        fleet_queries: NamedDependency[FleetQueries],
        query_id: QueryPath,
    ) -> Stream:
        """Ask it now, as `POST /queries` would, of the devices that the asker may see; nothing is kept."""
        query = await saved_queries.get(principal.scope, principal.actor, query_id)
        return await answered(request, principal, fleet_queries, query.ask)


class QueryResultRoutes(Controller):
    """What saved queries brought."""

    path = "/queries/{query_id:str}"
    tags = ["Queries"]

    @post(
        "/results", status_code=202, policy=permits("queries:write"), operation_id="keepQueryResult",
        summary="Ask a query and keep the result",
    )  # fmt: skip
    async def begin(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        query_keeper: NamedDependency[QueryKeeper],
        query_id: QueryPath,
    ) -> QueryResultView:
        """Begin a result set, without secrets; the one under way when there is one. Look for it in the results."""
        return result_view(await query_keeper.begin(await saved_queries.get(org, actor, query_id)))

    @get("/results", policy=permits("routeros:read"), operation_id="listQueryResults", summary="List results")
    async def results(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        query_id: QueryPath,
        fields: Fields = None,
    ) -> Items[QueryResultView]:
        """The result sets that are kept, newest first, all on one page."""
        found = await saved_queries.results(org, actor, query_id)
        return Items([result_view(result) for result in found], None, len(found))

    @get(
        "/rows", policy=permits("routeros:read"), operation_id="listQueryRows", summary="List the rows of a result",
        dependencies={"page": Provide(row_page, sync_to_thread=False)},
    )  # fmt: skip
    async def rows(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        query_id: QueryPath,
        page: NamedDependency[PageRequest],
        result_id: ResultId = None,
        fields: Fields = None,
    ) -> Items[KeptRow]:
        """The rows of a result set, in the order in which they came."""
        _, found = await saved_queries.rows(org, actor, query_id, result_id or "")
        start = int(str(page.after.value)) if page.after else 0
        end = start + page.limit
        following = Cursor(end, query_id).encode() if 0 <= end < len(found) else None
        return Items(found[max(start, 0) : end], following, len(found))

    @get(
        "/rows.csv", policy=permits("routeros:read"), operation_id="exportQueryRows", summary="Export a result as CSV",
        media_type="text/csv",
    )  # fmt: skip
    async def csv(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        query_id: QueryPath,
        result_id: ResultId = None,
    ) -> Response[str]:
        """All rows of a result set, for a spreadsheet."""
        return Response(await saved_queries.csv(org, actor, query_id, result_id or ""), media_type="text/csv")

    @post(
        "/sql", status_code=200, policy=permits("routeros:read"), operation_id="askQueryResult",
        summary="Ask a result with SQL",
    )  # fmt: skip
    async def sql(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_queries: NamedDependency[SavedQueries],
        query_id: QueryPath,
        data: JSONBody[QuerySql],
    ) -> SqlAnswer:
        """One SELECT over the rows of a result set: five seconds, 10,000 rows, 4 MB."""
        return await saved_queries.sql(org, actor, query_id, data.result_id, data.sql)
