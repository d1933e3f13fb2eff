"""The first turn of every request: routers to the agent's space, programs to the API, people to the dashboard."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from tikfleet.app.rest_door import RestDoor, leads_there
from tikfleet.httpkit.asgi import App, Receive, Scope, Send, respond
from tikfleet.httpkit.gateway import source_address
from tikfleet.httpkit.patience import Patience


class Edge:
    """Dispatches by path. The check-in path passes nothing else on its way."""

    def __init__(
        self,
        agent: App,
        api: App,
        health: App,
        pages: App,
        ca_pem: str,
        proxies: Sequence[IPv4Network | IPv6Network],
        ingest: App | None = None,
    ) -> None:
        """`ingest` takes lines that programs send; by default that is the API's business."""
        self._ingest = ingest or api
        self._agent = agent
        self._api = api
        self._rest = RestDoor(api)
        self._health = health
        self._pages = pages
        self._ca_pem = ca_pem.encode()
        self._proxies = proxies
        self._patience = Patience()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
            return
        receive = self._patience.over(receive)
        path = scope["path"]
        if path.startswith("/agent/"):
            if self._proxies:
                scope["tikfleet.source"] = source_address(scope, self._proxies)
            if path == "/agent/v1/ca.pem":
                await self._ca(send)
            else:
                await self._agent(scope, receive, send)
        elif path.startswith("/api/"):
            await self._api(scope, receive, send)
        elif path.startswith("/ingest/"):
            await self._ingest(scope, receive, send)
        elif leads_there(path):
            await self._rest(scope, receive, send)
        elif path in {"/healthz", "/readyz", "/metrics"}:
            scope["tikfleet.source"] = source_address(scope, self._proxies)
            await self._health(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    async def _ca(self, send: Send) -> None:
        kind = [(b"content-type", b"application/x-pem-file")]
        status = 200 if self._ca_pem else 404
        await respond(send, status, kind, self._ca_pem or b"The server has a public certificate.\n")

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The platform is built before it is served, so there is nothing to do."""
        if scope["type"] != "lifespan":
            return
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
