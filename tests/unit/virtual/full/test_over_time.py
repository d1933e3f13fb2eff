"""Commands that take their time, by the router's own clock."""

import asyncio

import pytest

from tikfleet.routeros.api import tls
from tikfleet.routeros.api.asynchronous import AsyncConnection, connect
from tikfleet.virtual import waiting
from tikfleet.virtual.full.router import VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.request import Refused, Request

from .conftest import Make


class Counted:
    """A clock that jumps, and remembers for how long it was slept on."""

    def __init__(self) -> None:
        self.slept_s: list[float] = []
        self._now_s = 1_790_000_000.0

    def now_s(self) -> float:
        return self._now_s

    elapsed_s = now_s

    async def sleep(self, duration_s: float) -> None:
        self.slept_s.append(duration_s)
        self._now_s += duration_s
        await asyncio.sleep(0)


async def test_a_ping_sends_a_packet_an_interval(make: Make) -> None:
    clock = Counted()
    router = await make(doors=Doors(), clock=clock)
    request = Request("", "ping", {"address": "192.0.2.1", "count": "5", "interval": "2s"})

    rows = (await waiting.run(router.perform, request)).rows

    assert [row["sent"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert clock.slept_s == [2.0] * 4
    assert not any(".section" in row for row in rows)


async def test_samples_of_a_monitor_are_numbered(make: Make) -> None:
    clock = Counted()
    router = await make(doors=Doors(), clock=clock)
    request = Request("/interface", "monitor-traffic", {"interface": "ether1,ether2", "duration": "3s"})

    rows = (await waiting.run(router.perform, request)).rows

    assert [(row[".section"], row["name"]) for row in rows] == [
        (section, name) for section in "012" for name in ("ether1", "ether2")
    ]
    assert clock.slept_s == [1.0, 1.0]


async def test_once_is_one_sample_without_a_number(make: Make) -> None:
    router = await make(doors=Doors())

    rows = router.perform(Request("/interface", "monitor-traffic", {"interface": "ether1", "once": ""})).rows

    assert len(rows) == 1
    assert ".section" not in rows[0]


async def test_an_interval_that_is_none_is_refused(make: Make) -> None:
    router = await make(doors=Doors())
    with pytest.raises(Refused, match="interval"):
        await waiting.run(router.perform, Request("", "ping", {"address": "192.0.2.1", "interval": "soon"}))


async def test_a_ping_without_a_count_tells_each_packet_until_it_is_cancelled(make: Make) -> None:
    router = await make(doors=Doors(api=0))
    async with await _connected(router) as api:
        stream = await api.stream("/ping", {"address": "192.0.2.1", "interval": "20ms"})
        packets = [await anext(stream) for _ in range(3)]
        beside = await api.call("/interface/print")
        await stream.cancel()

    assert [row["seq"] for row in packets] == ["0", "1", "2"]
    assert beside


async def test_print_with_an_interval_repeats_until_it_is_cancelled(make: Make) -> None:
    router = await make(doors=Doors(api=0))
    async with await _connected(router) as api:
        stream = await api.stream("/system/identity/print", {"interval": "0.02"})
        samples = [await anext(stream) for _ in range(3)]
        await stream.cancel()

    assert [(row[".section"], row["name"]) for row in samples] == [(section, "MikroTik") for section in "012"]


async def _connected(router: VirtualRouter) -> AsyncConnection:
    return await connect("127.0.0.1", "admin", tls=tls.PLAIN, port=router.services.ports["api"])
