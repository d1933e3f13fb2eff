"""The public API in memory, as far as the CLI needs it: an ASGI application, and a way to it without a socket."""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx

TOKEN = "tft_" + "t" * 49
Answer = tuple[int, Any]


def device(number: int, **more: Any) -> dict[str, Any]:
    """A device as the API shows one."""
    return {
        "id": f"dev_{number:016d}",
        "name": f"router-{number}",
        "identity": f"router-{number}",
        "status": "online",
        "serial": f"SERIAL{number}",
        "model": "RB5009UG+S+",
        "version": "7.22.3",
        "site": {"id": "sit_0000000000000001", "name": "Riga"},
        "tags": ["core"],
        "cpu_load": 12.0,
        "rx_bps": 12_500_000.0,
        "last_seen_at": "2026-11-23T04:20:11.000Z",
        **more,
    }


class Stub:
    """An ASGI application. `requests` holds (method, path, query, body) of all that was asked."""

    def __init__(self) -> None:
        self.devices = [device(n) for n in range(1, 4)]
        self.requests: list[tuple[str, str, dict[str, list[str]], Any]] = []
        self.authorizations: list[str] = []
        self.jobs: list[dict[str, Any]] = []
        self.stream = ""
        self.attempts: list[dict[str, Any]] = []
        self.answers: dict[tuple[str, str], Answer] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive()).get("body", b"")
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode())
        path = scope["path"].removeprefix("/api/v1")
        self.requests.append((scope["method"], path, query, json.loads(body) if body else None))
        self.authorizations.append(headers.get("authorization", ""))
        status, answer = self._answer(scope["method"], path, query, json.loads(body) if body else {}, headers)
        kind = b"application/problem+json" if status >= 400 else b"application/json"
        if isinstance(answer, str):
            content, kind = answer.encode(), b"text/plain"
        else:
            content = b"" if answer is None else json.dumps(answer).encode()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": content})

    def asked(self, method: str, path: str) -> list[Any]:
        """The bodies, or the queries of a GET, that came for a path."""
        return [body if method != "GET" else query for m, p, query, body in self.requests if (m, p) == (method, path)]

    def _answer(
        self, method: str, path: str, query: dict[str, list[str]], body: Any, headers: dict[str, str]
    ) -> Answer:
        if (method, path) in self.answers:
            return self.answers[method, path]
        signed_in = headers.get("authorization") == f"Bearer {TOKEN}" or headers.get("x-csrf-token") == "csrf"
        if not signed_in and (method, path) != ("POST", "/session"):
            return 401, problem(401, "session.required", "no valid credential came with the request")
        handlers: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "/server"): lambda: (200, {"version": "0.1.0"}),
            ("GET", "/organisations"): lambda: (200, {"items": [{"id": "org_1", "name": "Acme"}]}),
            ("POST", "/session"): lambda: (200, {"csrf_token": "csrf", "permissions": ["devices:read"]}),
            ("DELETE", "/session"): lambda: (204, None),
            ("POST", "/tokens"): lambda: (201, {"id": "tok_1", "secret": TOKEN, **body}),
            ("GET", "/devices"): lambda: (200, self._page(self._matching(query), query)),
            ("GET", "/sites"): lambda: (200, {"items": [{"id": "sit_0000000000000001", "name": "Riga"}]}),
            ("POST", "/sites"): lambda: (201, {"id": "sit_0000000000000002", **body}),
            ("GET", "/jobs"): lambda: (200, {"items": self.jobs}),
            ("POST", "/jobs"): lambda: (201, {"batch_id": "bat_1", "count": len(self.jobs), "items": self.jobs}),
            ("GET", "/enrolments"): lambda: (200, {"items": self.attempts}),
            ("GET", "/events/stream"): lambda: (200, self.stream),
            ("GET", "/audit"): lambda: (200, {"items": []}),
        }
        handler = handlers.get((method, path))
        return handler() if handler else self._one(method, path, body)

    def _one(self, method: str, path: str, body: Any) -> Answer:
        match = re.fullmatch(r"/devices/(dev_\w+)(/.*)?", path)
        found = next((d for d in self.devices if match and d["id"] == match[1]), None)
        if match and found is None:
            return 404, problem(404, "device.not-found", "there is no such device")
        if match and match[2] == "/interfaces":
            return 200, {"items": [{"name": "ether1", "type": "ether", "running": True, "rx_bps": 1e6}]}
        if found is not None and method == "PATCH":
            found.update(body)
        if found is not None:
            return (202 if method == "DELETE" else 200), found
        return (204, None) if method == "DELETE" else (404, problem(404, "not-found", "there is no such thing"))

    def _matching(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        text = query.get("q", [""])[0].casefold()
        wanted = query.get("status", [])
        return [d for d in self.devices if text in json.dumps(d).casefold() and (not wanted or d["status"] in wanted)]

    @staticmethod
    def _page(items: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        start, limit = int(query.get("cursor", ["0"])[0]), int(query["limit"][0])
        end = start + limit
        return {"items": items[start:end], "next_cursor": str(end) if end < len(items) else None, "total": len(items)}


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    return {"title": "T", "status": status, "code": code, "detail": detail, "remedy": "Do this.", "errors": [], **more}


class InProcess(httpx.BaseTransport):
    """Asks an ASGI application in this process."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        async def ask() -> httpx.Response:
            content = request.read()
            sent = httpx.Request(request.method, request.url, headers=request.headers, content=content)
            answer = await httpx.ASGITransport(self._app).handle_async_request(sent)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return asyncio.run(ask())
