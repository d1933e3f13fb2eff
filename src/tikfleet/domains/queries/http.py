"""Routes of fleet queries. Service: `fleet_queries`."""

from typing import Any, Final

import msgspec
from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import JSONBody
from litestar.response import Stream

from tikfleet.domains.queries.lines import Line, RowLine
from tikfleet.domains.queries.schemas import QueryAsk
from tikfleet.domains.queries.service import FleetQueries
from tikfleet.domains.queries.streaming import NDJSON, encoded, encoding_for
from tikfleet.httpkit.authentication import Principal
from tikfleet.httpkit.policies import permits

_ROW: Final = RowLine("dev_01m3k5x0v7q2a9bc", "branch-042", {"chain": "dstnat", "dst-port": "443"})
# A union is a type to describe, which the annotation of what takes it does not say.
_LINE: Final[Any] = Line
LINES: Final = {
    200: ResponseSpec(
        _LINE, media_type=NDJSON, description="Lines, as routers answer.", generate_examples=False,
        examples=[Example(value=msgspec.to_builtins(_ROW))],
    )
}  # fmt: skip
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class QueryRoutes(Controller):
    """Questions to many routers at once."""

    path = "/queries"
    tags = ["Queries"]

    @post(
        "/", status_code=200, policy=permits("routeros:read"), operation_id="askFleet", summary="Ask many routers",
        responses=LINES,
    )  # fmt: skip
    async def ask(
        self,
        request: Request[Any, Any, Any],
        principal: NamedDependency[Principal],
        fleet_queries: NamedDependency[FleetQueries],
        data: JSONBody[QueryAsk],
    ) -> Stream:
        """Ask every router of a selection what a menu holds; the rows come as the routers answer.

        One JSON document a line (`application/x-ndjson`), or server-sent events where `Accept` names
        `text/event-stream`. `kind` is `row`, `progress`, `unanswered` (a device that did not answer, and why) or `end`,
        which is the last. Whoever leaves ends the query. Secrets are `<redacted>` without `secrets:read`.
        """
        return await answered(request, principal, fleet_queries, data)


async def answered(
    request: Request[Any, Any, Any], principal: Principal, fleet_queries: FleetQueries, ask: QueryAsk
) -> Stream:
    """The lines of a query in the form that Accept names."""
    query = ask.asked(secrets="secrets:read" in principal.permissions)
    lines = await fleet_queries.begin(principal.scope, query)
    media_type, encoding = encoding_for(request.headers.get("accept", ""))
    return Stream(encoded(lines, encoding), media_type=media_type, headers=_HEADERS)
