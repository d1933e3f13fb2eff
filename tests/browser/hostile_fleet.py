"""Virtual routers of which the first have hostile names, links and neighbours: `hostile_fleet.py URL KEY ROUTERS`."""

import asyncio
import dataclasses
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from hostile_text import IDENTITIES, IMAGE

from tikfleet.virtual.light.driver import Driver
from tikfleet.virtual.light.exchange import Exchange
from tikfleet.virtual.light.faults import Faults
from tikfleet.virtual.light.fleet import build_fleet
from tikfleet.virtual.light.router import Router
from tikfleet.virtual.light.tally import Tally

INTERVAL_S = 5.0
ENROL_PER_S = 20.0


def routers(count: int) -> list[Router]:
    """A fleet in which whoever could write a name wrote one of ours."""
    made = build_fleet(7, count, time.time(), Faults())
    for router, identity in zip(made, IDENTITIES, strict=False):
        machine = router.machine
        machine.rename(identity)
        # The last one is a port or a radio behind the first, which carries the default route.
        machine.links = (*machine.links[:-1], dataclasses.replace(machine.links[-1], name=IMAGE))
    return made


async def main(url: str, key: str, count: int) -> None:
    exchange = Exchange(url, None, 30.0, keep_alive=False)
    await exchange.resolve()
    made = routers(count)
    driver = Driver(exchange, made, Tally(count), Faults(), key)
    loop = asyncio.get_running_loop()
    for place in range(count):
        # The hostile ones come last, so that the newest of everything is theirs.
        driver.plan(count - 1 - place, loop.time() + place / ENROL_PER_S)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await driver.run(stop, 50, INTERVAL_S)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
