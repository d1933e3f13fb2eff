"""One HTTP/1.1 connection: bytes to whole requests and back, within limits of size and time.

A client that sends too much gets 413 or 431, one that sends nonsense 400, and one that is slow loses the connection.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Final, TypeAlias

import h11

from tikfleet.virtual.servers.rest_json import encoded

_CHUNK_BYTES: Final = 16_384
_MOST_DRAINED_BYTES: Final = 16 << 20
_DRAIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may send, and how long it may take.

    Only `command_s` is documented, the rest is [unverified]. `idle_s` is between requests, `arrival_s` for a whole
    request from its first byte, `command_s` for the command.
    """

    header_bytes: int = 16_384
    body_bytes: int = 102_400
    idle_s: float = 60.0
    arrival_s: float = 30.0
    command_s: float = 60.0


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`target` as it was sent, still encoded; names of headers in lower case, the last of equal ones."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    address: str


@dataclass(frozen=True, slots=True)
class HttpReply:
    status: int
    body: bytes = b""
    media: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


Handler: TypeAlias = Callable[[HttpRequest], Awaitable[HttpReply]]


class Unacceptable(Exception):
    """A request is refused before anybody reads it; the connection ends with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(HTTPStatus(status).phrase)
        self.status = status


def refusal(status: int, detail: str = "", headers: tuple[tuple[str, str], ...] = ()) -> HttpReply:
    """The error object of the REST server."""
    error = {"error": status, "message": HTTPStatus(status).phrase}
    return HttpReply(status, encoded(error | {"detail": detail} if detail else error), headers=headers)


class HttpConnection:
    """Serves requests one after the other until the client ends, errs or falls silent."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, limits: Limits
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._limits = limits
        peer = writer.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.header_bytes)

    async def serve(self) -> None:
        try:
            while await self._exchange():
                self._http.start_next_cycle()
        except (ConnectionError, TimeoutError):
            return
        except Unacceptable as fault:
            await self._turn_away(fault.status)
        except h11.RemoteProtocolError as fault:
            await self._turn_away(fault.error_status_hint)
        except Exception as fault:
            # A mistake of ours: the client hears of it at once, and the loop's handler hears what it was:
            # some releases of Python 3.11 tell nobody what the task of a connection raised.
            await self._turn_away(HTTPStatus.INTERNAL_SERVER_ERROR)
            report = {"message": "a request to a virtual router failed", "exception": fault}
            asyncio.get_running_loop().call_exception_handler(report)
        finally:
            self._writer.close()

    async def _exchange(self) -> bool:
        """One request and its reply; whether the connection goes on."""
        request = await self._request()
        if request is None:
            return False
        await self._send(await self._handler(request), request.method)
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _request(self) -> HttpRequest | None:
        async with asyncio.timeout(self._limits.idle_s) as patience:
            head = await self._event(patience)
            if not isinstance(head, h11.Request):
                return None
            body = await self._body(patience)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        method, target = head.method.decode("latin-1"), head.target.decode("latin-1")
        return HttpRequest(method, target, headers, body, self._address)

    async def _body(self, patience: asyncio.Timeout) -> bytes:
        if self._http.they_are_waiting_for_100_continue:
            await self._write(h11.InformationalResponse(status_code=100, headers=[]))
        pieces: list[bytes] = []
        size_bytes = 0
        while isinstance(event := await self._event(patience), h11.Data):
            size_bytes += len(event.data)
            if size_bytes > self._limits.body_bytes:
                raise Unacceptable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            pieces.append(bytes(event.data))
        return b"".join(pieces)

    async def _event(self, patience: asyncio.Timeout) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            waiting = self._http.their_state is h11.IDLE and not self._http.trailing_data[0]
            data = await self._reader.read(_CHUNK_BYTES)
            if waiting and data:
                patience.reschedule(asyncio.get_running_loop().time() + self._limits.arrival_s)
            self._http.receive_data(data)
        return event

    async def _send(self, reply: HttpReply, method: str) -> None:
        headers = [("Date", formatdate(usegmt=True)), ("Cache-Control", "no-cache"), *reply.headers]
        if reply.status != HTTPStatus.NO_CONTENT:
            headers += [("Content-Type", reply.media), ("Content-Length", str(len(reply.body)))]
        # A connection that the client wants to end is closed after the reply, which h11 tells by itself.
        start = h11.Response(status_code=reply.status, headers=headers, reason=HTTPStatus(reply.status).phrase)
        parts = [self._http.send(start)]
        if reply.body and method != "HEAD":
            parts.append(self._http.send(h11.Data(data=reply.body)))
        parts.append(self._http.send(h11.EndOfMessage()))
        self._writer.write(b"".join(part for part in parts if part))
        async with asyncio.timeout(self._limits.arrival_s):
            await self._writer.drain()

    async def _write(self, event: h11.InformationalResponse) -> None:
        self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    async def _turn_away(self, status: int) -> None:
        """A last reply; what is still on its way is read and dropped, or the client would never see the reply."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        reply = refusal(status, headers=(("Connection", "close"),))
        with contextlib.suppress(ConnectionError, TimeoutError, h11.LocalProtocolError):
            await self._send(reply, "GET")
            if self._writer.can_write_eof():
                self._writer.write_eof()
            async with asyncio.timeout(_DRAIN_S):
                left_bytes = _MOST_DRAINED_BYTES
                while left_bytes > 0 and (data := await self._reader.read(_CHUNK_BYTES)):
                    left_bytes -= len(data)
