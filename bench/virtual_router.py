"""Whole virtual routers: commands per CPU-second through librouteros, memory of each of many, and the agent's run.

python -m bench.virtual_router [routers]
"""

import asyncio
import gc
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import librouteros  # type: ignore[import-untyped]

from tikfleet.app.measuring.processes import cpu_s
from tikfleet.virtual.full.population import residents
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.profile import Profile

_ADDRESSES = 10
_SECONDS = 3.0
_MENUS = ("/system/identity", "/system/resource", "/ip/address", "/interface", "/ip/route")


async def _serve(told: Connection) -> None:
    router = VirtualRouter(Profile(), Surroundings(doors=Doors(api=0)))
    await router.start()
    for number in range(_ADDRESSES):
        await router.run(f"/ip address add address=10.0.{number}.1/24 interface=ether{number % 4 + 1}")
    told.send(router.services.ports["api"])
    await asyncio.to_thread(told.recv)
    await router.stop()


def _server(told: Connection) -> None:
    asyncio.run(_serve(told))


def _throughput() -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_server, args=(there,))
    server.start()
    port, pid = here.recv(), server.pid or 0
    api = librouteros.connect(host="127.0.0.1", port=port, username="admin", password="")
    for menu in _MENUS:
        asked = api.path(menu)
        _print(f"{menu} ({len(list(asked))} rows)", partial(list, asked), pid)
    addresses = api.path("/ip/address")

    def changed() -> None:
        addresses.remove(addresses.add(address="172.16.0.1/24", interface="ether1"))

    _print("add and remove an address (two commands)", changed, pid, 2)
    here.send("end")
    server.join()


def _print(what: str, act: Callable[[], object], pid: int, commands: int = 1) -> None:
    before_s, done, end_s = cpu_s(pid), 0, time.monotonic() + _SECONDS
    while time.monotonic() < end_s:
        act()
        done += commands
    print(f"{what}: {done / (cpu_s(pid) - before_s):,.0f} commands per CPU-second of the router")


def _resident_kib() -> int:
    fields = Path(f"/proc/{os.getpid()}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


async def _memory(count: int) -> None:
    members = residents(1, count + 1)
    first = VirtualRouter(members[-1].profile)
    await first.start()
    await first.run(members[-1].configuration)
    gc.collect()
    before_kib, before_s = _resident_kib(), time.process_time()
    routers = []
    for member in members[:count]:
        router = VirtualRouter(member.profile)
        await router.start()
        await router.run(member.configuration)
        routers.append(router)
    gc.collect()
    each_kib = (_resident_kib() - before_kib) / count
    each_ms = (time.process_time() - before_s) / count * 1000
    print(f"{count} whole routers: {each_kib:,.0f} KiB and {each_ms:.0f} ms to make and configure each")
    for router in [first, *routers]:
        await router.stop()


if __name__ == "__main__":
    asyncio.run(_memory(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
    _throughput()
