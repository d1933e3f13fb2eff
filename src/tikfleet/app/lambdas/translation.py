"""Events of a load balancer or a function's own address as ASGI, and the answer back.

(Lambda Developer Guide: "Using Lambda with an Application Load Balancer"; "Function URLs", payload format 2.0.) An
answer is given whole: the Python runtime streams none, so what streams belongs to the container beside the functions.
"""

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, unquote_plus, urlencode

from tikfleet.httpkit.asgi import App

_HELD_S: Final = 3600.0


class Answer:
    """What an application says, gathered."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[str, str]] = []
        self.body = bytearray()

    async def send(self, message: Mapping[str, Any]) -> None:
        """ASGI's `send`."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            self.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


async def answered(app: App, event: Mapping[str, Any]) -> dict[str, Any]:
    """The event of one request, answered as its sender wants it. Raises ValueError for an event of another kind."""
    if "requestContext" not in event:
        raise ValueError("the event is no request")
    by_balancer = "elb" in event["requestContext"]
    scope = _balancer_scope(event) if by_balancer else _address_scope(event)
    body = event.get("body") or ""
    content = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    parts = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if parts:
            return parts.pop()
        # Nobody leaves before the answer.
        await asyncio.sleep(_HELD_S)
        return {"type": "http.disconnect"}

    answer = Answer()
    await app(scope, receive, answer.send)
    return _balancer_answer(event, answer) if by_balancer else _address_answer(answer)


def _balancer_scope(event: Mapping[str, Any]) -> dict[str, Any]:
    headers = _pairs(event, "headers", "multiValueHeaders")
    queries = _pairs(event, "queryStringParameters", "multiValueQueryStringParameters")
    # A balancer gives queries as they were sent, or decoded, as its target group says: encode them once.
    query = urlencode([(unquote_plus(name), unquote_plus(value)) for name, value in queries])
    named = {name.lower(): value for name, value in headers}
    # The balancer adds the address it sees at the end; what stands before it anybody may have written.
    client = named.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return _scope(event["httpMethod"], event["path"], query, headers, (client, named.get("x-forwarded-proto", "https")))


def _address_scope(event: Mapping[str, Any]) -> dict[str, Any]:
    http = event["requestContext"]["http"]
    headers = list(event.get("headers", {}).items())
    if cookies := event.get("cookies"):
        headers.append(("cookie", "; ".join(cookies)))
    query = event.get("rawQueryString", "")
    return _scope(http["method"], event.get("rawPath", "/"), query, headers, (http.get("sourceIp", ""), "https"))


def _scope(
    method: str, path: str, query: str, headers: list[tuple[str, str]], sender: tuple[str, str]
) -> dict[str, Any]:
    client, scheme = sender
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers],
        "client": (client, 0) if client else None,
        "server": ("function", 443),
    }


def _pairs(event: Mapping[str, Any], single: str, several: str) -> list[tuple[str, str]]:
    if event.get(several):
        return [(name, value) for name, values in event[several].items() for value in values]
    return list((event.get(single) or {}).items())


def _body(answer: Answer) -> dict[str, Any]:
    try:
        return {"body": answer.body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(answer.body).decode(), "isBase64Encoded": True}


def _balancer_answer(event: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    given: dict[str, Any] = {"statusCode": answer.status, **_body(answer)}
    if event.get("multiValueHeaders"):
        several: dict[str, list[str]] = {}
        for name, value in answer.headers:
            several.setdefault(name, []).append(value)
        return given | {"multiValueHeaders": several}
    return given | {"headers": dict(answer.headers)}


def _address_answer(answer: Answer) -> dict[str, Any]:
    plain = {name: value for name, value in answer.headers if name != "set-cookie"}
    cookies = [value for name, value in answer.headers if name == "set-cookie"]
    return {"statusCode": answer.status, "headers": plain, "cookies": cookies, **_body(answer)}
