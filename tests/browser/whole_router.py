"""One whole virtual router that enrols and reports every second: `whole_router.py URL KEY`.

Its clock has run for an hour, so that the agent does not spread a fleet's start, and waits are short.
"""

import asyncio
import signal
import sys
import time

from tikfleet.agent.enrolment import enrolment_line
from tikfleet.routeros.values import RouterOSVersion
from tikfleet.virtual.full.router import Surroundings, VirtualRouter
from tikfleet.virtual.full.services import Doors
from tikfleet.virtual.menus.profile import Profile

RELEASE = "7.20.8"
SET_UP = (
    "/system identity set name=whole-router",
    "/ip address add address=192.0.2.1/24 interface=ether1 comment=uplink",
    "/ip address add address=198.51.100.1/24 interface=ether2 comment=lan",
    "/ppp secret add name=anna password=hush-hush service=any",
)


class WornClock:
    """The time of a router that has been up for a while."""

    def __init__(self) -> None:
        self.up_s = 0.0

    def now_s(self) -> float:
        return time.time()

    def elapsed_s(self) -> float:
        return time.monotonic() + self.up_s

    async def sleep(self, duration_s: float) -> None:
        await asyncio.sleep(duration_s / 20)


async def report(router: VirtualRouter) -> None:
    """Let the agent report for ever; while a request is held open it waits inside."""
    while True:
        await router.run("/system script run tikfleet-agent")
        await asyncio.sleep(1)


async def main(url: str, key: str) -> None:
    clock = WornClock()
    router = VirtualRouter(
        Profile(version=RouterOSVersion.parse(RELEASE)), Surroundings(clock=clock, doors=Doors(www=0), boot_s=0.05)
    )
    await router.start()
    clock.up_s = 3_600
    for line in SET_UP:
        await router.run(line)
    await router.run(enrolment_line("v7", url, key, None))
    await router.run('/system scheduler disable [find where name="tikfleet"]')
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    reporting = asyncio.create_task(report(router))
    await stop.wait()
    reporting.cancel()
    await router.stop()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
