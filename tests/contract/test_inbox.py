"""What every inbox promises (`ports/inbox.py`), one promise a test."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.clouds import ON_AWS
from tikfleet.adapters.kinesis.inbox import KinesisInbox
from tikfleet.adapters.sqlite.inbox import SqliteInbox, connect
from tikfleet.adapters.sqlite.shared import SharedInbox
from tikfleet.kernel.ids import DeviceId, OrganisationId
from tikfleet.ports.inbox import Envelope, Inbox, InboxBatch, InboxUnavailable


def envelope(number: int, body: bytes = b"body") -> Envelope:
    device = DeviceId(f"dev_{number}")
    return Envelope(
        OrganisationId("org_acme"), device, 1_700_000_000_000 + number, "checkin", "text/plain", "::1", body
    )


def numbers(batch: InboxBatch | None) -> list[int]:
    return [] if batch is None else [int(item.device_id[4:]) for item in batch.envelopes]


async def append(inbox: Inbox, *wanted: int, body: bytes = b"body") -> None:
    for number in wanted:
        await inbox.append(envelope(number, body))


async def read_all(inbox: Inbox, after: int = 0) -> list[int]:
    found: list[int] = []
    while (batch := await inbox.read(after, 1000)) is not None:
        found += numbers(batch)
        after = batch.last
    return found


@pytest.fixture(params=[SqliteInbox, SharedInbox, pytest.param(KinesisInbox, marks=ON_AWS)])
async def inbox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Inbox]:
    if request.param is KinesisInbox:
        async with request.getfixturevalue("streams").open(high_water=1000) as stream:
            yield stream.inbox
        return
    made: Inbox = request.param(tmp_path / "inbox.sqlite", high_water=1000)
    yield made
    await made.close()


async def test_what_was_appended_is_read_as_it_was_in_order(inbox: Inbox) -> None:
    sent = [envelope(number, bytes(range(256)) * number) for number in range(10)]
    for item in sent:
        await inbox.append(item)

    batch = await inbox.read(0, 100)
    assert batch is not None
    assert list(batch.envelopes) == sent
    assert batch.damaged == 0


async def test_nothing_waits_is_none(inbox: Inbox) -> None:
    assert await inbox.read(0, 10) is None
    await append(inbox, 1)
    batch = await inbox.read(0, 10)
    assert batch is not None
    assert await inbox.read(batch.last, 10) is None
    assert await inbox.read_range(1, 2) is None


async def test_many_at_once_are_all_there_and_each_once(inbox: Inbox) -> None:
    await asyncio.gather(*(inbox.append(envelope(number)) for number in range(500)))

    assert sorted(await read_all(inbox)) == list(range(500))
    assert inbox.depth() == 500


async def test_at_least_one_record_is_read_however_small_the_limit(inbox: Inbox) -> None:
    await asyncio.gather(*(inbox.append(envelope(number)) for number in range(50)))
    batch = await inbox.read(0, 1)

    assert batch is not None
    assert len(batch.envelopes) >= 1


async def test_a_limit_stops_between_records(inbox: Inbox) -> None:
    await append(inbox, *range(20))
    first = await inbox.read(0, 7)

    assert first is not None
    assert numbers(first) == list(range(7))
    assert numbers(await inbox.read(first.last, 7)) == list(range(7, 14))


async def test_a_range_gives_exactly_the_same_again(inbox: Inbox) -> None:
    await append(inbox, *range(9))
    first = await inbox.read(0, 4)
    assert first is not None
    await append(inbox, 9)

    assert await inbox.read_range(first.first, first.last) == first


async def test_what_was_forgotten_is_gone_and_the_rest_stays(inbox: Inbox) -> None:
    await append(inbox, *range(10))
    first = await inbox.read(0, 4)
    assert first is not None
    await inbox.forget(first.last)

    assert inbox.depth() == 6
    assert await read_all(inbox) == list(range(4, 10))
    assert await inbox.read_range(first.first, first.last) is None


async def test_positions_only_grow_also_when_everything_was_forgotten(inbox: Inbox) -> None:
    seen = [0]
    for number in range(5):
        await append(inbox, number)
        batch = await inbox.read(seen[-1], 10)
        assert batch is not None
        assert seen[-1] < batch.first <= batch.last
        seen.append(batch.last)
        await inbox.forget(batch.last)


async def test_waiting_ends_when_something_arrives_or_the_time_is_over(inbox: Inbox) -> None:
    await inbox.wait(0.01)
    waiting = asyncio.create_task(inbox.wait(30))
    await append(inbox, 1)
    await asyncio.wait_for(waiting, 5)


async def test_what_arrived_before_waiting_is_not_missed(inbox: Inbox) -> None:
    await append(inbox, 1)
    await asyncio.wait_for(inbox.wait(30), 5)


async def test_past_the_high_water_mark_it_refuses_at_once_and_recovers(inbox: Inbox) -> None:
    await asyncio.gather(*(inbox.append(envelope(number)) for number in range(1000)))

    async def fill() -> None:
        # Where several processes share an inbox, its depth may be half a second old.
        while True:
            await inbox.append(envelope(1000))
            await asyncio.sleep(0.01)

    with pytest.raises(InboxUnavailable) as raised:
        await asyncio.wait_for(fill(), 30)
    assert raised.value.retry_after_s

    last = 0
    while (batch := await inbox.read(last, 1000)) is not None:
        last = batch.last
    await inbox.forget(last)
    await inbox.append(envelope(1001))


async def test_memory_for_what_waits_to_be_written_is_bounded(inbox: Inbox) -> None:
    large = bytes(1 << 20)
    told = await asyncio.gather(*(inbox.append(envelope(n, large)) for n in range(80)), return_exceptions=True)
    refused = [item for item in told if isinstance(item, InboxUnavailable)]

    assert 10 <= len(refused) <= 16
    assert len(await read_all(inbox)) == 80 - len(refused)


async def test_closing_stores_what_waits_and_refuses_what_comes_after(tmp_path: Path) -> None:
    inbox = SqliteInbox(tmp_path / "inbox.sqlite")
    waiting = [asyncio.create_task(inbox.append(envelope(number))) for number in range(20)]
    await asyncio.sleep(0)
    await asyncio.wait_for(inbox.close(), 10)
    await asyncio.gather(*waiting)
    with pytest.raises(InboxUnavailable):
        await inbox.append(envelope(99))

    again = SqliteInbox(tmp_path / "inbox.sqlite")
    assert sorted(await read_all(again)) == list(range(20))
    assert again.depth() == 20
    await again.close()


async def test_it_goes_on_where_a_dead_process_stopped(tmp_path: Path) -> None:
    dead = SqliteInbox(tmp_path / "inbox.sqlite")
    await append(dead, *range(5))
    shutil.copytree(tmp_path, tmp_path.with_name("copy"))  # What a kill leaves: no close, the log not folded in.
    await dead.close()

    alive = SqliteInbox(tmp_path.with_name("copy") / "inbox.sqlite")
    await append(alive, 5)
    assert await read_all(alive) == list(range(6))
    assert alive.depth() == 6
    await alive.close()


async def test_a_lost_or_older_file_never_gives_old_positions_again(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite"
    before = SqliteInbox(path, now_s=lambda: 1000.0)
    await append(before, 1)
    first = await before.read(0, 10)
    await before.close()
    assert first is not None
    path.unlink()

    after = SqliteInbox(path, now_s=lambda: 1000.5)
    await append(after, 2)
    assert numbers(await after.read(first.last, 10)) == [2]
    await after.close()


Fault = Callable[[sqlite3.Connection, str], None]


class FailingConnection(sqlite3.Connection):
    """A connection whose statements fail as a test says."""

    fault: Fault | None = None

    def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
        if FailingConnection.fault is not None and "commit" in sql:
            FailingConnection.fault(self, sql)
        return super().execute(sql, *arguments)


def connect_failing(path: Path) -> sqlite3.Connection:
    connect(path).close()
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None, factory=FailingConnection)


@pytest.fixture
async def failing(tmp_path: Path) -> AsyncIterator[SqliteInbox]:
    made = SqliteInbox(tmp_path / "inbox.sqlite", connect=connect_failing)
    yield made
    FailingConnection.fault = None
    await made.close()


def refuse(connection: sqlite3.Connection, sql: str) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def commit_then_refuse(connection: sqlite3.Connection, sql: str) -> None:
    sqlite3.Connection.execute(connection, sql)
    raise sqlite3.OperationalError("disk I/O error")


async def test_a_failed_write_is_told_to_everybody_who_waited_and_nothing_was_stored(failing: SqliteInbox) -> None:
    FailingConnection.fault = refuse
    told = await asyncio.gather(*(failing.append(envelope(n)) for n in range(10)), return_exceptions=True)
    assert all(isinstance(item, InboxUnavailable) for item in told)
    assert await read_all(failing) == []
    assert failing.depth() == 0

    FailingConnection.fault = None
    await append(failing, 10)
    assert await read_all(failing) == [10]


async def test_a_commit_that_failed_but_is_found_whole_afterwards_blocks_nothing(failing: SqliteInbox) -> None:
    FailingConnection.fault = commit_then_refuse
    with pytest.raises(InboxUnavailable):
        await append(failing, 0)

    FailingConnection.fault = None
    await append(failing, 1, 2)
    assert await read_all(failing) == [0, 1, 2]


async def test_a_file_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "inbox.sqlite").mkdir()
    with pytest.raises(InboxUnavailable, match=r"inbox\.sqlite cannot be opened"):
        SqliteInbox(tmp_path / "inbox.sqlite")


async def test_the_age_is_that_of_the_oldest_that_waits_also_after_a_restart(tmp_path: Path) -> None:
    now_s = 1_700_000_000.0
    inbox = SqliteInbox(tmp_path / "inbox.sqlite", now_s=lambda: now_s)
    assert inbox.age_s() == 0
    await append(inbox, 1)
    now_s += 5
    await append(inbox, 2)
    now_s += 7
    assert inbox.age_s() == 12
    first = await inbox.read(0, 1)
    assert first is not None
    await inbox.forget(first.last)
    assert inbox.age_s() == 7
    await inbox.close()

    again = SqliteInbox(tmp_path / "inbox.sqlite", now_s=lambda: now_s)
    # Envelope 2 says of itself that it came 2 ms after this epoch.
    assert again.age_s() == pytest.approx(12, abs=0.01)
    rest = await again.read(0, 10)
    assert rest is not None
    await again.forget(rest.last)
    assert again.age_s() == 0
    await again.close()


async def test_a_full_inbox_says_why_it_refuses_and_that_it_does_no_more(tmp_path: Path) -> None:
    inbox = SqliteInbox(tmp_path / "inbox.sqlite", high_water=2)
    assert inbox.refusal() == ""
    await append(inbox, 1, 2)
    assert inbox.refusal() == "too many reports wait to be processed"
    with pytest.raises(InboxUnavailable):
        await append(inbox, 3)
    waiting = await inbox.read(0, 10)
    assert waiting is not None
    await inbox.forget(waiting.last)
    assert inbox.refusal() == ""
    assert inbox.size_bytes() > 0
    await inbox.close()
    assert inbox.refusal() == "the platform is stopping"


class Spoiled(sqlite3.Connection):
    """A disk that refuses each commit while it is told to."""

    refuses = False

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if Spoiled.refuses and sql == "commit":
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *values)


async def test_a_failed_write_is_told_until_one_works_again_or_some_seconds_passed(tmp_path: Path) -> None:
    now_s = 1_700_000_000.0
    inbox = SqliteInbox(tmp_path / "inbox.sqlite", connect=_spoiled, now_s=lambda: now_s)
    Spoiled.refuses = True
    with pytest.raises(InboxUnavailable):
        await append(inbox, 1)
    assert inbox.refusal() == "reports cannot be written to disk"
    Spoiled.refuses = False
    now_s += 6
    assert inbox.refusal() == ""
    await append(inbox, 2)
    assert inbox.refusal() == ""
    await inbox.close()


def _spoiled(path: Path) -> sqlite3.Connection:
    connect(path).close()
    return sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10, factory=Spoiled)


async def test_past_its_bytes_an_inbox_refuses_until_some_are_forgotten(tmp_path: Path) -> None:
    small = SqliteInbox(tmp_path / "small.sqlite", most_bytes=50_000)
    await append(small, *range(9), body=bytes(5_000))
    with pytest.raises(InboxUnavailable):
        await append(small, 9, 10, body=bytes(5_000))
    await small.close()
    again = SqliteInbox(tmp_path / "small.sqlite", most_bytes=50_000)
    assert again.refusal()
    batch = await again.read(0, 1_000)
    assert batch is not None
    await again.forget(batch.last)
    await append(again, 11, body=bytes(5_000))
    assert not again.refusal()
    await again.close()
