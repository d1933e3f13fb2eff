"""The durable inbox: what routers report, kept from the moment it is acknowledged until it is processed."""

from collections.abc import Sequence
from typing import ClassVar, Final, Protocol

import msgspec

from tikfleet.kernel.errors import Unavailable
from tikfleet.kernel.ids import DeviceId, OrganisationId


class InboxUnavailable(Unavailable):
    """The inbox can't store: disk full, I/O error, or too much waits already. Nothing was acknowledged."""

    code: ClassVar[str] = "inbox.unavailable"
    title: ClassVar[str] = "Reports cannot be stored for the moment"


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """One report as it came, with what the credential said about its sender."""

    org_id: OrganisationId
    device_id: DeviceId
    received_at_ms: int
    kind: str
    content_type: str
    source_address: str
    body: bytes


class InboxBatch(msgspec.Struct, frozen=True):
    """Envelopes `first` to `last` (positions, inclusive), in the order in which they were stored.

    `damaged` counts those whose record the disk gave back changed: they are lost, and left out of `envelopes`.
    """

    first: int
    last: int
    envelopes: Sequence[Envelope]
    damaged: int = 0


CHECKINS: Final = "checkin"


class Inbox(Protocol):
    """A log that is appended to by many and read by one consumer, which notes its progress under `name`.

    What one device sent comes in the order in which it was stored; so does all of it, where the log is one file.

    `append` returns when the envelope would survive a power cut, and raises `InboxUnavailable` when it would not.
    One commit may cover many appends. Positions only grow, also where the log was lost and began anew. What was
    acknowledged is given by `read` until `forget` covers it. Memory is bounded: past the high-water mark `append`
    refuses at once. Reading and forgetting raise `Unavailable` when the log, or what keeps its positions, is away.
    """

    @property
    def name(self) -> str:
        """Which positions these are: at most 40 characters, another for each log that is read by itself."""
        ...

    async def append(self, envelope: Envelope) -> None: ...

    async def read(self, after: int, limit: int) -> InboxBatch | None:
        """Some of what stands after a position: at least one stored record, at most about `limit` envelopes.

        None when nothing waits.
        """
        ...

    async def read_range(self, first: int, last: int) -> InboxBatch | None:
        """Exactly the envelopes from `first` to `last` again, as `read` once gave them."""
        ...

    async def wait(self, timeout_s: float) -> None:
        """Return when something was appended, or after the time-out."""
        ...

    async def forget(self, up_to: int) -> None:
        """Drop everything up to and including a position."""
        ...

    def depth(self) -> int:
        """How many envelopes wait, roughly."""
        ...

    def age_s(self) -> float:
        """How long the oldest of them has been waiting, to about a second; 0 when none waits."""
        ...

    def refusal(self) -> str:
        """Why `append` would refuse at this moment, in a few words, or nothing."""
        ...

    def size_bytes(self) -> int:
        """How much the log takes on its disk."""
        ...

    async def close(self) -> None: ...
