"""Moving a warehouse to a server: all of it arrives, a move that was cut goes on, and nobody's rows are touched."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.contract.stores import ClickHouseStores, SingleStoreStores
from tikfleet.adapters.chdb.warehouse import ChdbWarehouse
from tikfleet.adapters.clickhouse.warehouse import ClickHouseWarehouse
from tikfleet.adapters.singlestore.warehouse import SingleStoreWarehouse
from tikfleet.app.relocation.move import Move, Moved
from tikfleet.app.relocation.notes import NotesFile
from tikfleet.domains.telemetry.public import Retention, telemetry_tables
from tikfleet.kernel.ids import OrganisationId, new_id
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.relocation import CopyDiffers, Slice, TargetInUse
from tikfleet.ports.warehouse import Aggregate, Batch, Column, FactQuery, FactTable, Kind, Measure, Row

ORG = OrganisationId("org_moved")
SCOPE = OrgScope.only(ORG)
DAY_MS = 86_400_000
TABLES = telemetry_tables(Retention())
TEXTS = ("", "7.20.4", "ether1", "Büro 'süd'", "a\tb\\c", "名前", "x" * 300)
Served = ClickHouseWarehouse | SingleStoreWarehouse


def value(column: Column, chance: random.Random, now_ms: int) -> object:
    if column.name == "org_id":
        return ORG
    if column.kind is Kind.MOMENT:
        return now_ms - chance.randrange(3 * DAY_MS)
    if column.kind in (Kind.TEXT, Kind.LABEL):
        return chance.choice(TEXTS)
    if column.optional and chance.random() < 0.3:
        return None
    if column.kind in (Kind.F32, Kind.F64):
        return chance.uniform(-1e6, 1e6)
    if column.kind is Kind.U64 and chance.random() < 0.01:
        return 2**50
    return chance.randrange(100)


def rows(table: FactTable, count: int, seed: int) -> list[Row]:
    chance, now_ms = random.Random(seed), int(time.time()) * 1000
    return [tuple(value(column, chance, now_ms) for column in table.columns) for _ in range(count)]


async def filled(path: Path) -> ChdbWarehouse:
    """A store with rows of some days in every table."""
    store = await ChdbWarehouse.open(path)
    await store.prepare(TABLES)
    for number in range(2):
        batch = {table.name: rows(table, 500, number) for table in TABLES}
        await store.append(Batch(f"batch {number}", batch))
    return store


class Unwatched:
    """Notes how far a move came; ends it after so many rows."""

    def __init__(self, ends_after: float = float("inf")) -> None:
        self.total = 0
        self.done = 0
        self._ends_after = ends_after

    def planned(self, slices_n: int, rows_n: int) -> None:
        self.total = rows_n

    def began(self, part: Slice) -> None: ...

    def copied(self, rows_n: int) -> None:
        self.done += rows_n
        if self.done > self._ends_after:
            raise KeyboardInterrupt


@pytest.fixture
async def source(tmp_path: Path) -> AsyncIterator[ChdbWarehouse]:
    store = await filled(tmp_path / "warehouse")
    yield store
    await store.close()


@pytest.fixture(params=["clickhouse", "singlestore"])
async def target(request: pytest.FixtureRequest) -> AsyncIterator[Served]:
    stores: ClickHouseStores | SingleStoreStores = request.getfixturevalue(f"{request.param}_stores")
    store = await stores.open(new_id("m").lower().replace("-", "_"))
    assert isinstance(store, Served)
    yield store
    await store.close()


async def moved(source: ChdbWarehouse, target: Served, path: Path, watcher: Unwatched | None = None) -> Moved:
    return await Move(source.source(), target.target(), NotesFile(path), "there").run(TABLES, watcher or Unwatched())


def questions() -> list[FactQuery]:
    """Everything that each table and rollup can tell, by day."""
    asked = []
    for table in TABLES:
        measures = [Measure("rows", Aggregate.COUNT)]
        asked.append(FactQuery(table.name, tuple(measures), None, None, bucket_s=86_400))
        for rollup in table.rollups:
            kept = [Measure(f"{name}_{how.value}", how, name) for name, hows in rollup.kept.items() for how in hows]
            bucket_s = max(86_400, rollup.bucket_s)
            asked.append(
                FactQuery(table.name, (*measures, *kept), None, None, rollup.name, bucket_s, group_by=rollup.keys)
            )
    return asked


# One engine cuts texts of keys at 255 characters.
async def answers(store: ChdbWarehouse | Served, queries: Sequence[FactQuery]) -> list[list[list[object]]]:
    found = []
    for query in queries:
        answer = await store.select(SCOPE, msgspec.structs.replace(query, order_by=""))
        found.append([[cell[:255] if isinstance(cell, str) else cell for cell in row] for row in answer.rows])
    return found


def _near(cell: object) -> object:
    # Sums of floats differ in their last digits with the order of adding, and a FLOAT is told in six digits by MariaDB.
    return pytest.approx(cell, rel=1e-5, abs=1e-5) if isinstance(cell, float | int) else cell


async def test_a_moved_store_answers_as_the_old_one_did(source: ChdbWarehouse, target: Served, tmp_path: Path) -> None:
    watcher = Unwatched()
    report = await moved(source, target, tmp_path, watcher)

    assert watcher.done == watcher.total == report.rows_n > 4000
    await target.prepare(TABLES)
    for query in questions():
        (found,), (wanted,) = await answers(target, [query]), await answers(source, [query])
        assert found == [[_near(cell) for cell in row] for row in wanted], query


async def test_a_moved_store_goes_on_with_its_rollups(source: ChdbWarehouse, target: Served, tmp_path: Path) -> None:
    await moved(source, target, tmp_path)
    await target.prepare(TABLES)
    more = Batch("after", {table.name: rows(table, 50, 99) for table in TABLES})
    for store in (source, target):
        await store.append(more)
        await store.append(more)

    counts = [msgspec.structs.replace(query, measures=query.measures[:1]) for query in questions()]
    assert await answers(target, counts) == await answers(source, counts)


async def test_a_move_that_was_cut_goes_on_where_it_was(source: ChdbWarehouse, target: Served, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        await moved(source, target, tmp_path, Unwatched(ends_after=2000))
    watcher = Unwatched()
    report = await moved(source, target, tmp_path, watcher)

    assert 0 < report.copied_slices_n < report.slices_n
    assert watcher.done == watcher.total
    await target.prepare(TABLES)
    counts = [msgspec.structs.replace(query, measures=query.measures[:1]) for query in questions()]
    assert await answers(target, counts) == await answers(source, counts)


async def test_a_slice_that_changed_since_it_was_copied_is_copied_again(
    source: ChdbWarehouse, target: Served, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        await moved(source, target, tmp_path, Unwatched(ends_after=3000))
    await source.append(Batch("late", {"site_checkins": rows(TABLES[0], 5, 7)}))
    await moved(source, target, tmp_path)

    await target.prepare(TABLES)
    counts = [msgspec.structs.replace(query, measures=query.measures[:1]) for query in questions()]
    assert await answers(target, counts) == await answers(source, counts)


async def test_a_store_that_serves_is_not_moved_to(source: ChdbWarehouse, target: Served, tmp_path: Path) -> None:
    await target.prepare(TABLES)

    with pytest.raises(TargetInUse, match="a platform has been started"):
        await moved(source, target, tmp_path)


async def test_rows_of_somebody_else_are_not_touched(source: ChdbWarehouse, target: Served, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        await moved(source, target, tmp_path, Unwatched(ends_after=100))
    (tmp_path / "elsewhere").mkdir()

    with pytest.raises(TargetInUse, match="holds rows"):
        await moved(source, target, tmp_path / "elsewhere")


async def test_a_copy_with_another_row_is_told_from_what_was_copied(
    source: ChdbWarehouse, target: Served, tmp_path: Path
) -> None:
    side = target.target()
    await side.begin(TABLES, fresh=True)

    class Twice(Unwatched):
        def copied(self, rows_n: int) -> None: ...

    class Doubling:
        """A target that puts the first block twice."""

        form = side.form

        def __getattr__(self, name: str) -> object:
            return getattr(side, name)

        async def put(self, part: Slice, block: object) -> None:
            await side.put(part, block)  # type: ignore[arg-type]
            if part.rollup == "":
                await side.put(part, block)  # type: ignore[arg-type]

    move = Move(source.source(), Doubling(), NotesFile(tmp_path), "there")  # type: ignore[arg-type]
    with pytest.raises(CopyDiffers, match="site_checkins/"):
        await move.run(TABLES, Twice())


def command(data: Path, stores: ClickHouseStores, name: str) -> "subprocess.Popen[str]":
    address = stores.address
    scheme = "clickhouse+tls" if address.tls else "clickhouse"
    url = f"{scheme}://{address.user}@{address.host}:{address.port}/{name}"
    arguments = [sys.executable, "-m", "tikfleet", "warehouse", "move", "--data", str(data), "--to", url]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TIKFLEET_")}
    environment["TIKFLEET_WAREHOUSE_PASSWORD"] = address.password
    return subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def noted(data: Path) -> int:
    """How many slices the notes call done."""
    try:
        return len(json.loads((data / "warehouse-move.json").read_text())["done"])
    except FileNotFoundError:
        return 0


async def test_the_command_killed_midway_goes_on_when_it_is_run_again(
    clickhouse_stores: ClickHouseStores, tmp_path: Path
) -> None:
    store = await filled(tmp_path / "warehouse")
    await store.close()
    name = new_id("c").lower().replace("-", "_")
    child = command(tmp_path, clickhouse_stores, name)
    while noted(tmp_path) < 5:
        assert child.poll() is None, child.communicate()
        await asyncio.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.communicate()

    child = command(tmp_path, clickhouse_stores, name)
    out, err = await asyncio.to_thread(child.communicate)
    assert child.returncode == 0, err
    assert "compared part by part" in out
    assert "parts were there from an earlier run" in out
    child = command(tmp_path, clickhouse_stores, name)
    out, err = await asyncio.to_thread(child.communicate)
    assert child.returncode == 1
    assert "a platform has been started on the database" in err


async def test_the_command_leaves_a_running_platform_alone(
    clickhouse_stores: ClickHouseStores, source: ChdbWarehouse, tmp_path: Path
) -> None:
    child = command(tmp_path, clickhouse_stores, "never_made")
    _, err = await asyncio.to_thread(child.communicate)

    assert child.returncode == 1
    assert f"is held by process {os.getpid()}" in err.replace("\n", " ")
