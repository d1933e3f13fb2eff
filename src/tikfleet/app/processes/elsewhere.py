"""Health and metrics of the other processes, through the one that is asked: `/metrics?process=edge-1`."""

from urllib.parse import parse_qs

from tikfleet.app.processes.passing import Passing
from tikfleet.app.processes.place import NAME, socket_of
from tikfleet.app.settings import Settings
from tikfleet.httpkit.asgi import App, Receive, Scope, Send, respond_problem
from tikfleet.kernel.errors import NotFound

_MAX_NAMES = 300
_LIVE = "/agent/v1/live"


class Elsewhere:
    """Wraps the pages of health. Without `process` they are this process's own."""

    def __init__(self, own: App, settings: Settings) -> None:
        self._own = own
        self._settings = settings
        self._others: dict[str, Passing] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("process", [])
        if not asked or scope.get("tikfleet.passed"):
            await self._own(scope, receive, send)
            return
        other = self._other(asked[0])
        if other is None:
            await respond_problem(scope, send, NotFound("there is no process of that name on this data directory"))
        else:
            await other({**scope, "query_string": b""}, receive, send)

    def _other(self, name: str) -> Passing | None:
        if not NAME.fullmatch(name) or not socket_of(self._settings, name).exists():
            return None
        if name not in self._others:
            if len(self._others) >= _MAX_NAMES:
                self._others.clear()
            self._others[name] = Passing(socket_of(self._settings, name))
        return self._others[name]


class ToApi:
    """What an edge does not answer itself; `/metrics` that come from outside are the main process's."""

    def __init__(self, own: App, api: App) -> None:
        self._own = own
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        here = scope.get("tikfleet.passed") or (scope["path"] != "/metrics" and not scope.get("query_string"))
        await (self._own if here else self._api)(scope, receive, send)


class LiveElsewhere:
    """Held requests of routers, passed on: questions and answers meet in the one process that serves the API.

    A router's next request may come to any edge, so an edge that held them would wait for answers that others get.
    """

    def __init__(self, agent: App, api: App) -> None:
        self._agent = agent
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._api if scope["path"] == _LIVE else self._agent)(scope, receive, send)
