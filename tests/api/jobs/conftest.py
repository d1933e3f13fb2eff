"""Jobs over the real Litestar application, on SQLite in a temporary directory: two organisations and a provider."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar, Router
from litestar.openapi.config import OpenAPIConfig

from tikfleet.adapters.files.blobs import FileBlobs
from tikfleet.adapters.files.vault import open_file_vault
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.signing import MemoryKey
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.adapters.web.outbound import WebOutbound
from tikfleet.agent.names import AGENT_NAMES
from tikfleet.domains.audit.public import AuditTrail
from tikfleet.domains.audit.tables import metadata as audit_tables
from tikfleet.domains.callbacks.public import Callbacks
from tikfleet.domains.inventory.public import Selection
from tikfleet.domains.jobs import http
from tikfleet.domains.jobs.public import (
    JobDesk,
    JobIssuer,
    JobOutcome,
    JobReport,
    Jobs,
    JobSecrets,
    JobTarget,
    Kind,
    Ledger,
    OneLimit,
    OpenWork,
    Reach,
    ScriptChecks,
    Vetting,
)
from tikfleet.domains.jobs.tables import metadata as job_tables
from tikfleet.domains.library import http as library_http
from tikfleet.domains.library.public import Library
from tikfleet.domains.library.tables import metadata as library_tables
from tikfleet.httpkit.authentication import Guard, Principal
from tikfleet.httpkit.bodies import strict_json
from tikfleet.httpkit.problems import HANDLERS
from tikfleet.httpkit.representation import Representation
from tikfleet.httpkit.wire import dependencies
from tikfleet.kernel.ids import DeviceId, OrganisationId, new_id
from tikfleet.kernel.permissions import ROLE_PERMISSIONS, Role
from tikfleet.kernel.scopes import Actor, OrgScope
from tikfleet.ports.database import Database

ACME = OrgScope.only(OrganisationId(new_id("org")))
GLOBEX = OrgScope.only(OrganisationId(new_id("org")))
PROVIDER = OrgScope(OrganisationId("org_01m3k5x0v7q2a9bc"), (OrganisationId("org_01m3k5x0v7q2a9bc"), ACME.org_id))


class Doors:
    """Tokens that say who they are: `acme-operator`, `globex-viewer`."""

    scopes = {"acme": ACME, "globex": GLOBEX, "provider": PROVIDER}

    async def by_session(self, secret: str, source_address: str) -> Principal | None:
        return None

    async def by_token(self, secret: str, source_address: str) -> Principal | None:
        name, _, role = secret.partition("-")
        if name not in self.scopes:
            return None
        held: Role = role  # type: ignore[assignment]
        return Principal(
            Actor("token", "tok_01m3k5x0v7q2a9bc" if name == "acme" else f"tok_{name}", name),
            self.scopes[name],
            ROLE_PERMISSIONS[held],
        )


class House:
    """The application of jobs, its devices and its clock."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.now = datetime(2026, 11, 23, 4, 20, 11, tzinfo=UTC)
        self.devices: dict[DeviceId, JobTarget] = {}
        self.blobs, self.limits = FileBlobs(directory), OneLimit()
        self.directory = directory.parent
        self.vault = open_file_vault(directory.parent / "vault.key")
        ledger, key = Ledger(database, MemoryBus(), OpenWork(), JobSecrets(self.vault)), MemoryKey()
        self.audit = AuditTrail(database, self.clock)
        vetting = Vetting(key, self.audit, MemoryBus())
        self.desk = JobDesk(ledger, self.blobs, self, self, self.clock, vetting)
        checks = ScriptChecks(self, AGENT_NAMES)
        services = {
            "jobs": Jobs(
                JobIssuer(ledger, key, Reach(self.limits, self.clock)),
                self.blobs,
                self,
                self,
                self.audit,
                self.clock,
                checks,
            ),
            "script_checks": checks,
            "callbacks": Callbacks(database, self.audit, self.vault, WebOutbound(), self.clock),
            "library": Library(database, self.audit, self.clock),
        }
        self.app = Litestar(
            [Router("/api/v1", route_handlers=[*http.routes(), *library_http.routes()])],
            dependencies=dependencies(services),
            guards=[Guard(Doors()), strict_json],
            exception_handlers=HANDLERS,
            openapi_config=OpenAPIConfig("Tikfleet", "1"),
        )
        self.http = AsyncClient(transport=ASGITransport(Representation(self.app)), base_url="http://tikfleet.example")

    def clock(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def find(self, org: OrgScope, wanted: Sequence[DeviceId] | Selection, limit: int) -> Sequence[JobTarget]:
        seen = [device for device in self.devices.values() if device.org_id in org]
        if isinstance(wanted, Selection):
            return [device for device in seen if wanted.q in device.name][:limit]
        return [device for device in seen if device.id in set(wanted)][:limit]

    async def versions(self, org: OrgScope, selection: Selection) -> Mapping[str, int]:
        return Counter(device.version for device in await self.find(org, selection, 50_000))

    def render(self, kind: Kind, parameters: Mapping[str, str], device: JobTarget) -> str:
        if "not for this tier" in parameters.get("source", ""):
            raise ValueError("the agent cannot run it")
        return f"# {kind} {parameters}"

    def guarded(self, script: str, device: JobTarget, within_s: int, timeout_s: int) -> str:
        return f"guarded {within_s} {timeout_s}\n{script}"

    def device(
        self,
        name: str,
        org: OrgScope = ACME,
        tier: str | None = "A",
        status: str = "online",
        version: str = "7.20.1 (stable)",
    ) -> DeviceId:
        device = JobTarget(DeviceId(new_id("dev")), name, org.org_id, tier, status, version)
        self.devices[device.id] = device
        return device.id

    async def ask(self, who: str, method: str, path: str, body: object = None, **query: Any) -> Response:
        headers = {"authorization": f"Bearer {who}"} if who else {}
        return await self.http.request(method, f"/api/v1{path}", json=body, params=query or None, headers=headers)

    def report(self, job_id: str, state: str, error: str) -> JobReport:
        return JobReport(job_id, state, error)

    def stored(self) -> list[str]:
        """All that rests in files, keys included."""
        return [path.read_bytes().decode("latin-1") for path in self.directory.rglob("*") if path.is_file()]

    async def job(self, device_id: DeviceId, who: str = "acme-operator", **more: object) -> dict[str, Any]:
        body = {"device_ids": [device_id], "kind": "script", "script": ":put hello"} | more
        answer = await self.ask(who, "POST", "/jobs", {key: value for key, value in body.items() if value is not None})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()["items"][0]
        return made

    async def run(self, device_id: DeviceId, outcome: JobOutcome) -> str:
        """The device takes its next job and reports this outcome; gives the job's id."""
        handed = await self.desk.next_for(device_id, "boot1", self.now)
        assert handed
        assert await self.desk.started(device_id, handed.id, "boot1")
        assert await self.desk.result(device_id, handed.id, outcome)
        return handed.id


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    path = tmp_path / "state.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    job_tables.create_all(engine)
    library_tables.create_all(engine)
    audit_tables.create_all(engine)
    engine.dispose()
    database = SqliteDatabase(path)
    house = House(database, tmp_path / "blobs")
    async with house.http:
        yield house
    await database.close()
