"""The wire types of sources."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.sources.model import Claim, Counted, Seen, Stream, Way

_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$(?!\n)"

ValueText = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=r"^[0-9A-Za-z.:%]*$(?!\n)",
        examples=["192.0.2.17"],
        description="The address, or a certificate's SHA-256; nothing for a token or port, which are made.",
    ),
]
DeviceIdText = Annotated[str, Meta(max_length=60, pattern=r"^[a-z0-9_]+$(?!\n)", examples=["dev_01m3k5x0v7q2a9bc"])]
NameText = Annotated[str, Meta(max_length=200, pattern=_LINE, examples=["Fluent Bit in Riga"])]


class SourceCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim. Without a device it stands for many: each line's own host or address says which."""

    way: Way
    value: ValueText = ""
    device_id: DeviceIdText | None = None
    name: NameText = ""


class SourcePerson(msgspec.Struct, frozen=True):
    """Who claimed it."""

    id: str
    name: str


class SourceView(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender is recognised by. `value` of a token is empty; of a port it is the port to send to."""

    id: Annotated[str, Meta(examples=["src_01m3k5x0v7q2a9bc"])]
    org_id: str
    way: Way
    value: str
    device_id: str | None
    name: str
    created_at: str
    created_by: SourcePerson


class NewSource(SourceView, frozen=True, kw_only=True):
    """A source that was just claimed; the secret of a token is in this answer and never again."""

    secret: str | None


class SourceCounts(msgspec.Struct, frozen=True):
    """What came, what was taken, and what was dropped: over its rate, no room in the buffer, nobody's, unreadable."""

    received: int
    accepted: int
    dropped_rate: int
    dropped_buffer: int
    dropped_unattributed: int
    dropped_invalid: int


class SeenSource(msgspec.Struct, frozen=True, kw_only=True):
    """A sender as it was seen. `reason` is empty where it is one device's, else why it is not."""

    stream: Stream
    way: Way
    value: str
    org_id: str | None
    device_id: str | None
    reason: str
    sample: str
    first_at: str
    last_at: str
    counts: SourceCounts


class StreamTotals(msgspec.Struct, frozen=True, kw_only=True):
    """One stream's counts since the beginning."""

    stream: Stream
    counts: SourceCounts


class SourceTotals(msgspec.Struct, frozen=True):
    """What came and what became of it, over all senders that the caller may see."""

    streams: list[StreamTotals]


def source_view(claim: Claim) -> SourceView:
    """The wire form of a claim."""
    return SourceView(
        id=claim.id,
        org_id=claim.org_id,
        way=claim.way,
        value="" if claim.way == "token" else claim.value,
        device_id=claim.device_id,
        name=claim.name,
        created_at=claim.created_at,
        created_by=SourcePerson(claim.created_by.id, claim.created_by.name),
    )


def seen_view(seen: Seen) -> SeenSource:
    """The wire form of a sender."""
    counts = Counted(seen.received, seen.accepted, seen.rate, seen.buffer, seen.unattributed, seen.invalid)
    return SeenSource(
        stream=seen.stream,
        way=seen.way,
        value="" if seen.way == "token" else seen.value,
        org_id=seen.org_id or None,
        device_id=seen.device_id or None,
        reason=seen.reason,
        sample=seen.sample,
        first_at=seen.first_at,
        last_at=seen.last_at,
        counts=counts_view(counts),
    )


def counts_view(counted: Counted) -> SourceCounts:
    """The wire form of counts."""
    return SourceCounts(
        counted.received,
        counted.accepted,
        counted.rate,
        counted.buffer,
        counted.unattributed,
        counted.invalid,
    )
