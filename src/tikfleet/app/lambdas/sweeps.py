"""Work that is due every few seconds or minutes, which one machine does in tasks of its own."""

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from tikfleet.app.compose import Platform
from tikfleet.domains.jobs.public import forget_reach
from tikfleet.kernel.clock import utc_now

TOPIC: Final = "work"


class Sweep(msgspec.Struct, frozen=True):
    """One kind of work, and how often it is due: a part of a minute, or some minutes."""

    every_s: int
    work: Callable[[Platform], Awaitable[object]]

    def delays_s(self, minute: int) -> list[int]:
        """At which seconds of a minute (counted since 1970) it is due."""
        if self.every_s < 60:  # noqa: PLR2004 - seconds of a minute
            return list(range(0, 60, self.every_s))
        return [0] if minute % (self.every_s // 60) == 0 else []


async def _news(platform: Platform) -> object:
    return await platform.infra.feed.sweep() if platform.infra.feed else None


SWEEPS: Final = {
    "offline": Sweep(15, lambda platform: platform.watch.sweep()),
    "jobs": Sweep(15, lambda platform: platform.job_sweep.sweep(utc_now())),
    "runs": Sweep(10, lambda platform: platform.run_steerer.sweep()),
    "removals": Sweep(15, lambda platform: platform.removals.settle()),
    "news": Sweep(60, _news),
    "answers": Sweep(600, lambda platform: platform.answers.sweep()),
    "reach": Sweep(3600, lambda platform: forget_reach(platform.infra.database, utc_now())),
}
