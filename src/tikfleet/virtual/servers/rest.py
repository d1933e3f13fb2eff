"""The REST server of one router: `/rest` over HTTP and HTTPS, as RouterOS 7 serves it.

There is none before 7.1beta4, and none over plain HTTP before 7.9; the port then answers nobody.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, unquote

from tikfleet.virtual.menus.profile import Profile
from tikfleet.virtual.menus.request import MISSING, Refused
from tikfleet.virtual.servers.rest_connection import HttpConnection, HttpReply, HttpRequest, Limits, refusal
from tikfleet.virtual.servers.rest_json import Body, MalformedJson, decoded, encoded
from tikfleet.virtual.servers.rest_logins import Login, Logins, SessionClosed, credentials
from tikfleet.virtual.servers.rest_resources import NO_ITEM, Outcome, Resources
from tikfleet.virtual.servers.router import Router

_FIRST: Final = "7.1beta4"
_FIRST_PLAIN: Final = "7.9"
# [unverified: the release from which errors of the console are 400 and no longer 406; 7.10 is known to say 400]
_FIRST_BAD_REQUEST: Final = "7.9"
_CHALLENGE: Final = (("WWW-Authenticate", 'Basic realm="RouterOS REST API"'),)
_PERMISSIONS: Final = ("not enough permissions", "std failure: not allowed")
_PREFIX: Final = "/rest"
_PAGE: Final = b"<!doctype html><html><head><title>RouterOS</title></head><body>RouterOS</body></html>"
_FORBIDDEN: Final = b"<html><head><title>Error 403: Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>"
_HTML: Final = "text/html"


def offered(profile: Profile, *, tls: bool) -> bool:
    """Whether the release has a REST server at all, with or without TLS."""
    return profile.at_least(_FIRST if tls else _FIRST_PLAIN)


@dataclass(frozen=True, slots=True)
class RestOptions:
    """How a server is reached. Without `tls` it is the service `www`, with it `www-ssl`.

    `admits` is `available-from` of the service: whom it does not let in loses the connection, and so does who comes
    when `most_sessions` (`max-sessions`) are open. `switched_on` is `rest-plain` or `rest-secure` of the web server:
    off, the answer is a page with 403.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)
    admits: Callable[[str], bool] = lambda address: True
    most_sessions: int = 20
    switched_on: Callable[[], bool] = lambda: True


class RestServer:
    """A listening server; `start` opens the port and `close` ends it with every connection."""

    def __init__(self, router: Router, options: RestOptions | None = None) -> None:
        self._router = router
        self._options = options or RestOptions()
        self._resources = Resources(router)
        self._logins = Logins(router)
        self._listener: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._commands: set[asyncio.Task[Outcome]] = set()
        self._scheme = "https" if self._options.tls else "http"

    @property
    def port(self) -> int:
        """The port that is open, or 0."""
        return int(self._listener.sockets[0].getsockname()[1]) if self._listener else 0

    async def start(self) -> None:
        """Listen, if the release has a REST server; otherwise the port stays closed."""
        options = self._options
        if offered(self._router.profile, tls=options.tls is not None):
            self._listener = await asyncio.start_server(self._connected, options.host, options.port, ssl=options.tls)

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        tasks = [*self._connections, *self._commands]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._logins.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        full = len(self._connections) >= self._options.most_sessions
        if full or not self._options.admits(str(peer[0]) if peer else ""):
            writer.transport.abort()
            return
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        await HttpConnection(reader, writer, self.answer, self._options.limits).serve()

    async def answer(self, request: HttpRequest) -> HttpReply:
        """The reply to any request that HTTP allows."""
        path, _, query = request.target.partition("?")
        if path != _PREFIX and not path.startswith(_PREFIX + "/"):
            return _page(path, request.method)
        if not self._options.switched_on():
            return HttpReply(HTTPStatus.FORBIDDEN, _FORBIDDEN, _HTML)
        if request.method == "OPTIONS":
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE)
        if request.method not in _SUCCESS:
            return refusal(HTTPStatus.NOT_IMPLEMENTED)
        try:
            return await self._authorized(request, path, query)
        except Refused as refused:
            return self._refused(refused)
        except MalformedJson:
            return refusal(HTTPStatus.BAD_REQUEST, "Failed to parse json")
        except SessionClosed:
            return refusal(HTTPStatus.BAD_REQUEST, "Session closed")

    async def _authorized(self, request: HttpRequest, path: str, query: str) -> HttpReply:
        given = credentials(request.headers.get("authorization", ""))
        if given is None:
            return refusal(HTTPStatus.UNAUTHORIZED, headers=_CHALLENGE)
        try:
            login = await self._logins.enter(*given, request.address)
        except Refused:
            return refusal(HTTPStatus.UNAUTHORIZED, headers=_CHALLENGE)
        if "api" not in login.caller.policies:
            raise Refused("std failure: not allowed (9)")
        if request.body and not _is_json(request.headers.get("content-type", "")):
            return refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        words = _words(path)
        body = decoded(request.body) if request.body else {}
        outcome = await self._commanded(login, request.method, words, query, body)
        return self._reply(request, outcome)

    async def _commanded(self, login: Login, method: str, words: list[str], query: str, body: Body) -> Outcome:
        """Run what a request asks for. It goes on if the client leaves, as a router's does."""
        filters = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        run = login.turn.run(self._options.limits.command_s, self._do, login, method, words, filters, body)
        task = asyncio.get_running_loop().create_task(run)
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)
        return await asyncio.shield(task)

    def _do(self, login: Login, method: str, words: Sequence[str], filters: dict[str, str], body: Body) -> Outcome:
        resources, caller = self._resources, login.caller
        match method:
            case "GET":
                return resources.get(caller, words, filters)
            case "PUT":
                return resources.put(caller, words, body)
            case "PATCH":
                return resources.patch(caller, words, body)
            case "DELETE":
                return resources.delete(caller, words)
            case _:
                return resources.post(caller, words, body)

    def _reply(self, request: HttpRequest, outcome: Outcome) -> HttpReply:
        status = _SUCCESS[request.method]
        if status == HTTPStatus.NO_CONTENT:
            return HttpReply(status)
        headers: tuple[tuple[str, str], ...] = ()
        if outcome.location:
            host = request.headers.get("host", self._options.host)
            headers = (("Location", f"{self._scheme}://{host}{_PREFIX}{outcome.location}"),)
        return HttpReply(status, encoded(outcome.value), headers=headers)

    def _refused(self, refused: Refused) -> HttpReply:
        if refused.message.startswith(NO_ITEM):
            return refusal(HTTPStatus.NOT_FOUND)
        if refused.message.startswith(_PERMISSIONS):
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR, refused.message)
        recent = self._router.profile.at_least(_FIRST_BAD_REQUEST)
        return refusal(HTTPStatus.BAD_REQUEST if recent else HTTPStatus.NOT_ACCEPTABLE, refused.message)


_SUCCESS: Final = {
    "GET": HTTPStatus.OK,
    "PUT": HTTPStatus.CREATED,
    "PATCH": HTTPStatus.OK,
    "DELETE": HTTPStatus.NO_CONTENT,
    "POST": HTTPStatus.OK,
}


def _page(path: str, method: str) -> HttpReply:
    """The rest of the web server: a front page, so that a check of health finds one."""
    if path in ("/", "/webfig", "/webfig/") and method in ("GET", "HEAD"):
        return HttpReply(HTTPStatus.OK, _PAGE, _HTML)
    return HttpReply(HTTPStatus.NOT_FOUND, b"<html><body><h1>404 Not Found</h1></body></html>", _HTML)


def _is_json(media: str) -> bool:
    return media.partition(";")[0].strip().lower() == "application/json"


def _words(path: str) -> list[str]:
    """The decoded parts of a path below `/rest`. An asterisk has to come as it is."""
    words: list[str] = []
    for part in path[len(_PREFIX) :].split("/"):
        if part[:3].upper() == "%2A":
            raise Refused("no such command prefix", MISSING)
        if part:
            words.append(unquote(part, errors="surrogateescape"))
    return words
