"""From a credential to a principal: who asks, for which organisation, and what they may do."""

import hmac
from base64 import b64decode
from typing import Any, Final, Protocol

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from tikfleet.httpkit.asgi import Scope
from tikfleet.httpkit.policies import Policy
from tikfleet.kernel.errors import Forbidden, Unauthenticated
from tikfleet.kernel.scopes import Actor, OrgScope

SESSION_COOKIE: Final = "tikfleet_session"
CSRF_HEADER: Final = "x-csrf-token"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Principal(msgspec.Struct, frozen=True):
    """What authentication found out. `csrf_token` is set when the credential was a cookie."""

    actor: Actor
    scope: OrgScope
    permissions: frozenset[str]
    session_id: str = ""
    csrf_token: str = ""


class Authenticator(Protocol):
    """Turns a credential into a principal, or None when it is unknown, expired or revoked."""

    async def by_session(self, secret: str, source_address: str) -> Principal | None: ...

    async def by_token(self, secret: str, source_address: str) -> Principal | None: ...


class CsrfMissing(Forbidden):
    """A change asked for by a browser's cookie did not carry the session's own token."""

    code = "session.csrf"
    title = "The request did not come from the dashboard"
    remedy = "Send the session's csrf_token in the X-CSRF-Token header."


class Guard:
    """Runs before every handler: authenticates, checks CSRF, then the permission that the route declares."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        policy = handler.opt.get("policy")
        if not isinstance(policy, Policy):
            raise Forbidden("this route declares no policy")
        if policy.public:
            return
        principal = await self._principal(connection, basic=bool(handler.opt.get("basic")))
        if policy.permission and policy.permission not in principal.permissions:
            raise Forbidden(f"this needs the permission {policy.permission}")
        connection.state["principal"] = principal

    async def knows(self, scope: Scope) -> bool:
        """Whether the credential of a request is valid now, whatever it permits."""
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)  # type: ignore[arg-type]
        kind, _, secret = connection.headers.get("authorization", "").partition(" ")
        source = source_of(connection)
        if secret:
            return kind.lower() == "bearer" and await self._authenticator.by_token(secret.strip(), source) is not None
        cookie = connection.cookies.get(SESSION_COOKIE, "")
        return bool(cookie) and await self._authenticator.by_session(cookie, source) is not None

    async def _principal(self, connection: ASGIConnection[Any, Any, Any, Any], *, basic: bool) -> Principal:
        source_address = source_of(connection)
        header = connection.headers.get("authorization", "")
        if header:
            secret = _token_of(header, basic=basic)
            found = await self._authenticator.by_token(secret, source_address) if secret else None
            if found is None:
                raise Unauthenticated("the API token is unknown, expired or revoked")
            return found
        secret = connection.cookies.get(SESSION_COOKIE, "")
        found = await self._authenticator.by_session(secret, source_address) if secret else None
        if found is None:
            raise Unauthenticated("there is no valid session")
        if connection.scope.get("method") not in _SAFE:
            sent = connection.headers.get(CSRF_HEADER, "")
            if not hmac.compare_digest(sent.encode(), found.csrf_token.encode()):
                raise CsrfMissing("the X-CSRF-Token header is missing or belongs to another session")
        return found


def _token_of(header: str, *, basic: bool) -> str:
    """The API token of an Authorization header; where `basic` is taken, that of a client that only knows passwords."""
    kind, _, secret = header.partition(" ")
    if kind.lower() == "bearer":
        return secret.strip()
    if basic and kind.lower() == "basic":
        try:
            return b64decode(secret.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            return ""
    return ""


def source_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address that the connection came from, as the gateway found it."""
    return str(connection.scope.get("tikfleet.source") or (connection.client.host if connection.client else ""))
