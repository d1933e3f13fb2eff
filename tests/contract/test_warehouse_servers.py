"""What a warehouse on a server promises when the server, or the process that writes to it, dies or is away."""

import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.appending import BATCH, NOW, READINGS, opened
from tests.contract.servers import ClickHouseServer, MariadbServer
from tikfleet.adapters.clickhouse import driver as clickhouse_driver
from tikfleet.adapters.clickhouse.driver import ServerAddress as ClickHouseAddress
from tikfleet.adapters.clickhouse.warehouse import ClickHouseWarehouse
from tikfleet.adapters.singlestore import driver as singlestore_driver
from tikfleet.adapters.singlestore.dialect import Mysql
from tikfleet.adapters.singlestore.driver import ServerAddress
from tikfleet.adapters.singlestore.warehouse import SingleStoreWarehouse
from tikfleet.app.certificates import Certificates, own_certificates
from tikfleet.app.compose import build
from tikfleet.app.settings import load_settings
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    RAW,
    Aggregate,
    Batch,
    FactQuery,
    Measure,
    Warehouse,
    WarehouseUnavailable,
)

SLOW_VIEW = "CREATE MATERIALIZED VIEW tikfleet.readings_0_view ENGINE = Null AS SELECT sleep(2) FROM tikfleet.readings"
SLOW_TRIGGER = "CREATE TRIGGER tikfleet.slow BEFORE INSERT ON tikfleet.readings_1h FOR EACH ROW SET @a = SLEEP(0.0005)"


async def batches(store: Warehouse) -> list[int]:
    """How many batches the table and each rollup hold."""
    measures = (Measure("rows", Aggregate.COUNT), Measure("bytes", Aggregate.SUM, "bytes"))
    found = []
    for resolution in (RAW, "5m", "1h"):
        query = FactQuery("readings", measures, NOW - 86_400_000, NOW + 86_400_000, resolution)
        ((rows, size),) = (await store.select(OrgScope.only(OrganisationId("org_a")), query)).rows
        assert rows == (size or 0)
        assert rows % len(BATCH) == 0
        found.append(rows // len(BATCH))
    return found


class Case:
    """A server of its own for each test, which may be killed."""

    def __init__(self, kind: str, directory: Path, certificates: Certificates | None = None) -> None:
        self.kind = kind
        directory.mkdir(exist_ok=True)
        made = ClickHouseServer if kind == "clickhouse" else MariadbServer
        self.server = made(directory, certificates)
        self.server.start()
        if isinstance(self.server, MariadbServer):
            self.server.run("CREATE DATABASE tikfleet")
            # Killed soon after it made a table, MariaDB may call that table corrupted: ours are of an earlier life.
            asyncio.run(self._made())
            self.server.stop()
            self.server.start()

    async def _made(self) -> None:
        store = await self.opened()
        await store.close()

    async def opened(self) -> Warehouse:
        return await opened(self.kind, self.server.port)

    async def slow(self, store: Warehouse) -> None:
        """Make appends take some seconds between the rows and their rollups."""
        if isinstance(self.server, MariadbServer):
            self.server.run(SLOW_TRIGGER)
        else:
            assert isinstance(store, ClickHouseWarehouse)
            await store._server.write(lambda session: session.run(SLOW_VIEW))

    async def quick(self, store: Warehouse) -> None:
        if isinstance(self.server, MariadbServer):
            self.server.run("DROP TRIGGER tikfleet.slow")
        else:
            assert isinstance(store, ClickHouseWarehouse)
            await store._server.write(lambda session: session.run("DROP VIEW tikfleet.readings_0_view"))


@pytest.fixture(params=["clickhouse", "singlestore"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    if request.param == "singlestore" and (missing := MariadbServer.missing()):
        pytest.skip(f"{missing}: a server that dies is not tested for SingleStore")
    with tempfile.TemporaryDirectory(prefix="tikfleet-server-", ignore_cleanup_errors=True) as path:
        made = Case(request.param, Path(path))
        yield made
        made.server.kill()


def writer_process(case: Case) -> "subprocess.Popen[str]":
    program = str(Path(__file__).with_name("appending.py"))
    arguments = [sys.executable, program, case.kind, str(case.server.port)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


async def test_a_server_that_is_away_is_unavailable_and_is_found_again_at_once(case: Case) -> None:
    store = await case.opened()
    await store.append(Batch("zero", {"readings": BATCH}))
    case.server.kill()

    began = time.monotonic()
    with pytest.raises(WarehouseUnavailable):
        await store.append(Batch("one", {"readings": BATCH}))
    with pytest.raises(WarehouseUnavailable):
        await batches(store)
    with pytest.raises(WarehouseUnavailable):
        await case.opened()
    assert time.monotonic() - began < 15

    case.server.start()
    await store.append(Batch("one", {"readings": BATCH}))
    await store.append(Batch("zero", {"readings": BATCH}))
    assert await batches(store) == [2, 2, 2]
    await store.close()


async def test_a_batch_cut_by_the_death_of_the_server_is_completed_by_its_replay(case: Case) -> None:
    store = await case.opened()
    await case.slow(store)
    append = asyncio.create_task(store.append(Batch("one", {"readings": BATCH})))
    _, unfinished = await asyncio.wait({append}, timeout=1.5)
    assert unfinished
    case.server.kill()
    with pytest.raises(WarehouseUnavailable):
        await append

    case.server.start()
    await case.quick(store)
    await store.append(Batch("one", {"readings": BATCH}))
    await store.append(Batch("one", {"readings": BATCH}))
    assert await batches(store) == [1, 1, 1]
    await store.close()


async def test_a_batch_cut_by_the_death_of_its_writer_is_completed_by_its_replay(case: Case) -> None:
    store = await case.opened()
    await case.slow(store)
    child = writer_process(case)
    assert child.stdout is not None
    assert child.stdout.readline() == "begins\n"
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(1.0)
    child.send_signal(signal.SIGKILL)
    child.communicate()

    await case.quick(store)
    await store.append(Batch("one", {"readings": BATCH}))
    assert await batches(store) == [1, 1, 1]
    await store.close()


async def test_two_writers_with_the_same_batch_count_once(case: Case) -> None:
    first, second = await case.opened(), await case.opened()
    await asyncio.gather(*(store.append(Batch("one", {"readings": BATCH})) for store in (first, second)))

    assert await batches(first) == [1, 1, 1]
    await first.close()
    await second.close()


async def test_a_wrong_password_is_said_without_the_password(case: Case) -> None:
    port = case.server.port
    if case.kind == "clickhouse":
        wrong = ClickHouseWarehouse.open(ClickHouseAddress("127.0.0.1", port, "wrong", "hunter2"))
    else:
        wrong = SingleStoreWarehouse.open(ServerAddress("127.0.0.1", port, "tikfleet", "wrong", "hunter2"), Mysql())
    with pytest.raises(WarehouseUnavailable, match="the user or password is wrong") as refusal:
        await wrong
    assert "hunter2" not in f"{refusal.value!r} {refusal.value.__cause__!r}"


async def secured(kind: str, port: int, ca: str) -> Warehouse:
    if kind == "clickhouse":
        return await ClickHouseWarehouse.open(ClickHouseAddress("127.0.0.1", port, tls=True, ca=ca))
    return await SingleStoreWarehouse.open(ServerAddress("127.0.0.1", port, "tikfleet", tls=True, ca=ca), Mysql())


@pytest.fixture(params=["clickhouse", "singlestore"])
def tls_case(request: pytest.FixtureRequest) -> Iterator[tuple[str, int, str]]:
    """A server with a certificate of its own authority: kind, port, file of the authority."""
    if request.param == "singlestore" and (missing := MariadbServer.missing()):
        pytest.skip(f"{missing}: TLS is not tested for SingleStore")
    with tempfile.TemporaryDirectory(prefix="tikfleet-server-", ignore_cleanup_errors=True) as path:
        own = own_certificates(Path(path) / "keys", ["127.0.0.1"], datetime.now(UTC))
        made = Case(request.param, Path(path) / "server", own)
        yield request.param, made.server.port, str(Path(path) / "keys" / "ca.pem")
        made.server.kill()


async def test_a_server_is_spoken_to_over_tls_that_its_authority_vouches_for(tls_case: tuple[str, int, str]) -> None:
    store = await secured(*tls_case)
    await store.prepare([READINGS])
    await store.append(Batch("one", {"readings": BATCH}))

    assert await batches(store) == [1, 1, 1]
    await store.close()


async def test_a_server_that_nobody_vouches_for_is_not_spoken_to(tls_case: tuple[str, int, str]) -> None:
    kind, port, _ = tls_case
    with pytest.raises(WarehouseUnavailable, match="not trusted"):
        await secured(kind, port, "")


async def test_a_server_without_tls_hears_no_password_that_was_meant_for_tls(case: Case) -> None:
    with pytest.raises(WarehouseUnavailable):
        await secured(case.kind, case.server.port, "")


@pytest.mark.parametrize(
    ("load", "extra"),
    [(clickhouse_driver.load_driver, "clickhouse"), (singlestore_driver.load_driver, "singlestore")],
)
def test_a_missing_driver_is_named_with_what_installs_it(
    load: Callable[[], object], extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "clickhouse_connect", None)
    monkeypatch.setitem(sys.modules, "singlestoredb.mysql", None)

    with pytest.raises(WarehouseUnavailable) as refusal:
        load()
    assert f"pip install 'tikfleet[{extra}]'" in refusal.value.advice


# Not on MariaDB, which does not read SingleStore's own definitions.
@pytest.mark.parametrize("case", ["clickhouse"], indirect=True)
async def test_the_platform_runs_on_a_server_and_its_directory_has_one_holder(case: Case, tmp_path: Path) -> None:
    port = case.server.port
    variables = {"TIKFLEET_DATA": str(tmp_path), "TIKFLEET_WAREHOUSE_URL": f"clickhouse://127.0.0.1:{port}/platform"}
    async with build(load_settings(variables)) as platform:
        assert (await platform.server_info.view()).adapters["warehouse"] == "ClickHouse"
        with pytest.raises(WarehouseUnavailable, match="is held by process"):
            async with build(load_settings(variables)):
                pass
