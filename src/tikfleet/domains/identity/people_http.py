"""Routes of people and API tokens."""

from typing import Annotated, Any, Final, Literal

from litestar import Controller, Request, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, QueryParameter

from tikfleet.domains.identity.model import Caller
from tikfleet.domains.identity.people import People
from tikfleet.domains.identity.schemas import (
    CreatedToken,
    InvitedPerson,
    Person,
    PersonInvite,
    PersonPatch,
    Token,
    TokenCreate,
)
from tikfleet.domains.identity.tokens import Tokens
from tikfleet.httpkit.authentication import Principal
from tikfleet.httpkit.moments import moment_of
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.refusals import refusals
from tikfleet.httpkit.representation import require_match
from tikfleet.httpkit.wire import CursorText, Items, Limit, page_request
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import OrgScope

AnyRequest = Request[Any, Any, Any]
Text = Annotated[
    str | None,
    QueryParameter(name="q", max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)", description="Text to look for."),
]
NameSort = Annotated[
    Literal["name", "-name", "created_at", "-created_at"],
    QueryParameter(name="sort", description="Field; a minus turns the order round."),
]
PersonSort = Annotated[
    Literal[
        "name", "-name", "email", "-email", "role", "-role",
        "created_at", "-created_at", "last_signed_in_at", "-last_signed_in_at",
    ],
    QueryParameter(name="sort", description="Field; a minus turns the order round."),
]  # fmt: skip


def caller(principal: NamedDependency[Principal]) -> Caller:
    """Who asks, as the use cases take it."""
    return Caller(principal.actor, principal.scope, principal.permissions)


def name_page(limit: Limit = 50, cursor: CursorText = None, sort: NameSort = "name") -> PageRequest:
    """The page of named things that the query parameters ask for."""
    return page_request(limit, cursor, sort)


def person_page(limit: Limit = 50, cursor: CursorText = None, sort: PersonSort = "name") -> PageRequest:
    """The page of people that the query parameters ask for."""
    return page_request(limit, cursor, sort)


CALLER: Final = {"caller": Provide(caller, sync_to_thread=False)}
BY_NAME: Final = {"page": Provide(name_page, sync_to_thread=False)}
BY_PERSON: Final = {"page": Provide(person_page, sync_to_thread=False)}
READ: Final = refusals(400, 401, 403, 404)
WRITE: Final = refusals(400, 401, 403, 404, 409)
EDIT: Final = refusals(400, 401, 403, 404, 409, 412)


class PeopleRoutes(Controller):
    """People of the active organisation."""

    path = "/people"
    tags = ("People",)
    dependencies = CALLER

    @get(
        policy=permits("people:read"),
        operation_id="listPeople",
        summary="List people",
        responses=READ,
        dependencies=BY_PERSON,
    )
    async def list_people(
        self,
        org: NamedDependency[OrgScope],
        people: NamedDependency[People],
        page: NamedDependency[PageRequest],
        q: Text = None,
    ) -> Items[Person]:
        """People with a role in the active organisation itself, invited ones too."""
        found = await people.page(org, page, q or "")
        return Items([Person.of(person) for person in found.items], found.next_cursor, found.total)

    @post(
        policy=permits("people:write"),
        operation_id="invitePerson",
        summary="Invite a person",
        responses=WRITE,
    )
    async def invite_person(
        self, caller: NamedDependency[Caller], people: NamedDependency[People], data: JSONBody[PersonInvite]
    ) -> InvitedPerson:
        """Add a person who is pending until the invitation is accepted; it is good for seven days.

        Give them the link `/join#token=` with `invitation_token`, which is shown only now.
        """
        person, secret = await people.invite(caller, data.email, data.name, data.role)
        return InvitedPerson.of_invitation(person, secret)

    @get(
        "/{person_id:str}",
        policy=permits("people:read"),
        operation_id="getPerson",
        summary="Get a person",
        responses=READ,
    )
    async def get_person(
        self, org: NamedDependency[OrgScope], people: NamedDependency[People], person_id: FromPath[str]
    ) -> Person:
        """One person of the active organisation."""
        return Person.of(await people.get(org, person_id))

    @patch(
        "/{person_id:str}",
        policy=permits("people:write"),
        operation_id="updatePerson",
        summary="Change a person",
        responses=EDIT,
    )
    async def update_person(
        self,
        request: AnyRequest,
        caller: NamedDependency[Caller],
        people: NamedDependency[People],
        person_id: FromPath[str],
        data: JSONBody[PersonPatch],
    ) -> Person:
        """Change name, role or whether the person may sign in. Disabling ends all of the person's sessions.

        Nobody gives or takes away a role above their own, disables themselves, or leaves an organisation ownerless.
        """
        require_match(request, Person.of(await people.get(caller.scope, person_id)))
        return Person.of(await people.change(caller, person_id, data.change()))

    @delete(
        "/{person_id:str}",
        policy=permits("people:write"),
        operation_id="removePerson",
        summary="Remove a person",
        responses=EDIT,
    )
    async def remove_person(
        self,
        request: AnyRequest,
        caller: NamedDependency[Caller],
        people: NamedDependency[People],
        person_id: FromPath[str],
    ) -> None:
        """End the person's membership and sessions, and the API tokens that the person made here and below."""
        require_match(request, Person.of(await people.get(caller.scope, person_id)))
        await people.remove(caller, person_id)


class TokenRoutes(Controller):
    """API tokens of the active organisation and those below it."""

    path = "/tokens"
    tags = ("API tokens",)
    dependencies = CALLER

    @get(
        policy=permits("tokens:read"),
        operation_id="listTokens",
        summary="List API tokens",
        responses=READ,
        dependencies=BY_NAME,
    )
    async def list_tokens(
        self,
        org: NamedDependency[OrgScope],
        tokens: NamedDependency[Tokens],
        page: NamedDependency[PageRequest],
    ) -> Items[Token]:
        """API tokens, without their secrets."""
        found = await tokens.page(org, page)
        return Items([Token.of(token) for token in found.items], found.next_cursor, found.total)

    @post(
        policy=permits("tokens:write"),
        operation_id="createToken",
        summary="Create an API token",
        responses=WRITE,
    )
    async def create_token(
        self, caller: NamedDependency[Caller], tokens: NamedDependency[Tokens], data: JSONBody[TokenCreate]
    ) -> CreatedToken:
        """Create an API token for the active organisation. Its `secret` is shown only now."""
        expires_at = moment_of(data.expires_at) if data.expires_at else None
        token, secret = await tokens.create(caller, data.name, data.scopes, expires_at)
        return CreatedToken.of_creation(token, secret)

    @get(
        "/{token_id:str}",
        policy=permits("tokens:read"),
        operation_id="getToken",
        summary="Get an API token",
        responses=READ,
    )
    async def get_token(
        self, org: NamedDependency[OrgScope], tokens: NamedDependency[Tokens], token_id: FromPath[str]
    ) -> Token:
        """One API token, without its secret."""
        return Token.of(await tokens.get(org, token_id))

    @delete(
        "/{token_id:str}",
        policy=permits("tokens:write"),
        operation_id="revokeToken",
        summary="Revoke an API token",
        responses=EDIT,
    )
    async def revoke_token(
        self,
        request: AnyRequest,
        caller: NamedDependency[Caller],
        tokens: NamedDependency[Tokens],
        token_id: FromPath[str],
    ) -> None:
        """End an API token at once."""
        require_match(request, Token.of(await tokens.get(caller.scope, token_id)))
        await tokens.revoke(caller, token_id)
