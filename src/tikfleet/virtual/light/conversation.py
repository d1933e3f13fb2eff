"""What passes between a virtual router and whoever carries its requests to the server."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Call:
    """A request to make. With `hang_up` the connection breaks before the answer can be read."""

    method: str
    path: str
    credential: str
    body: bytes = b""
    media: str = ""
    hang_up: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that a script takes on the router."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: status 0 when nothing did. `now` is when (seconds since 1970)."""

    now: float
    status: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run of the agent went: `ok`, `refused`, `pending`, `unanswered`, `lost` on a bad line, or `removed`."""

    kind: str
    next_s: float
    note: str = ""


Session: TypeAlias = Generator[Call | Pause, Heard, Ending]
