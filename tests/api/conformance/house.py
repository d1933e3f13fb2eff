"""The assembled platform in this process, for tests: each layer of the real one, on SQLite, without telemetry.

`API_ON=aws python -m pytest tests/api` puts it on every adapter of AWS, PostgreSQL and ClickHouse's protocol instead.
The platform lives on an event loop in a thread of its own, so that tests of a whole module can share it and stay plain
functions. Tests keep apart by making organisations of their own.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.api.conformance.clouds import aws_settings
from tests.api.conformance.seeding import enrolment_of, report_of
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.files.vault import open_file_vault
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.memory.signing import MemoryKey
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.adapters.sqlite.inbox import SqliteInbox
from tikfleet.app.compose import Infra, Platform, assemble
from tikfleet.app.databases import sqlite_url
from tikfleet.app.fact_tables import fact_tables
from tikfleet.app.infra import open_infra
from tikfleet.app.schema import migrate
from tikfleet.app.serve import background
from tikfleet.app.settings import load_settings
from tikfleet.domains.identity.model import Caller
from tikfleet.domains.identity.setup import FirstOwner
from tikfleet.kernel.permissions import PERMISSIONS
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.warehouse import Answer, Batch, FactQuery, FactTable, TableSize, Warehouse

T = TypeVar("T")
PASSWORD = "twelve monkeys ride"
PATIENCE_S = 30.0


class EmptyWarehouse:
    """Keeps nothing and answers with nothing, in the right columns."""

    async def prepare(self, tables: Sequence[FactTable]) -> None: ...

    async def append(self, batch: Batch) -> None: ...

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        bucket = ("bucket",) if query.bucket_s else ()
        return Answer((*bucket, *query.group_by, *(measure.name for measure in query.measures)), [], 0.1, 0)

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None: ...

    async def storage(self) -> Sequence[TableSize]:
        return []

    async def close(self) -> None: ...


class House:
    """The platform, its root organisation's owner, and whoever is invited in."""

    def __init__(
        self,
        directory: Path,
        requests_per_minute: int = 10_000_000,
        *,
        with_telemetry: bool = False,
        on_aws: bool = os.environ.get("API_ON") == "aws",
    ) -> None:
        """`with_telemetry` keeps rows in a real engine; without, nothing is kept. `on_aws` always keeps them."""
        self._with_telemetry = with_telemetry
        self.on_aws = on_aws
        self._servers = ExitStack()
        adapters = self._servers.enter_context(aws_settings()) if on_aws else {}
        self.settings = load_settings(
            adapters,
            data=str(directory),
            requests_per_minute=requests_per_minute,
            callback_networks="127.0.0.0/8",
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="house", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self.platform: Platform = self.run(self._open(directory))
        self.root = self.run(self._first())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on the platform's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        self._servers.close()

    async def _infra(self, directory: Path) -> Infra:
        if self.on_aws:
            return await self._stack.enter_async_context(open_infra(self.settings))
        path = directory / "tikfleet.sqlite"
        await migrate(sqlite_url(path))
        database, inbox = SqliteDatabase(path), SqliteInbox(directory / "inbox.sqlite")
        vault = open_file_vault(directory / "root.key")
        key = MemoryKey()
        lines = SqliteInbox(directory / "logs.sqlite")
        for opened in (database, inbox, lines):
            self._stack.push_async_callback(opened.close)
        return Infra(
            database=database,
            warehouse=await self._warehouse(directory),
            inbox=inbox,
            bus=MemoryBus(),
            cache=MemoryCache(),
            blobs=FileBlobs(directory / "blobs"),
            vault=vault,
            verifier=key,
            signer=key,
            lines=lines,
        )

    async def _open(self, directory: Path) -> Platform:
        platform = await assemble(self.settings, await self._infra(directory), "")
        await self._stack.enter_async_context(background(platform))
        transport = httpx.ASGITransport(platform.http, raise_app_exceptions=False)
        self._http = await self._stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://fleet.example")
        )
        return platform

    async def _warehouse(self, directory: Path) -> Warehouse:
        if not self._with_telemetry:
            return EmptyWarehouse()
        opened = await ChdbWarehouse.open(directory / "warehouse")
        self._stack.push_async_callback(opened.close)
        await opened.prepare(fact_tables(self.settings))
        return opened

    async def _first(self) -> "Tenant":
        made = await self.platform.identity.setup.create_first_owner(
            FirstOwner("Provider", "root@provider.example", "Ada", PASSWORD)
        )
        self._owner = Actor("person", made.person_id, "Ada", "192.0.2.9")
        return Tenant(self, made.org_id, await self.token(made.org_id))

    async def token(self, org_id: str, scopes: Sequence[str] = PERMISSIONS, below: Sequence[str] = ()) -> str:
        """An API token of the root's owner that acts in an organisation."""
        scope = OrgScope(org_id, (org_id, *below))  # type: ignore[arg-type]
        caller = Caller(self._owner, scope, frozenset(PERMISSIONS))
        tokens = self.platform.identity.services["tokens"]
        _, secret = await tokens.create(caller, "test", list(scopes), None)
        return str(secret)

    def tenant(self, name: str, parent: "Tenant | None" = None) -> "Tenant":
        """A new organisation below the root, or below another."""
        above = parent or self.root
        made = above.made("/organisations", {"name": name, "parent_id": above.org_id})
        return Tenant(self, made["id"], self.run(self.token(made["id"])))

    def ask(self, method: str, path: str, body: object = None, secret: str = "", **options: Any) -> httpx.Response:
        """One request; `path` begins with /agent or is below /api/v1."""
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        headers |= options.pop("headers", {})
        if body is not None:
            options["json"] = body
        whole = path if path.startswith(("/agent/", "/api/")) else f"/api/v1{path}"
        return self.run(self._send(method, whole, headers=headers, **options))

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = await self._http.request(method, path, **options)
        # No request is signed in by what another was given.
        self._http.cookies.clear()
        return answer

    def fetch(self, path: str, **options: Any) -> httpx.Response:
        """A GET of any path at all, outside the API too."""
        return self.run(self._send("GET", path, **options))

    def until(self, found: Callable[[], T]) -> T:
        """Ask again until the answer is true. The platform works behind its answers, by design."""

        async def pause() -> None:
            await asyncio.sleep(0.02)

        for _ in range(int(PATIENCE_S / 0.02)):
            if answer := found():
                return answer
            self.run(pause())
        raise AssertionError("what was waited for did not come")


class Tenant:
    """An organisation and the API token of somebody who may do everything in it."""

    def __init__(self, house: House, org_id: str, secret: str) -> None:
        self.house, self.org_id, self.secret = house, org_id, secret

    def ask(self, method: str, path: str, body: object = None, **options: Any) -> httpx.Response:
        return self.house.ask(method, path, body, self.secret, **options)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def made(self, path: str, body: object) -> Any:
        answer = self.ask("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def items(self, path: str, **query: Any) -> list[Any]:
        found: list[Any] = self.get(path, **query)["items"]
        return found

    def key(self, **wanted: Any) -> Any:
        return self.made("/enrolment-keys", {"name": "Field", **wanted})

    def router(self, number: int = 1, key: Any = None, reports: int = 0, **inventory: str) -> "Router":
        """A router that enrols, and then reports so many times and has been heard."""
        body = enrolment_of(number)
        body["inventory"] |= {name.replace("_", "-"): value for name, value in inventory.items()}
        answer = self.house.ask("POST", "/agent/v1/enrol", body, (key or self.key())["secret"])
        assert answer.status_code == 200, answer.text
        assert answer.json()["ok"], answer.text
        router = Router(self, answer.json()["device"], answer.json()["token"])
        for seq in range(1, reports + 1):
            router.report(report_of(number, seq))
        if reports:
            self.house.until(lambda: self.get(f"/devices/{router.id}")["status"] == "online")
        return router


class Router:
    """A device as the test knows it."""

    def __init__(self, tenant: Tenant, device_id: str, token: str) -> None:
        self.tenant, self.id, self.token = tenant, device_id, token

    def report(self, body: dict[str, Any]) -> httpx.Response:
        return self.tenant.house.ask("POST", "/agent/v1/checkin", body, self.token)

    def read(self) -> Any:
        return self.tenant.get(f"/devices/{self.id}")
