"""Routes of sites, devices and events."""

from typing import Annotated, Any, Final, Literal

from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter

from tikfleet.domains.inventory.events import EventFilter, Events
from tikfleet.domains.inventory.model import Status
from tikfleet.domains.inventory.schemas import (
    DeviceDetail,
    DevicePatch,
    DeviceSummary,
    EventView,
    Facets,
    InterfaceView,
    NeighborView,
    Site,
    SiteCreate,
    SiteGroup,
    SiteGroupWrite,
    SitePatch,
    WirelessClientView,
)
from tikfleet.domains.inventory.selection import LONGEST_S, Selection
from tikfleet.domains.inventory.service import Devices
from tikfleet.domains.inventory.sites import Sites
from tikfleet.httpkit.listed import Value, Word
from tikfleet.httpkit.moments import MOMENT_DESCRIPTION, MOMENT_PATTERN, moment_of
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.representation import require_match
from tikfleet.httpkit.wire import CursorText, Items, Limit, items_of, page_request
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import DeviceId, SiteGroupId, SiteId
from tikfleet.kernel.scopes import Actor, OrgScope

DeviceIdPath = Annotated[DeviceId, PathParameter(description="The device's id, such as dev_01m3k5x0v7q2a9bc.")]
SiteIdPath = Annotated[SiteId, PathParameter(description="The site's id, such as sit_01m3k5x0v7q2a9bc.")]
GroupIdPath = Annotated[SiteGroupId, PathParameter(description="The site group's id.")]
_PLAIN: Final = r"^[^\x00-\x1f\x7f]+$(?!\n)"
_WORD: Final = r"^[a-z0-9_.-]+$(?!\n)"
Statuses = Annotated[list[Status] | None, QueryParameter(max_items=10, description="In any of these states.")]
SiteIds = Annotated[list[Word] | None, QueryParameter(max_items=50, description="At any of these sites.")]
GroupIds = Annotated[list[Word] | None, QueryParameter(max_items=50, description="At sites of any of these groups.")]
Models = Annotated[list[Value] | None, QueryParameter(max_items=50, description="Of any of these models.")]
Versions = Annotated[
    list[Value] | None, QueryParameter(max_items=50, description="With any of these RouterOS versions.")
]
Architectures = Annotated[
    list[Value] | None, QueryParameter(max_items=50, description="Of any of these architectures.")
]
Tags = Annotated[list[Value] | None, QueryParameter(max_items=50, description="With any of these tags.")]
Seen = Annotated[int, QueryParameter(ge=0, le=LONGEST_S, description="Checked in so many seconds ago at most; 0: all.")]
Unseen = Annotated[int, QueryParameter(ge=0, le=LONGEST_S, description="No check-in for so many seconds; 0: all.")]
EventKinds = Annotated[list[Word] | None, QueryParameter(max_items=50, description="Such as `device.online`.")]
Text = Annotated[
    str | None, QueryParameter(min_length=1, max_length=200, pattern=_PLAIN, description="Words to look for.")
]
GroupIdFilter = Annotated[
    str | None, QueryParameter(max_length=60, pattern=_WORD, description="Only sites of this group.")
]
DeviceIdFilter = Annotated[str | None, QueryParameter(max_length=60, pattern=_WORD, description="Of this device.")]
From = Annotated[
    str | None,
    QueryParameter(name="from", max_length=40, pattern=MOMENT_PATTERN, description=f"Not before. {MOMENT_DESCRIPTION}"),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", max_length=40, pattern=MOMENT_PATTERN, description=f"Before. {MOMENT_DESCRIPTION}"),
]

Force = Annotated[bool, QueryParameter(description="Forget it at once; what is on the router stays.")]

DeviceSort = Annotated[Literal[
    "name", "-name", "status", "-status", "model", "-model", "version", "-version", "last_seen_at", "-last_seen_at",
    "uptime_s", "-uptime_s", "cpu_load", "-cpu_load", "memory_used_percent", "-memory_used_percent",
    "rx_bps", "-rx_bps", "tx_bps", "-tx_bps", "clients", "-clients", "enrolled_at", "-enrolled_at",
], QueryParameter(description="A field; a minus turns the order round.")]  # fmt: skip


# What the orders that are not of text compare.
_KINDS: Final[dict[str, type[int | float]]] = {
    "last_seen_at": int, "clients": int, "uptime_s": float, "cpu_load": float, "memory_used_percent": float,
    "rx_bps": float, "tx_bps": float,
}  # fmt: skip


def by_place(
    q: Text = None, status: Statuses = None, site_id: SiteIds = None, site_group_id: GroupIds = None
) -> Selection:
    """The filters of the query string by name, state and place."""
    return Selection(q or "", status or [], site_id or [], site_group_id or [])


def by_kind(
    model: Models = None, version: Versions = None, architecture: Architectures = None, tag: Tags = None
) -> Selection:
    """The filters of the query string by what the router is."""
    return Selection(model=model or [], version=version or [], architecture=architecture or [], tag=tag or [])


def by_contact(seen_within_s: Seen = 0, unseen_for_s: Unseen = 0) -> Selection:
    """The filters of the query string by when the router checked in last."""
    return Selection(seen_within_s=seen_within_s or None, unseen_for_s=unseen_for_s or None)


def selection(
    by_place: NamedDependency[Selection], by_kind: NamedDependency[Selection], by_contact: NamedDependency[Selection]
) -> Selection:
    """All filters of the query string."""
    return Selection(
        by_place.q, by_place.status, by_place.site_id, by_place.site_group_id,
        by_kind.model, by_kind.version, by_kind.architecture, by_kind.tag,
        by_contact.seen_within_s, by_contact.unseen_for_s,
    )  # fmt: skip


SELECTION = {
    "by_place": Provide(by_place, sync_to_thread=False),
    "by_contact": Provide(by_contact, sync_to_thread=False),
    "by_kind": Provide(by_kind, sync_to_thread=False),
    "selection": Provide(selection, sync_to_thread=False),
}


class DeviceRoutes(Controller):
    """Routers."""

    path = "/devices"
    tags = ["Devices"]
    dependencies = SELECTION

    @get("/", policy=permits("devices:read"), operation_id="listDevices", summary="List devices")
    async def list_devices(
        self,
        org: NamedDependency[OrgScope],
        devices: NamedDependency[Devices],
        selection: NamedDependency[Selection],
        limit: Limit = 50,
        cursor: CursorText = None,
        sort: DeviceSort = "name",
    ) -> Items[DeviceSummary]:
        """The routers that match every filter, a page at a time. The values of one filter are alternatives."""
        kind = _KINDS.get(sort.removeprefix("-"), str)
        return items_of(await devices.page(org, selection, page_request(limit, cursor, sort, kind)))

    @get("/facets", policy=permits("devices:read"), operation_id="countDevices", summary="Count devices by each filter")
    async def facets(
        self, org: NamedDependency[OrgScope], devices: NamedDependency[Devices], selection: NamedDependency[Selection]
    ) -> Facets:
        """How the matching devices divide by status, model, version, architecture, site and tag."""
        return await devices.facets(org, selection)

    @get("/{device_id:str}", policy=permits("devices:read"), operation_id="getDevice", summary="Read a device")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        devices: NamedDependency[Devices],
        device_id: DeviceIdPath,
    ) -> DeviceDetail:
        """One router in full, as it last reported."""
        return await devices.get(org, device_id)

    @patch("/{device_id:str}", policy=permits("devices:write"), operation_id="changeDevice", summary="Change a device")
    async def change(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        devices: NamedDependency[Devices],
        device_id: DeviceIdPath,
        data: JSONBody[DevicePatch],
    ) -> DeviceDetail:
        """Name it, tag it, note something, or move it to a site. What is left out stays."""
        require_match(request, await devices.get(org, device_id))
        return await devices.change(org, actor, device_id, data)

    @delete(
        "/{device_id:str}", status_code=202, policy=permits("devices:write"), operation_id="removeDevice",
        summary="Remove a device", responses={204: ResponseSpec(None, description="It is forgotten.")},
    )  # fmt: skip
    async def remove(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        devices: NamedDependency[Devices],
        device_id: DeviceIdPath,
        force: Force = False,
    ) -> Response[DeviceDetail | None]:
        """Remove a router from the fleet.

        At its next check-in the router removes exactly what enrolment added. With `force` it is forgotten at once
        and whatever is on the router stays there.
        """
        require_match(request, await devices.get(org, device_id))
        removing = await devices.remove(org, actor, device_id, force=force)
        return Response(removing) if removing is not None else Response(None, status_code=204)

    @get(
        "/{device_id:str}/interfaces", policy=permits("devices:read"), operation_id="listInterfaces",
        summary="List a device's interfaces",
    )  # fmt: skip
    async def interfaces(
        self, org: NamedDependency[OrgScope], devices: NamedDependency[Devices], device_id: DeviceIdPath
    ) -> Items[InterfaceView]:
        """The interfaces with their counters, and rates over the time between the last two reports."""
        return Items(await devices.interfaces(org, device_id))

    @get(
        "/{device_id:str}/wireless-clients", policy=permits("devices:read"), operation_id="listWirelessClients",
        summary="List a device's wireless clients",
    )  # fmt: skip
    async def wireless(
        self, org: NamedDependency[OrgScope], devices: NamedDependency[Devices], device_id: DeviceIdPath
    ) -> Items[WirelessClientView]:
        """The wireless clients as last reported."""
        return Items(await devices.wireless_clients(org, device_id))

    @get(
        "/{device_id:str}/neighbors", policy=permits("devices:read"), operation_id="listNeighbors",
        summary="List a device's neighbours",
    )  # fmt: skip
    async def neighbors(
        self, org: NamedDependency[OrgScope], devices: NamedDependency[Devices], device_id: DeviceIdPath
    ) -> Items[NeighborView]:
        """What the router hears around it by MNDP, CDP and LLDP."""
        return Items(await devices.neighbors(org, device_id))


class SiteRoutes(Controller):
    """Places."""

    path = "/sites"
    tags = ["Sites"]

    @get("/", policy=permits("sites:read"), operation_id="listSites", summary="List sites")
    async def list_sites(
        self,
        org: NamedDependency[OrgScope],
        sites: NamedDependency[Sites],
        limit: Limit = 50,
        cursor: CursorText = None,
        q: Text = None,
        site_group_id: GroupIdFilter = None,
    ) -> Items[Site]:
        """The organisation's places by name, each with how many devices it has."""
        return items_of(await sites.page(org, page_request(limit, cursor), q or "", site_group_id))

    @post("/", policy=permits("sites:write"), operation_id="createSite", summary="Create a site")
    async def create(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        sites: NamedDependency[Sites],
        data: JSONBody[SiteCreate],
    ) -> Site:
        """Add a place. Its name is unique within the organisation."""
        return await sites.create(org, actor, data)

    @get("/{site_id:str}", policy=permits("sites:read"), operation_id="getSite", summary="Read a site")
    async def read(self, org: NamedDependency[OrgScope], sites: NamedDependency[Sites], site_id: SiteIdPath) -> Site:
        """One place."""
        return await sites.get(org, site_id)

    @patch("/{site_id:str}", policy=permits("sites:write"), operation_id="changeSite", summary="Change a site")
    async def change(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        sites: NamedDependency[Sites],
        site_id: SiteIdPath,
        data: JSONBody[SitePatch],
    ) -> Site:
        """Change what is given; what is left out stays."""
        require_match(request, await sites.get(org, site_id))
        return await sites.change(org, actor, site_id, data)

    @delete("/{site_id:str}", policy=permits("sites:write"), operation_id="deleteSite", summary="Delete a site")
    async def remove(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        sites: NamedDependency[Sites],
        site_id: SiteIdPath,
    ) -> None:
        """Delete a place at which no device stands."""
        require_match(request, await sites.get(org, site_id))
        await sites.delete(org, actor, site_id)


class SiteGroupRoutes(Controller):
    """Sites that belong together."""

    path = "/site-groups"
    tags = ["Sites"]

    @get("/", policy=permits("sites:read"), operation_id="listSiteGroups", summary="List site groups")
    async def list_groups(
        self,
        org: NamedDependency[OrgScope],
        sites: NamedDependency[Sites],
        limit: Limit = 50,
        cursor: CursorText = None,
    ) -> Items[SiteGroup]:
        """The site groups by name."""
        return items_of(await sites.groups(org, page_request(limit, cursor)))

    @post("/", policy=permits("sites:write"), operation_id="createSiteGroup", summary="Create a site group")
    async def create(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        sites: NamedDependency[Sites],
        data: JSONBody[SiteGroupWrite],
    ) -> SiteGroup:
        """Add a group. Its name is unique within the organisation."""
        return await sites.create_group(org, actor, data.name)

    @get("/{group_id:str}", policy=permits("sites:read"), operation_id="getSiteGroup", summary="Read a site group")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        sites: NamedDependency[Sites],
        group_id: GroupIdPath,
    ) -> SiteGroup:
        """One site group."""
        return await sites.group(org, group_id)

    @patch(
        "/{group_id:str}", policy=permits("sites:write"), operation_id="renameSiteGroup", summary="Rename a site group"
    )
    async def rename(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        sites: NamedDependency[Sites],
        group_id: GroupIdPath,
        data: JSONBody[SiteGroupWrite],
    ) -> SiteGroup:
        """Give the group another name."""
        require_match(request, await sites.group(org, group_id))
        return await sites.rename_group(org, actor, group_id, data.name)

    @delete(
        "/{group_id:str}", policy=permits("sites:write"), operation_id="deleteSiteGroup", summary="Delete a site group"
    )
    async def remove(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        sites: NamedDependency[Sites],
        group_id: GroupIdPath,
    ) -> None:
        """Delete a group to which no site belongs."""
        require_match(request, await sites.group(org, group_id))
        await sites.delete_group(org, actor, group_id)


def event_filter(
    device_id: DeviceIdFilter = None,
    kind: EventKinds = None,
    since: From = None,
    until: To = None,
) -> EventFilter:
    """The filters of the query string."""
    return EventFilter(
        device_id,
        kind or [],
        to_text(moment_of(since)) if since else None,
        to_text(moment_of(until)) if until else None,
    )


@get(
    "/events", tags=["Events"], policy=permits("devices:read"), operation_id="listEvents", summary="List events",
    dependencies={"wanted": Provide(event_filter, sync_to_thread=False)},
)  # fmt: skip
async def list_events(
    org: NamedDependency[OrgScope],
    events: NamedDependency[Events],
    wanted: NamedDependency[EventFilter],
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Items[EventView]:
    """What happened to the organisation's devices, newest first."""
    return items_of(await events.page(org, wanted, page_request(limit, cursor)))


def routes() -> list[Any]:
    """What is mounted under /api/v1. Needs the services `devices`, `sites` and `events`."""
    return [DeviceRoutes, SiteRoutes, SiteGroupRoutes, list_events]
