"""Live mode that is wanted in one process and begins at another."""

import asyncio

from tikfleet.adapters.memory.bus import MemoryBus
from tikfleet.domains.live.public import LiveHub, LiveWatch, Telling
from tikfleet.kernel.ids import DeviceId
from tikfleet.ports.bus import News

ROUTER = DeviceId("dev_01m3k5x0v7q2a9bc")


class HeldTime:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class Heard:
    """What other processes would hear."""

    def __init__(self) -> None:
        self.wants: list[tuple[str, float]] = []
        self.spared: list[tuple[str, bool]] = []

    def wanted(self, device_id: DeviceId, for_s: float) -> None:
        self.wants.append((device_id, for_s))

    def sparing(self, device_id: DeviceId, *, sparing: bool) -> None:
        self.spared.append((device_id, sparing))


async def until(condition: object) -> None:
    for _ in range(1_000):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come true")


async def test_the_answer_to_a_check_in_elsewhere_says_that_live_mode_is_wanted() -> None:
    bus, time = MemoryBus(), HeldTime()
    api, edge = LiveHub(time, Telling(bus)), LiveHub(time)
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
    time, told = HeldTime(), Heard()
    hub = LiveHub(time, told)
    for _ in range(60):
        hub.want(ROUTER)
        time.now_s += 1

    assert told.wants[0] == (ROUTER, 300.0)
    assert 5 <= len(told.wants) <= 7
    assert told.spared == []


async def test_a_router_to_be_spared_is_let_go_after_a_minute_though_only_an_edge_hears_of_it() -> None:
    bus, time = MemoryBus(), HeldTime()
    api, edge = LiveHub(time, Telling(bus)), LiveHub(time, Telling(bus))
    watching = [asyncio.create_task(LiveWatch(hub, bus).run()) for hub in (api, edge)]
    await asyncio.sleep(0.01)

    api.want(ROUTER)
    await until(lambda: edge.wanted_s(ROUTER) == 300)
    assert edge.note(ROUTER, sparing=True) == 60
    await until(lambda: api.wanted_s(ROUTER) == 60)
    time.now_s += 30
    assert api.want(ROUTER) == 60
    edge.note(ROUTER, sparing=False)
    await asyncio.sleep(0.05)
    assert api.want(ROUTER) == 300
    for task in watching:
        task.cancel()


async def test_being_spared_shortens_nothing_that_somebody_waits_for() -> None:
    hub = LiveHub(HeldTime())
    hub.want(ROUTER, 120)
    hub.want(ROUTER)
    assert hub.note(ROUTER, sparing=True) == 120


def test_of_routers_that_nobody_wants_live_nothing_is_told() -> None:
    heard = Heard()
    hub = LiveHub(HeldTime(), heard)
    for sparing in (True, True, False):
        hub.note(ROUTER, sparing=sparing)
    assert (heard.wants, heard.spared) == ([], [])


async def test_nobody_is_shown_what_processes_tell_each_other() -> None:
    bus, seen = MemoryBus(), list[News]()
    async with bus.subscribe() as news:
        Telling(bus).wanted(ROUTER, 60.0)
        async for item in news:
            seen.append(item)
            break
    assert [item.org_id for item in seen] == [""]
