"""The outbound port over HTTP/1.1 with httpx: resolve, look at every address, connect to the one that was looked at."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx

from tikfleet.adapters.web.addresses import Network, may_be_reached
from tikfleet.ports.outbound import AddressRefused, OutboundFailed

_CONNECT_S: Final = 5.0
_IN_ALL_S: Final = 10.0
_MAX_ANSWER_BYTES: Final = 65_536
_MAX_URL: Final = 2_048
_TRIED: Final = 3
_PORTS: Final = {"http": 80, "https": 443}

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolved(name: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system knows them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class WebOutbound:
    """The port. Plain `http://` goes to allowed networks only: elsewhere others could read it on the way."""

    def __init__(
        self, allowed: Sequence[Network] = (), resolve: Resolve = resolved, trust: ssl.SSLContext | None = None
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._trust = trust
        self._client: httpx.AsyncClient | None = None

    def check(self, url: str) -> None:
        name, _ = _parts(url)
        try:
            fine = may_be_reached(name, self._allowed)
        except ValueError:
            return
        if not fine:
            raise AddressRefused(f"{name} is not on the public internet")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        name, port = _parts(url)
        try:
            async with asyncio.timeout(_IN_ALL_S):
                addresses = await self._addresses(name, port)
                return await self._sent(url, name, addresses, headers, body)
        except TimeoutError as cause:
            raise OutboundFailed(f"no answer within {_IN_ALL_S:g} s") from cause

    async def close(self) -> None:
        """Let connections go."""
        if self._client is not None:
            await self._client.aclose()

    async def _addresses(self, name: str, port: int) -> Sequence[str]:
        try:
            found = await self._resolve(name, port)
        except (OSError, UnicodeError) as cause:
            raise OutboundFailed("the name cannot be resolved") from cause
        # One that may not be reached condemns the name: it was put there to be reached by a second look.
        if not found or not all(may_be_reached(address, self._allowed) for address in found):
            raise AddressRefused("the name leads to an address that is not on the public internet")
        return found

    async def _sent(
        self, url: str, name: str, addresses: Sequence[str], headers: Mapping[str, str], body: bytes
    ) -> int:
        if urlsplit(url).scheme == "http" and not all(self._is_allowed(address) for address in addresses):
            raise AddressRefused("plain http goes to allowed networks only")
        failure: httpx.HTTPError | None = None
        for address in addresses[:_TRIED]:
            try:
                return await self._exchanged(url, name, address, headers, body)
            except (httpx.ConnectError, httpx.ConnectTimeout) as cause:
                failure = cause
            except httpx.HTTPError as cause:
                raise OutboundFailed(f"the connection failed: {type(cause).__name__}") from cause
        raise OutboundFailed("no connection could be made") from failure

    async def _exchanged(self, url: str, name: str, address: str, headers: Mapping[str, str], body: bytes) -> int:
        client = self._http()
        host = urlsplit(url).netloc.rpartition("@")[2]
        request = client.build_request(
            "POST",
            httpx.URL(url).copy_with(host=address),
            headers={"Host": host, "Accept": "*/*", **headers},
            content=body,
            extensions={"sni_hostname": name},
        )
        answer = await client.send(request, stream=True, follow_redirects=False)
        try:
            seen = 0
            async for part in answer.aiter_raw():
                seen += len(part)
                if seen > _MAX_ANSWER_BYTES:
                    break
        finally:
            await answer.aclose()
        return answer.status_code

    def _is_allowed(self, address: str) -> bool:
        """Whether it is there by name, rather than because it is public."""
        return may_be_reached(address, self._allowed) and not may_be_reached(address, ())

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            # No connection is kept: the next one is looked at anew.
            self._client = httpx.AsyncClient(
                verify=self._trust or ssl.create_default_context(),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(_IN_ALL_S, connect=_CONNECT_S),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            )
        return self._client


def _parts(url: str) -> tuple[str, int]:
    """Host and port. Raises AddressRefused for what is no plain web address."""
    try:
        split = urlsplit(url)
        port = split.port or _PORTS.get(split.scheme, 0)
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as cause:
        raise AddressRefused("it is no address of the web") from cause
    if len(url) > _MAX_URL or split.scheme not in _PORTS or not split.hostname:
        raise AddressRefused("it is no address of the web")
    if split.username is not None or split.password is not None or split.fragment:
        raise AddressRefused("an address holds no user, password or fragment")
    return split.hostname, port
