"""The few ASGI words that our layers share. A layer wraps an application and is one; nothing here knows a framework."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import msgspec

from tikfleet.httpkit.problems import PROBLEM_TYPE, problem_of
from tikfleet.kernel.errors import TikfleetError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


class BodyTooLarge(TikfleetError):
    """The body is over what this address takes; it was not read to its end."""

    code = "request.too-large"
    status = 413
    title = "The request is too large"
    remedy = "Send less at a time."


def header(scope: Scope, name: bytes) -> str:
    """The first header of that (lower-case) name, or nothing."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return ""


def has_header(scope: Scope, name: bytes) -> bool:
    """Whether a header of that (lower-case) name came at all, empty or not."""
    return any(key == name for key, _ in scope["headers"])


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is over `limit` bytes."""
    message = await receive()
    body = message.get("body", b"")
    if len(body) <= limit and not message.get("more_body"):
        return bytes(body)
    parts = [body]
    size = len(body)
    while message.get("more_body"):
        if size > limit:
            raise BodyTooLarge(f"the body is over {limit} bytes")
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if size > limit:
        raise BodyTooLarge(f"the body is over {limit} bytes")
    return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read already, then whatever the real one gives."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def respond(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """One whole answer."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


async def respond_problem(scope: Scope, send: Send, error: TikfleetError) -> None:
    """One of our errors as a problem document, for layers outside the framework."""
    headers = [(b"content-type", PROBLEM_TYPE.encode())]
    if error.retry_after_s is not None:
        headers.append((b"retry-after", str(max(1, round(error.retry_after_s))).encode()))
    if error.status == 401:  # noqa: PLR2004 - RFC 9110: a 401 names the scheme
        headers.append((b"www-authenticate", b'Bearer realm="tikfleet"'))
    await respond(send, error.status, headers, msgspec.json.encode(problem_of(error, scope["path"])))


class Answer(msgspec.Struct):
    """An answer held back until it is whole."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = []
    body: bytes = b""

    def header(self, name: bytes) -> bytes:
        """The first header of that (lower-case) name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), b"")
