"""The network side of `/tool/fetch`: one connection for each fetch, over the machine's own network."""

import asyncio
import gzip
import ssl
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import httpx

from tikfleet.routeros.values import format_duration
from tikfleet.virtual.menus.request import Answer, Caller, Refused, Request
from tikfleet.virtual.scripting import fetch
from tikfleet.virtual.scripting.fetch import Fetch, FetchFailed
from tikfleet.virtual.scripting.host import Host
from tikfleet.virtual.waiting import wait

Reach = Callable[[str, int], bool]
_SYSTEM: Final = Caller(user="", via="system")
_PORTS: Final = {"http": 80, "https": 443}
_NO_ISSUER: Final = frozenset({18, 19, 20, 21})
# OpenSSL's X509_V_FLAG_NO_CHECK_TIME.
_NO_CHECK_TIME: Final = 0x200000
_OK, _REDIRECT, _FAULT = 200, 300, 400


def loopback(host: str, port: int) -> bool:
    """Whether an address is this machine's own: all that a fetch may reach unless told otherwise."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Fetcher:
    """Answers `/tool/fetch`.

    `reach` says which address and port may be connected to. `builtin` is a file of certificates that stands for the
    built-in roots, in force from 7.19 on when `/certificate/settings` trusts them; without it there are none.
    """

    def __init__(self, host: Host, reach: Reach = loopback, builtin: str | None = None) -> None:
        self._host = host
        self._reach = reach
        self._builtin = builtin
        # Whether the router's own configuration lets a connection to that port of a server out, and its answers in.
        self.is_connected: Callable[[int], bool] = lambda _: True
        # Seen on 7.13 and later: scripts of netwatch, which lack `ftp`, cannot fetch.
        host.menus.handle("/tool/fetch", self.perform, "ftp")

    def perform(self, request: Request) -> Answer:
        """Fetch, and wait for it. Raises `FetchFailed`, and `Refused` for arguments that make no fetch."""
        order = fetch.read(request.arguments, self._host.profile)
        begun_s = time.monotonic()
        try:
            body, lines, status = wait(asyncio.wait_for(self._fetched(order), order.duration_s))
        except TimeoutError as cause:
            raise FetchFailed("timeout") from cause
        row = {
            "status": "finished",
            "downloaded": fetch.kib(len(body)),
            "total": fetch.kib(len(body)),
            "duration": format_duration(round(time.monotonic() - begun_s)),
        }
        if self._host.profile.at_least("7.21"):
            row["code"] = str(status)
        if order.output == "file":
            self._host.files.write(order.path, body)
        elif order.output != "none":
            row["data"] = body[: order.limit_bytes].decode("utf-8", "surrogateescape")
        if order.output == "user-with-headers":
            row["http-headers"] = "\n".join(lines)
        return Answer(rows=[row])

    async def _fetched(self, order: Fetch) -> tuple[bytes, list[str], int]:
        """The body, its headers and the status, redirects followed."""
        url, method, data = order.url, order.method, order.data
        for turn in range(order.redirects + 1):
            response, body, peer = await self._exchange(order, url, method, data)
            lines = [f"{name}: {value}" for name, value in response.headers.multi_items()]
            if _OK <= response.status_code < _REDIRECT:
                return body, lines, response.status_code
            location = response.headers.get("location", "") if response.status_code < _FAULT else ""
            if not location or turn == order.redirects:
                message = fetch.refusal(
                    self._host.profile, response.status_code, response.reason_phrase, location, peer
                )
                raise FetchFailed(message, fetch.error_attributes(self._host.profile, response.status_code, lines))
            url = str(httpx.URL(url).join(location))
            if urlsplit(url).scheme not in _PORTS:
                raise FetchFailed("redirected to what is no HTTP")
            method, data = ("GET", b"") if response.status_code in (301, 302, 303) else (method, data)
        raise FetchFailed("too many redirects")

    async def _exchange(self, order: Fetch, url: str, method: str, data: bytes) -> tuple[httpx.Response, bytes, str]:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        address = self._resolved(name)
        if not self._reach(address, port):
            raise FetchFailed(f"connecting failed: this virtual router may not reach {name}:{port}")
        if not self.is_connected(port):
            raise FetchFailed("Idle timeout - connecting")
        target = httpx.URL(url).copy_with(host=address, port=port)
        headers = self._headers(order, data, parts.netloc.rpartition("@")[2])
        content = _compressed(data, order.encoding)
        context = self._context(order) if parts.scheme == "https" else True
        async with httpx.AsyncClient(verify=context, trust_env=False, timeout=order.idle_s) as client:
            request = client.build_request(
                method, target, headers=headers, content=content or None, extensions={"sni_hostname": name}
            )
            try:
                response = await client.send(request, stream=True, auth=_auth(order))
                try:
                    self._check_dates(response, order)
                    return response, await _body(response, order), f"{address}:{port}"
                finally:
                    await response.aclose()
            except httpx.HTTPError as cause:
                raise _failed(cause, f"{address}:{port}", self._host.profile.version.major) from cause

    def _headers(self, order: Fetch, data: bytes, host: str) -> dict[str, str]:
        headers = {
            "Host": host,
            "User-Agent": fetch.user_agent(self._host.profile),
            "Accept-Encoding": "deflate, gzip",
            "Connection": "close",
        }
        if data:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if data and order.encoding:
            headers["Content-Encoding"] = order.encoding
        own = {name.lower() for name, _ in order.headers}
        kept = {name: value for name, value in headers.items() if name.lower() not in own}
        return kept | dict(order.headers)

    def _resolved(self, name: str) -> str:
        """The address of a name: itself, `localhost`, or of `/ip/dns/static`; this router asks no other server."""
        try:
            return str(ip_address(name))
        except ValueError:
            pass
        if name == "localhost":
            return "127.0.0.1"
        rows = self._host.menus.perform(Request("/ip/dns/static", "print", caller=_SYSTEM)).rows
        for row in rows:
            if row.get("name") == name and row.get("disabled") != "true" and row.get("address"):
                return row["address"]
        raise FetchFailed("resolving error")

    def _context(self, order: Fetch) -> ssl.SSLContext:
        """How the other side is checked, and what this side shows of itself."""
        own = self._own(order.certificate) if order.certificate not in ("", "none") else ("", "")
        if not order.check_certificate:
            return _blind(*own)
        store = self._host.menus.store
        held = tuple(
            item["_pem"]
            for item in store.table("/certificate").items
            if item.get("trusted") == "true" and "_pem" in item
        )
        builtin = self._builtin if self._trusts_builtin() else None
        if not held and builtin is None:
            raise FetchFailed("SSL: no trusted CA certificate found (6)")
        return _checking(held, builtin, *own)

    def _own(self, name: str) -> tuple[str, str]:
        """The certificate and key of the router's store that `certificate=` names."""
        item = self._host.menus.store.table("/certificate").named(name)
        if item is None or "_pem" not in item or "_key" not in item:
            raise Refused("input does not match any value of certificate")
        return item["_pem"], item["_key"]

    def _trusts_builtin(self) -> bool:
        if self._builtin is None or not self._host.profile.at_least("7.19"):
            return False
        rows = self._host.menus.perform(Request("/certificate/settings", "print", caller=_SYSTEM)).rows
        settings = rows[0] if rows else {}
        if "builtin-trust-store" in settings:
            return "fetch" in settings["builtin-trust-store"] or settings["builtin-trust-store"] in ("all", "default")
        return settings.get("builtin-trust-anchors", "not-trusted") == "trusted"

    def _check_dates(self, response: httpx.Response, order: Fetch) -> None:
        """Certificates are valid by the router's clock, which may be unset."""
        stream = response.extensions.get("network_stream")
        tls = stream.get_extra_info("ssl_object") if stream is not None else None
        if tls is None or not order.check_certificate:
            return
        found = tls.getpeercert() or {}
        now_s = self._host.menus.store.now_s()
        begin_s, end_s = (ssl.cert_time_to_seconds(found[name]) for name in ("notBefore", "notAfter"))
        if not begin_s <= now_s <= end_s:
            raise FetchFailed("SSL: ssl: cert not valid (certificate is not valid at this time) (6)")


async def _body(response: httpx.Response, order: Fetch) -> bytes:
    """The body, as much as there can be use for."""
    kept = bytearray()
    async for piece in response.aiter_bytes():
        kept += piece
        if len(kept) > fetch.MAX_FILE_BYTES:
            raise FetchFailed("not enough space")
    return bytes(kept)


def _compressed(data: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(data)
    return zlib.compress(data) if encoding == "deflate" else data


def _auth(order: Fetch) -> httpx.Auth | None:
    if not order.user:
        return None
    kind: Callable[[str, str], httpx.Auth] = httpx.DigestAuth if order.digest else httpx.BasicAuth
    return kind(order.user, order.password)


def _failed(cause: httpx.HTTPError, peer: str, major: int) -> Refused:
    """A failure below HTTP, in words."""
    tls = _tls_fault(cause)
    if tls is not None:
        return FetchFailed(f"SSL: {tls} (6)")
    if isinstance(cause, httpx.ConnectTimeout):
        return FetchFailed("Idle timeout - connecting")
    if isinstance(cause, httpx.TimeoutException):
        return FetchFailed("Idle timeout - waiting data")
    if isinstance(cause, httpx.ConnectError):
        return FetchFailed(f"closing connection: <connect failed> {peer} (4)" if major < 7 else "connection failed")  # noqa: PLR2004
    return FetchFailed("connection closed by remote host")


def _tls_fault(cause: BaseException) -> str | None:
    seen: BaseException | None = cause
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            if seen.verify_code in _NO_ISSUER:
                return "no trusted CA certificate found"
            return f"ssl: cert not valid ({seen.verify_message})"
        if isinstance(seen, ssl.SSLError):
            return "handshake failed"
        seen = seen.__cause__ or seen.__context__
    return None


@lru_cache(maxsize=8)
def _blind(pem: str, key: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _showing(context, pem, key)


@lru_cache(maxsize=32)
def _checking(held: Sequence[str], builtin: str | None, pem: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Dates are compared with the router's clock afterwards, not with this machine's.
    context.verify_flags = ssl.VerifyFlags(int(context.verify_flags) | _NO_CHECK_TIME)
    if builtin is not None:
        context.load_verify_locations(cafile=builtin)
    if held:
        context.load_verify_locations(cadata="\n".join(held))
    return _showing(context, pem, key)


def _showing(context: ssl.SSLContext, pem: str, key: str) -> ssl.SSLContext:
    """The context with a certificate of its own. OpenSSL reads those from files only."""
    if not pem:
        return context
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as chain:
        chain.write(key + pem)
        chain.flush()
        context.load_cert_chain(chain.name)
    return context
