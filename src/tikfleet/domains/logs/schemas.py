"""The wire types of logs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from tikfleet.domains.logs.facts import COLUMNS
from tikfleet.kernel.clock import to_text

_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$(?!\n)"
CONDITION: Final = r"^[a-z_]{1,20}!?=[^\x00-\x1f\x7f-\x9f]{0,200}$(?!\n)"

SearchText = Annotated[str, Meta(max_length=500, pattern=_LINE, examples=["login failure -winbox"])]
Condition = Annotated[str, Meta(max_length=230, pattern=CONDITION, examples=["severity=error"])]


class LogLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line as it came, with what it tells. What it does not tell is left out.

    `claimed_at` is the router's own idea of the time; lines are ordered by when they came.
    """

    id: Annotated[str, Meta(examples=["1763871611123-1024"])]
    received_at: str
    org_id: str
    device_id: str | None
    severity: Annotated[str, Meta(examples=["error"])]
    message: str
    site_id: str | None = None
    claimed_at: str | None = None
    topics: str = ""
    action: str = ""
    user: str = ""
    address: str = ""
    interface: str = ""
    out_interface: str = ""
    chain: str = ""
    protocol: str = ""
    port: int = 0
    to_address: str = ""
    to_port: int = 0
    mac: str = ""
    tool: str = ""
    host: str = ""


class LogStep(msgspec.Struct, frozen=True):
    """One step of a histogram: when it begins, and how many lines of each severity came in it."""

    at: str
    lines: dict[str, int]


class LogHistogram(msgspec.Struct, frozen=True):
    """Steps without lines are left out."""

    since: str
    until: str
    step_s: int
    total: int
    steps: list[LogStep]


class LogValue(msgspec.Struct, frozen=True):
    """A value of a field, and how many lines have it."""

    value: str
    lines: int


class LogFacet(msgspec.Struct, frozen=True):
    """What a field holds."""

    field: str
    values: list[LogValue]


class LogBufferState(msgspec.Struct, frozen=True):
    """Lines between their arrival and the telemetry store. `refusal` says why new ones are dropped, or is empty."""

    behind_s: Annotated[float, Meta(description="For how long the oldest has been waiting; 0 when they keep up.")]
    size_bytes: Annotated[int, Meta(description="What they take on the disk.")]
    most_bytes: Annotated[int, Meta(description="What they may take (`log_buffer_mb`).")]
    refusal: str


class SearchAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A search as it is kept: words, conditions, and how far back it looks."""

    q: SearchText = ""
    where: Annotated[list[Condition], Meta(max_length=40)] = []
    last_s: Annotated[int, Meta(ge=1, le=31_622_400)] = 3600


class SearchCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A search under a name; shared ones are seen by the whole organisation."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=_LINE, examples=["Refused logins"])]
    search: SearchAsk
    shared: bool = False


class SavedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search that is kept. `created_by` is a name."""

    id: Annotated[str, Meta(examples=["lgs_01m3k5x0v7q2a9bc"])]
    name: str
    shared: bool
    search: SearchAsk
    created_at: str
    created_by: str


def line_view(row: Sequence[Any]) -> LogLine:
    """The wire form of a row in the order of `COLUMNS`."""
    values = dict(zip(COLUMNS, row, strict=True))
    received_ms, seq, claimed_ms = values.pop("received_at"), values.pop("seq"), values.pop("claimed_at")
    values["device_id"] = values["device_id"] or None
    values["site_id"] = values["site_id"] or None
    return LogLine(
        id=f"{received_ms}-{seq}",
        received_at=moment_text(received_ms),
        claimed_at=None if claimed_ms is None else moment_text(claimed_ms),
        **values,
    )


def moment_text(moment_ms: int) -> str:
    """A moment as text."""
    return to_text(datetime.fromtimestamp(moment_ms / 1000, UTC))
