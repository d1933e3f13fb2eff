"""Routes of enrolment keys, attempts, and approval."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from tikfleet.domains.enrolment.keys import EnrolmentKeys
from tikfleet.domains.enrolment.schemas import (
    EnrolmentAttempt,
    EnrolmentKey,
    EnrolmentKeyCreate,
    EnrolmentKeyPatch,
    NewEnrolmentKey,
)
from tikfleet.domains.enrolment.service import Enrolment
from tikfleet.domains.inventory.public import DeviceDetail, Devices
from tikfleet.httpkit.moments import moment_of
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.representation import require_match
from tikfleet.httpkit.wire import CursorText, Items, Limit, items_of, page_request
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import DeviceId, EnrolmentKeyId
from tikfleet.kernel.scopes import Actor, OrgScope

KeyIdPath = Annotated[EnrolmentKeyId, PathParameter(description="The key's id, such as key_01m3k5x0v7q2a9bc.")]
DeviceIdPath = Annotated[DeviceId, PathParameter(description="The device's id.")]
KeyIdFilter = Annotated[
    str | None, QueryParameter(max_length=60, pattern=r"^[a-z0-9_.-]+$(?!\n)", description="Only by this key.")
]


class EnrolmentKeyRoutes(Controller):
    """Keys that let new routers in."""

    path = "/enrolment-keys"
    tags = ["Enrolment"]

    @get("/", policy=permits("enrolment:read"), operation_id="listEnrolmentKeys", summary="List enrolment keys")
    async def list_keys(
        self,
        org: NamedDependency[OrgScope],
        keys: NamedDependency[EnrolmentKeys],
        limit: Limit = 50,
        cursor: CursorText = None,
    ) -> Items[EnrolmentKey]:
        """The organisation's keys, newest first."""
        return items_of(await keys.page(org, page_request(limit, cursor)))

    @post("/", policy=permits("enrolment:write"), operation_id="createEnrolmentKey", summary="Create an enrolment key")
    async def create(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        keys: NamedDependency[EnrolmentKeys],
        data: JSONBody[EnrolmentKeyCreate],
    ) -> NewEnrolmentKey:
        """Make a key. Its secret and the lines to paste are in this answer and never again."""
        expires_at = to_text(moment_of(data.expires_at)) if data.expires_at else None
        return await keys.create(org, actor, msgspec.structs.replace(data, expires_at=expires_at))

    @get("/{key_id:str}", policy=permits("enrolment:read"), operation_id="getEnrolmentKey", summary="Read a key")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        keys: NamedDependency[EnrolmentKeys],
        key_id: KeyIdPath,
    ) -> EnrolmentKey:
        """One key, without its secret."""
        return await keys.get(org, key_id)

    @patch(
        "/{key_id:str}", policy=permits("enrolment:write"), operation_id="changeEnrolmentKey", summary="Change a key"
    )
    async def change(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        keys: NamedDependency[EnrolmentKeys],
        key_id: KeyIdPath,
        data: JSONBody[EnrolmentKeyPatch],
    ) -> EnrolmentKey:
        """Rename it, or change how many may use it and whether they wait for approval."""
        require_match(request, await keys.get(org, key_id))
        return await keys.change(org, actor, key_id, data)

    @delete(
        "/{key_id:str}", policy=permits("enrolment:write"), operation_id="revokeEnrolmentKey", summary="Revoke a key"
    )
    async def revoke(
        self,
        request: Request[Any, Any, Any],
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        keys: NamedDependency[EnrolmentKeys],
        key_id: KeyIdPath,
    ) -> None:
        """No router gets in by this key any more. Those that did stay."""
        require_match(request, await keys.get(org, key_id))
        await keys.revoke(org, actor, key_id)


@get(
    "/enrolments",
    tags=["Enrolment"],
    policy=permits("enrolment:read"),
    operation_id="listEnrolments",
    summary="List enrolment attempts",
)
async def list_attempts(
    org: NamedDependency[OrgScope],
    keys: NamedDependency[EnrolmentKeys],
    key_id: KeyIdFilter = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Items[EnrolmentAttempt]:
    """Every router that presented a key, what came of it, and what stood in its way, newest first."""
    return items_of(await keys.attempts(org, key_id, page_request(limit, cursor)))


@post(
    "/devices/{device_id:str}/approve",
    status_code=200,
    tags=["Devices"],
    policy=permits("devices:write"),
    operation_id="approveDevice",
    summary="Approve a waiting router",
)
async def approve(
    org: NamedDependency[OrgScope],
    actor: NamedDependency[Actor],
    enrolment: NamedDependency[Enrolment],
    devices: NamedDependency[Devices],
    device_id: DeviceIdPath,
) -> DeviceDetail:
    """Let a router in that waits: a new one, or one that claims the place of a device with the same serial number."""
    return await devices.get(org, await enrolment.approve(org, actor, device_id))


@post(
    "/devices/{device_id:str}/reject",
    status_code=204,
    tags=["Devices"],
    policy=permits("devices:write"),
    operation_id="rejectDevice",
    summary="Reject a waiting router",
)
async def reject(
    org: NamedDependency[OrgScope],
    actor: NamedDependency[Actor],
    enrolment: NamedDependency[Enrolment],
    device_id: DeviceIdPath,
) -> None:
    """Send a router away that waits. A device that exists stays as it is."""
    await enrolment.reject(org, actor, device_id)


def routes() -> list[Any]:
    """What is mounted under /api/v1. Needs the services `keys`, `enrolment` and `devices`."""
    return [EnrolmentKeyRoutes, list_attempts, approve, reject]
