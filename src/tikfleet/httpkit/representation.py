"""What every answer of the API has in common: field selection, entity tags, conditional requests."""

import hashlib
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from litestar import Request

from tikfleet.httpkit.asgi import Answer, App, Message, Receive, Scope, Send, header, respond, respond_problem
from tikfleet.kernel.errors import NotFound, TikfleetError

_OK: Final = 200


class FieldUnknown(NotFound):
    """`fields` names something that the answer does not have."""

    code = "fields.unknown"
    title = "There is no such field"
    remedy = "Name fields that the resource has, separated by commas."


class PreconditionFailed(TikfleetError):
    """The resource has changed since the caller read it; nothing was changed."""

    code = "precondition.failed"
    status = 412
    title = "The resource has changed meanwhile"
    remedy = "Read it again, look at what changed, and send the change with the new ETag."


def etag_of(body: bytes) -> str:
    """A strong entity tag of exactly these bytes."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def require_match(request: Request[Any, Any, Any], current: object) -> None:
    """Raise PreconditionFailed when the request's If-Match names another state than `current` (as GET shows it)."""
    wanted = request.headers.get("if-match")
    if not wanted or wanted.strip() == "*":
        return
    if etag_of(msgspec.json.encode(current)) not in _tags(wanted):
        raise PreconditionFailed("the resource is not in the state that If-Match names")


class Representation:
    """A layer over GET: `fields=a,b` keeps those, `ETag` names the bytes, `If-None-Match` may make it a 304."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        answer = Answer()
        held = False

        async def hold(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message["headers"])
                kind = answer.header(b"content-type")
                held = answer.status == _OK and kind.startswith(b"application/json")
            if not held:
                await send(message)
                return
            if message["type"] == "http.response.body":
                answer.body += message.get("body", b"")
                if not message.get("more_body"):
                    await _finish(scope, send, answer)

        await self._app(scope, receive, hold)


async def _finish(scope: Scope, send: Send, answer: Answer) -> None:
    wanted = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("fields", [""])[0]
    if wanted:
        try:
            answer.body = _select(answer.body, [name.strip() for name in wanted.split(",") if name.strip()])
        except FieldUnknown as error:
            await respond_problem(scope, send, error)
            return
    tag = etag_of(answer.body)
    dropped = (b"content-length", b"etag")
    headers = [pair for pair in answer.headers if pair[0].lower() not in dropped]
    headers += [(b"etag", tag.encode()), (b"cache-control", b"private, no-cache")]
    # RFC 9110 13.1.2: here the comparison is weak, since a proxy that compresses marks our tag as weak.
    known = {item.removeprefix("W/") for item in _tags(header(scope, b"if-none-match"))}
    if tag in known or "*" in known:
        await respond(send, 304, headers, b"")
        return
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await respond(send, _OK, headers, answer.body)


def _tags(text: str) -> set[str]:
    return {tag.strip() for tag in text.split(",")}


def _select(body: bytes, names: list[str]) -> bytes:
    value = msgspec.json.decode(body)
    if isinstance(value, dict) and isinstance(value.get("items"), list):
        value["items"] = [_pick(item, names) for item in value["items"]]
    elif isinstance(value, dict):
        value = _pick(value, names)
    return msgspec.json.encode(value)


def _pick(item: Any, names: list[str]) -> Any:
    if not isinstance(item, dict):
        return item
    for name in names:
        if name not in item:
            raise FieldUnknown(f"the resource has no field named {name!r}")
    return {name: item[name] for name in names}
