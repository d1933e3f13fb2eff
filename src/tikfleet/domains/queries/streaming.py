"""The lines of a query as bytes: one JSON document a line, or server-sent events."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Final

import msgspec

from tikfleet.domains.queries.lines import Line

NDJSON: Final = "application/x-ndjson"
EVENTS: Final = "text/event-stream"

Encoding = Callable[[Sequence[Line]], bytes]
_ENCODER: Final = msgspec.json.Encoder()


def encoding_for(accept: str) -> tuple[str, Encoding]:
    """The media type for an Accept header, and how lines are written in it; NDJSON unless events are asked for."""
    return (EVENTS, _events) if EVENTS in accept.lower() else (NDJSON, _ndjson)


async def encoded(lines: AsyncIterator[list[Line]], encoding: Encoding) -> AsyncIterator[bytes]:
    """The bytes of lines. Leaving it ends the query."""
    async with aclosing(lines) as found:  # type: ignore[type-var]
        async for some in found:
            yield encoding(some)


def _ndjson(lines: Sequence[Line]) -> bytes:
    return _ENCODER.encode_lines(lines)


def _events(lines: Sequence[Line]) -> bytes:
    return b"".join(
        b"event: " + str(line.__struct_config__.tag).encode() + b"\ndata: " + _ENCODER.encode(line) + b"\n\n"
        for line in lines
    )
