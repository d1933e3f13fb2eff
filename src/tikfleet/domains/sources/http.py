"""Routes of sources: who sends lines and flows, and whose they are. Service: `sources`."""

from typing import Annotated, Any

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter

from tikfleet.domains.sources.schemas import (
    NewSource,
    SeenSource,
    SourceCreate,
    SourceTotals,
    SourceView,
    StreamTotals,
    counts_view,
    seen_view,
)
from tikfleet.domains.sources.service import Sources
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.wire import CursorText, Fields, Items, Limit, items_of, page_request
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope

SourceIdPath = Annotated[str, PathParameter(description="The source's id, such as src_01m3k5x0v7q2a9bc.")]
Lost = Annotated[bool, QueryParameter(description="Only those that are nobody's, or no single device's.")]


def seen_page(limit: Limit = 50, cursor: CursorText = None) -> PageRequest:
    """A page of senders, the last seen first."""
    return page_request(limit, cursor, "-last_at", str)


class SourceRoutes(Controller):
    """What senders of lines and flows are recognised by."""

    path = "/sources"
    tags = ["Sources"]

    @get("/", policy=permits("devices:read"), operation_id="listSources", summary="List claimed sources")
    async def list_sources(
        self,
        org: NamedDependency[OrgScope],
        sources: NamedDependency[Sources],
        limit: Limit = 50,
        cursor: CursorText = None,
        fields: Fields = None,
    ) -> Items[SourceView]:
        """What people said of senders, newest first."""
        return items_of(await sources.page(org, page_request(limit, cursor)))

    @post("/", policy=permits("devices:write"), operation_id="claimSource", summary="Claim a source")
    async def claim(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        sources: NamedDependency[Sources],
        data: JSONBody[SourceCreate],
    ) -> NewSource:
        """Say whose a sender is.

        A `token` is for programs that send over HTTPS, a `port` is one that only this device is told to send to. An
        `address` needs no claim where one device checks in from it.
        """
        return await sources.create(org, actor, data)

    @get(
        "/seen", policy=permits("devices:read"), operation_id="listSeenSources", summary="List senders",
        dependencies={"page": Provide(seen_page, sync_to_thread=False)},
    )  # fmt: skip
    async def list_seen(
        self,
        org: NamedDependency[OrgScope],
        sources: NamedDependency[Sources],
        page: NamedDependency[PageRequest],
        lost: Lost = False,
        fields: Fields = None,
    ) -> Items[SeenSource]:
        """Who sends, with what came and what was dropped. Some seconds old.

        Senders that are nobody's are shown to the organisation at the top.
        """
        found = await sources.seen(org, lost=lost, page=page)
        return Items([seen_view(one) for one in found.items], found.next_cursor)

    @get("/totals", policy=permits("devices:read"), operation_id="sumSources", summary="Count what came")
    async def totals(
        self, org: NamedDependency[OrgScope], sources: NamedDependency[Sources], fields: Fields = None
    ) -> SourceTotals:
        """Received is accepted and dropped together, by stream."""
        found = await sources.totals(org)
        return SourceTotals([StreamTotals(stream=name, counts=counts_view(one)) for name, one in found.items()])

    @get("/{source_id:str}", policy=permits("devices:read"), operation_id="getSource", summary="Read a source")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        sources: NamedDependency[Sources],
        source_id: SourceIdPath,
        fields: Fields = None,
    ) -> SourceView:
        """One claim, without its secret."""
        return await sources.get(org, source_id)

    @delete("/{source_id:str}", policy=permits("devices:write"), operation_id="removeSource", summary="Remove a source")
    async def remove(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        sources: NamedDependency[Sources],
        source_id: SourceIdPath,
    ) -> None:
        """What comes from there is no longer attributed by it; what was stored stays."""
        await sources.remove(org, actor, source_id)


def routes() -> list[Any]:
    """What is mounted under /api/v1."""
    return [SourceRoutes]
