"""The smallest ASGI client: one request to one application, and its answer."""

from typing import Any

import msgspec

from tikfleet.httpkit.asgi import App, Message


class Reply(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


async def ask(app: App, method: str = "GET", path: str = "/api/v1/x", body: bytes = b"", **headers: str) -> Reply:
    """Names of headers are written with `_`; `query` and `client` are the scope's own."""
    query, client = headers.pop("query", ""), headers.pop("client", "192.0.2.1")
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": (client, 1234),
    }
    sent: list[Message] = []
    parts = [body[:3], body[3:]]

    async def receive() -> Message:
        part = parts.pop(0) if parts else b""
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]))
