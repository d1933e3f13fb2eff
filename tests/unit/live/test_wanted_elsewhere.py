"""Live mode that is wanted in one process and begins at another."""

import asyncio

from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.domains.live.public import LiveHub, LiveWatch, telling
from tikfleet.kernel.ids import DeviceId
from tikfleet.ports.bus import News

ROUTER = DeviceId("dev_01m3k5x0v7q2a9bc")


class HeldTime:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


async def until(condition: object) -> None:
    for _ in range(1_000):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come true")


async def test_the_answer_to_a_check_in_elsewhere_says_that_live_mode_is_wanted() -> None:
    bus, time = MemoryBus(), HeldTime()
    api, edge = LiveHub(time, telling(bus)), LiveHub(time)
    watching = asyncio.create_task(LiveWatch(edge, bus).run())
    await asyncio.sleep(0.01)
    assert edge.note(ROUTER, sparing=False) == 0

    api.want(ROUTER)
    await until(lambda: edge.wanted_s(ROUTER) > 0)
    assert edge.note(ROUTER, sparing=False) == 300
    time.now_s += 301
    assert edge.note(ROUTER, sparing=False) == 0
    watching.cancel()


async def test_who_asks_again_and_again_is_told_on_only_now_and_then() -> None:
    time, told = HeldTime(), list[tuple[str, float]]()
    hub = LiveHub(time, lambda device_id, for_s: told.append((device_id, for_s)))
    for _ in range(60):
        hub.want(ROUTER)
        time.now_s += 1

    assert told[0] == (ROUTER, 300.0)
    assert 5 <= len(told) <= 7


async def test_nobody_is_shown_what_processes_tell_each_other() -> None:
    bus, seen = MemoryBus(), list[News]()
    async with bus.subscribe() as news:
        telling(bus)(ROUTER, 60.0)
        async for item in news:
            seen.append(item)
            break
    assert [item.org_id for item in seen] == [""]
