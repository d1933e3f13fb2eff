"""The whole platform in one process, asked over ASGI: two organisations, routers that enrol and report by hand.

One platform serves all tests of a file, since making one takes a second; each test has organisations of its own, and
counts from where it began.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from tikfleet.app.compose import Platform, build
from tikfleet.app.settings import Settings
from tikfleet.domains.enrolment.schemas import EnrolmentKeyCreate
from tikfleet.domains.identity.model import Organisation
from tikfleet.domains.identity.repository import add_organisation
from tikfleet.domains.inventory.events import EventFilter, Events
from tikfleet.domains.inventory.schemas import DeviceDetail
from tikfleet.domains.inventory.states import DeviceStates
from tikfleet.kernel.clock import to_text, utc_now
from tikfleet.kernel.ids import DeviceId, OrganisationId, new_id
from tikfleet.kernel.paging import PageRequest
from tikfleet.kernel.scopes import SYSTEM, OrgScope
from tikfleet.ports.warehouse import Aggregate, FactQuery, Measure, OneOf

from .forms import lines_of

JSON = "application/json"
LINES = "text/plain"


class Router:
    """One router as the platform sees it: a token, a boot, a count of reports."""

    def __init__(self, fleet: "Fleet", token: str, device_id: str, form: str) -> None:
        self.fleet, self.token, self.device_id, self.form = fleet, token, DeviceId(device_id), form
        self.org_id = OrganisationId("")
        self.boot, self.seq = "boot1", 0

    async def post(self, path: str, body: bytes, content_type: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type or self.form}
        return await self.fleet.http.post(path, content=body, headers=headers)

    async def get(self, path: str) -> httpx.Response:
        return await self.fleet.http.get(path, headers={"Authorization": f"Bearer {self.token}"})

    def report(self, **fields: Any) -> dict[str, Any]:
        """The next report: counted on, everything else as given (`_` for `-` in names)."""
        self.seq += 1
        fresh = {"v": "1", "agent": "1.1.0/A", "boot": self.boot, "seq": str(self.seq), "uptime": "1h"}
        return fresh | {name.replace("_", "-"): value for name, value in fields.items()}

    async def send(self, report: dict[str, Any]) -> dict[str, Any]:
        body = msgspec.json.encode(report) if self.form == JSON else lines_of(report)
        answer = await self.post("/agent/v1/checkin", body)
        assert answer.status_code == 200, answer.text
        return answer_of(answer)

    async def check_in(self, **fields: Any) -> dict[str, Any]:
        return await self.send(self.report(**fields))

    def reboot(self) -> None:
        self.boot, self.seq = f"boot{int(self.boot[4:]) + 1}", 0


def answer_of(answer: httpx.Response) -> dict[str, Any]:
    """The answer in JSON's shape, whichever form it came in."""
    if answer.headers["content-type"].startswith(JSON):
        return answer.json()  # type: ignore[no-any-return]
    found: dict[str, Any] = {}
    for line in answer.text.splitlines():
        key, _, text = line.partition("=")
        group, _, field = key.rpartition(".")
        (found.setdefault(group, {}) if group else found)[field] = text
    return found | {"ok": found.get("ok") == "1"}


class Fleet:
    """The platform and what a test does with it."""

    def __init__(self, platform: Platform, http: httpx.AsyncClient) -> None:
        self.platform, self.http = platform, http
        self._began = msgspec.structs.asdict(platform.counts) | {"refused": Counter(platform.counts.refused)}
        self.states = DeviceStates(platform.infra.database)
        self.devices: Any = platform.removals._devices
        self.sessions: Any = platform.removals._sessions
        self.enrolment: Any = platform.removals._enrolment

    async def organisation(self, name: str) -> OrgScope:
        org = OrganisationId(new_id("org"))
        async with self.platform.infra.database.write() as tx:
            await add_organisation(tx, Organisation(org, None, name, to_text(utc_now())))
        return OrgScope.only(org)

    async def key(self, scope: OrgScope, **wanted: Any) -> str:
        made = await self.platform.keys.create(scope, SYSTEM, EnrolmentKeyCreate("key", **wanted))
        return made.secret

    async def ask_enrol(self, key: str, form: str = JSON, probe: dict[str, Any] | None = None, **inventory: Any) -> Any:
        about = {
            "identity": "r1",
            "serial_number": "S1",
            "board_name": "hAP ax2",
            "version": "7.16.2 (stable)",
        } | inventory
        report = {"inventory": {name.replace("_", "-"): value for name, value in about.items()}, "probe": probe or {}}
        body = msgspec.json.encode(report) if form == JSON else lines_of(report)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": form}
        return await self.http.post("/agent/v1/enrol", content=body, headers=headers)

    async def enrol(self, key: str, form: str = JSON, **inventory: Any) -> Router:
        answer = await self.ask_enrol(key, form, **inventory)
        found = answer_of(answer)
        assert found["ok"], answer.text
        router = Router(self, found["token"], found["device"], form)
        credential = await self.enrolment.credential(router.token)
        router.org_id = credential.org_id
        return router

    async def drain(self) -> None:
        """Process everything that waits."""
        while await self.platform.consumer.step():
            pass

    async def device(self, scope: OrgScope, router: Router) -> DeviceDetail:
        found: DeviceDetail = await self.devices.get(scope, router.device_id)
        return found

    async def events(self, scope: OrgScope, router: Router | None = None) -> list[Any]:
        """What happened, oldest first."""
        wanted = EventFilter(device_id=router.device_id if router else None)
        page = await Events(self.platform.infra.database).page(scope, wanted, PageRequest(limit=200))
        return list(reversed(page.items))

    async def kinds(self, scope: OrgScope, router: Router) -> list[str]:
        return [event.kind for event in await self.events(scope, router)]

    def counted(self, name: str) -> int:
        """By how much a counter of the platform grew in this test."""
        return int(getattr(self.platform.counts, name)) - self._began[name]

    def refused(self, cause: str) -> int:
        """How many requests were refused for this cause in this test."""
        return self.platform.counts.refused[cause] - self._began["refused"][cause]

    async def history(self, router: Router, table: str = "site_checkins", *columns: str) -> list[Any]:
        """The rows of a router's history: these columns of them, in the order of time."""
        measures = tuple(Measure(name, Aggregate.SUM, name) for name in columns) or (Measure("rows", Aggregate.COUNT),)
        by = ("seq", "boot_id") if table == "site_checkins" else ("received_at",)
        query = FactQuery(table, measures, 0, 2**42, group_by=by, filters=(OneOf("device_id", (router.device_id,)),))
        scope = OrgScope.only(router.org_id)
        return [tuple(row) for row in (await self.platform.infra.warehouse.select(scope, query)).rows]

    async def until(self, said: Any, timeout_s: float = 5) -> None:
        """Wait until an asynchronous condition holds, with a bound."""
        ends_at = time.monotonic() + timeout_s
        while not await said():
            assert time.monotonic() < ends_at, "the condition did not come true in time"
            await asyncio.sleep(0.01)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here run on the loop of their file's platform."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest.fixture(scope="module")
def database_url() -> str:
    """SQLite; a file of tests that wants another database gives its own."""
    return ""


@pytest.fixture(scope="module")
def admission() -> dict[str, int]:
    """More than tests send; a file of tests that wants a small server gives its own."""
    return {"checkins_per_second": 1_000_000, "checkins_per_device_minute": 10_000_000}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, database_url: str, admission: dict[str, int]
) -> AsyncIterator[tuple[Platform, httpx.AsyncClient]]:
    data = str(tmp_path_factory.mktemp("checkin") / "data")
    settings = Settings(
        data=data, http_port=1, https_port=0, warehouse_memory_mb=512, database_url=database_url, **admission
    )
    async with build(settings) as platform:
        watching = asyncio.create_task(platform.session_watch.run())
        transport = httpx.ASGITransport(app=platform.http)
        async with httpx.AsyncClient(transport=transport, base_url="http://tikfleet.test") as http:
            yield platform, http
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


@pytest_asyncio.fixture(loop_scope="module")
async def fleet(shared: tuple[Platform, httpx.AsyncClient]) -> Fleet:
    platform, http = shared
    while await platform.consumer.step():
        pass
    return Fleet(platform, http)


@pytest_asyncio.fixture(loop_scope="module")
async def acme(fleet: Fleet) -> OrgScope:
    return await fleet.organisation("Acme")


@pytest_asyncio.fixture(loop_scope="module")
async def globex(fleet: Fleet) -> OrgScope:
    return await fleet.organisation("Globex")


@pytest_asyncio.fixture(params=[JSON, LINES], ids=["json", "lines"], loop_scope="module")
async def router(request: pytest.FixtureRequest, fleet: Fleet, acme: OrgScope) -> Router:
    """An enrolled router of Acme, in each wire form."""
    return await fleet.enrol(await fleet.key(acme), request.param)


@pytest_asyncio.fixture(loop_scope="module")
async def plain(fleet: Fleet, acme: OrgScope) -> Router:
    """An enrolled router of Acme that speaks JSON."""
    return await fleet.enrol(await fleet.key(acme), JSON, serial_number="PLAIN")
