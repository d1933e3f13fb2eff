"""Requests passed on to another process of this machine, over its socket, and taken from there.

Whoever can open the socket is this user, so what such a request says of its sender is believed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx

from tikfleet.httpkit.asgi import App, Receive, Scope, Send, respond_problem
from tikfleet.kernel.errors import Unavailable

_SOURCE: Final = b"x-tikfleet-source"
_SCHEME: Final = b"x-tikfleet-scheme"
_OURS: Final = frozenset({_SOURCE, _SCHEME})
# Of one connection, so never passed on (RFC 9110, 7.6.1).
_HOP: Final = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
_CONNECT_S: Final = 5.0


class ApiAway(Unavailable):
    """The process that serves the API and the dashboard does not run."""

    code = "process.away"
    title = "This part of the platform is starting or stopped"
    remedy = "Try again after the time in Retry-After; if it stays, start `tikfleet api` on the same data directory."


class Passing:
    """An application that is another process. Bodies stream both ways; an event stream stays open."""

    def __init__(self, socket: Path) -> None:
        transport = httpx.AsyncHTTPTransport(uds=str(socket), retries=0, limits=httpx.Limits(max_connections=None))
        self._client = httpx.AsyncClient(
            transport=transport, timeout=httpx.Timeout(None, connect=_CONNECT_S), trust_env=False
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.Event()
        answering = asyncio.create_task(self._answer(scope, _body(receive, gone), send))
        leaving = asyncio.create_task(_watch(receive, gone))
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (leaving, answering):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answering

    async def _answer(self, scope: Scope, body: AsyncIterator[bytes], send: Send) -> None:
        path = scope.get("raw_path") or scope["path"].encode()
        url = httpx.URL("http://platform", raw_path=path.partition(b"?")[0] + _query(scope))
        request = self._client.build_request(scope["method"], url, headers=_headers(scope), content=body)
        began = False
        try:
            answer = await self._client.send(request, stream=True)
            try:
                headers = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in _HOP]
                await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
                began = True
                async for part in answer.aiter_raw():
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
            finally:
                await answer.aclose()
        except httpx.HTTPError as cause:
            if began:
                # What was begun can't be taken back: the sender sees that it ends early.
                raise ConnectionError("the process that answered went away") from cause
            await respond_problem(scope, send, ApiAway("the API does not answer", retry_after_s=5))


class PassedOn:
    """Takes what `Passing` sent: the sender's address and scheme are those of the first connection."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            said = {name: value.decode("latin-1") for name, value in scope["headers"] if name in _OURS}
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in _OURS]
            scope["client"] = (said.get(_SOURCE, ""), 0)
            scope["scheme"] = said.get(_SCHEME, "http")
            scope["tikfleet.passed"] = True
        await self._app(scope, receive, send)


def _headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    client = scope["client"]
    kept = [(name, value) for name, value in scope["headers"] if name not in _HOP and name not in _OURS]
    return [*kept, (_SOURCE, (client[0] if client else "").encode()), (_SCHEME, scope["scheme"].encode())]


def _query(scope: Scope) -> bytes:
    asked: bytes = scope.get("query_string", b"")
    return b"?" + asked if asked else b""


async def _body(receive: Receive, gone: asyncio.Event) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            break
    gone.set()


async def _watch(receive: Receive, read: asyncio.Event) -> None:
    """Ends when the sender goes away, which can be asked only after its body."""
    await read.wait()
    while (await receive())["type"] != "http.disconnect":
        continue
