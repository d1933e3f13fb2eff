"""Routes of people and organisations, and the authenticator.

Services by name: `organisations`, `people`, `tokens`, `organisation_settings`, `sessions`, `setup`, `invitations`,
`session_cookie`.
"""

from collections.abc import Sequence

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from tikfleet.domains.identity.model import Caller, Identified
from tikfleet.domains.identity.organisations import Organisations
from tikfleet.domains.identity.people_http import (
    BY_NAME,
    CALLER,
    EDIT,
    READ,
    WRITE,
    AnyRequest,
    PeopleRoutes,
    Text,
    TokenRoutes,
)
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.identity.schemas import (
    Organisation,
    OrganisationCreate,
    OrganisationPatch,
)
from tikfleet.domains.identity.session_http import SessionRoutes, SetupRoutes
from tikfleet.domains.identity.sessions import Sessions
from tikfleet.domains.identity.settings_schemas import SettingsPatch, SettingsView
from tikfleet.domains.identity.tokens import Tokens
from tikfleet.httpkit.authentication import Principal
from tikfleet.httpkit.policies import permits
from tikfleet.httpkit.representation import require_match
from tikfleet.httpkit.wire import Items
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import Actor, OrgScope


class IdentityAuthenticator:
    """Sessions and API tokens as the HTTP kit's guard asks for them."""

    def __init__(self, sessions: Sessions, tokens: Tokens) -> None:
        self._sessions = sessions
        self._tokens = tokens

    async def by_session(self, secret: str, source_address: str) -> Principal | None:
        return _principal(await self._sessions.identify(secret), source_address)

    async def by_token(self, secret: str, source_address: str) -> Principal | None:
        return _principal(await self._tokens.identify(secret), source_address)


def _principal(found: Identified | None, source_address: str) -> Principal | None:
    if found is None:
        return None
    actor = Actor(found.kind, found.id, found.name, source_address)
    return Principal(actor, found.scope, found.permissions, found.session_id, found.csrf_token)


class OrganisationRoutes(Controller):
    """The active organisation and those below it."""

    path = "/organisations"
    tags = ("Organisations",)
    dependencies = CALLER

    @get(
        policy=permits("organisation:read"),
        operation_id="listOrganisations",
        summary="List organisations",
        responses=READ,
        dependencies=BY_NAME,
    )
    async def list_organisations(
        self,
        org: NamedDependency[OrgScope],
        organisations: NamedDependency[Organisations],
        page: NamedDependency[PageRequest],
        q: Text = None,
    ) -> Items[Organisation]:
        """The active organisation and all below it."""
        found = await organisations.page(org, page, q or "")
        counts = await organisations.device_counts(org)
        return Items([Organisation.of(one, counts) for one in found.items], found.next_cursor, found.total)

    @post(
        policy=permits("organisation:write"),
        operation_id="createOrganisation",
        summary="Create an organisation",
        responses=WRITE,
    )
    async def create_organisation(
        self,
        caller: NamedDependency[Caller],
        organisations: NamedDependency[Organisations],
        data: JSONBody[OrganisationCreate],
    ) -> Organisation:
        """Create an organisation below the active one or one of its descendants."""
        return Organisation.of(await organisations.create(caller, data.name, data.parent_id), {})

    @get(
        "/{organisation_id:str}",
        policy=permits("organisation:read"),
        operation_id="getOrganisation",
        summary="Get an organisation",
        responses=READ,
    )
    async def get_organisation(
        self,
        org: NamedDependency[OrgScope],
        organisations: NamedDependency[Organisations],
        organisation_id: FromPath[str],
    ) -> Organisation:
        """One organisation: the active one or one below it."""
        return await _organisation(organisations, org, organisation_id)

    @patch(
        "/{organisation_id:str}",
        policy=permits("organisation:write"),
        operation_id="updateOrganisation",
        summary="Rename an organisation",
        responses=EDIT,
    )
    async def update_organisation(
        self,
        request: AnyRequest,
        caller: NamedDependency[Caller],
        organisations: NamedDependency[Organisations],
        organisation_id: FromPath[str],
        data: JSONBody[OrganisationPatch],
    ) -> Organisation:
        """Change an organisation's name. Siblings have different names."""
        require_match(request, await _organisation(organisations, caller.scope, organisation_id))
        await organisations.rename(caller, organisation_id, data.name)
        return await _organisation(organisations, caller.scope, organisation_id)

    @delete(
        "/{organisation_id:str}",
        policy=permits("organisation:write"),
        operation_id="deleteOrganisation",
        summary="Delete an organisation",
        responses=EDIT,
    )
    async def delete_organisation(
        self,
        request: AnyRequest,
        caller: NamedDependency[Caller],
        organisations: NamedDependency[Organisations],
        organisation_id: FromPath[str],
    ) -> None:
        """Delete an organisation that has no people, no devices and no organisations below it."""
        require_match(request, await _organisation(organisations, caller.scope, organisation_id))
        await organisations.delete(caller, organisation_id)


async def _organisation(organisations: Organisations, scope: OrgScope, organisation_id: str) -> Organisation:
    found = await organisations.get(scope, organisation_id)
    return Organisation.of(found, await organisations.device_counts(OrgScope.only(found.id)))


class SettingsRoutes(Controller):
    """Settings of the active organisation."""

    path = "/settings"
    tags = ("Settings",)

    @get(
        policy=permits("settings:read"),
        operation_id="getSettings",
        summary="Get the organisation's settings",
        responses=READ,
    )
    async def get_settings(
        self,
        org: NamedDependency[OrgScope],
        organisation_settings: NamedDependency[OrganisationSettings],
    ) -> SettingsView:
        """What is in force in the active organisation, and where each setting comes from."""
        return SettingsView.of(await organisation_settings.standing(org.org_id))

    @patch(
        policy=permits("settings:write"),
        operation_id="updateSettings",
        summary="Change the organisation's settings",
        responses=EDIT,
    )
    async def update_settings(
        self,
        request: AnyRequest,
        principal: NamedDependency[Principal],
        organisation_settings: NamedDependency[OrganisationSettings],
        data: JSONBody[SettingsPatch],
    ) -> SettingsView:
        """Give the active organisation settings of its own, or with null give some back.

        Organisations below follow in each setting that they have not chosen themselves.
        """
        org_id = principal.scope.org_id
        require_match(request, SettingsView.of(await organisation_settings.standing(org_id)))
        return SettingsView.of(await organisation_settings.change(org_id, principal.actor, data.change()))


def routes() -> Sequence[type[Controller]]:
    """The controllers, to be mounted under /api/v1."""
    return [SetupRoutes, SessionRoutes, OrganisationRoutes, PeopleRoutes, TokenRoutes, SettingsRoutes]
