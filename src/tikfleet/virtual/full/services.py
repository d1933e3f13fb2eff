"""The servers of one router, opened and closed as its `/ip/service` says."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final, Protocol

from tikfleet.virtual.full.tls import server_context
from tikfleet.virtual.menus.engine import Menus
from tikfleet.virtual.menus.request import Row
from tikfleet.virtual.servers.api import ApiOptions, ApiServer
from tikfleet.virtual.servers.rest import RestOptions, RestServer
from tikfleet.virtual.servers.router import Router
from tikfleet.virtual.servers.ssh import SshOptions, SshServer, new_host_key

SERVICE: Final = "/ip/service"
_SSH: Final = "/ip/ssh"


class _Server(Protocol):
    @property
    def port(self) -> int: ...

    async def start(self) -> None: ...

    async def close(self) -> None: ...


class _Serving(Router, Protocol):
    @property
    def menus(self) -> Menus: ...


@dataclass(frozen=True, slots=True)
class Doors:
    """The machine's ports that stand for a router's services: 0 is any free one, `None` keeps a service closed.

    A router believes that it listens on the ports of its `/ip/service`; many share one machine, so these differ.
    """

    host: str = "127.0.0.1"
    api: int | None = None
    api_ssl: int | None = None
    www: int | None = None
    www_ssl: int | None = None
    ssh: int | None = None

    def wanted(self) -> dict[str, int]:
        """The port of each service that has one, by RouterOS's name of the service."""
        ports = {"api": self.api, "api-ssl": self.api_ssl, "www": self.www, "www-ssl": self.www_ssl, "ssh": self.ssh}
        return {name: port for name, port in ports.items() if port is not None}


class Services:
    """Servers by name; a service that is disabled is closed at once, and one that is enabled opens."""

    def __init__(self, router: _Serving, doors: Doors) -> None:
        self._router = router
        self._host = doors.host
        self._wanted = doors.wanted()
        self._open: dict[str, _Server] = {}
        self._host_key = ""
        self._following: Callable[[], None] | None = None
        self._turn = asyncio.Lock()
        self._change: asyncio.Task[None] | None = None

    @property
    def ports(self) -> dict[str, int]:
        """The port of each service that listens now, by its name."""
        return {name: server.port for name, server in self._open.items() if server.port}

    @property
    def wanted(self) -> frozenset[str]:
        """The services that have a port, whether they listen or not."""
        return frozenset(self._wanted)

    async def open(self) -> None:
        """Listen. Raises `OSError` for a port that is taken."""
        if self._wanted:
            self._following = self._router.subscribe(SERVICE, self._changed)
            await self._reconcile()

    async def close(self) -> None:
        if self._following is not None:
            self._following()
            self._following = None
        if self._change is not None and not self._change.done():
            self._change.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._change
        async with self._turn:
            for name in list(self._open):
                await self._open.pop(name).close()

    def _changed(self, row: Row) -> None:
        if self._change is None or self._change.done():
            self._change = asyncio.get_running_loop().create_task(self._reconcile())

    async def _reconcile(self) -> None:
        # The one who disables the service that he came by hears that it was done.
        await asyncio.sleep(0)
        async with self._turn:
            for name, port in self._wanted.items():
                enabled = self._row(name).get("disabled", "false") != "true"
                server = self._open.get(name)
                if enabled and server is None:
                    server = self._open[name] = self._made(name, port)
                    await server.start()
                    # After a reboot a router is found where it was.
                    self._wanted[name] = server.port or port
                elif not enabled and server is not None:
                    await self._open.pop(name).close()

    def _row(self, name: str) -> Row:
        return self._router.menus.store.table(SERVICE).named(name) or {}

    def _admits(self, name: str) -> Callable[[str], bool]:
        def admits(address: str) -> bool:
            networks = [word for word in self._row(name).get("address", "").split(",") if word]
            return not networks or any(_within(address, network) for network in networks)

        return admits

    def _made(self, name: str, port: int) -> _Server:
        host, admits, router = self._host, self._admits(name), self._router
        tls = server_context(host) if name.endswith("-ssl") else None
        if name.startswith("api"):
            return ApiServer(router, ApiOptions(host, port, tls, admits=admits))
        if name.startswith("www"):
            return RestServer(router, RestOptions(host, port, tls, admits=admits, switched_on=self._rest_is_on(name)))
        self._host_key = self._host_key or new_host_key()
        return SshServer(
            router,
            SshOptions(host, port, self._host_key, admits=admits, passwords_beside_keys=self._passwords_stay),
        )

    def _rest_is_on(self, name: str) -> Callable[[], bool]:
        switch = "rest-secure" if name == "www-ssl" else "rest-plain"

        def is_on() -> bool:
            menus = self._router.menus
            found = menus.store.table("/ip/service/webserver").values if menus.exists("/ip/service/webserver") else {}
            return found.get(switch, "true") != "false"

        return is_on

    def _passwords_stay(self) -> bool:
        values = self._router.menus.store.table(_SSH).values
        return values.get("always-allow-password-login", "false") == "true"


def _within(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
