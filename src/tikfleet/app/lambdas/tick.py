"""The function that the scheduler calls each minute: `tikfleet.app.lambdas.tick.handler`.

A schedule of AWS knows minutes; what is due more often is put into the queue with a delay.
"""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from tikfleet.app.clouds import Clouds
from tikfleet.app.lambdas.start import Function
from tikfleet.app.lambdas.sweeps import SWEEPS, TOPIC
from tikfleet.app.processes.place import Place
from tikfleet.app.settings import Settings
from tikfleet.ports.queue import Queue


@asynccontextmanager
async def _opened(settings: Settings, place: Place) -> AsyncIterator[Queue]:
    async with AsyncExitStack() as stack:
        clouds = Clouds(settings, stack)
        yield clouds.queue(clouds.cache())


async def _ticked(queue: Queue) -> dict[str, int]:
    minute, sent = int(time.time() // 60), 0
    for name, sweep in SWEEPS.items():
        for delay_s in sweep.delays_s(minute):
            await queue.send(TOPIC, name.encode(), delay_s=delay_s)
            sent += 1
    return {"sent": sent}


_function = Function("tick", _opened, lambda queue: None)


def handler(event: Mapping[str, Any], context: object) -> Any:
    """Once a minute. A minute that comes twice does no harm: of one kind of work one runs at a time."""
    return _function.run(_ticked)
