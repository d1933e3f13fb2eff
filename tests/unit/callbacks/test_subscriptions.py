"""Subscriptions: who is told of what happened, once, from the moment they asked until they want no more."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.domains.callbacks import subscriptions_repository as repository
from tikfleet.domains.callbacks.model import Aim, Notice, Standing
from tikfleet.domains.callbacks.standing import StandingSource
from tikfleet.domains.callbacks.subscriptions_repository import Subscription
from tikfleet.domains.inventory.model import DeviceEvent
from tikfleet.domains.inventory.states import write_events
from tikfleet.kernel.clock import to_text
from tikfleet.kernel.ids import DeviceId, OrganisationId, new_id
from tikfleet.ports.database import Database

ACME, GLOBEX = OrganisationId(new_id("org")), OrganisationId(new_id("org"))
DEVICE = DeviceId(new_id("dev"))


def later() -> datetime:
    """A moment after all that was written before."""
    return datetime.now(UTC) + timedelta(seconds=1)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "tikfleet.sqlite"
    await migrate(sqlite_url(path))
    database = SqliteDatabase(path)
    yield database
    await database.close()


async def subscribed(database: Database, org: OrganisationId, *events: Standing) -> str:
    made = Subscription(
        new_id("sub"), org, "desk", events, Aim(org, "h", "s").text(), to_text(datetime.now(UTC)), "Ada"
    )
    async with database.write() as tx:
        await repository.add_subscription(tx, made)
    # What happens in the same thousandth of a second may be before or after it.
    await asyncio.sleep(0.01)
    return made.id


async def happened(database: Database, kind: str, org: OrganisationId = ACME) -> str:
    event = DeviceEvent(new_id("evt"), to_text(datetime.now(UTC)), kind, org, DEVICE, "branch-1", None, "so it was", {})
    async with database.write() as tx:
        await write_events(tx, [event])
    return event.id


async def told(source: StandingSource, limit: int = 200) -> list[Notice]:
    """All notices until there are none."""
    found: list[Notice] = []
    while notices := await source.due(limit):
        found += notices
        await source.told(notices)
    return found


async def test_whoever_wants_an_event_is_told_once_and_only_of_their_own(database: Database) -> None:
    await happened(database, "device.offline")
    desk = await subscribed(database, ACME, "device.offline", "device.online")
    log = await subscribed(database, ACME, "device.offline")
    await subscribed(database, GLOBEX, "device.offline")
    source = StandingSource(database, later, late_s=0)
    gone = await happened(database, "device.offline")
    back = await happened(database, "device.online")
    await happened(database, "device.address-changed")

    keys = [notice.key for notice in await told(source)]
    assert sorted(keys) == sorted([f"{desk}:{gone}", f"{log}:{gone}", f"{desk}:{back}"])
    assert await told(source) == []


async def test_what_was_not_kept_comes_again_also_after_a_restart(database: Database) -> None:
    await subscribed(database, ACME, "device.offline")
    first = await happened(database, "device.offline")
    source = StandingSource(database, later, late_s=0)
    [notice] = await source.due(200)
    assert (notice.event, notice.subject_id) == ("device.offline", DEVICE)
    assert notice.about == {"device": {"id": DEVICE, "name": "branch-1", "text": "so it was"}}

    restarted = StandingSource(database, later, late_s=0)
    assert [one.key for one in await told(restarted)] == [notice.key]
    assert notice.key.endswith(first)
    assert await told(StandingSource(database, later, late_s=0)) == []


async def test_a_long_history_is_read_in_stretches_past_what_nobody_wants(database: Database) -> None:
    await subscribed(database, ACME, "device.online")
    for _ in range(7):
        await happened(database, "device.offline")
    wanted = await happened(database, "device.online")
    assert [one.key[-20:] for one in await told(StandingSource(database, later, late_s=0), limit=2)] == [wanted]


async def test_what_is_still_under_way_is_read_later(database: Database) -> None:
    await subscribed(database, ACME, "device.offline")
    await happened(database, "device.offline")
    moment = datetime.now(UTC)
    source = StandingSource(database, lambda: moment, late_s=5)
    assert await told(source) == []
    moment += timedelta(seconds=6)
    assert len(await told(source)) == 1


async def test_without_subscriptions_nothing_is_read(database: Database) -> None:
    await happened(database, "device.offline")
    assert await told(StandingSource(database, later, late_s=0)) == []
    async with database.read() as tx:
        assert await repository.positions(tx) == {}
