"""Routes of subscriptions. Service: `subscriptions`."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from tikfleet.domains.callbacks.schemas import SubscriptionCreate, SubscriptionView
from tikfleet.domains.callbacks.subscriptions import Subscriptions
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.wire import Fields, Items, items_of
from tikfleet.kernel.paging import Page
from tikfleet.kernel.scopes import Actor, OrgScope

SubscriptionIdPath = Annotated[str, PathParameter(description="The subscription's id, such as sub_01m3k5x0v7q2a9bc.")]


class SubscriptionRoutes(Controller):
    """Addresses that are told of events of the organisation until they are wanted no more."""

    path = "/callbacks/subscriptions"
    tags = ["Callbacks"]

    @get("/", policy=permits("settings:read"), operation_id="listSubscriptions", summary="List subscriptions")
    async def list_subscriptions(
        self, org: NamedDependency[OrgScope], subscriptions: NamedDependency[Subscriptions], fields: Fields = None
    ) -> Items[SubscriptionView]:
        """Who is told of which events, here and in organisations below. Of an address only the host is shown."""
        return items_of(Page(await subscriptions.all(org), None))

    @post("/", policy=permits("settings:write"), operation_id="createSubscription", summary="Subscribe to events")
    async def create(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        subscriptions: NamedDependency[Subscriptions],
        data: JSONBody[SubscriptionCreate],
    ) -> SubscriptionView:
        """Have an address told of events of this organisation's devices, jobs and runs from now on.

        Each is a callback: signed, tried five times, listed with the others. Of organisations below it nothing is told.
        """
        return await subscriptions.create(org, actor, data)

    @delete(
        "/{subscription_id:str}", policy=permits("settings:write"), operation_id="deleteSubscription",
        summary="End a subscription",
    )  # fmt: skip
    async def remove(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        subscriptions: NamedDependency[Subscriptions],
        subscription_id: SubscriptionIdPath,
    ) -> None:
        """Tell it nothing more. What had happened before is still sent."""
        await subscriptions.remove(org, actor, subscription_id)
