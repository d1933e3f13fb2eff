"""`Idempotency-Key` on every write: the second request of the same key gets the first one's answer."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import msgspec

from tikfleet.httpkit.asgi import (
    Answer,
    App,
    Message,
    Receive,
    Scope,
    Send,
    has_header,
    header,
    read_body,
    replay,
    respond,
    respond_problem,
)
from tikfleet.kernel.errors import Conflict, Invalid, TikfleetError

_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_KEY: Final = 200
KEY_PATTERN: Final = "^[A-Za-z0-9._~-]+$"
_KEY: Final = re.compile(r"[A-Za-z0-9._~-]{1,200}")
KEPT_S: Final = 86_400
_SERVER_ERROR: Final = 500
_FLOWING: Final = frozenset({b"application/x-ndjson", b"text/event-stream"})


class IdempotencyInProgress(Conflict):
    """The first request of this key has not been answered yet."""

    code = "idempotency.in-progress"
    title = "The first request of this key is still at work"
    remedy = "Wait a moment and send the same request again."


class IdempotencyReused(Conflict):
    """The key was used for another request."""

    code = "idempotency.reused"
    title = "The key was used for another request"
    remedy = "Use a fresh Idempotency-Key for each different request."


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """A first request (by the hash of what it asked) and its answer; `status` 0 while it is at work."""

    request: bytes
    status: int = 0
    headers: list[tuple[bytes, bytes]] = []
    body: bytes = b""


class IdempotencyStore(Protocol):
    """Remembers answers for a day, sealed, since an answer may hold a secret."""

    async def begin(self, key: str, fresh: Remembered) -> Remembered | None:
        """Claim a key: None when it is ours now, otherwise what stands under it."""
        ...

    async def finish(self, key: str, answer: Remembered) -> None: ...

    async def abandon(self, key: str) -> None:
        """Forget a claim whose request failed, so that it may be tried again."""
        ...


class Idempotency:
    """The layer. A key counts for one credential, method and path: nobody can read another's answer."""

    def __init__(
        self,
        app: App,
        store: IdempotencyStore,
        credential_of: Callable[[Scope], str],
        max_body: int,
        still_known: Callable[[Scope], Awaitable[bool]],
    ) -> None:
        """`still_known` says whether the request's credential is valid now: a revoked one gets no answer again."""
        self._app = app
        self._store = store
        self._credential_of = credential_of
        self._max_body = max_body
        self._still_known = still_known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in _UNSAFE or not has_header(scope, b"idempotency-key"):
            await self._app(scope, receive, send)
            return
        sent = header(scope, b"idempotency-key")
        if _KEY.fullmatch(sent) is None:
            error = Invalid(f"an Idempotency-Key is 1 to {MAX_KEY} letters, digits and . _ ~ -")
            await respond_problem(scope, send, error)
            return
        credential = self._credential_of(scope)
        if not credential:
            await self._app(scope, receive, send)
            return
        try:
            body = await read_body(receive, self._max_body)
            named = f"{credential}\n{scope['method']} {scope['path']}\n{sent}"
            key = hashlib.sha256(named.encode()).hexdigest()
            asked = hashlib.sha256(bytes(scope["query_string"]) + b"\n" + body)
            first = await self._store.begin(key, Remembered(asked.digest()))
            if first is not None and await self._still_known(scope):
                await _again(first, asked.digest(), send)
                return
        except TikfleetError as error:
            await respond_problem(scope, send, error)
            return
        if first is not None:
            # The application refuses what came with a credential that is not valid any more.
            await self._app(scope, replay(body, receive), send)
            return
        await self._first(scope, replay(body, receive), send, key, asked.digest())

    async def _first(self, scope: Scope, receive: Receive, send: Send, key: str, asked: bytes) -> None:
        answer = Answer()
        flows = False

        async def copy(message: Message) -> None:
            nonlocal flows
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message["headers"])
                # What flows only reads, and may be long: asking again asks again.
                flows = answer.header(b"content-type").partition(b";")[0] in _FLOWING
            elif message["type"] == "http.response.body":
                answer.body += b"" if flows else message.get("body", b"")
                if flows:
                    await self._store.abandon(key)
                elif not message.get("more_body"):
                    await self._remember(key, asked, answer)
            await send(message)

        try:
            await self._app(scope, receive, copy)
        except BaseException:
            await self._store.abandon(key)
            raise

    async def _remember(self, key: str, asked: bytes, answer: Answer) -> None:
        # What failed on our side, or for want of a credential, may be tried again with the same key.
        if answer.status >= _SERVER_ERROR or answer.status in (401, 429):
            await self._store.abandon(key)
        else:
            await self._store.finish(key, Remembered(asked, answer.status, answer.headers, answer.body))


async def _again(first: Remembered, asked: bytes, send: Send) -> None:
    if first.request != asked:
        raise IdempotencyReused("this Idempotency-Key belongs to another request")
    if not first.status:
        raise IdempotencyInProgress("the first request with this Idempotency-Key is not answered yet")
    headers = [(bytes(name), bytes(value)) for name, value in first.headers]
    await respond(send, first.status, [*headers, (b"idempotency-replayed", b"true")], first.body)
