"""Routes of the routers' own REST. Service: `router_rest`."""

import re
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter

from tikfleet.domains.routeros.schema import MenuSchema, RouterSchemas
from tikfleet.domains.routeros.service import Asked, RouterRest, Waiting, encoded
from tikfleet.httpkit.authentication import Principal
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.representation import etag_of
from tikfleet.httpkit.wire import Fields
from tikfleet.kernel.ids import DeviceId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.routeros.rest.call import RestCall, RestRefused, read_body, read_filters, read_path
from tikfleet.routeros.rest.plan import Reply

_DEFAULT_WAIT_S: Final = 10.0
_LONGEST_WAIT_S: Final = 60.0
_WAIT: Final = re.compile(r"\bwait\s*=\s*\"?([0-9]{1,6})", re.IGNORECASE)
_JSON: Final = "application/json"
_FOLDER: Final = "/routeros"

DevicePath = Annotated[str, PathParameter(description="The device's id, such as dev_01m3k5x0v7q2a9bc.")]
MenuPath = Annotated[
    str, PathParameter(description="A path as the router's own REST takes it below /rest, such as ip/address/*1.")
]
JobPath = Annotated[str, PathParameter(description="The id of the job that a request became.")]
Prefer = Annotated[
    str | None,
    HeaderParameter(
        name="Prefer", description="`wait=30`: how many seconds to wait for the router, 0 to 60; 10 when not given."
    ),
]
SchemaPath = Annotated[
    str,
    QueryParameter(
        max_length=200, pattern=r"^/?([a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*){0,9})?$(?!\n)",
        description="A menu or command, such as `/ip/address` or `/ip/address/add`.",
    ),
]  # fmt: skip
_ROUTER: Final[dict[str, Any]] = {"basic": True, "foreign_path": "menu_path", "router_errors": True}


class LiveState(msgspec.Struct, frozen=True):
    """Whether the router holds a request open now, and for how many seconds more that is wanted."""

    live: bool
    wanted_s: Annotated[int, msgspec.Meta(ge=0)]


class LaterAnswer(msgspec.Struct, frozen=True):
    """The router has not answered yet. The job will bring the answer, at the address that `Location` names."""

    job_id: Annotated[str, msgspec.Meta(examples=["job_01m3k5x0v7q2a9bc"])]
    status: str
    detail: str


_LATER: Final = {202: ResponseSpec(LaterAnswer, description="The router has not answered yet; a job waits for it.")}


class RouterRoutes(Controller):
    """The routers' own REST."""

    path = "/devices/{device_id:str}"
    tags = ["RouterOS"]

    @post(
        "/live", status_code=200, policy=permits("routeros:read"), operation_id="wantLiveMode",
        summary="Ask for live mode",
    )  # fmt: skip
    async def live(
        self, org: NamedDependency[OrgScope], router_rest: NamedDependency[RouterRest], device_id: DevicePath
    ) -> LiveState:
        """Ask a router to hold a request open for some minutes, so that it can be asked at once.

        It begins with its next check-in. Each request to its routeros path asks for it too.
        """
        live, wanted_s = await router_rest.want(org, DeviceId(device_id))
        return LiveState(live, round(wanted_s))

    @get(
        "/routeros/{menu_path:path}", policy=permits("routeros:read"), operation_id="readRouter",
        summary="Read from a router", responses=_LATER, media_type="application/json; charset=utf-8", opt=_ROUTER,
    )  # fmt: skip
    async def read(
        self,
        request: Request[Any, Any, Any],
        principal: NamedDependency[Principal],
        router_rest: NamedDependency[RouterRest],
        device_id: DevicePath,
        menu_path: MenuPath,
        prefer: Prefer = None,
    ) -> Response[bytes]:
        """Answer as the router's own REST answers `GET /rest/…`: a menu, or one record of it by its id or name.

        Filters (`?name=value`) and `.proplist` are RouterOS's. Errors are RouterOS's too. Secrets are `<redacted>`
        for who lacks the permission `secrets:read`. When the router does not answer in time the answer is 202, and
        a job waits for its next check-in.
        """
        return await _answer(request, principal, router_rest, device_id)

    @put(
        "/routeros/{menu_path:path}", policy=permits("routeros:write"), operation_id="addToRouter",
        summary="Add a record to a router", status_code=201, responses=_LATER, opt=_ROUTER,
    )  # fmt: skip
    async def add(
        self,
        request: Request[Any, Any, Any],
        principal: NamedDependency[Principal],
        router_rest: NamedDependency[RouterRest],
        device_id: DevicePath,
        menu_path: MenuPath,
        prefer: Prefer = None,
    ) -> Response[bytes]:
        """Answer as the router's own REST answers `PUT /rest/…`: the body is the record. It is a job, and audited."""
        return await _answer(request, principal, router_rest, device_id)

    @patch(
        "/routeros/{menu_path:path}", policy=permits("routeros:write"), operation_id="changeOnRouter",
        summary="Change a record of a router", responses=_LATER, opt=_ROUTER,
    )  # fmt: skip
    async def change(
        self,
        request: Request[Any, Any, Any],
        principal: NamedDependency[Principal],
        router_rest: NamedDependency[RouterRest],
        device_id: DevicePath,
        menu_path: MenuPath,
        prefer: Prefer = None,
    ) -> Response[bytes]:
        """Answer as the router's own REST answers `PATCH /rest/…`. It is a job, and audited.

        With `If-Match` the router changes the record only if it is still as GET showed it.
        """
        return await _answer(request, principal, router_rest, device_id)

    @delete(
        "/routeros/{menu_path:path}", policy=permits("routeros:write"), operation_id="removeFromRouter",
        summary="Remove a record of a router", status_code=200, responses=_LATER, opt=_ROUTER,
    )  # fmt: skip
    async def remove(
        self,
        request: Request[Any, Any, Any],
        principal: NamedDependency[Principal],
        router_rest: NamedDependency[RouterRest],
        device_id: DevicePath,
        menu_path: MenuPath,
        prefer: Prefer = None,
    ) -> Response[bytes]:
        """Answer as the router's own REST answers `DELETE /rest/…`: 204 without a body. It is a job, and audited."""
        return await _answer(request, principal, router_rest, device_id)

    @post(
        "/routeros/{menu_path:path}", policy=permits("routeros:read"), operation_id="runOnRouter",
        summary="Run a command on a router", status_code=200, responses=_LATER, opt=_ROUTER,
    )  # fmt: skip
    async def run(
        self,
        request: Request[Any, Any, Any],
        principal: NamedDependency[Principal],
        router_rest: NamedDependency[RouterRest],
        device_id: DevicePath,
        menu_path: MenuPath,
        prefer: Prefer = None,
    ) -> Response[bytes]:
        """Answer as the router's own REST answers `POST /rest/…/command`: the body holds the command's arguments.

        `print`, `get`, `find` and `monitor` read. Every other command needs `routeros:write`, is a job, and audited.
        """
        return await _answer(request, principal, router_rest, device_id)


@get(
    "/devices/{device_id:str}/routeros-schema", policy=permits("routeros:read"), operation_id="describeRouter",
    tags=["RouterOS"], summary="Read what a router's console knows", opt={"conflicts": True},
)  # fmt: skip
async def describe(
    principal: NamedDependency[Principal],
    router_schemas: NamedDependency[RouterSchemas],
    device_id: DevicePath,
    menu: SchemaPath = "/",
    fields: Fields = None,
    prefer: Prefer = None,
) -> MenuSchema:
    """What a menu or command holds by the router's own inspection, so for its version, packages and hardware.

    The router is asked in live mode, and the answer kept for all of the organisation's routers that are alike.
    """
    return await router_schemas.of(principal.scope, DeviceId(device_id), menu, _wait_s(prefer or ""))


@get(
    "/jobs/{job_id:str}/routeros", policy=permits("routeros:read"), operation_id="getRouterAnswer", tags=["RouterOS"],
    summary="Read what a request to a router came to", responses=_LATER,
    media_type="application/json; charset=utf-8", opt={"router_errors": True},
)  # fmt: skip
async def read_answer(
    principal: NamedDependency[Principal], router_rest: NamedDependency[RouterRest], job_id: JobPath
) -> Response[bytes]:
    """Answer as the router's REST would have answered the request that became this job; 202 until it has."""
    try:
        found = await router_rest.of_job(principal.scope, job_id, secrets="secrets:read" in principal.permissions)
    except RestRefused as refused:
        return _refused(refused)
    return _waiting(found) if isinstance(found, Waiting) else _replied(found, "")


async def _answer(
    request: Request[Any, Any, Any], principal: Principal, router_rest: RouterRest, device_id: str
) -> Response[bytes]:
    try:
        asked = await _asked(request, principal, device_id)
        found = await router_rest.answer(asked)
    except RestRefused as refused:
        return _refused(refused)
    if isinstance(found, Waiting):
        return _waiting(found)
    return _replied(found, f"{request.base_url}api/v1/devices/{device_id}{_FOLDER}")


async def _asked(request: Request[Any, Any, Any], principal: Principal, device_id: str) -> Asked:
    words = read_path(_sent_path(request, device_id))
    body = await request.body()
    if body and request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise RestRefused(415)
    filters = read_filters(request.scope.get("query_string", b"").decode("latin-1"))
    call = RestCall(request.method, words, filters, read_body(body))
    tags = {tag.strip() for tag in request.headers.get("if-match", "").split(",") if tag.strip()}
    return Asked(
        org=principal.scope,
        actor=principal.actor,
        device_id=DeviceId(device_id),
        call=call,
        may_write="routeros:write" in principal.permissions,
        secrets="secrets:read" in principal.permissions,
        wait_s=_wait_s(request.headers.get("prefer", "")),
        matches=(lambda current: etag_of(current) in tags) if tags - {"*"} else None,
    )


def _wait_s(prefer: str) -> float:
    wait = _WAIT.search(prefer)
    return min(_LONGEST_WAIT_S, float(wait[1])) if wait else _DEFAULT_WAIT_S


def _sent_path(request: Request[Any, Any, Any], device_id: str) -> str:
    """What follows `/routeros`, as it was sent: a slash inside a name comes as %2F."""
    raw = bytes(request.scope.get("raw_path") or b"").decode("latin-1").partition("?")[0]
    whole = raw or str(request.scope["path"])
    return whole.partition(f"{device_id}{_FOLDER}")[2]


def _replied(reply: Reply, base: str) -> Response[bytes]:
    headers = {"Location": f"{base}{reply.location}"} if reply.location and base else {}
    if reply.status == HTTPStatus.NO_CONTENT:
        return Response(b"", status_code=reply.status)
    return Response(encoded(reply.value), status_code=reply.status, media_type=_JSON, headers=headers)


def _refused(refused: RestRefused) -> Response[bytes]:
    return Response(encoded(refused.value), status_code=refused.status, media_type=_JSON)


def _waiting(found: Waiting) -> Response[bytes]:
    job = found.job
    detail = "the router has not answered yet; it takes the job at its next check-in"
    return Response(
        encoded(LaterAnswer(job.id, job.status, detail)),
        status_code=HTTPStatus.ACCEPTED,
        media_type=_JSON,
        headers={"Location": f"/api/v1/jobs/{job.id}/routeros", "Retry-After": "10"},
    )


def routes() -> list[Any]:
    """What is mounted under /api/v1."""
    return [RouterRoutes, describe, read_answer]
