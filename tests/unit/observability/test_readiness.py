"""`/readyz` tells the truth: not ready for each reason there is, with the reason, and ready again when it is gone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.backups.remembered import LastBackup, remember
from tikfleet.app.certificates import own_certificates
from tikfleet.app.databases import sqlite_url
from tikfleet.app.observability import health
from tikfleet.app.observability.health import Readiness
from tikfleet.app.observability.state import State
from tikfleet.app.schema import migrate
from tikfleet.app.settings import Settings
from tikfleet.ports.database import Database, DatabaseUnavailable
from tikfleet.ports.warehouse import TableSize, WarehouseUnavailable


class Parts:
    """What readiness asks, each as a test wants it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings, self.database = settings, database
        self.inbox_says = ""
        self.warehouse_does = "answers"

    def refusal(self) -> str:
        return self.inbox_says

    async def storage(self) -> Sequence[TableSize]:
        if self.warehouse_does == "hangs":
            await asyncio.sleep(60)
        if self.warehouse_does == "fails":
            raise WarehouseUnavailable("away")
        return []

    async def problem(self) -> str:
        """What a fresh look says."""
        parts: Any = self
        return await Readiness(self.settings, self.database, parts, parts).problem()


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    await migrate(sqlite_url(tmp_path / "tikfleet.sqlite"))
    database = SqliteDatabase(tmp_path / "tikfleet.sqlite")
    yield Parts(Settings(data=str(tmp_path)), database)
    await database.close()


async def test_ready_is_when_everything_answers(parts: Parts) -> None:
    assert await parts.problem() == ""


async def test_an_inbox_that_refuses_is_not_ready_and_says_why(parts: Parts) -> None:
    parts.inbox_says = "too many reports wait to be processed"
    assert await parts.problem() == "too many reports wait to be processed"


@pytest.mark.parametrize("does", ["fails", "hangs"])
async def test_a_telemetry_store_that_is_away_is_not_ready(
    parts: Parts, does: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_PATIENCE_S", 0.1)
    parts.warehouse_does = does
    assert await parts.problem() == "the telemetry store does not answer"


async def test_a_disk_that_is_nearly_full_is_not_ready(parts: Parts) -> None:
    parts.settings = msgspec.structs.replace(parts.settings, disk_reserve_mb=10_000_000)
    assert (await parts.problem()).startswith("the disk of the data directory is nearly full: ")


async def test_a_database_of_another_version_is_not_ready(parts: Parts) -> None:
    async with parts.database.write() as tx:
        await tx.execute("update alembic_version set version_num = '0001'")
    assert (await parts.problem()).startswith("the database is at revision 0001, and this version needs ")


async def test_a_database_without_its_tables_is_not_ready(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "empty.sqlite")
    assert await Parts(Settings(data=str(tmp_path)), database).problem() == "the database has not been migrated"
    await database.close()


class Away:
    def read(self) -> Any:
        raise DatabaseUnavailable("away")


async def test_a_database_that_is_away_is_not_ready(tmp_path: Path) -> None:
    database: Any = Away()
    assert await Parts(Settings(data=str(tmp_path)), database).problem() == "the database does not answer"


async def test_many_who_ask_at_once_cost_one_look(parts: Parts) -> None:
    asked = 0

    class Counting(Parts):
        async def storage(self) -> Sequence[TableSize]:
            nonlocal asked
            asked += 1
            return []

    counting: Any = Counting(parts.settings, parts.database)
    readiness = Readiness(parts.settings, parts.database, counting, counting)
    assert await asyncio.gather(*(readiness.problem() for _ in range(50))) == [""] * 50
    assert asked == 1


async def test_the_state_tells_the_certificates_end_and_the_last_backup(parts: Parts) -> None:
    async def none() -> dict[str, int]:
        return {"online": 3}

    data = parts.settings.directory
    state = State(parts.settings, parts.database, none, none)
    before = (await state.gather(ready=True)).gauges
    own_certificates(data / "keys", ["router.example"], datetime.now(UTC))
    assert "tikfleet_certificate_expiry_timestamp_seconds" not in (await state.gather(ready=True)).gauges
    state = State(parts.settings, parts.database, none, none)
    (data / "control").mkdir()
    remember(data, LastBackup("tikfleet-20261123T040000Z", 1_763_870_400.0, 4096))
    after = (await state.gather(ready=False)).gauges

    assert "tikfleet_certificate_expiry_timestamp_seconds" not in before
    assert "tikfleet_backup_last_success_timestamp_seconds" not in before
    ends = datetime.fromtimestamp(after["tikfleet_certificate_expiry_timestamp_seconds"][()], UTC)
    assert timedelta(days=390) < ends - datetime.now(UTC) < timedelta(days=397)
    assert after["tikfleet_backup_last_success_timestamp_seconds"] == {(): 1_763_870_400.0}
    assert (before["tikfleet_ready"], after["tikfleet_ready"]) == ({(): True}, {(): False})
    assert after["tikfleet_devices"] == {("online",): 3}
    assert after["tikfleet_database_connections_limit"] == {("reader",): 4, ("writer",): 1}
