"""What every cache (`ports/cache.py`) and every bus (`ports/bus.py`) promises, one promise a test."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.clouds import ON_AWS, MiniStack
from tikfleet.adapters.dynamodb.cache import DynamoCache
from tikfleet.adapters.feed.bus import FeedBus
from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.adapters.memory.cache import MemoryCache
from tikfleet.adapters.sqlite.database import SqliteDatabase
from tikfleet.app.databases import sqlite_url
from tikfleet.app.schema import migrate
from tikfleet.kernel.clock import utc_now
from tikfleet.kernel.ids import OrganisationId
from tikfleet.ports.bus import Bus, News
from tikfleet.ports.cache import Cache

ACME, GLOBEX = OrganisationId("org_acme"), OrganisationId("org_globex")


class HeldTime:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def time() -> HeldTime:
    return HeldTime()


@pytest.fixture(params=["memory", pytest.param("dynamodb", marks=ON_AWS)])
async def cache(request: pytest.FixtureRequest, time: HeldTime) -> AsyncIterator[Cache]:
    if request.param == "memory":
        yield MemoryCache(time, max_items=100)
        return
    stack: MiniStack = request.getfixturevalue("ministack")
    async with stack.clients() as clients:
        yield DynamoCache(clients, await stack.table(clients), time)


async def test_a_value_is_served_until_its_time_and_never_after(cache: Cache, time: HeldTime) -> None:
    await cache.put("a", b"1", 10)
    time.now_s += 9.9
    assert await cache.get("a") == b"1"
    time.now_s += 0.1
    assert await cache.get("a") is None


async def test_a_value_belongs_to_its_key_alone(cache: Cache) -> None:
    await cache.put("org_a/x", b"a", 10)
    await cache.put("org_b/x", b"b", 10)
    await cache.delete("org_a/x")
    await cache.delete("never there")

    assert await cache.get("org_a/x") is None
    assert await cache.get("org_b/x") == b"b"


async def test_adding_succeeds_for_exactly_one_of_several_at_once(cache: Cache, time: HeldTime) -> None:
    won = await asyncio.gather(*(cache.add("lock", b"%d" % number, 10) for number in range(20)))
    assert sum(won) == 1

    time.now_s += 10
    assert await cache.add("lock", b"again", 10)


async def test_a_counter_counts_within_its_window_and_begins_again(cache: Cache, time: HeldTime) -> None:
    assert [await cache.count("c", 60) for _ in range(3)] == [1, 2, 3]
    time.now_s += 59
    assert await cache.count("c", 60) == 4
    time.now_s += 1
    assert await cache.count("c", 60) == 1


async def test_counters_at_once_count_each_caller_once(cache: Cache) -> None:
    assert sorted(await asyncio.gather(*(cache.count("c", 60) for _ in range(20)))) == list(range(1, 21))


async def test_what_is_added_again_after_it_was_deleted_is_new(cache: Cache) -> None:
    assert await cache.add("lock", b"1", 10)
    await cache.delete("lock")
    assert await cache.add("lock", b"2", 10)
    assert await cache.get("lock") == b"2"


async def test_values_may_be_of_any_bytes_and_none(cache: Cache) -> None:
    values = {"empty": b"", "every byte": bytes(range(256)) * 20, "k" * 3000: b"a long key", "ä/ö": b"z" * 5000}
    for key, value in values.items():
        await cache.put(key, value, 10)

    assert {key: await cache.get(key) for key in values} == values


async def test_memory_is_bounded(time: HeldTime) -> None:
    cache = MemoryCache(time, max_items=100)
    for number in range(1000):
        await cache.put(f"k{number}", b"v", 60)

    assert sum([await cache.get(f"k{number}") is not None for number in range(1000)]) <= 100
    assert await cache.get("k999") == b"v"


@pytest.fixture(params=["memory", "feed"])
async def bus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bus]:
    if request.param == "memory":
        yield MemoryBus()
        return
    await migrate(sqlite_url(tmp_path / "state.sqlite"))
    database = SqliteDatabase(tmp_path / "state.sqlite")
    yield FeedBus(MemoryBus(), database, "one", utc_now)
    await database.close()


async def take(news: AsyncIterator[News], count: int) -> list[News]:
    return [await asyncio.wait_for(anext(news), 5) for _ in range(count)]


async def test_every_listener_hears_everything_from_then_on_in_order(bus: Bus) -> None:
    bus.publish(News("before", ACME, {}))
    async with bus.subscribe() as one, bus.subscribe() as other:
        for number in range(3):
            bus.publish(News(f"n{number}", ACME if number % 2 else GLOBEX, {"number": number}))
        heard = [await take(listener, 3) for listener in (one, other)]

    assert [[item.kind for item in items] for items in heard] == [["n0", "n1", "n2"]] * 2
    assert [item.org_id for item in heard[0]] == [GLOBEX, ACME, GLOBEX]


async def test_a_slow_listener_loses_the_oldest_and_is_told_how_many(bus: Bus) -> None:
    async with bus.subscribe(capacity=3) as slow, bus.subscribe() as quick:
        for number in range(10):
            bus.publish(News(f"n{number}", ACME, {}))
        told, *rest = await take(slow, 4)
        assert len(await take(quick, 10)) == 10

    assert (told.kind, told.data) == ("bus.overflow", {"lost": 7})
    assert [item.kind for item in rest] == ["n7", "n8", "n9"]


async def test_publishing_without_listeners_and_after_they_left_is_no_error(bus: Bus) -> None:
    bus.publish(News("alone", ACME, {}))
    async with bus.subscribe() as news:
        pass
    bus.publish(News("later", ACME, {}))

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(news), 0.05)


async def test_a_listener_that_waits_is_woken(bus: Bus) -> None:
    async with bus.subscribe() as news:
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)
        bus.publish(News("now", ACME, {"x": 1}))
        assert (await asyncio.wait_for(waiting, 5)).data == {"x": 1}
