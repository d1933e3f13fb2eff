"""The public API as the CLI uses it: requests, pages, event streams, and problems as failures."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import httpx
import msgspec

from tikfleet.cli.failures import UNAVAILABLE, USAGE, Failure, exit_code_of

Document: TypeAlias = dict[str, Any]
Query: TypeAlias = Mapping[str, object]

_PAGE: Final = 200
_PATIENCE_S: Final = 30.0
_JSON: Final = "application/json"


class Api:
    """One server. Every method raises `Failure` when the answer is not a success or none came."""

    def __init__(self, url: str, token: str = "", ca: str = "", transport: httpx.BaseTransport | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise Failure(f"{url!r} is not an http or https address", USAGE)
        headers = {"Accept": _JSON, "User-Agent": "tikfleet-cli"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.url = url.rstrip("/")
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers=headers,
            timeout=_PATIENCE_S,
            transport=transport,
            verify=_trust(ca),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, path: str, query: Query | None = None) -> Document:
        return self._document(self._send("GET", path, query=query))

    def post(self, path: str, body: Document | None = None, headers: Mapping[str, str] | None = None) -> Document:
        return self._document(self._send("POST", path, body=body, headers=headers))

    def patch(self, path: str, body: Document) -> Document:
        return self._document(self._send("PATCH", path, body=body))

    def delete(self, path: str, query: Query | None = None, headers: Mapping[str, str] | None = None) -> Document:
        return self._document(self._send("DELETE", path, query=query, headers=headers))

    def text(self, path: str) -> str:
        """An answer that is text and not a document."""
        return self._send("GET", path).text

    def pages(self, path: str, query: Query, limit: int) -> Iterator[Document]:
        """The items of a collection, page after page, until `limit` of them (0 for all)."""
        cursor: str | None = None
        left = limit or None
        while True:
            size = _PAGE if left is None else min(_PAGE, left)
            page = self.get(path, {**query, "limit": size, "cursor": cursor})
            items: Sequence[Document] = page.get("items", [])
            yield from items[:left]
            left = None if left is None else left - len(items)
            cursor = page.get("next_cursor")
            if not cursor or not items or (left is not None and left <= 0):
                return

    def events(self, path: str) -> Iterator[tuple[str, Document]]:
        """Server-sent events as (kind, data), until the server ends the stream."""
        kind, data = "message", ""
        for line in self._streamed("GET", path, {"Accept": "text/event-stream"}):
            name, _, value = line.partition(":")
            if not line:
                if data:
                    yield kind, _decoded(data.encode())
                kind, data = "message", ""
            elif name == "event":
                kind = value.strip()
            elif name == "data":
                data += value.removeprefix(" ")

    def lines(self, path: str, body: Document) -> Iterator[Document]:
        """What is answered to a question a document at a time, as it comes."""
        headers = {"Accept": "application/x-ndjson", "Content-Type": _JSON}
        for line in self._streamed("POST", path, headers, msgspec.json.encode(body)):
            yield _decoded(line.encode())

    def _streamed(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Iterator[str]:
        try:
            with self._client.stream(
                method, path.lstrip("/"), headers=headers, content=content, timeout=_endless()
            ) as answer:
                if not answer.is_success:
                    answer.read()
                    raise problem(answer)
                yield from answer.iter_lines()
        except httpx.HTTPError as cause:
            raise _unreachable(self.url, cause) from cause

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Document | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        content = None if body is None else msgspec.json.encode(body)
        sent = {**(headers or {}), **({"Content-Type": _JSON} if body is not None else {})}
        try:
            answer = self._client.request(
                method, path.lstrip("/"), params=_params(query or {}), content=content, headers=sent
            )
        except (httpx.HTTPError, httpx.InvalidURL) as cause:
            raise _unreachable(self.url, cause) from cause
        if not answer.is_success:
            raise problem(answer)
        return answer

    @staticmethod
    def _document(answer: httpx.Response) -> Document:
        return _decoded(answer.content) if answer.content.strip() else {}


def problem(answer: httpx.Response) -> Failure:
    """The failure that a problem document (RFC 9457) describes."""
    try:
        found = msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.MsgspecError:
        found = {}
    sentence = str(found.get("detail") or found.get("title") or f"the server answered {answer.status_code}")
    remedy = str(found.get("remedy") or "")
    wait = answer.headers.get("Retry-After", "")
    if wait:
        remedy = f"{remedy} (Retry-After: {wait} s)".strip()
    notes = [f"{item.get('pointer', '')}: {item.get('message', '')}" for item in found.get("errors") or []]
    return Failure(
        sentence, exit_code_of(answer.status_code), remedy=remedy, code=str(found.get("code") or ""), notes=notes
    )


def _params(query: Query) -> httpx.QueryParams:
    """Query parameters; lists repeat, what is empty is left out."""
    pairs: list[tuple[str, str | int | float | bool | None]] = []
    for name, value in query.items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs += [(name, str(item)) for item in values if item is not None and item != ""]
    return httpx.QueryParams(pairs)


def _decoded(content: bytes) -> Document:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.MsgspecError as cause:
        raise Failure(
            "the answer is not what the API promises",
            UNAVAILABLE,
            remedy="Check that the address is that of a Tikfleet server.",
        ) from cause


def _unreachable(url: str, cause: Exception) -> Failure:
    reason = str(cause) or type(cause).__name__
    remedy = "Check the address and the network."
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        remedy = "Sign in with `--ca FILE`, the certificate of a server that has no public one."
    return Failure(f"{url} cannot be reached: {reason}", UNAVAILABLE, remedy=remedy)


def _trust(ca: str) -> ssl.SSLContext | bool:
    if not ca:
        return True
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as cause:
        raise Failure(f"{ca} cannot be read as certificates: {cause}", USAGE) from cause


def _endless() -> httpx.Timeout:
    """No limit between events: the server says that it lives now and then, and a person ends the command."""
    return httpx.Timeout(_PATIENCE_S, read=None)
