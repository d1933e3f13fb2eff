"""Routes of the script library. Service: `library`."""

from typing import Annotated, Any

from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter

from tikfleet.domains.library.model import Visibility
from tikfleet.domains.library.repository import LibraryFilters
from tikfleet.domains.library.schemas import (
    LibraryCreate,
    LibraryPatch,
    LibraryVersionCreate,
    LibraryVersions,
    LibraryVersionView,
    LibraryView,
)
from tikfleet.domains.library.service import Library
from tikfleet.httpkit.listed import Short
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.representation import require_match
from tikfleet.httpkit.wire import CursorText, Fields, Items, Limit, items_of, page_request
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope

LibraryIdPath = Annotated[str, PathParameter(description="The script's id, such as lib_01m3k5x0v7q2a9bc.")]
Number = Annotated[int | None, QueryParameter(ge=1, le=1_000_000, description="Only the version of this number.")]
Words = Annotated[Short, QueryParameter(name="q", description="Text in the name.")]
TagNames = Annotated[
    list[Short] | None, QueryParameter(name="tag", max_items=20, description="With all of these tags.")
]
Visibilities = Annotated[
    list[Visibility] | None, QueryParameter(name="visibility", max_items=2, description="Private or shared ones.")
]


def filters(q: Words = "", tag: TagNames = None, visibility: Visibilities = None) -> LibraryFilters:
    """The filters of the query string."""
    return LibraryFilters(q, tag or (), visibility or ())


def page(limit: Limit = 50, cursor: CursorText = None) -> PageRequest:
    """The page that the query string asks for."""
    return page_request(limit, cursor, "name", str)


class LibraryRoutes(Controller):
    """Scripts that are kept, with their versions."""

    path = "/library"
    tags = ["Library"]

    @get(
        "/",
        policy=permits("library:read"),
        operation_id="listLibrary",
        summary="List the scripts of the library",
        dependencies={
            "filters": Provide(filters, sync_to_thread=False),
            "page": Provide(page, sync_to_thread=False),
        },
    )
    async def list_scripts(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        library: NamedDependency[Library],
        filters: NamedDependency[LibraryFilters],
        page: NamedDependency[PageRequest],
        fields: Fields = None,
    ) -> Items[LibraryView]:
        """Shared scripts of the organisation, and the caller's own, by name."""
        return items_of(await library.page(org, actor, filters, page))

    @post("/", policy=permits("library:write"), operation_id="createLibraryScript", summary="Keep a script")
    async def create(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        library: NamedDependency[Library],
        data: JSONBody[LibraryCreate],
    ) -> LibraryView:
        """Keep a script with its first version.

        Each sample is filled and checked for each release; what RouterOS would refuse is not kept
        (`library.tests-failed`). What the check said stays with the version.
        """
        return await library.create(org, actor, data)

    @get("/{library_id:str}", policy=permits("library:read"), operation_id="getLibraryScript", summary="Read a script")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        library: NamedDependency[Library],
        library_id: LibraryIdPath,
        fields: Fields = None,
    ) -> LibraryView:
        """One script, without its versions."""
        return await library.get(org, actor, library_id)

    @patch(
        "/{library_id:str}",
        policy=permits("library:write"),
        operation_id="changeLibraryScript",
        summary="Change a script's name, tags or visibility",
    )
    async def change(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        library: NamedDependency[Library],
        library_id: LibraryIdPath,
        data: JSONBody[LibraryPatch],
    ) -> LibraryView:
        """Change what is given; what is left out stays. Versions never change."""
        require_match(request, await library.get(org, actor, library_id))
        return await library.change(org, actor, library_id, data)

    @delete(
        "/{library_id:str}",
        policy=permits("library:write"),
        operation_id="deleteLibraryScript",
        summary="Delete a script",
    )
    async def remove(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        library: NamedDependency[Library],
        library_id: LibraryIdPath,
    ) -> None:
        """Delete a script with its versions. Jobs and runs that used it keep their text."""
        await library.remove(org, actor, library_id)

    @get(
        "/{library_id:str}/versions",
        policy=permits("library:read"),
        operation_id="listLibraryVersions",
        summary="List a script's versions",
    )
    async def versions(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        library: NamedDependency[Library],
        library_id: LibraryIdPath,
        number: Number = None,
    ) -> LibraryVersions:
        """Every version, or the one of that number, with its text and what the check said of it; newest first."""
        return LibraryVersions(await library.versions(org, actor, library_id, number))

    @post(
        "/{library_id:str}/versions",
        policy=permits("library:write"),
        operation_id="addLibraryVersion",
        summary="Add a version of a script",
    )
    async def add_version(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        library: NamedDependency[Library],
        library_id: LibraryIdPath,
        data: JSONBody[LibraryVersionCreate],
    ) -> LibraryVersionView:
        """Keep the script's next version, tested as its first one was."""
        return await library.add_version(org, actor, library_id, data)


def routes() -> list[Any]:
    """What is mounted under /api/v1."""
    return [LibraryRoutes]
