"""Routes of callbacks. Service: `callbacks`."""

from typing import Annotated, Any

from litestar import Controller, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from tikfleet.domains.callbacks.model import CallbackState
from tikfleet.domains.callbacks.repository import CallbackFilters
from tikfleet.domains.callbacks.schemas import CallbackSecretMade, CallbackSecretState, CallbackView
from tikfleet.domains.callbacks.service import Callbacks
from tikfleet.domains.callbacks.subscriptions_http import SubscriptionRoutes
from tikfleet.httpkit.listed import Short
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.wire import CursorText, Fields, Items, Limit, items_of, page_request
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope

CallbackIdPath = Annotated[str, PathParameter(description="The callback's id, such as cbk_01m3k5x0v7q2a9bc.")]
Subjects = Annotated[list[Short] | None, QueryParameter(max_items=50, description="About any of these jobs or runs.")]
States = Annotated[
    list[CallbackState] | None, QueryParameter(name="state", max_items=3, description="In any of these states.")
]


def filters(states: States = None, subject_id: Subjects = None) -> CallbackFilters:
    """The filters of the query string."""
    return CallbackFilters(states or (), subject_id or ())


def page(limit: Limit = 50, cursor: CursorText = None) -> PageRequest:
    """The page that the query string asks for."""
    return page_request(limit, cursor, "created_at", str)


class CallbackRoutes(Controller):
    """News of jobs and runs, sent to addresses that were named with them."""

    path = "/callbacks"
    tags = ["Callbacks"]

    @get(
        "/",
        policy=permits("jobs:read"),
        operation_id="listCallbacks",
        summary="List callbacks",
        dependencies={
            "filters": Provide(filters, sync_to_thread=False),
            "page": Provide(page, sync_to_thread=False),
        },
    )
    async def list_callbacks(
        self,
        org: NamedDependency[OrgScope],
        callbacks: NamedDependency[Callbacks],
        filters: NamedDependency[CallbackFilters],
        page: NamedDependency[PageRequest],
        fields: Fields = None,
    ) -> Items[CallbackView]:
        """What was sent, waits or was given up (`state=dead`), newest first; 30 days of it."""
        return items_of(await callbacks.page(org, filters, page))

    @get(
        "/secret",
        policy=permits("settings:read"),
        operation_id="getCallbackSecret",
        summary="Read whether callbacks have a secret",
    )
    async def secret(
        self, org: NamedDependency[OrgScope], callbacks: NamedDependency[Callbacks], fields: Fields = None
    ) -> CallbackSecretState:
        """Whether the organisation has a secret to sign callbacks with, and since when; never the secret."""
        return await callbacks.secret_state(org)

    @post(
        "/secret",
        policy=permits("settings:write"),
        operation_id="makeCallbackSecret",
        summary="Make a new secret for callbacks",
    )
    async def make_secret(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        callbacks: NamedDependency[Callbacks],
    ) -> CallbackSecretMade:
        """Make the secret that signs the organisation's callbacks, or replace it. It is shown this once.

        One that is replaced signs beside the new one for 24 hours more.
        """
        return await callbacks.make_secret(org, actor)

    @get("/{callback_id:str}", policy=permits("jobs:read"), operation_id="getCallback", summary="Read a callback")
    async def read(
        self,
        org: NamedDependency[OrgScope],
        callbacks: NamedDependency[Callbacks],
        callback_id: CallbackIdPath,
        fields: Fields = None,
    ) -> CallbackView:
        """One callback with the log of its attempts."""
        return await callbacks.get(org, callback_id)

    @post(
        "/{callback_id:str}/retry",
        status_code=200,
        policy=permits("jobs:write"),
        operation_id="retryCallback",
        summary="Send a callback again",
    )
    async def retry(
        self,
        org: NamedDependency[OrgScope],
        actor: NamedDependency[Actor],
        callbacks: NamedDependency[Callbacks],
        callback_id: CallbackIdPath,
    ) -> CallbackView:
        """Begin again with one that is dead or was delivered: the same body, five attempts."""
        return await callbacks.retry(org, actor, callback_id)


def routes() -> list[Any]:
    """What is mounted under /api/v1."""
    return [SubscriptionRoutes, CallbackRoutes]
