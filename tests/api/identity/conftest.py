"""Identity and audit over the real Litestar application, on SQLite in a temporary directory."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar, Router
from litestar.openapi.config import OpenAPIConfig
from sqlalchemy.ext.asyncio import create_async_engine

from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.postgres.database import PostgresDatabase
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.domains.audit import http as audit_http
from tikfleet.domains.audit import tables as audit_tables
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.identity import http, tables
from tikfleet.domains.identity.invitations import Invitations
from tikfleet.domains.identity.organisations import Organisations
from tikfleet.domains.identity.passwords import Passwords
from tikfleet.domains.identity.people import People
from tikfleet.domains.identity.public import OrganisationSettings
from tikfleet.domains.identity.recognition import Recognition
from tikfleet.domains.identity.session_http import SessionCookie
from tikfleet.domains.identity.sessions import Sessions
from tikfleet.domains.identity.setup import FirstOwner, Setup
from tikfleet.domains.identity.throttling import SignInThrottle
from tikfleet.domains.identity.tokens import Tokens
from tikfleet.httpkit.authentication import Guard
from tikfleet.httpkit.bodies import strict_json
from tikfleet.httpkit.problems import HANDLERS
from tikfleet.httpkit.wire import dependencies
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.database import Database

OWNER = "ada@acme.example"
PASSWORD = "twelve monkeys ride"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class HeldClock:
    """Server time that moves only when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


class Counted:
    """Device counts as a test sets them."""

    def __init__(self) -> None:
        self.devices: dict[str, int] = {}

    async def device_counts(self, scope: OrgScope) -> Mapping[OrganisationId, int]:
        return {org: self.devices[org] for org in scope.org_ids if org in self.devices}


class House:
    """The application, its parts and its clock."""

    def __init__(self, database: Database, hasher: PasswordHasher = QUICK) -> None:
        self.clock = HeldClock()
        self.counts = Counted()
        self.database = database
        self.audit = AuditTrail(database, self.clock)
        recognition = Recognition(self.clock.seconds)
        self.cache = MemoryCache(self.clock.seconds)
        throttle = SignInThrottle(self.cache, self.clock)
        passwords = Passwords(hasher)
        shared = (database, self.audit)
        self.sessions = Sessions(*shared, passwords, throttle, recognition, self.clock)
        self.tokens = Tokens(*shared, recognition, self.clock)
        self.setup = Setup(*shared, passwords, self.sessions, self.clock)
        self.settings = OrganisationSettings(*shared, self.clock.seconds)
        services = {
            "audit_trail": self.audit,
            "organisations": Organisations(*shared, self.counts, recognition, self.clock),
            "people": People(*shared, recognition, self.clock),
            "tokens": self.tokens,
            "organisation_settings": self.settings,
            "sessions": self.sessions,
            "setup": self.setup,
            "invitations": Invitations(*shared, passwords, throttle, recognition, self.sessions, self.clock),
            "session_cookie": SessionCookie(),
        }
        router = Router("/api/v1", route_handlers=[*http.routes(), *audit_http.routes()])
        self.app = Litestar(
            [router],
            dependencies=dependencies(services),
            guards=[Guard(http.IdentityAuthenticator(self.sessions, self.tokens)), strict_json],
            exception_handlers=HANDLERS,
            openapi_config=OpenAPIConfig("Tikfleet", "1"),
        )

    def browser(self) -> "Browser":
        return Browser(self.app)


class Browser:
    """A client that keeps its cookie and sends its CSRF token, or an API token."""

    def __init__(self, app: Litestar) -> None:
        # In the test's own event loop, to which connections of a database may be bound.
        self.http = AsyncClient(transport=ASGITransport(app), base_url="http://testserver.local")
        self.csrf = ""
        self.token = ""

    async def ask(self, method: str, path: str, body: object = None, **options: Any) -> Response:
        headers = {"X-CSRF-Token": self.csrf, **options.pop("headers", {})}
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        if body is not None:
            options["json"] = body
        answer = await self.http.request(method, f"/api/v1{path}", headers=headers, **options)
        if answer.is_success and answer.content and "csrf_token" in answer.json():
            self.csrf = answer.json()["csrf_token"]
        return answer

    async def get(self, path: str, **options: Any) -> Response:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: object, **options: Any) -> Response:
        return await self.ask("POST", path, body, **options)

    async def patch(self, path: str, body: object, **options: Any) -> Response:
        return await self.ask("PATCH", path, body, **options)

    async def put(self, path: str, body: object) -> Response:
        return await self.ask("PUT", path, body)

    async def delete(self, path: str) -> Response:
        return await self.ask("DELETE", path)

    async def sign_in(self, email: str = OWNER, password: str = PASSWORD) -> Response:
        return await self.post("/session", {"email": email, "password": password})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Database]:
    """The database with identity's and audit's tables; `test_on_postgres` puts another in its place."""
    path = tmp_path / "state.db"
    await create_tables(sqlite_url(path))
    database = SqliteDatabase(path)
    yield database
    await database.close()


@pytest.fixture
async def house(store: Database) -> House:
    return House(store)


async def create_tables(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(tables.metadata.create_all)
        await connection.run_sync(audit_tables.metadata.create_all)
    await engine.dispose()


@pytest.fixture
async def postgres_store(new_postgres_url) -> AsyncIterator[Database]:
    url = new_postgres_url()
    await create_tables(url)
    database = PostgresDatabase(url, connections=3)
    yield database
    await database.close()


@pytest.fixture
async def owner(house: House) -> Browser:
    """The owner of the root organisation, signed in."""
    await house.setup.create_first_owner(FirstOwner("Acme", OWNER, "Ada", PASSWORD))
    browser = house.browser()
    assert (await browser.sign_in()).status_code == 200
    return browser


class Tenants:
    """Two organisations below one root, each with an owner who sees nothing of the other."""

    def __init__(self, acme: Browser, globex: Browser, acme_id: str, globex_id: str) -> None:
        self.acme, self.globex, self.acme_id, self.globex_id = acme, globex, acme_id, globex_id


@pytest.fixture
async def join(house: House):
    """Invite somebody with a role into the active organisation of `host`, accept, and give their browser."""

    async def invite(host: Browser, email: str, role: str) -> Browser:
        invited = await host.post("/people", {"email": email, "name": email.partition("@")[0], "role": role})
        assert invited.status_code == 201, invited.text
        guest = house.browser()
        answer = await guest.post(
            "/invitations/accept",
            {"token": invited.json()["invitation_token"], "name": "Guest", "password": PASSWORD},
        )
        assert answer.status_code == 201, answer.text
        return guest

    return invite


@pytest.fixture
async def tenants(owner: Browser, join) -> Tenants:
    root = (await owner.get("/session")).json()["organisation"]["id"]
    found = []
    for name in ("acme", "globex"):
        made = await owner.post("/organisations", {"name": name, "parent_id": root})
        org_id = made.json()["id"]
        await owner.put("/session/organisation", {"organisation_id": org_id})
        found.append((await join(owner, f"owner@{name}.example", "owner"), org_id))
        await owner.put("/session/organisation", {"organisation_id": root})
    (acme, acme_id), (globex, globex_id) = found
    return Tenants(acme, globex, acme_id, globex_id)
