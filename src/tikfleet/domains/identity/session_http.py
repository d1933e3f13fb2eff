"""Routes of first run, sessions and invitations."""

from typing import Any, Final

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.datastructures import Cookie
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from tikfleet.domains.identity.invitations import Invitations
from tikfleet.domains.identity.model import SESSION_DAYS
from tikfleet.domains.identity.schemas import (
    AcceptInvitation,
    ChangePassword,
    Session,
    SetupRequest,
    SetupState,
    SignIn,
    SwitchOrganisation,
)
from tikfleet.domains.identity.sessions import Opened, Sessions
from tikfleet.domains.identity.setup import FirstOwner, Setup
from tikfleet.httpkit.authentication import SESSION_COOKIE, Principal
from tikfleet.httpkit.policies import PUBLIC, SIGNED_IN
from tikfleet.httpkit.refusals import refusals
from tikfleet.kernel.errors import Unauthenticated

_DAY_S: Final = 86_400

AnyRequest = Request[Any, Any, Any]


class SessionCookie(msgspec.Struct, frozen=True):
    """How the session's cookie is set. `secure` when the public address is https; a request over https makes it so."""

    secure: bool = False

    def answer(self, request: AnyRequest, opened: Opened) -> Response[Session]:
        """The session, with its secret in the cookie."""
        cookie = self._cookie(request, opened.secret, SESSION_DAYS * _DAY_S)
        return Response(Session.of(opened.view), cookies=[cookie], headers={"Cache-Control": "no-store"})

    def farewell(self, request: AnyRequest) -> Response[None]:
        """An empty answer that takes the cookie back."""
        return Response(None, status_code=204, cookies=[self._cookie(request, "", 0)])

    def _cookie(self, request: AnyRequest, value: str, max_age: int) -> Cookie:
        return Cookie(
            SESSION_COOKIE,
            value=value,
            path="/",
            max_age=max_age,
            httponly=True,
            samesite="strict",
            secure=self.secure or request.url.scheme == "https",
        )


def session_secret(request: AnyRequest, principal: NamedDependency[Principal]) -> str:
    """The secret of the session that was authenticated. Raises Unauthenticated for an API token."""
    if not principal.session_id:
        raise Unauthenticated("this needs a session; an API token has none")
    return request.cookies[SESSION_COOKIE]


_SECRET: Final = {"session_secret": Provide(session_secret, sync_to_thread=False)}


class SetupRoutes(Controller):
    """First run."""

    path = "/setup"
    tags = ("First run",)

    @get(policy=PUBLIC, operation_id="getSetup", summary="Ask whether set-up is open")
    async def get_setup(self, setup: NamedDependency[Setup]) -> SetupState:
        """Whether the first owner is still to be made."""
        return SetupState(await setup.needed())

    @post(
        policy=PUBLIC,
        operation_id="completeSetup",
        summary="Make the first owner",
        responses=refusals(400, 403, 409),
    )
    async def complete_setup(
        self,
        request: AnyRequest,
        setup: NamedDependency[Setup],
        session_cookie: NamedDependency[SessionCookie],
        source_address: NamedDependency[str],
        data: JSONBody[SetupRequest],
    ) -> Response[Session]:
        """Make the first organisation and its owner, and sign the owner in. Works once; the token is on the console."""
        first = FirstOwner(data.organisation, data.email, data.name, data.password)
        return session_cookie.answer(request, await setup.complete(data.token, first, source_address))


class SessionRoutes(Controller):
    """Signing in and out, the active organisation, one's own password, and joining by invitation."""

    tags = ("Session",)
    dependencies = _SECRET

    @post(
        "/session",
        status_code=200,
        policy=PUBLIC,
        operation_id="signIn",
        summary="Sign in",
        responses=refusals(400, 401, 429),
    )
    async def sign_in(
        self,
        request: AnyRequest,
        sessions: NamedDependency[Sessions],
        session_cookie: NamedDependency[SessionCookie],
        source_address: NamedDependency[str],
        data: JSONBody[SignIn],
    ) -> Response[Session]:
        """Open a session: its secret comes as an HttpOnly cookie, its CSRF token in the answer.

        After too many attempts each has to wait longer; Retry-After says how long.
        """
        return session_cookie.answer(request, await sessions.sign_in(data.email, data.password, source_address))

    @get(
        "/session",
        policy=SIGNED_IN,
        operation_id="getSession",
        summary="Get the session",
        responses=refusals(400, 401),
    )
    async def get_session(self, sessions: NamedDependency[Sessions], session_secret: NamedDependency[str]) -> Session:
        """Who is signed in, where, in what role, and where else they may act."""
        return Session.of(await sessions.view(session_secret))

    @delete(
        "/session",
        policy=SIGNED_IN,
        operation_id="signOut",
        summary="Sign out",
        responses=refusals(400, 401, 403),
    )
    async def sign_out(
        self,
        request: AnyRequest,
        sessions: NamedDependency[Sessions],
        session_cookie: NamedDependency[SessionCookie],
        session_secret: NamedDependency[str],
    ) -> Response[None]:
        """End the session."""
        await sessions.sign_out(session_secret)
        return session_cookie.farewell(request)

    @put(
        "/session/organisation",
        policy=SIGNED_IN,
        operation_id="switchOrganisation",
        summary="Act in another organisation",
        responses=refusals(400, 401, 403, 404),
    )
    async def switch_organisation(
        self,
        sessions: NamedDependency[Sessions],
        session_secret: NamedDependency[str],
        data: JSONBody[SwitchOrganisation],
    ) -> Session:
        """Act in another organisation from now on. The CSRF token changes."""
        return Session.of(await sessions.switch(session_secret, data.organisation_id))

    @put(
        "/session/password",
        status_code=204,
        policy=SIGNED_IN,
        operation_id="changePassword",
        summary="Change one's password",
        responses=refusals(400, 401, 403, 409, 429),
    )
    async def change_password(
        self,
        request: AnyRequest,
        sessions: NamedDependency[Sessions],
        session_cookie: NamedDependency[SessionCookie],
        session_secret: NamedDependency[str],
        source_address: NamedDependency[str],
        data: JSONBody[ChangePassword],
    ) -> Response[None]:
        """Change the password. All sessions of the person end, this one too: sign in again."""
        await sessions.change_password(session_secret, data.current_password, data.new_password, source_address)
        return session_cookie.farewell(request)

    @post(
        "/invitations/accept",
        policy=PUBLIC,
        operation_id="acceptInvitation",
        summary="Accept an invitation",
        responses=refusals(400, 401, 404, 409, 429),
    )
    async def accept_invitation(
        self,
        request: AnyRequest,
        invitations: NamedDependency[Invitations],
        session_cookie: NamedDependency[SessionCookie],
        source_address: NamedDependency[str],
        data: JSONBody[AcceptInvitation],
    ) -> Response[Session]:
        """Join an organisation and sign in. Somebody new chooses a password here, somebody known gives theirs."""
        opened = await invitations.accept(data.token, data.name, data.password, source_address)
        return session_cookie.answer(request, opened)
