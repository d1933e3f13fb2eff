"""The warehouse asked through the worker's socket: what it says, how it fails, and a worker that comes and goes."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tikfleet.adapters.worker.server import answering
from tikfleet.adapters.worker.warehouse import WorkerWarehouse
from tikfleet.kernel.ids import OrganisationId
from tikfleet.kernel.scopes import OrgScope
from tikfleet.ports.warehouse import (
    Aggregate,
    Answer,
    Batch,
    FactQuery,
    FactTable,
    Fold,
    Measure,
    OneOf,
    QueryTooHeavy,
    Ratio,
    TableSize,
    WarehouseUnavailable,
)

SCOPE = OrgScope(OrganisationId("org_a"), (OrganisationId("org_a"), OrganisationId("org_b")))
LOAD = Measure("load", Aggregate.MEAN, "cpu_load")
QUESTION = FactQuery(
    "checkin",
    (LOAD, Ratio("share", LOAD, Measure("count", Aggregate.COUNT), scale=100.0, offset=-1.5)),
    1_700_000_000_000,
    None,
    resolution="5m",
    bucket_s=600,
    group_by=("device_id",),
    filters=(OneOf("device_id", ("dev_ä", "dev_b")),),
    fold=Fold(("bucket",), (Measure("highest", Aggregate.MAX, "load"),)),
    order_by="highest",
    descending=True,
    limit=7,
)
ANSWER = Answer(("bucket", "highest"), [[1_700_000_000, 2**64 - 1], [0, None], [-1, 0.1], [3, "ß"]], 1.25, 10**12)


class Scripted:
    """A warehouse that says what a test wants, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.says: Any = ANSWER
        self.came = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def prepare(self, tables: Sequence[FactTable]) -> None: ...

    async def append(self, batch: Batch) -> None: ...

    async def select(self, scope: OrgScope, query: FactQuery) -> Answer:
        self.asked.append((scope, query))
        self.came.set()
        await self.open.wait()
        if isinstance(self.says, Exception):
            raise self.says
        answer: Answer = self.says
        return answer

    async def forget(self, table: str, scope: OrgScope, before_ms: int) -> None: ...

    async def storage(self) -> Sequence[TableSize]:
        return [TableSize("checkin", 5, 1 << 40)]

    async def close(self) -> None: ...


@pytest.fixture
def socket() -> Iterator[Path]:
    # A socket's path has a bound of its own, and pytest's directories are long.
    directory = Path(tempfile.mkdtemp(prefix="tikfleet-worker-"))
    yield directory / "warehouse.sock"
    shutil.rmtree(directory)


@asynccontextmanager
async def asked(socket: Path, inner: Scripted) -> AsyncIterator[WorkerWarehouse]:
    warehouse = WorkerWarehouse(socket)
    async with answering(socket, inner, lambda: {"processed": 3}):
        yield warehouse
        await warehouse.close()


async def test_a_question_arrives_as_it_was_asked_and_the_answer_as_it_was_given(socket: Path) -> None:
    inner = Scripted()
    async with asked(socket, inner) as warehouse:
        assert await warehouse.select(SCOPE, QUESTION) == ANSWER
        assert inner.asked == [(SCOPE, QUESTION)]
        assert await warehouse.storage() == [TableSize("checkin", 5, 1 << 40)]
        with pytest.raises(WarehouseUnavailable, match="only the worker"):
            await warehouse.forget("checkin", OrgScope.only(OrganisationId("org_1")), 0)
        assert await warehouse.figures() == {"processed": 3}


@pytest.mark.parametrize(
    "error",
    [
        QueryTooHeavy("it read 12 GiB"),
        WarehouseUnavailable("the disk is full", retry_after_s=7),
        ValueError("no such column"),
    ],
)
async def test_an_error_comes_as_the_one_it_is(socket: Path, error: Exception) -> None:
    inner = Scripted()
    inner.says = error
    async with asked(socket, inner) as warehouse:
        with pytest.raises(type(error), match=str(error)) as raised:
            await warehouse.select(SCOPE, QUESTION)
        assert getattr(raised.value, "retry_after_s", None) == getattr(error, "retry_after_s", None)
        inner.says = ANSWER
        assert await warehouse.select(SCOPE, QUESTION) == ANSWER


async def test_a_worker_that_is_away_is_unavailable_and_one_that_came_again_answers(socket: Path) -> None:
    warehouse = WorkerWarehouse(socket)
    with pytest.raises(WarehouseUnavailable):
        await warehouse.storage()
    for _ in range(2):
        async with answering(socket, Scripted(), dict):
            assert await warehouse.select(SCOPE, QUESTION) == ANSWER
    with pytest.raises(WarehouseUnavailable):
        await warehouse.storage()
    await warehouse.close()


async def test_an_answer_that_nobody_waits_for_is_given_to_nobody_else(socket: Path) -> None:
    inner = Scripted()
    async with asked(socket, inner) as warehouse:
        inner.open.clear()
        leaving = asyncio.create_task(warehouse.select(SCOPE, QUESTION))
        await asyncio.wait_for(inner.came.wait(), 5)
        leaving.cancel()
        inner.open.set()
        assert await warehouse.storage() == [TableSize("checkin", 5, 1 << 40)]
        assert await warehouse.select(SCOPE, QUESTION) == ANSWER


async def test_many_ask_at_once_and_each_gets_its_own(socket: Path) -> None:
    async with asked(socket, Scripted()) as warehouse:
        found = await asyncio.gather(*(warehouse.select(SCOPE, QUESTION) for _ in range(50)))
        assert found == [ANSWER] * 50


async def test_only_this_user_may_open_the_socket_and_nobody_appends_through_it(socket: Path) -> None:
    async with asked(socket, Scripted()) as warehouse:
        assert socket.stat().st_mode & 0o777 == 0o600  # noqa: ASYNC240
        with pytest.raises(WarehouseUnavailable):
            await warehouse.append(Batch("b", {}))


async def test_a_stranger_who_babbles_is_hung_up_on(socket: Path) -> None:
    async with asked(socket, Scripted()) as warehouse:
        for babble in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x02\xc1\xc1"):
            reader, writer = await asyncio.open_unix_connection(socket)
            writer.write(babble)
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
        assert await warehouse.select(SCOPE, QUESTION) == ANSWER
