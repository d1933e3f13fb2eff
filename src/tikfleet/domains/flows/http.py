"""Routes of traffic. Services: `traffic`, `interface_names`; `clock` says when `last` ends."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from litestar import get, patch
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, PathParameter, QueryParameter

from tikfleet.domains.flows import schemas
from tikfleet.domains.flows.interfaces import InterfaceNames
from tikfleet.domains.flows.questions import By, Only, Sort
from tikfleet.domains.flows.service import Traffic
from tikfleet.domains.telemetry.public import Last, Window, window_of
from tikfleet.httpkit.moments import MOMENT_DESCRIPTION, MOMENT_PATTERN, moment_of
from tikfleet.httpkit.policies import permits
from tikfleet.kernel.clock import Clock
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.scopes import Actor, OrgScope

_READ: Final = permits("traffic:read")
_TAGS: Final = ["Traffic"]
_TEXT: Final = r"^[^\x00-\x1f]*$(?!\n)"
_ID: Final = r"^[a-z0-9_]*$(?!\n)"

# Of what is in a list, `Meta` is what is checked and `QueryParameter` what is described.
_Id = Annotated[str, msgspec.Meta(max_length=40, pattern=_ID), QueryParameter(max_length=40, pattern=_ID)]
_Text = Annotated[str, msgspec.Meta(max_length=100, pattern=_TEXT), QueryParameter(max_length=100, pattern=_TEXT)]
Ids = list[_Id] | None
Texts = list[_Text] | None
DeviceIds = Annotated[Ids, QueryParameter(name="device_id", max_items=200, description="Of these devices only.")]
SiteIds = Annotated[Ids, QueryParameter(name="site_id", max_items=200, description="Of these sites only.")]
Services = Annotated[Texts, QueryParameter(name="service", max_items=50, description="Such as `tcp/443`.")]
Locals = Annotated[Texts, QueryParameter(name="local_address", max_items=50, description="With these local ends only.")]
Remotes = Annotated[
    Texts, QueryParameter(name="remote_address", max_items=50, description="With these remote ends only.")
]
LocalInterfaces = Annotated[
    Texts, QueryParameter(name="local_interface", max_items=50, description="Interface numbers of local ends.")
]
RemoteInterfaces = Annotated[
    Texts, QueryParameter(name="remote_interface", max_items=50, description="Interface numbers of remote ends.")
]
Countries = Annotated[Texts, QueryParameter(name="country", max_items=50, description="Of remote ends, such as `LV`.")]
Networks = Annotated[Texts, QueryParameter(name="network", max_items=50, description="Of remote ends, by their AS.")]
LastText = Annotated[Last, QueryParameter(name="last", description="This long until now, where `from` is not given.")]
From = Annotated[
    str | None,
    QueryParameter(name="from", max_length=40, pattern=MOMENT_PATTERN, description=f"Not before. {MOMENT_DESCRIPTION}"),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", max_length=40, pattern=MOMENT_PATTERN, description=f"Before. {MOMENT_DESCRIPTION}"),
]
DeviceIdPath = Annotated[DeviceId, PathParameter(description="The device's id, such as dev_01m3k5x0v7q2a9bc.")]
Division = Annotated[By, QueryParameter(description="What traffic is by.")]


def window(clock: NamedDependency[Clock], last: LastText = "24h", since: From = None, until: To = None) -> Window:
    """The time that the query parameters ask for."""
    return window_of(clock(), last, moment_of(since) if since else None, moment_of(until) if until else None)


def ends(local_address: Locals = None, remote_address: Remotes = None, service: Services = None) -> Only:
    """What the query parameters leave of conversations."""
    return Only(
        local_address=tuple(local_address or ()),
        remote_address=tuple(remote_address or ()),
        service=tuple(service or ()),
    )


def places(
    ends: NamedDependency[Only],
    local_interface: LocalInterfaces = None,
    remote_interface: RemoteInterfaces = None,
    country: Countries = None,
    network: Networks = None,
) -> Only:
    """What they leave of it by interface, country and network too."""
    return msgspec.structs.replace(
        ends,
        local_interface=tuple(local_interface or ()),
        remote_interface=tuple(remote_interface or ()),
        country=tuple(country or ()),
        network=tuple(network or ()),
    )


def only(places: NamedDependency[Only], device_id: DeviceIds = None, site_id: SiteIds = None) -> Only:
    """What they leave in all."""
    return msgspec.structs.replace(places, device_id=tuple(device_id or ()), site_id=tuple(site_id or ()))


_QUESTION: Final = {
    name: Provide(provider, sync_to_thread=False)
    for name, provider in (("window", window), ("ends", ends), ("places", places), ("only", only))
}


@get(
    "/traffic/top",
    policy=_READ,
    operation_id="getTrafficTop",
    summary="Who and what makes the most traffic",
    tags=_TAGS,
    dependencies=_QUESTION,
)
async def get_top(
    org: NamedDependency[OrgScope],
    traffic: NamedDependency[Traffic],
    window: NamedDependency[Window],
    only: NamedDependency[Only],
    by: Division = "talker",
    sort: Annotated[Sort, QueryParameter(description="What is ranked by.")] = "total",
    limit: Annotated[int, QueryParameter(ge=1, le=1000, description="How many at most.")] = 20,
) -> schemas.TrafficTop:
    """The greatest over a time: hosts, services, conversations, interfaces, sites, organisations, countries, networks.

    Traffic is told from its local end, which is the private address, or of two alike the client: `up` left it, `down`
    came to it. Whole buckets of the rollup that answers count, so the first may begin a little before the time.
    """
    return schemas.top_view(await traffic.top(org, by, window, only, sort, limit))


@get(
    "/traffic/series",
    policy=_READ,
    operation_id="getTrafficSeries",
    summary="Traffic over time",
    tags=_TAGS,
    dependencies=_QUESTION,
)
async def get_series(
    org: NamedDependency[OrgScope],
    traffic: NamedDependency[Traffic],
    window: NamedDependency[Window],
    only: NamedDependency[Only],
    by: Annotated[By | None, QueryParameter(description="What lines are by; without it there is one.")] = None,
    points: Annotated[int, QueryParameter(ge=2, le=2000, description="About how many points.")] = 200,
    lines: Annotated[int, QueryParameter(ge=1, le=20, description="How many lines, beside the others' one.")] = 6,
) -> schemas.TrafficCourse:
    """The course of all traffic, or of the greatest by something and of the others together.

    A flow counts when it ended, so routers should report long ones every minute (`active-flow-timeout`).
    """
    return schemas.course_view(await traffic.course(org, by, window, only, (points, lines)))


@get(
    "/traffic/percentile",
    policy=_READ,
    operation_id="getTrafficPercentile",
    summary="The 95th percentile, for bills",
    tags=_TAGS,
    dependencies=_QUESTION,
)
async def get_percentile(
    org: NamedDependency[OrgScope],
    traffic: NamedDependency[Traffic],
    window: NamedDependency[Window],
    only: NamedDependency[Only],
    percent: Annotated[float, QueryParameter(ge=1, le=100, description="Which percentile.")] = 95,
) -> schemas.TrafficPercentile:
    """Means of five minutes over the time, in order; the one that so many percent are at or below, of each direction.

    By device, site or interface for as long as hours are kept; a time further back is by days.
    """
    return schemas.percentile_view(await traffic.percentile(org, window, only, percent))


@get(
    "/devices/{device_id:str}/traffic-interfaces",
    policy=_READ,
    operation_id="getTrafficInterfaces",
    summary="What interfaces are called in traffic",
    tags=_TAGS,
)
async def get_interfaces(
    org: NamedDependency[OrgScope], interface_names: NamedDependency[InterfaceNames], device_id: DeviceIdPath
) -> schemas.TrafficInterfaces:
    """Names that people gave to the numbers by which a router's flows tell its interfaces."""
    return schemas.TrafficInterfaces(dict(await interface_names.of(org, device_id)))


@patch(
    "/devices/{device_id:str}/traffic-interfaces",
    policy=permits("devices:write"),
    operation_id="nameTrafficInterfaces",
    summary="Name interfaces in traffic",
    tags=_TAGS,
)
async def name_interfaces(
    org: NamedDependency[OrgScope],
    actor: NamedDependency[Actor],
    interface_names: NamedDependency[InterfaceNames],
    device_id: DeviceIdPath,
    data: JSONBody[schemas.TrafficInterfacesPatch],
) -> schemas.TrafficInterfaces:
    """Say what numbers mean; `null` takes a name away, what is left out stays. `/interface print oid` shows numbers."""
    return schemas.TrafficInterfaces(dict(await interface_names.name(org, actor, device_id, data.names)))


def routes() -> Sequence[HTTPRouteHandler]:
    """The handlers, to be mounted under /api/v1."""
    return [get_top, get_series, get_percentile, get_interfaces, name_interfaces]
