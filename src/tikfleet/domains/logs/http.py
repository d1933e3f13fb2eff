"""Routes of logs. Services: `log_searches`, `saved_searches`, `log_buffer`."""

import asyncio
import csv
import io
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from tikfleet.domains.logs.buffer import LogBuffer
from tikfleet.domains.logs.facts import FIELDS
from tikfleet.domains.logs.saved import SavedSearches
from tikfleet.domains.logs.schemas import (
    CONDITION,
    LogBufferState,
    LogFacet,
    LogHistogram,
    LogLine,
    LogStep,
    LogValue,
    SavedSearch,
    SearchCreate,
    line_view,
    moment_text,
)
from tikfleet.domains.logs.search import LogSearch, LogSearches, Place
from tikfleet.httpkit.moments import MOMENT_DESCRIPTION, MOMENT_PATTERN, moment_of
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.wire import CursorText, Fields, Items, Limit, items_of, page_request
from tikfleet.kernel.paging import Cursor, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope

SearchIdPath = Annotated[str, PathParameter(description="The search's id, such as lgs_01m3k5x0v7q2a9bc.")]
Words = Annotated[
    str,
    QueryParameter(
        name="q", max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$(?!\n)",
        description='Words that the message has; `"a phrase"` as it stands, `-word` must not be there.',
    ),
]  # fmt: skip
# Of what is in a list, `Meta` is what is checked and `QueryParameter` what is described.
_Condition = Annotated[
    str, msgspec.Meta(max_length=230, pattern=CONDITION), QueryParameter(max_length=230, pattern=CONDITION)
]
Conditions = Annotated[
    list[_Condition] | None,
    QueryParameter(
        name="where", max_items=40,
        description=f"`field=value` or `field!=value`, values of one field as alternatives. Fields: device_id, "
        f"site_id, {', '.join(FIELDS)}. Of `topics` some are enough: firewall finds firewall,info.",
    ),
]  # fmt: skip
Moment = Annotated[str | None, QueryParameter(max_length=40, pattern=MOMENT_PATTERN, description=MOMENT_DESCRIPTION)]
FieldName = Annotated[str, QueryParameter(name="field", max_length=20, pattern=r"^[a-z_]+$(?!\n)")]

_FOLLOW_S: Final = 600.0
_LOOK_S: Final = 1.0
_BEAT_S: Final = 15.0
_MOST_EXPORTED: Final = 1_000_000
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_encoder = msgspec.json.Encoder()


def asked(
    log_searches: NamedDependency[LogSearches],
    q: Words = "",
    where: Conditions = None,
    since: Moment = None,
    until: Moment = None,
) -> LogSearch:
    """The search that the query string asks for."""
    begins, ends = (int(moment_of(text).timestamp() * 1000) if text else None for text in (since, until))
    search = LogSearch(*log_searches.span(begins, ends), q, tuple(where or ()))
    search.filters()
    return search


def line_page(limit: Limit = 100, cursor: CursorText = None) -> PageRequest:
    """A page of lines, the newest first."""
    return page_request(limit, cursor, "-received_at", int)


_SEARCH: Final = {"search": Provide(asked, sync_to_thread=False)}


class LogRoutes(Controller):
    """Lines of routers."""

    path = "/logs"
    tags = ["Logs"]

    @get(
        "/", policy=permits("logs:read"), operation_id="searchLogs", summary="Search log lines",
        dependencies=_SEARCH | {"page": Provide(line_page, sync_to_thread=False)},
    )  # fmt: skip
    async def lines(
        self,
        org: NamedDependency[OrgScope],
        log_searches: NamedDependency[LogSearches],
        search: NamedDependency[LogSearch],
        page: NamedDependency[PageRequest],
        fields: Fields = None,
    ) -> Items[LogLine]:
        """The newest first; of the last hour where no time is given."""
        found = (await log_searches.lines(org, search, page.limit + 1, _place(page))).rows
        views = [line_view(row) for row in found[: page.limit]]
        last = found[page.limit - 1] if len(found) > page.limit else None
        return Items(views, Cursor(last[0], str(last[1])).encode() if last else None)

    @get(
        "/histogram", policy=permits("logs:read"), operation_id="countLogs", summary="Count log lines over time",
        dependencies=_SEARCH,
    )  # fmt: skip
    async def histogram(
        self,
        org: NamedDependency[OrgScope],
        log_searches: NamedDependency[LogSearches],
        search: NamedDependency[LogSearch],
        fields: Fields = None,
    ) -> LogHistogram:
        """How many lines of each severity, in at most some 120 steps."""
        step_s, answer = await log_searches.histogram(org, search)
        steps: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for bucket, severity, lines in answer.rows:
            steps[bucket][severity] = lines
        made = [LogStep(moment_text(bucket * 1000), steps[bucket]) for bucket in sorted(steps)]
        total = sum(sum(step.lines.values()) for step in made)
        return LogHistogram(moment_text(search.since_ms), moment_text(search.until_ms), step_s, total, made)

    @get(
        "/facet", policy=permits("logs:read"), operation_id="countLogValues", summary="Count the values of a field",
        dependencies=_SEARCH,
    )  # fmt: skip
    async def facet(
        self,
        org: NamedDependency[OrgScope],
        log_searches: NamedDependency[LogSearches],
        search: NamedDependency[LogSearch],
        field: FieldName,
        limit: Limit = 10,
        fields: Fields = None,
    ) -> LogFacet:
        """The values that most of the lines have. The field `topic` counts each topic by itself."""
        answer = await log_searches.facet(org, search, field, limit)
        return LogFacet(field, [LogValue(str(value), lines) for value, lines in answer.rows])

    @get(
        "/follow", policy=permits("logs:read"), operation_id="followLogs", summary="Follow log lines",
        media_type="text/event-stream", dependencies=_SEARCH,
    )  # fmt: skip
    async def follow(
        self,
        org: NamedDependency[OrgScope],
        log_searches: NamedDependency[LogSearches],
        search: NamedDependency[LogSearch],
    ) -> Stream:
        """Lines that match as they come, some seconds behind (server-sent events); it ends after ten minutes."""
        return Stream(followed(log_searches, org, search), media_type="text/event-stream", headers=_HEADERS)

    @get("/buffer", policy=permits("logs:read"), operation_id="getLogBuffer", summary="How late lines are")
    async def buffer(
        self, org: NamedDependency[OrgScope], log_buffer: NamedDependency[LogBuffer], fields: Fields = None
    ) -> LogBufferState:
        """Lines that wait on disk for the telemetry store, of the whole platform, and whether new ones are dropped."""
        return log_buffer.state()

    @get(
        "/export", policy=permits("logs:read"), operation_id="exportLogs", summary="Export log lines",
        media_type="application/x-ndjson", dependencies=_SEARCH,
    )  # fmt: skip
    async def export(
        self,
        org: NamedDependency[OrgScope],
        log_searches: NamedDependency[LogSearches],
        search: NamedDependency[LogSearch],
    ) -> Stream:
        """All lines that match, the newest first, a million at most: one JSON document a line."""
        lines = exported(log_searches, org, search, "ndjson")
        return Stream(lines, media_type="application/x-ndjson", headers=_HEADERS)

    @get(
        "/export.csv", policy=permits("logs:read"), operation_id="exportLogsAsCsv", summary="Export log lines as CSV",
        media_type="text/csv", dependencies=_SEARCH,
    )  # fmt: skip
    async def export_csv(
        self,
        org: NamedDependency[OrgScope],
        log_searches: NamedDependency[LogSearches],
        search: NamedDependency[LogSearch],
    ) -> Stream:
        """The same for a spreadsheet; a text that it would take for a formula has an apostrophe before it."""
        return Stream(exported(log_searches, org, search, "csv"), media_type="text/csv", headers=_HEADERS)

    @get("/searches", policy=permits("logs:read"), operation_id="listLogSearches", summary="List saved searches")
    async def searches(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_searches: NamedDependency[SavedSearches],
        limit: Limit = 50,
        cursor: CursorText = None,
        fields: Fields = None,
    ) -> Items[SavedSearch]:
        """The shared ones and one's own, newest first."""
        return items_of(await saved_searches.page(org, actor, page_request(limit, cursor)))

    @post("/searches", policy=permits("queries:write"), operation_id="saveLogSearch", summary="Save a search")
    async def save(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_searches: NamedDependency[SavedSearches],
        data: JSONBody[SearchCreate],
    ) -> SavedSearch:
        """Keep a search under a name."""
        return await saved_searches.create(org, actor, data)

    @get(
        "/searches/{search_id:str}", policy=permits("logs:read"), operation_id="getLogSearch",
        summary="Read a saved search",
    )  # fmt: skip
    async def read(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_searches: NamedDependency[SavedSearches],
        search_id: SearchIdPath,
        fields: Fields = None,
    ) -> SavedSearch:
        """One that is shared, or one's own."""
        return await saved_searches.get(org, actor, search_id)

    @delete(
        "/searches/{search_id:str}", policy=permits("queries:write"), operation_id="deleteLogSearch",
        summary="Delete a saved search",
    )  # fmt: skip
    async def remove(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        saved_searches: NamedDependency[SavedSearches],
        search_id: SearchIdPath,
    ) -> None:
        """Forget it; lines stay."""
        await saved_searches.remove(org, actor, search_id)


async def followed(searches: LogSearches, org: OrgScope, search: LogSearch) -> AsyncIterator[bytes]:
    """Frames of lines that come from now on."""
    loop_s = asyncio.get_running_loop().time
    ends_at, beats_at = loop_s() + _FOLLOW_S, loop_s() + _BEAT_S
    begins, _ = searches.span(None, None)
    place = Place(begins + 3_600_000 - 3_000, 0)
    yield b"retry: 2000\n\n"
    while loop_s() < ends_at:
        _, until = searches.span(None, None)
        now = msgspec.structs.replace(search, since_ms=place.at_ms, until_ms=until)
        rows = (await searches.lines(org, now, 500, place, forward=True)).rows
        for row in rows:
            yield b"event: line\ndata: " + _encoder.encode(line_view(row)) + b"\n\n"
        if rows:
            place = Place(rows[-1][0], rows[-1][1])
            beats_at = loop_s() + _BEAT_S
        elif loop_s() >= beats_at:
            yield b": keep-alive\n\n"
            beats_at = loop_s() + _BEAT_S
        await asyncio.sleep(_LOOK_S)


async def exported(searches: LogSearches, org: OrgScope, search: LogSearch, form: str) -> AsyncIterator[bytes]:
    """Lines as a file."""
    names = ["received_at", "device_id", "severity", "topics", "message", *FIELDS[2:]]
    if form == "csv":
        yield (",".join(names) + "\r\n").encode()
    async for rows in searches.every(org, search, _MOST_EXPORTED):
        views = [line_view(row) for row in rows]
        if form != "csv":
            yield _encoder.encode_lines(views)
            continue
        text = io.StringIO()
        csv.writer(text).writerows([[_cell(getattr(view, name)) for name in names] for view in views])
        yield text.getvalue().encode()


def _cell(value: Any) -> Any:
    """A spreadsheet takes a text that begins so for a formula, and strangers write these lines."""
    return "'" + value if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") and value else value


def _place(page: PageRequest) -> Place | None:
    if page.after is None or not isinstance(page.after.value, int) or not page.after.id.isascii():
        return None
    return Place(page.after.value, int(page.after.id)) if page.after.id.isdigit() else None


def routes() -> list[Any]:
    """What is mounted under /api/v1."""
    return [LogRoutes]
