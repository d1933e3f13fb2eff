"""News inside the platform: what happened, told to whoever listens now."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, runtime_checkable

import msgspec

from tikfleet.kernel.ids import OrganisationId


class News(msgspec.Struct, frozen=True):
    """Something that happened in an organisation. `data` is ready to be shown as JSON."""

    kind: str
    org_id: OrganisationId
    data: dict[str, Any]
    id: str = ""


@runtime_checkable
class Bus(Protocol):
    """At most once, in order per publisher, nothing kept: a listener that is away misses it.

    A slow listener loses its oldest news rather than slow the publisher, and is told by a `bus.overflow`.
    """

    def publish(self, news: News) -> None:
        """Tell everybody who listens. Never waits, never raises."""
        ...

    def subscribe(self, capacity: int = 1000) -> AbstractAsyncContextManager[AsyncIterator[News]]:
        """Listen from now on, to every organisation's news; the listener filters."""
        ...
