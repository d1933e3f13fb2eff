"""The binary API of one virtual router: the services `api` (8728) and, with TLS, `api-ssl` (8729)."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from tikfleet.virtual.servers.api_commands import Paths
from tikfleet.virtual.servers.api_connection import ApiConnection, Bounds
from tikfleet.virtual.servers.api_logins import Passwords
from tikfleet.virtual.servers.router import Router


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """How a server is reached.

    `admits` is `available-from` of the service: whom it does not let in loses the connection, as does whoever comes
    when `most_sessions` are there. `passwords` gives the clear password of a user, for clients from before 6.43: with
    it a `/login` without a name is answered by a challenge, without it nobody is challenged.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: ssl.SSLContext | None = None
    bounds: Bounds = field(default_factory=Bounds)
    most_sessions: int = 20
    passwords: Passwords | None = None
    admits: Callable[[str], bool] = lambda address: True


class ApiServer:
    """A listening server; `start` opens the port and `close` ends it with every connection."""

    def __init__(self, router: Router, options: ApiOptions | None = None) -> None:
        self._router = router
        self._options = options or ApiOptions()
        self._paths = Paths(router)
        self._listener: asyncio.Server | None = None
        self._connections: set[ApiConnection] = set()
        self._none_left = asyncio.Event()

    @property
    def port(self) -> int:
        """The port that is open, or 0."""
        return int(self._listener.sockets[0].getsockname()[1]) if self._listener else 0

    @property
    def sessions(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        options = self._options
        self._listener = await loop.create_server(self._connected, options.host, options.port, ssl=options.tls)

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for connection in list(self._connections):
            connection.abort()
        while self._connections:
            self._none_left.clear()
            await self._none_left.wait()

    def _connected(self) -> asyncio.Protocol:
        return _Door(self._router, self._paths, self._options, self._connections, self._left)

    def _left(self, connection: ApiConnection) -> None:
        self._connections.discard(connection)
        self._none_left.set()


class _Door(ApiConnection):
    """A connection that is turned away when it may not come in."""

    def __init__(
        self, router: Router, paths: Paths, options: ApiOptions, inside: set[ApiConnection],
        ended: Callable[[ApiConnection], None],
    ) -> None:  # fmt: skip
        super().__init__(router, paths, options.bounds, options.passwords, ended)
        self._options = options
        self._inside = inside

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        full = len(self._inside) >= self._options.most_sessions
        if full or not self._options.admits(str(peer[0]) if peer else ""):
            self.abort()
        else:
            self._inside.add(self)
