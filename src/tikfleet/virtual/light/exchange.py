"""HTTP/1.1 as a router speaks it: one request, one answer, and mostly a fresh connection for each.

The reader is pure; `Wire` is the only socket. A client library would cost more than all the rest of a router.
"""

import asyncio
import ssl
import zlib
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from tikfleet.virtual.light.addresses import own_address
from tikfleet.virtual.light.conversation import Call

_HEAD_END: Final = b"\r\n\r\n"
_MOST_BYTES: Final = 1 << 20
_GZIP_OR_ZLIB: Final = 32 + zlib.MAX_WBITS
_PIECES_OF_A_SLOW_LINK: Final = 4
_HTTPS_PORT, _HTTP_PORT = 443, 80


class ExchangeFailed(Exception):
    """No answer: refused, broken off, too late, or not HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    keeps: bool  # whether the connection may carry another request


class AnswerReader:
    """Bytes in, one answer out. `feed` returns it when it is whole; `end` when the connection closed."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Answer | None:
        """Raises ExchangeFailed for what is not HTTP or too long."""
        self._buffer += data
        if len(self._buffer) > _MOST_BYTES:
            raise ExchangeFailed("the answer is too long")
        return self._take(closed=False)

    def end(self) -> Answer | None:
        return self._take(closed=True)

    def _take(self, *, closed: bool) -> Answer | None:
        head_end = self._buffer.find(_HEAD_END)
        if head_end < 0:
            return None
        status, headers = _head(bytes(self._buffer[:head_end]))
        rest = memoryview(self._buffer)[head_end + 4 :]
        try:
            body = _body(headers, rest, closed=closed)
        finally:
            rest.release()
        if body is None:
            return None
        if headers.get(b"content-encoding") in {b"gzip", b"deflate"}:
            body = _inflate(body)
        return Answer(status, body, not closed and headers.get(b"connection", b"").lower() != b"close")


class Wire(asyncio.Protocol):
    """One connection. `ask` sends a request and waits for its answer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._reader = AnswerReader()
        self._waiting: asyncio.Future[Answer] | None = None
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name
        self.open = True

    def data_received(self, data: bytes) -> None:
        try:
            answer = self._reader.feed(data)
        except ExchangeFailed as failure:
            self._fail(failure)
            self.close()
            return
        if answer is not None:
            self._settle(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        answer = self._reader.end() if exc is None else None
        if answer is not None:
            self._settle(answer)
        self._fail(ExchangeFailed("the connection was closed"))

    async def ask(self, request: bytes, *, slow: bool = False) -> Answer:
        if self._transport is None or not self.open:
            raise ExchangeFailed("the connection is closed")
        self._reader = AnswerReader()
        self._waiting = asyncio.get_running_loop().create_future()
        if slow:
            await self._trickle(request)
        else:
            self._transport.write(request)
        return await self._waiting

    def send(self, request: bytes) -> None:
        """Send and do not wait."""
        if self._transport is not None:
            self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self.open = False

    async def _trickle(self, request: bytes) -> None:
        step = len(request) // _PIECES_OF_A_SLOW_LINK + 1
        for start in range(0, len(request), step):
            await asyncio.sleep(0.15)
            self.send(request[start : start + step])

    def _settle(self, answer: Answer) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def _fail(self, failure: Exception) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(failure)


class Exchange:
    """Where the server is, and how requests to it look."""

    def __init__(self, url: str, context: ssl.SSLContext | None, patience_s: float, *, keep_alive: bool) -> None:
        """`context` is for https; a plain http address takes none. Raises ValueError for any other address."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is not an http or https address")
        self._secure = parts.scheme == "https"
        self._context = (context or ssl.create_default_context()) if self._secure else None
        self._host = parts.hostname
        self._port = parts.port or (_HTTPS_PORT if self._secure else _HTTP_PORT)
        self._address = self._host
        self._prefix = parts.path.rstrip("/")
        self._netloc = parts.netloc.rpartition("@")[2]
        self._patience_s = patience_s
        self.keep_alive = keep_alive
        self.own_addresses = False

    async def resolve(self) -> None:
        """Look the name up once: ten thousand routers behind one resolver would ask it no more often."""
        found = await asyncio.get_running_loop().getaddrinfo(self._host, self._port)
        self._address = str(found[0][4][0])

    async def ask(
        self, call: Call, agent: str, wire: Wire | None, *, slow: bool, index: int = 0
    ) -> tuple[Answer, Wire | None]:
        """The answer to the router of an index, and the connection if it can be used again.

        Raises ExchangeFailed when there is none.
        """
        request = self._request(call, agent)
        used: Wire | None = None
        try:
            async with asyncio.timeout(self._patience_s):
                used = wire if wire is not None and wire.open else await self._connect(index)
                if call.hang_up:
                    used.send(request)
                    await asyncio.sleep(0.005)
                    raise ExchangeFailed("hung up on purpose")
                answer = await used.ask(request, slow=slow)
        except (OSError, TimeoutError) as cause:
            _close(used)
            raise ExchangeFailed(str(cause) or type(cause).__name__) from cause
        except ExchangeFailed:
            _close(used)
            raise
        if self.keep_alive and answer.keeps:
            return answer, used
        _close(used)
        return answer, None

    async def _connect(self, index: int) -> Wire:
        loop = asyncio.get_running_loop()
        name = self._host if self._secure else None
        _, wire = await loop.create_connection(
            Wire, self._address, self._port, ssl=self._context, server_hostname=name,
            local_addr=(own_address(index), 0) if self.own_addresses else None,
        )  # fmt: skip
        return wire

    def _request(self, call: Call, agent: str) -> bytes:
        lines = [
            f"{call.method} {self._prefix}{call.path} HTTP/1.1",
            f"Host: {self._netloc}",
            f"User-Agent: RouterOS {agent}",
            "Accept: */*",
            "Accept-Encoding: deflate, gzip",
            f"Authorization: Bearer {call.credential}",
        ]
        if call.method == "POST":
            lines += [f"Content-Type: {call.media}", f"Content-Length: {len(call.body)}"]
        if not self.keep_alive:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode() + call.body


def _close(wire: Wire | None) -> None:
    if wire is not None:
        wire.close()


def _head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    first, *lines = head.split(b"\r\n")
    words = first.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():  # noqa: PLR2004 - status line
        raise ExchangeFailed("the answer is not HTTP/1.1")
    headers = {}
    for line in lines:
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip()
    return int(words[1]), headers


def _body(headers: dict[bytes, bytes], rest: memoryview, *, closed: bool) -> bytes | None:
    """The body when it is whole, None while more must come."""
    if headers.get(b"transfer-encoding", b"").lower() == b"chunked":
        return _chunks(bytes(rest))
    length = headers.get(b"content-length")
    if length is None:
        return bytes(rest) if closed else None
    if not length.isdigit():
        raise ExchangeFailed("the answer's length is not a number")
    size = int(length)
    return bytes(rest[:size]) if len(rest) >= size else None


def _chunks(data: bytes) -> bytes | None:
    parts: list[bytes] = []
    start = 0
    while (end := data.find(b"\r\n", start)) >= 0:
        try:
            size = int(data[start:end].partition(b";")[0], 16)
        except ValueError as cause:
            raise ExchangeFailed("a chunk's length is not a number") from cause
        if size == 0:
            return b"".join(parts)
        start = end + 2 + size + 2
        if len(data) < start:
            return None
        parts.append(data[end + 2 : end + 2 + size])
    return None


def _inflate(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(body, _MOST_BYTES)
    except zlib.error as cause:
        raise ExchangeFailed("the answer's compression is broken") from cause
