"""What routes share: the dependencies they may name as parameters, and the form of a page."""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar import Request
from litestar.di import Provide
from litestar.params import QueryParameter

from tikfleet.httpkit.authentication import Principal, source_of
from tikfleet.httpkit.queries import FIELDS_PATTERN, MAX_FIELDS
from tikfleet.kernel.errors import NotFound
from tikfleet.kernel.paging import Cursor, Page, PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope

T = TypeVar("T")

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="How many rows at most.")]
CursorText = Annotated[
    str | None, QueryParameter(name="cursor", max_length=500, description="`next_cursor` of the page before.")
]
Fields = Annotated[
    str | None,
    QueryParameter(
        name="fields",
        min_length=1,
        max_length=MAX_FIELDS,
        pattern=FIELDS_PATTERN,
        description="Keep only these fields, separated by commas.",
    ),
]


class Items(msgspec.Struct, Generic[T], frozen=True):
    """A page of a collection. `next_cursor` is null on the last page; `total` counts all pages."""

    items: list[T]
    next_cursor: str | None = None
    total: int | None = None


class CursorUnknown(NotFound):
    """No page starts at this cursor."""

    code = "cursor.unknown"
    title = "No page starts at this cursor"
    remedy = "Start again without `cursor`."


def page_request(
    limit: int, cursor: str | None, sort: str = "", kind: type[str | int | float] | None = None
) -> PageRequest:
    """The page that the query parameters ask for; `sort` is a field with an optional leading minus.

    `kind` is what the field holds, so that no cursor of another order reaches a statement. Raises CursorUnknown.
    """
    try:
        after = Cursor.decode(cursor) if cursor else None
        if after is not None and kind is not None:
            msgspec.convert(after.value, kind, strict=True)
    except (ValueError, msgspec.ValidationError) as cause:
        raise CursorUnknown("the cursor is not one that this API gave for this order") from cause
    return PageRequest(limit, after, sort.removeprefix("-"), sort.startswith("-"))


def items_of(page: Page[T]) -> Items[T]:
    """A page as the API shows it."""
    return Items(list(page.items), page.next_cursor, page.total)


def _principal(request: Request[Any, Any, Any]) -> Principal:
    found: Principal = request.scope["state"]["principal"]
    return found


def _scope(request: Request[Any, Any, Any]) -> OrgScope:
    return _principal(request).scope


def _actor(request: Request[Any, Any, Any]) -> Actor:
    return _principal(request).actor


def _source(request: Request[Any, Any, Any]) -> str:
    return source_of(request)


def dependencies(services: Mapping[str, object]) -> dict[str, Provide]:
    """What a handler may name: `org`, `actor`, `principal`, `source_address`, and each service by its name."""

    def given(service: object) -> Provide:
        return Provide(lambda: service, sync_to_thread=False)

    return {
        "org": Provide(_scope, sync_to_thread=False),
        "actor": Provide(_actor, sync_to_thread=False),
        "principal": Provide(_principal, sync_to_thread=False),
        "source_address": Provide(_source, sync_to_thread=False),
        **{name: given(service) for name, service in services.items()},
    }
