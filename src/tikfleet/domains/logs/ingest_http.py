"""`POST /ingest/v1/logs`: lines from programs such as Fluent Bit, by the token of a source."""

import re
import zlib
from typing import Any, ClassVar, Final

import msgspec

from tikfleet.domains.logs.intake import LogIntake, Received
from tikfleet.domains.sources.public import Arrival
from tikfleet.httpkit.asgi import Receive, Scope, Send, header, read_body, respond, respond_problem
from tikfleet.httpkit.gateway import Network, source_address
from tikfleet.kernel.errors import Invalid, NotFound, TikfleetError, Unauthenticated, Unavailable
from tikfleet.kernel.secrets import SOURCE_TOKEN, digest, looks_genuine
from tikfleet.ports.inbox import Inbox

PATH: Final = "/ingest/v1/logs"
_MOST_BODY_BYTES: Final = 8 << 20
_MOST_PLAIN_BYTES: Final = 64 << 20
_MOST_LINES: Final = 100_000
_TEXTS: Final = ("raw", "log", "message", "msg")
_NAMES: Final = ("source_host", "source_address", "host", "hostname")
_SENDER: Final = re.compile(r"(?:udp|tcp)://\[?(?P<address>[0-9A-Za-z.:%]+?)\]?:\d{1,5}")


class SourceTokenMissing(Unauthenticated):
    """The request has no token of a source, or one that nobody has."""

    code: ClassVar[str] = "source.token-required"
    title: ClassVar[str] = "The token of a source is required"
    remedy: ClassVar[str] = "Claim a source of the kind token, and send it as `Authorization: Bearer tfl_…`."


class LinesUnreadable(Invalid):
    """The body is no NDJSON, no gzip, or too large when it is unpacked; nothing was stored."""

    code: ClassVar[str] = "logs.unreadable"
    title: ClassVar[str] = "The lines can't be read"
    remedy: ClassVar[str] = "Send one JSON document a line, plain or as gzip, in bodies of at most 8 MiB."


class BufferFull(Unavailable):
    """The buffer of lines is full; nothing of the request was taken."""

    code: ClassVar[str] = "logs.buffer-full"
    title: ClassVar[str] = "No room for more lines"
    remedy: ClassVar[str] = "Send them again after the time in Retry-After; a program that buffers loses nothing."


class IngestApi:
    """The application behind `/ingest/`."""

    def __init__(self, intake: LogIntake, buffer: Inbox, proxies: Any = ()) -> None:
        self._intake = intake
        self._buffer = buffer
        self._proxies: list[Network] = list(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._taken(scope, receive)
        except TikfleetError as error:
            await respond_problem(scope, send, error)
            return
        await respond(send, 200, [(b"content-type", b"application/json")], body)

    async def _taken(self, scope: Scope, receive: Receive) -> bytes:
        if scope["path"] != PATH or scope["method"] != "POST":
            raise NotFound(f"lines are taken by POST {PATH}")
        scheme, _, token = header(scope, b"authorization").partition(" ")
        if scheme.lower() != "bearer" or not looks_genuine(token, SOURCE_TOKEN):
            raise SourceTokenMissing("the Authorization header holds no token of a source")
        arrival = Arrival("http", source_address(scope, self._proxies), token=digest(token).hex())
        if not await self._intake.knows(arrival):
            raise SourceTokenMissing("the token is not one of a source that exists")
        if why := self._buffer.refusal():
            raise BufferFull(f"the buffer of lines takes nothing now: {why}", retry_after_s=10)
        body = await read_body(receive, _MOST_BODY_BYTES)
        if header(scope, b"content-encoding").lower() == "gzip":
            body = unpacked(body)
        plain = header(scope, b"content-type").lower().startswith("text/plain")
        received = Received(body.splitlines()[:_MOST_LINES]) if plain else records_of(body)
        outcome = await self._intake.deliver(arrival, received)
        return msgspec.json.encode(outcome)


def unpacked(body: bytes) -> bytes:
    """What a gzip holds, at most 64 MiB. Raises LinesUnreadable."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(body, _MOST_PLAIN_BYTES)
    except zlib.error as cause:
        raise LinesUnreadable("the body is no gzip") from cause
    if unpacker.unconsumed_tail:
        raise LinesUnreadable(f"the body is over {_MOST_PLAIN_BYTES >> 20} MiB when it is unpacked")
    if not unpacker.eof:
        raise LinesUnreadable("the gzip ends early")
    return plain


def records_of(body: bytes) -> Received:
    """Lines of NDJSON, or of one JSON array: the text and what the sender of each is called.

    The text is in `raw`, `log`, `message` or `msg`, the sender in `source_host`, `source_address`, `host` or
    `hostname`; with `topics` they come first, as a router sends them. Fluent Bit writes a sender as `udp://` or
    `tcp://`, address, colon and port: it is called by its address. Raises LinesUnreadable.
    """
    try:
        if body.lstrip()[:1] == b"[":
            documents: list[Any] = msgspec.json.decode(body)
        else:
            documents = [msgspec.json.decode(line) for line in body.splitlines() if line.strip()]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as cause:
        raise LinesUnreadable("the body is no NDJSON") from cause
    if len(documents) > _MOST_LINES:
        raise LinesUnreadable(f"the body has more than {_MOST_LINES} lines")
    lines, names = [], []
    for document in documents:
        line, name = _record(document)
        lines.append(line)
        names.append(name)
    return Received(lines, names)


def _record(document: Any) -> tuple[bytes, str]:
    if isinstance(document, str):
        return document.encode(errors="replace"), ""
    if not isinstance(document, dict):
        return msgspec.json.encode(document), ""
    text = next((document[name] for name in _TEXTS if isinstance(document.get(name), str)), None)
    name = next((document[name] for name in _NAMES if isinstance(document.get(name), str)), "")[:200]
    if found := _SENDER.fullmatch(name):
        name = found["address"]
    if text is None:
        return msgspec.json.encode(document), name
    topics = document.get("topics")
    whole = f"{topics} {text}" if isinstance(topics, str) and topics else text
    return whole.encode(errors="replace"), name
