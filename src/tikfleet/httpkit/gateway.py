"""The outermost layer of the API: request ids, the caller's address, rate limits, security headers."""

import hashlib
import ipaddress
import secrets
import time
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Final

import msgspec
import structlog

from tikfleet.httpkit.asgi import App, Message, Receive, Scope, Send, header, respond_problem
from tikfleet.httpkit.authentication import SESSION_COOKIE
from tikfleet.kernel.errors import TooManyRequests
from tikfleet.ports.cache import Cache

_SECURITY: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]
# An answer of the API that says nothing else is kept by nobody: it may hold a secret.
_API: Final = [
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
_WINDOW_S: Final = 60.0
# People and programs behind one address (NAT, an office) share this many limits.
_CALLERS_PER_ADDRESS: Final = 20
_log = structlog.get_logger("tikfleet.http")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class GatewayLimits(msgspec.Struct, frozen=True):
    """How much one caller may ask, and whose word about the caller's address is believed."""

    requests_per_minute: int
    trusted_proxies: Sequence[Network] = ()


class Gateway:
    """Wraps the API. Paths outside `prefix` pass with security headers alone."""

    def __init__(self, app: App, cache: Cache, limits: GatewayLimits, prefix: str = "/api/") -> None:
        self._app = app
        self._cache = cache
        self._limits = limits
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["tikfleet.source"] = source_address(scope, self._limits.trusted_proxies)
        extra = [*_SECURITY, (b"x-request-id", (request_id := secrets.token_hex(8)).encode())]
        started = time.perf_counter()
        limited = False
        defaults = _API if scope["path"].startswith(self._prefix) else []
        if defaults:
            counted, limited = await self._count(scope)
            extra += counted

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                missing = [pair for pair in defaults if pair[0] not in given]
                message = {**message, "headers": [*message["headers"], *extra, *missing]}
                _log.debug(
                    "request", id=request_id, method=scope["method"], path=scope["path"], status=message["status"],
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )  # fmt: skip
            await send(message)

        if limited:
            error = TooManyRequests(
                f"more than {self._limits.requests_per_minute} requests in a minute", retry_after_s=_WINDOW_S
            )
            await respond_problem(scope, with_headers, error)
            return
        structlog.contextvars.bind_contextvars(request_id=request_id)
        await self._app(scope, receive, with_headers)

    async def _count(self, scope: Scope) -> tuple[list[tuple[bytes, bytes]], bool]:
        credential, source = credential_of(scope), scope["tikfleet.source"]
        window = int(time.time() // _WINDOW_S)
        used = await self._cache.count(f"rate/{credential or source}/{window}", _WINDOW_S)
        limit = self._limits.requests_per_minute
        if credential:
            # Credentials are checked later, so made-up ones must not each bring a limit of their own.
            of_source = await self._cache.count(f"rate/from/{source}/{window}", _WINDOW_S)
            used = max(used, of_source - limit * (_CALLERS_PER_ADDRESS - 1))
        reset_s = int(_WINDOW_S - time.time() % _WINDOW_S)
        headers = [
            (b"ratelimit-limit", str(limit).encode()),
            (b"ratelimit-remaining", str(max(0, limit - used)).encode()),
            (b"ratelimit-reset", str(reset_s).encode()),
        ]
        return headers, used > limit


def source_address(scope: Scope, trusted_proxies: Sequence[Network]) -> str:
    """The caller's address: the connection's, or what a trusted proxy says of it."""
    peer = str(scope["client"][0]) if scope.get("client") else ""
    if not trusted_proxies or not within(peer, trusted_proxies):
        return peer
    for hop in reversed(header(scope, b"x-forwarded-for").split(",")):
        address = hop.strip()
        if address and not within(address, trusted_proxies):
            return address
    return peer


def credential_of(scope: Scope) -> str:
    """A name for the request's credential that tells nothing about it, or nothing when there is none."""
    secret = header(scope, b"authorization")
    if not secret:
        cookie: SimpleCookie = SimpleCookie()
        try:
            cookie.load(header(scope, b"cookie"))
        except CookieError:
            return ""
        secret = cookie[SESSION_COOKIE].value if SESSION_COOKIE in cookie else ""
    return hashlib.sha256(secret.encode()).hexdigest()[:32] if secret else ""


def within(address: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        # A listener of both families shows IPv4 callers in this form.
        found = found.ipv4_mapped
    return any(found in network for network in networks)
